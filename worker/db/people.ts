import { and, asc, eq, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { PeopleWrites } from '../core/people-import'
import { type Database, databaseMessage } from './client'
import { readdressed } from './deliveries'
import { jsonRows } from './json-rows'
import { zeros } from './overwrite'
import { deliveries, dispatches, invitations, people, roster, rounds, settings, sources, teams } from './schema'

/** The teams that are not archived, siblings by position and name, with the number of active people in each team itself. */
export function listTeamRows(db: Database) {
  return db
    .select({
      id: teams.id,
      parentId: teams.parentId,
      name: teams.name,
      side: teams.side,
      openLink: teams.openLink,
      people: sql<number>`count(${people.id})`,
    })
    .from(teams)
    .leftJoin(people, and(eq(people.teamId, teams.id), isNull(people.deactivatedAt)))
    .where(isNull(teams.archivedAt))
    .groupBy(teams.id)
    .orderBy(asc(teams.position), asc(teams.name), asc(teams.id))
}

/** One person who can be asked, if there is anybody. */
export const selectAnybody = (db: Database) => db.select({ id: people.id }).from(people).where(isNull(people.deactivatedAt)).limit(1)

/** Everything that a change of the tree can change, as one text: another one as soon as anything did. */
const treeVersion = sql<string>`(select json_group_array(json_array(id, parent_id, name, side, position, archived_at is null)) from (
  select * from ${teams} order by id))`

/** The teams that are not archived, siblings in their order, as of one moment. */
export async function readTree(db: Database) {
  const [rows, counted] = await db.batch([liveTeams(db), db.all<{ version: string }>(sql`select ${treeVersion} as version`)])
  return { teams: rows, treeVersion: counted[0]?.version ?? '' }
}

/** Everything an import compares with, as of one moment. */
export async function readOrganisation(db: Database) {
  const [knownTeams, knownPeople, counted, open] = await db.batch([
    liveTeams(db),
    db
      .select({
        id: people.id,
        email: people.email,
        name: people.name,
        locale: people.locale,
        teamId: people.teamId,
        active: sql`${people.deactivatedAt} is null`.mapWith(Boolean),
      })
      .from(people)
      .orderBy(asc(people.email)),
    db.all<{ version: string }>(sql`select ${treeVersion} as version`),
    db.select({ number: rounds.number }).from(rounds).where(eq(rounds.state, 'open')),
  ])
  return { teams: knownTeams, people: knownPeople, treeVersion: counted[0]?.version ?? '', openRound: open[0]?.number ?? null }
}

const liveTeams = (db: Database) =>
  db
    .select({ id: teams.id, parentId: teams.parentId, name: teams.name, side: teams.side })
    .from(teams)
    .where(isNull(teams.archivedAt))
    .orderBy(asc(teams.position), asc(teams.name), asc(teams.id))

/**
 * Fails the batch it stands in when the tree was changed since it was read: of two imports at the same time each would
 * otherwise make a team of the same name, and two moves could put two teams below each other. Inserts nothing. See
 * `isTreeChanged`.
 */
export function treeUnchanged(db: Database, version: string): BatchItem<'sqlite'> {
  return db.insert(teams).select(sql`select 'guard', null, null, 'other', 0, null, 0 where ${treeVersion} <> ${version}`)
}

/** Whether a batch failed because of `treeUnchanged`: read again and repeat. */
export const isTreeChanged = (error: unknown): boolean => /NOT NULL constraint failed: teams\.name/.test(databaseMessage(error))

/** The statements of one import. `idOf` gives new teams and people their ids. */
export function writePeople(db: Database, writes: PeopleWrites, idOf: (key: string) => string, now: Date): BatchItem<'sqlite'>[] {
  const teamRows = writes.teams.map(({ key, parent, name, side }) => [idOf(key), parent === null ? null : idOf(parent), name, side])
  const peopleRows = writes.people.map(({ email, name, locale, team }) => [idOf(email), email, name, locale, idOf(team)])
  return [
    ...jsonRows(teamRows).map((rows) =>
      db
        .insert(teams)
        .select(
          sql`select value ->> 0, value ->> 1, value ->> 2, value ->> 3, ${lastPlace(sql`value ->> 1`)}, null, 0 from json_each(${rows})`,
        ),
    ),
    // `where true` keeps the parser from reading "on conflict" as the condition of a join
    ...jsonRows(peopleRows).map((rows) =>
      db
        .insert(people)
        .select(sql`select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, null, null from json_each(${rows}) where true`)
        .onConflictDoUpdate({
          target: people.email,
          set: { name: sql`excluded.name`, locale: sql`excluded.locale`, teamId: sql`excluded.team_id`, deactivatedAt: null },
        }),
    ),
    ...jsonRows(writes.deactivate).map((ids) =>
      db
        .update(people)
        .set({ deactivatedAt: now })
        .where(and(isNull(people.deactivatedAt), sql`${people.id} in (select value from json_each(${ids}))`)),
    ),
  ]
}

/**
 * The statements that delete people, for a batch of the caller's. An invitation that was not used goes with them; a used
 * one and the line of the roster stay under an id that belongs to nobody, because both are counted. Ballots cannot be
 * found. What was to be sent to them is not, and no digest goes to them, and no news of a source. Names and addresses are overwritten first: SQLite
 * leaves the bytes of a deleted row in its page.
 *
 * @param gone each with two random ids, as long as a person's: for the used invitation and for the roster
 * @param before deletes only those who were deactivated by then, so that nobody who came back meanwhile is lost
 */
export function erasePeople(
  db: Database,
  gone: readonly { id: string; invitationId: string; rosterId: string }[],
  before?: Date,
): BatchItem<'sqlite'>[] {
  const due = before ? sql`and people.deactivated_at <= ${before.getTime()}` : sql``
  return jsonRows(gone.map(({ id, invitationId, rosterId }) => [id, invitationId, rosterId])).flatMap((rows) => {
    const standIns = sql`(select people.id, value ->> 1 as invitation_id, value ->> 2 as roster_id
      from json_each(${rows}) join people on people.id = value ->> 0 ${due}) as gone`
    const areGone = sql`${people.id} in (select value ->> 0 from json_each(${rows})) ${due}`
    const addresses = sql`(select email from people join json_each(${rows}) on people.id = value ->> 0 ${due})`
    const unused = sql`${invitations.blindedHash} = zeroblob(32) and ${invitations.personId} in (select gone.id from ${standIns})`
    return [
      db.delete(deliveries).where(sql`${deliveries.personId} in (select gone.id from ${standIns})`),
      db.delete(dispatches).where(sql`${dispatches.kind} = 'digest' and ${dispatches.target} in ${addresses}`),
      db
        .update(settings)
        .set({
          value: sql`json_set(value, '$.recipients', (select json_group_array(kept.value)
            from json_each(settings.value, '$.recipients') as kept where kept.value not in ${addresses}))`,
        })
        .where(eq(settings.key, 'digest')),
      db
        .update(sources)
        .set({ ownerEmail: zeros(sql`length(cast(owner_email as blob))`) })
        .where(sql`${sources.ownerEmail} in ${addresses}`),
      db.update(sources).set({ ownerEmail: null }).where(sql`${sources.ownerEmail} not like '%@%'`),
      db
        .update(invitations)
        .set({ personId: zeros(sql`length(person_id)`) })
        .where(unused),
      db.delete(invitations).where(sql`${invitations.blindedHash} = zeroblob(32) and person_id = ${zeros(sql`length(person_id)`)}`),
      db.update(invitations).set({ personId: sql`gone.invitation_id` }).from(standIns).where(sql`invitations.person_id = gone.id`),
      db.update(roster).set({ personId: sql`gone.roster_id` }).from(standIns).where(sql`roster.person_id = gone.id`),
      db
        .update(people)
        .set({
          name: zeros(sql`length(cast(name as blob))`),
          // Digits alone are no address, so none is taken; the place in the list keeps them apart.
          email: sql`substr(${zeros(sql`length(cast(email as blob))`)} || (select key from json_each(${rows}) where value ->> 0 = people.id), -length(cast(email as blob)))`,
        })
        .where(areGone),
      db.delete(people).where(areGone),
    ]
  })
}

/** Behind the siblings where somebody put them in order; among them by name where nobody did, because all have place 0 then. */
export const lastPlace = (parentId: SQL | null) => sql<number>`(select case when max(position) > 0 then max(position) + 1 else 0 end
  from teams sibling where sibling.parent_id is ${parentId} and sibling.archived_at is null)`

/**
 * The statement that sends the invitation to an open round once more, to an address that was corrected: only where there
 * was one to send. Whoever is sending it right now has lost it. Whether the link was used is not asked: an invitation that
 * stayed as it was, or did not arrive, would tell who has answered.
 */
export const deliverAgain = (db: Database, roundId: string, personId: string, now: Date): BatchItem<'sqlite'> =>
  db
    .update(deliveries)
    .set({
      state: 'waiting',
      attempts: 0,
      dueAt: now,
      leasedUntil: null,
      fence: sql`${deliveries.fence} + 1`,
      error: readdressed,
      reply: null,
    })
    .where(and(eq(deliveries.roundId, roundId), eq(deliveries.personId, personId), eq(deliveries.kind, 'invitation')))

/** Which states a list of people can be narrowed to. */
export const peopleStates = ['active', 'deactivated', 'mail-stopped'] as const
/** `mail-stopped`: active, and asked not to be written to. */
export type PeopleState = (typeof peopleStates)[number]

export interface PeopleQuery {
  /** Part of a name or an address. */
  search?: string | undefined
  /** People of this team and of all teams below it. */
  teamId?: string | undefined
  state: PeopleState
  /** Id of the last person of the page before. */
  after?: string | undefined
  limit: number
}

/**
 * One page of people by name, one row more than `limit` when there is a next page; and how many match in all.
 *
 * @returns undefined where the person of `after` is not there any more
 */
export async function findPeople(db: Database, query: PeopleQuery) {
  const matching = and(
    stateConditions[query.state],
    query.search ? contains(query.search) : undefined,
    query.teamId ? sql`${people.teamId} in (${teamsBelow(query.teamId)})` : undefined,
  )
  const last = query.after
    ? await db.query.people.findFirst({ where: eq(people.id, query.after), columns: { name: true, id: true } })
    : undefined
  if (query.after && !last) return undefined
  const [rows, counted] = await db.batch([
    db
      .select()
      .from(people)
      .where(and(matching, last && sql`(${people.name}, ${people.id}) > (${last.name}, ${last.id})`))
      .orderBy(asc(people.name), asc(people.id))
      .limit(query.limit + 1),
    db.select({ total: sql<number>`count(*)` }).from(people).where(matching),
  ])
  return { rows, total: counted[0]?.total ?? 0 }
}

const stateConditions = {
  active: isNull(people.deactivatedAt),
  deactivated: isNotNull(people.deactivatedAt),
  'mail-stopped': and(isNull(people.deactivatedAt), isNotNull(people.mailStoppedAt)),
} as const satisfies Record<PeopleState, unknown>

/** A team and every team below it, as a subquery of ids. */
export const teamsBelow = (teamId: string): SQL => sql`with recursive below(id) as (
  select ${teamId} union select ${teams.id} from ${teams} join below on ${teams.parentId} = below.id) select id from below`

/**
 * `instr` instead of `like`, whose patterns D1 limits to 50 bytes. SQLite folds ASCII only, so names are also looked for
 * with capitals where names have them.
 */
function contains(search: string): SQL | undefined {
  const text = search.normalize('NFC')
  const [lower, upper] = [text.toLowerCase(), text.toUpperCase()]
  const capitals = lower.replace(/(?<![\p{L}\p{M}])\p{L}/gu, (letter) => letter.toUpperCase())
  const spellings = [...new Set([text, upper, capitals])].map((spelling) => sql`instr(${people.name}, ${spelling})`)
  return or(sql`instr(lower(${people.name}), ${lower})`, ...spellings, sql`instr(${people.email}, ${lower})`)
}
