/** People: who can be invited, and to which team they belong. */
import { asc, eq, isNull, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { parseTable } from '../core/csv'
import { DomainError, type FieldError } from '../core/errors'
import { diffPeople, type ImportMode, type ImportNotice, type PeopleChanges, type RowError } from '../core/people-import'
import { PersonError, type PersonFields, readPerson } from '../core/person'
import { tokenReplacement } from '../db/ballots'
import { type Database, isUniqueViolation } from '../db/client'
import { deliverAgain, erasePeople, findPeople, type PeopleQuery, readOrganisation, readTree, writePeople } from '../db/people'
import { people, rounds } from '../db/schema'
import { readSettings } from '../db/settings'
import { locales } from '../i18n'
import { newId, type ServiceContext, scrubAfter } from './context'
import { renewedToken } from './links'
import { onTree } from './teams'

export interface PersonView {
  id: string
  email: string
  name: string
  locale: string
  teamId: string
  deactivatedAt: string | null
  /** Since when they ask not to be written to; only they can change that. They may answer all the same. */
  mailStoppedAt: string | null
}

export interface PeopleImportReport extends PeopleChanges {
  dryRun: boolean
  mode: ImportMode
}

/**
 * A page of people by name. `next` is the cursor of the following page, `total` counts all that match.
 *
 * @throws DomainError invalid-input: the cursor leads nowhere any more
 */
export async function listPeople(
  db: Database,
  query: { [K in keyof Omit<PeopleQuery, 'after'>]?: PeopleQuery[K] | undefined } & { cursor?: string | undefined } = {},
): Promise<{ items: PersonView[]; next: string | null; total: number }> {
  const { cursor, limit = 50, state = 'active', ...rest } = query
  const found = await findPeople(db, { ...rest, state, limit, after: cursor })
  if (!found) throw lostCursor()
  const items = found.rows.slice(0, limit).map(viewOf)
  return { items, next: found.rows.length > limit ? (items.at(-1)?.id ?? null) : null, total: found.total }
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
 * Adds one person. A round that is open keeps its roster: the next one invites them.
 *
 * @param fields.locale the organisation's where it is left out
 * @throws PersonError invalid-input, duplicate
 * @example await createPerson(context, { email: 'ann@example.com', name: 'Ann Lee', teamId: sales.id })
 */
export async function createPerson(
  context: ServiceContext,
  { locale, ...fields }: Omit<PersonFields, 'locale'> & { locale?: string | undefined },
): Promise<PersonView> {
  const { db } = context
  const values = readPerson({ ...fields, locale: locale ?? (await readSettings(db)).locale }, locales) as PersonFields
  const id = newId(context)
  await storePerson(db, values, () => [db.insert(people).values({ id, ...values })])
  return getPerson(db, id)
}

/**
 * Changes what is known of a person. Somebody who is not active is left out of the next rounds; an invitation that was
 * sent stays good until its round closes. But a link that went to another address ends in the same moment, unless it was
 * used, and a new one is sent to the new address. Says nothing of whether it was used.
 *
 * @throws PersonError invalid-input, duplicate; DomainError not-found
 */
export async function updatePerson(
  context: ServiceContext,
  id: string,
  { active, ...change }: { [K in keyof PersonFields]?: string | undefined } & { active?: boolean | undefined },
): Promise<PersonView> {
  const { db, now } = context
  const before = await getPerson(db, id)
  const fields = readPerson(change, locales)
  const teamId = fields.teamId ?? (active ? before.teamId : undefined)
  const isNewAddress = fields.email !== undefined && fields.email !== before.email
  const deactivatedAt = active ? null : sql`coalesce(${people.deactivatedAt}, ${now.getTime()})`
  const values = { ...fields, ...(active !== undefined && { deactivatedAt }) }
  if (Object.keys(values).length === 0) return before
  await storePerson(db, { email: fields.email, teamId }, async () => [
    db.update(people).set(values).where(eq(people.id, id)),
    ...(isNewAddress ? await readdressed(context, id) : []),
  ])
  return getPerson(db, id)
}

/** @throws DomainError not-found */
export async function getPerson(db: Database, id: string): Promise<PersonView> {
  const row = await db.query.people.findFirst({ where: eq(people.id, id) })
  if (!row) throw noSuchPerson()
  return viewOf(row)
}

/** The number of the round that is open, and whether this person was invited to it; says nothing of whether they answered. */
export async function openRoundOf(db: Database, personId: string): Promise<{ number: number; isInvited: boolean } | undefined> {
  const [round] = await db
    .select({
      number: rounds.number,
      isInvited: sql`exists (select 1 from roster where round_id = rounds.id and person_id = ${personId})`.mapWith(Boolean),
    })
    .from(rounds)
    .where(eq(rounds.state, 'open'))
  return round
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
  return onTree(context.db, async () => {
    const known = await readOrganisation(context.db)
    const { changes, writes } = diffPeople(table, known, { mode: options.mode, locales, defaultLocale })
    const notices = known.openRound === null ? changes.notices : [...changes.notices, roundOpen(known.openRound)]
    const result = { ...options, ...changes, notices }
    if (options.dryRun) return { ...known, statements: [], result }
    if (changes.refusal) throw new DomainError(changes.refusal.code, changes.refusal.detail, fieldErrors(changes.errors))
    const ids = new Map(known.teams.map(({ id }) => [id, id]))
    const idOf = (key: string) => {
      const id = ids.get(key) ?? newId(context)
      ids.set(key, id)
      return id
    }
    return { ...known, statements: writePeople(context.db, writes, idOf, context.now), result }
  })
}

/** Writes in one batch, where the team is in the tree and the address is nobody else's. */
async function storePerson(
  db: Database,
  { email, teamId }: { email: string | undefined; teamId: string | undefined },
  statementsOf: () => BatchItem<'sqlite'>[] | Promise<BatchItem<'sqlite'>[]>,
): Promise<void> {
  try {
    await onTree(db, async () => {
      const { teams, treeVersion } = await readTree(db)
      if (teamId !== undefined && !teams.some(({ id }) => id === teamId)) {
        throw new PersonError([{ field: 'teamId', code: 'team-unknown', facts: {} }])
      }
      return { treeVersion, statements: await statementsOf(), result: null }
    })
  } catch (error) {
    const holder = isUniqueViolation(error) ? await db.query.people.findFirst({ where: eq(people.email, email ?? '') }) : undefined
    if (!holder) throw error
    throw new PersonError([{ field: 'email', code: 'email-taken', facts: { id: holder.id, name: holder.name } }])
  }
}

/** Ends the link that went to the old address, and has the new one sent. */
async function readdressed(context: ServiceContext, personId: string): Promise<BatchItem<'sqlite'>[]> {
  const { db, now } = context
  const round = await db.query.rounds.findFirst({ where: eq(rounds.state, 'open'), columns: { id: true } })
  const token = round && (await renewedToken(context, round.id, personId))
  return token ? [tokenReplacement(db, token), deliverAgain(db, round.id, personId, now)] : []
}

const noSuchPerson = () => new DomainError('not-found', 'There is no such person.')

const lostCursor = () =>
  new DomainError('invalid-input', 'Some values cannot be used.', [
    { pointer: 'query/cursor', detail: 'The person that this page came after was deleted. Start again without a cursor.' },
  ])

const viewOf = (row: typeof people.$inferSelect): PersonView => ({
  ...row,
  deactivatedAt: row.deactivatedAt?.toISOString() ?? null,
  mailStoppedAt: row.mailStoppedAt?.toISOString() ?? null,
})

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
