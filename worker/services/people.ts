/** People and the tree of teams: who can be invited, and to which group their answers count. */
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { parseTable } from '../core/csv'
import { DomainError, type FieldError } from '../core/errors'
import { diffPeople, type ImportMode, type ImportNotice, nameLimit, type PeopleChanges, type RowError } from '../core/people-import'
import type { Side } from '../core/round'
import { changedTeams, newTeam, type Team } from '../core/teams'
import { cleanLine, isVisible } from '../core/text'
import type { Database } from '../db/client'
import {
  erasePeople,
  findPeople,
  isTreeChanged,
  listTeamRows,
  type PeopleQuery,
  readOrganisation,
  treeUnchanged,
  writePeople,
} from '../db/people'
import { people, teams } from '../db/schema'
import { readSettings } from '../db/settings'
import { locales } from '../i18n'
import { newId, type ServiceContext, scrubAfter } from './context'

export interface TeamView extends Team {
  /** Active people in this very team. */
  people: number
  /** Active people in it and in all teams below it. */
  peopleBelow: number
}

export interface PersonView {
  id: string
  email: string
  name: string
  locale: string
  teamId: string
  deactivatedAt: string | null
}

export interface PeopleImportReport extends PeopleChanges {
  dryRun: boolean
  mode: ImportMode
}

/** The tree, parents before children, siblings by position and name; archived teams are left out. */
export async function listTeams(db: Database): Promise<TeamView[]> {
  const childrenOf = Map.groupBy(await listTeamRows(db), (row) => row.parentId)
  const ordered: TeamView[] = []
  const visit = (parentId: string | null): number => {
    let sum = 0
    for (const row of childrenOf.get(parentId) ?? []) {
      const view = { ...row, peopleBelow: row.people }
      ordered.push(view)
      view.peopleBelow += visit(row.id)
      sum += view.peopleBelow
    }
    return sum
  }
  visit(null)
  return ordered
}

/**
 * Adds a team; its side is its parent's unless the parent is `other` or null.
 *
 * @throws DomainError invalid-input, duplicate
 * @example await createTeam(context, { name: 'SDR', parentId: sales.id, side: 'sales' })
 */
export async function createTeam(
  context: ServiceContext,
  input: { name: string; parentId: string | null; side?: Side | undefined },
): Promise<TeamView> {
  return onTree(context, async (known) => {
    const team = { id: newId(context), ...newTeam(known.teams, input) }
    return { statements: [context.db.insert(teams).values(team)], result: { ...team, people: 0, peopleBelow: 0 } }
  })
}

/**
 * Renames, moves or gives a side; see `changedTeams` for what follows from it. Rounds that were opened keep the tree that
 * they froze.
 *
 * @throws DomainError not-found, invalid-input, duplicate
 */
export async function updateTeam(
  context: ServiceContext,
  id: string,
  change: { name?: string | undefined; parentId?: string | null | undefined; side?: Side | undefined },
): Promise<TeamView> {
  await onTree(context, async (known) => ({
    statements: changedTeams(known.teams, id, change).map(({ id, ...values }) =>
      context.db.update(teams).set(values).where(eq(teams.id, id)),
    ),
    result: null,
  }))
  return getTeam(context.db, id)
}

/**
 * Takes a team without active people and without teams below it out of the tree. Its row stays: people who left it
 * refer to it.
 *
 * @throws DomainError not-found, team-not-empty
 */
export async function archiveTeam(context: ServiceContext, id: string): Promise<void> {
  const { db, now } = context
  const [archived] = await db
    .update(teams)
    .set({ archivedAt: now })
    .where(
      and(
        eq(teams.id, id),
        isNull(teams.archivedAt),
        sql`not exists (select 1 from people p where p.team_id = ${id} and p.deactivated_at is null)`,
        sql`not exists (select 1 from teams t where t.parent_id = ${id} and t.archived_at is null)`,
      ),
    )
    .returning({ id: teams.id })
  if (archived) return
  const { name, peopleBelow } = await getTeam(db, id)
  const holds = peopleBelow > 0 ? 'people' : 'teams'
  throw new DomainError('team-not-empty', `There are ${holds} in “${name}”. Move them to another team first.`)
}

/** A page of people by name. `next` is the cursor of the following page, `total` counts all that match. */
export async function listPeople(
  db: Database,
  query: { [K in keyof Omit<PeopleQuery, 'after'>]?: PeopleQuery[K] | undefined } & { cursor?: string | undefined } = {},
): Promise<{ items: PersonView[]; next: string | null; total: number }> {
  const { cursor, limit = 50, state = 'active', ...rest } = query
  const { rows, total } = await findPeople(db, { ...rest, state, limit, after: cursor })
  const items = rows.slice(0, limit).map(viewOf)
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null, total }
}

/** Everybody who would be invited to a round that opens now. */
export async function invitees(db: Database): Promise<{ personId: string; email: string; name: string; locale: string; teamId: string }[]> {
  return db
    .select({ personId: people.id, email: people.email, name: people.name, locale: people.locale, teamId: people.teamId })
    .from(people)
    .where(isNull(people.deactivatedAt))
    .orderBy(asc(people.email))
}

/**
 * Changes what is known of a person. Somebody who is not active is left out of the next rounds; an invitation that was
 * sent stays good until its round closes.
 *
 * @throws DomainError not-found, invalid-input (the team)
 */
export async function updatePerson(
  context: ServiceContext,
  id: string,
  {
    active,
    ...change
  }: { name?: string | undefined; locale?: string | undefined; teamId?: string | undefined; active?: boolean | undefined },
): Promise<PersonView> {
  const { db, now } = context
  const teamId = change.teamId ?? (active ? await teamOf(db, id) : undefined)
  if (teamId !== undefined && !(await isLive(db, teamId))) {
    throw new DomainError('invalid-input', 'Some values cannot be used.', [{ pointer: '#/teamId', detail: 'There is no such team.' }])
  }
  const name = change.name === undefined ? undefined : personName(change.name)
  const deactivatedAt = active === undefined ? undefined : active ? null : sql`coalesce(${people.deactivatedAt}, ${now.getTime()})`
  const values = Object.fromEntries(Object.entries({ ...change, name, deactivatedAt }).filter(([, value]) => value !== undefined))
  const [row] =
    Object.keys(values).length > 0
      ? await db.update(people).set(values).where(eq(people.id, id)).returning()
      : await db.select().from(people).where(eq(people.id, id))
  if (!row) throw noSuchPerson()
  return viewOf(row)
}

/** @throws DomainError not-found */
export async function getPerson(db: Database, id: string): Promise<PersonView> {
  const row = await db.query.people.findFirst({ where: eq(people.id, id) })
  if (!row) throw noSuchPerson()
  return viewOf(row)
}

/**
 * Deletes a person: name, address, team, and the right to answer the open round if it was not used. A ballot that was
 * cast stays, because nobody can find it, and so does what was published. Says nothing of whether there was one.
 *
 * @throws DomainError not-found
 */
export async function deletePerson(context: ServiceContext, id: string): Promise<void> {
  const { db } = context
  await getPerson(db, id)
  await db.batch(erasePeople(db, [strangerFor(context, id)]) as [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]])
  await scrubAfter(context)
}

/** Ids that belong to nobody, for what is counted of somebody who is deleted. */
export const strangerFor = (context: Pick<ServiceContext, 'random'>, id: string) => ({
  id,
  invitationId: newId(context),
  rosterId: newId(context),
})

/**
 * Brings people and teams in line with a CSV file (`email,name,team,side,locale`), or says what that would change. One
 * atomic batch; the same file again changes nothing. A round that is open keeps its roster.
 *
 * @throws DomainError columns-missing, invalid-input; and, unless it is a dry run, too-many-bad-rows, everybody-missing
 * @example await importPeople(context, 'email,name,team,side,locale\nann@example.com,Ann,Sales / SDR,sales,en', { dryRun: false, mode: 'partial' })
 */
export async function importPeople(
  context: ServiceContext,
  csv: string,
  options: { dryRun: boolean; mode: ImportMode },
): Promise<PeopleImportReport> {
  const table = parseTable(csv)
  const { locale: defaultLocale } = await readSettings(context.db)
  return onTree(context, async (known) => {
    const { changes, writes } = diffPeople(table, known, { mode: options.mode, locales, defaultLocale })
    const notices = known.openRound === null ? changes.notices : [...changes.notices, roundOpen(known.openRound)]
    const result = { ...options, ...changes, notices }
    if (options.dryRun) return { statements: [], result }
    if (changes.refusal) throw new DomainError(changes.refusal.code, changes.refusal.detail, fieldErrors(changes.errors))
    const ids = new Map(known.teams.map(({ id }) => [id, id]))
    const idOf = (key: string) => {
      const id = ids.get(key) ?? newId(context)
      ids.set(key, id)
      return id
    }
    return { statements: writePeople(context.db, writes, idOf, context.now), result }
  })
}

/**
 * Reads the organisation, decides, and writes in one batch; again from the start when the tree was changed in between.
 */
async function onTree<T>(
  context: ServiceContext,
  decide: (known: Awaited<ReturnType<typeof readOrganisation>>) => Promise<{ statements: BatchItem<'sqlite'>[]; result: T }>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const known = await readOrganisation(context.db)
    const { statements, result } = await decide(known)
    if (statements.length === 0) return result
    try {
      await context.db.batch([treeUnchanged(context.db, known.treeVersion), ...statements])
      return result
    } catch (error) {
      if (attempt === 3 || !isTreeChanged(error)) throw error
    }
  }
}

async function getTeam(db: Database, id: string): Promise<TeamView> {
  const team = (await listTeams(db)).find((team) => team.id === id)
  if (!team) throw new DomainError('not-found', 'There is no such team.')
  return team
}

async function isLive(db: Database, teamId: string): Promise<boolean> {
  const [team] = await db
    .select({ id: teams.id })
    .from(teams)
    .where(and(eq(teams.id, teamId), isNull(teams.archivedAt)))
  return team !== undefined
}

/** Undefined where there is no such person. */
async function teamOf(db: Database, id: string): Promise<string | undefined> {
  return (await db.query.people.findFirst({ where: eq(people.id, id), columns: { teamId: true } }))?.teamId
}

const noSuchPerson = () => new DomainError('not-found', 'There is no such person.')

function personName(text: string): string {
  const name = cleanLine(text)
  if (isVisible(name) && name.length <= nameLimit) return name
  throw new DomainError('invalid-input', 'Some values cannot be used.', [
    { pointer: '#/name', detail: `Give a name of 1 to ${nameLimit} characters.` },
  ])
}

const viewOf = (row: typeof people.$inferSelect): PersonView => ({ ...row, deactivatedAt: row.deactivatedAt?.toISOString() ?? null })

const roundOpen = (number: number): ImportNotice => ({
  code: 'round-open',
  detail: `Round ${number} is open and keeps the people and teams that it started with.`,
  facts: { number },
})

/** Enough to correct a file by; the dry run's report has all of them. */
const errorsInProblem = 1000

const fieldErrors = (errors: readonly RowError[]): FieldError[] =>
  errors.slice(0, errorsInProblem).map(({ line, column, detail, fix }) => ({
    pointer: column ? `line ${line}, column "${column}"` : `line ${line}`,
    detail: `${detail} ${fix}`.trim(),
  }))
