/**
 * The sample organisation, made and removed. It goes through the very services that real people and real files go
 * through: an import, a pull, rounds that are opened, ballots that are sealed, cast and counted. Only its clock is
 * another: a round of last March is opened with a context whose `now` is last March.
 */
import { eq, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { ballotMessage } from '../core/ballot'
import { blind, finalize, type PublicKey } from '../core/blind-rsa'
import { toCsv } from '../core/csv'
import { DomainError } from '../core/errors'
import type { Item, Term } from '../core/round'
import { historyFacts, sampleHistory } from '../core/sample-history'
import {
  type SamplePerson,
  sampleActions,
  sampleAgreed,
  sampleAgreedRound,
  sampleBallot,
  sampleClauses,
  sampleCurrency,
  sampleEvent,
  sampleEventAuthor,
  sampleEventDay,
  sampleExportedAt,
  sampleFacts,
  sampleHeads,
  sampleKpiMonths,
  sampleName,
  samplePeople,
  sampleRounds,
  sampleRule,
  sampleSalesChannels,
  sampleSchedule,
  sampleTeamsRound,
  tookPart,
} from '../core/sample-organisation'
import { shred } from '../db/ballots'
import type { Database } from '../db/client'
import { tables as factTables } from '../db/fact-tables'
import { claimFactRevision, readFactRevision, writeFacts } from '../db/facts'
import { findRound } from '../db/rounds'
import * as schema from '../db/schema'
import { readSettings, type SampleProgress, writeSettings } from '../db/settings'
import { messagesOf } from '../i18n'
import { addAction, changeAction, listActions } from './actions'
import { castBallot, issueBallot } from './ballots'
import { addClause, hasClauses } from './clauses'
import { closeRound } from './closing'
import type { ServiceContext } from './context'
import { addEvent } from './events'
import { setGoals } from './goals'
import { currentLink } from './links'
import { importPeople } from './people'
import { pullCsv } from './pulls'
import { createRound, getRoundKeys, openRound } from './rounds'
import { setSchedule } from './schedule'
import { createSource } from './sources'
import { readSurvey } from './survey'
import { changeTerm } from './term-answers'

export interface SampleView {
  state: 'absent' | 'loading' | 'loaded'
  /** Steps that are done, and all of them. */
  step: number
  steps: number
  /** The step that was done last, in English. */
  message: string
  /** A personal link into the open round, the same one until it was used; null when there is none. */
  surveyUrl: string | null
}

/** What one step does; pages name it in their own language. */
export type SampleStep = { kind: 'people' | 'facts' | 'teams' | 'open' } | { kind: 'round'; number: number }

/** All steps in their order, each of them within a few seconds. */
export const sampleSteps: readonly SampleStep[] = [
  { kind: 'people' },
  { kind: 'facts' },
  ...rounds(1, sampleTeamsRound),
  { kind: 'teams' },
  ...rounds(sampleTeamsRound + 1, sampleRounds - 1),
  { kind: 'open' },
]

function rounds(first: number, last: number): SampleStep[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({ kind: 'round', number: first + index }))
}

/** After so long a step is taken for crashed, and may be done again. */
const claimMilliseconds = 30_000
/** How long a call that found the step taken waits with its answer, so that nobody asks a thousand times a second. */
const waitMilliseconds = 1_000

/** How far the sample is. Changes nothing that anybody could notice. */
export async function readSample(context: ServiceContext): Promise<SampleView> {
  return viewOf(context, (await readSettings(context.db)).sample)
}

/**
 * Does the next step of loading. Each step can be done again after a crash in the middle of it; of two calls at once one
 * works and the other answers how far it is.
 *
 * @throws DomainError sample-not-empty where the organisation has data of its own
 */
export async function sampleStep(context: ServiceContext): Promise<SampleView> {
  const { db, now } = context
  const known = (await readSettings(db)).sample
  if (known?.state === 'loaded') return viewOf(context, known)
  if (!known && !(await isEmpty(db))) {
    throw new DomainError('sample-not-empty', 'Remove its people, rounds, sources, goals and events first, or go on without the sample.')
  }
  const claimed = await claim(db, { state: 'loading', step: 0, startedAt: now.getTime(), ...known, claimedAt: now.getTime() })
  if (!claimed) {
    await new Promise((resolve) => setTimeout(resolve, waitMilliseconds))
    return readSample(context)
  }
  const release = (progress: SampleProgress) => db.batch(writeSettings(db, { sample: progress }) as [BatchItem<'sqlite'>])
  try {
    const step = sampleSteps[claimed.step]
    if (step) await perform(context, step, new Date(claimed.startedAt))
  } catch (error) {
    await release({ ...claimed, claimedAt: null })
    throw error
  }
  const done = claimed.step + 1
  const progress: SampleProgress = { ...claimed, step: done, state: done < sampleSteps.length ? 'loading' : 'loaded', claimedAt: null }
  await release(progress)
  return viewOf(context, progress)
}

/** What goes when the sample is removed. */
export interface OrganisationCounts {
  people: number
  teams: number
  rounds: number
  sources: number
  /** Of every kind. */
  facts: number
  observations: number
  goals: number
  events: number
  clauses: number
}

/** How much there is of everything, in one read. */
export async function countOrganisation(db: Database): Promise<OrganisationCounts> {
  const rows = (table: SQLiteTable) => sql`(select count(*) from ${table})`
  const counts = await db.get<OrganisationCounts>(sql`select
    ${rows(schema.people)} as people, ${rows(schema.teams)} as teams, ${rows(schema.rounds)} as rounds,
    ${rows(schema.sources)} as sources, ${sql.join(
      Object.values(factTables).map(({ name }) => sql`(select count(*) from ${sql.identifier(name)})`),
      sql` + `,
    )} as facts,
    ${rows(schema.observations)} as observations, coalesce((select json_array_length(body, '$.goals') from ${schema.scoringRules} order by version desc limit 1), 0) as goals, ${rows(schema.events)} as events,
    (select count(distinct id) from ${schema.clauses}) as clauses`)
  return counts
}

/** Whether the sample would be in nobody's way. Sessions and keys may be there. */
export async function isEmpty(db: Database): Promise<boolean> {
  return isNothing(await countOrganisation(db))
}

export const isNothing = (counts: OrganisationCounts): boolean => Object.values(counts).every((count) => count === 0)

/** Sign-in stays: nobody is thrown out by removing the sample, and a new one is loaded with the same key. */
const kept = new Set<SQLiteTable>([schema.sessions, schema.apiKeys, schema.signInLinks, schema.heartbeats])

/**
 * Removes everything of the organisation, in one batch: all of it is there or none. Never without a sample, so that no
 * real organisation can be lost by this.
 *
 * @throws DomainError not-found where there is no sample, sample-loading while a step is being done
 */
export async function removeSample(context: ServiceContext): Promise<void> {
  const { db, now } = context
  const { sample } = await readSettings(db)
  if (!sample) throw new DomainError('not-found', 'There is no sample to remove.')
  if (isClaimed(sample, now)) throw new DomainError('sample-loading', 'Wait until this step is done, and remove it then.')
  const open = await db.select({ id: schema.rounds.id }).from(schema.rounds).where(eq(schema.rounds.state, 'open'))
  const tables = (Object.values(schema) as SQLiteTable[]).filter((table) => !kept.has(table)).sort(byReferences)
  const statements = [...open.flatMap(({ id }) => shred(db, id)), ...tables.map((table) => db.delete(table))]
  await db.batch(statements as [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]])
}

/** Tables that refer to others go before them; none of those refers on. */
const byReferences = (a: SQLiteTable, b: SQLiteTable) => getTableConfig(b).foreignKeys.length - getTableConfig(a).foreignKeys.length

// ── Steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Takes the step that `progress` names, where nobody else has it. @returns undefined where somebody has */
async function claim(db: Database, progress: SampleProgress): Promise<SampleProgress | undefined> {
  const [row] = await db
    .insert(schema.settings)
    .values({ key: 'sample', value: progress })
    .onConflictDoUpdate({
      target: schema.settings.key,
      set: { value: progress },
      setWhere: sql`json_extract(${schema.settings.value}, '$.step') = ${progress.step}
        and json_extract(${schema.settings.value}, '$.state') = 'loading'
        and coalesce(json_extract(${schema.settings.value}, '$.claimedAt'), 0) < ${(progress.claimedAt ?? 0) - claimMilliseconds}`,
    })
    .returning({ key: schema.settings.key })
  return row ? progress : undefined
}

const isClaimed = (progress: SampleProgress, now: Date) => (progress.claimedAt ?? 0) > now.getTime() - claimMilliseconds

async function perform(context: ServiceContext, step: SampleStep, present: Date): Promise<void> {
  if (step.kind === 'people') return loadPeople(context, present)
  if (step.kind === 'facts') return loadFacts(context, present)
  if (step.kind === 'teams') return importSample(context, ({ team }) => team)
  if (step.kind === 'round') {
    if (step.number === sampleAgreedRound) await agreeOnTerms(context)
    return holdRound(context, step.number - 1, present, true)
  }
  await agree(context, present)
  await holdRound(context, sampleRounds - 1, present, false)
  await setSchedule({ ...context, now: present }, sampleRule(present))
}

async function loadPeople(context: ServiceContext, present: Date): Promise<void> {
  const { db } = context
  const named = { organisationName: sampleName, timeZone: 'UTC', currency: sampleCurrency, salesChannels: [...sampleSalesChannels] }
  await db.batch(writeSettings(db, named) as [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]])
  await importSample(context, ({ side }) => (side === 'sales' ? 'Sales' : 'Marketing'))
  const event = { day: sampleEventDay(present), name: sampleEvent, scope: 'company', author: sampleEventAuthor } as const
  if (!(await db.query.events.findFirst({ where: eq(schema.events.day, event.day) }))) await addEvent(context, event)
}

/** Imports everybody, or moves them to other teams. */
async function importSample(context: ServiceContext, teamOf: (person: SamplePerson) => string): Promise<void> {
  const rows = samplePeople.map((person) => [person.email, person.name, teamOf(person), person.side, person.locale])
  await importPeople(context, toCsv([['email', 'name', 'team', 'side', 'locale'], ...rows]), { dryRun: false, mode: 'partial' })
}

const sourceName = 'CRM export'

async function loadFacts(context: ServiceContext, present: Date): Promise<void> {
  const { db } = context
  // The export is as old as its rows are: what falls due after it waits for the next one.
  const then = { ...context, now: sampleExportedAt(present) }
  const known = await db.query.sources.findFirst({ where: eq(schema.sources.name, sourceName) })
  const { id } = known ?? (await createSource(context, { name: sourceName, settings: crmSettings }))
  const months = sampleKpiMonths(present)
  const facts = sampleFacts(months)
  // What happened to the leads goes first: the imports that follow compute KPIs and promises from all of it.
  const history = historyFacts(sampleHistory(months, facts.leads, facts.deals))
  await db.$client.batch([...claimFactRevision(db, await readFactRevision(db)), ...writeFacts(db, id, history)])
  for (const [fileName, rows] of Object.entries(filesOf({ ...facts, heads: sampleHeads(months) }))) {
    await pullCsv(then, id, toCsv(rows), { dryRun: false, fileName })
  }
  await setGoals(context, goals)
  if (await hasClauses(db)) return
  for (const [index, clause] of sampleClauses.entries()) {
    await addClause({ ...context, now: new Date(present.getTime() + index) }, clause, sampleEventDay(present))
  }
}

/** Money in cents, ratios as shares. */
const goals = [
  ['lead_conversion', { target: 0.065, scale: 'linear' }],
  ['cac', { target: 3_000_000, scale: 'log' }],
  ['sales_cycle', { target: 45, scale: 'linear' }],
  ['revenue_growth', { target: 0.04, scale: 'linear' }],
] as const

const crmSettings = {
  timeZone: 'UTC',
  currency: sampleCurrency,
  dateFormat: 'iso' as const,
  decimal: '.' as const,
  expectedEveryDays: 31,
  layouts: [
    { name: 'Leads', lead: { id: 'Lead ID', createdAt: 'Created', channel: 'Channel', leadType: 'Lead type', stage: 'Stage' } },
    {
      name: 'Deals',
      deal: {
        id: 'Deal ID',
        leadId: 'Lead ID',
        customerId: 'Customer ID',
        createdAt: 'Created',
        closedAt: 'Closed',
        stage: 'Stage',
        stages: { Discovery: 'open', 'Quote presented': 'open', 'Closed won': 'won', 'Closed lost': 'lost' } as const,
        amount: 'Amount',
        channel: 'Channel',
      },
    },
    { name: 'Spend', spend: { id: 'Spend ID', date: 'Day', amount: 'Amount', channel: 'Channel', side: 'Side', kind: 'Kind' } },
    { name: 'Head-count', headcount: { id: 'Row ID', day: 'Day', side: 'Side', people: 'People' } },
  ],
}

/** The files as a CRM, a ledger and a list of staff would export them. */
function filesOf({ leads, deals, spend, heads }: ReturnType<typeof sampleFacts> & { heads: ReturnType<typeof sampleHeads> }) {
  return {
    'leads.csv': [
      ['Lead ID', 'Created', 'Channel', 'Lead type', 'Stage'],
      ...leads.map(({ id, created, channel, type, stage }) => [id, created, channel, type, stage]),
    ],
    'deals.csv': [
      ['Deal ID', 'Lead ID', 'Customer ID', 'Created', 'Closed', 'Stage', 'Amount', 'Channel'],
      ...deals.map((deal) => [deal.id, deal.leadId, deal.customerId, deal.created, deal.closed, deal.stage, deal.amount, deal.channel]),
    ],
    'spend.csv': [
      ['Spend ID', 'Day', 'Amount', 'Channel', 'Side', 'Kind'],
      ...spend.map(({ id, day, amount, channel, side, kind }) => [id, day, amount, channel, side, kind]),
    ],
    'head-count.csv': [['Row ID', 'Day', 'Side', 'People'], ...heads.map(({ id, day, side, people }) => [id, day, side, people])],
  }
}

/** Opens the round, answers it and, but for the last one, closes it; or goes on where a crash left it. */
async function holdRound(context: ServiceContext, index: number, present: Date, closes: boolean): Promise<void> {
  const { db } = context
  const plan = sampleSchedule(present)[index]
  if (!plan) throw new Error(`The sample has no round ${index + 1}.`)
  // Invented people have nobody to hide from: nothing waits, and no file is rewritten for each round.
  const quick = { ...context, mixer: null, scrub: null }
  const then = { ...quick, now: plan.openedAt }
  const known = await db.query.rounds.findFirst({ where: eq(schema.rounds.period, plan.period), columns: { id: true, state: true } })
  const { id, state } = known ?? (await createRound(then, { period: plan.period, closesAt: plan.closesAt }))
  if (state === 'closed') return
  if (state === 'scheduled') await castAll(then, id, index, linksOf((await openRound(then, id)).invitations))
  else await castAll(then, id, index)
  if (closes) await closeRound({ ...quick, now: plan.closesAt }, id)
}

/** The answers that both teams agreed on, each decided once. */
async function agreeOnTerms(context: ServiceContext): Promise<void> {
  const { terms } = await readSurvey(context.db)
  for (const { term, version } of terms) {
    const official = (sampleAgreed as Partial<Record<Term, string>>)[term]
    if (official !== undefined && version === 0) await changeTerm(context, term, version, { options: null, official })
  }
}

/** What was agreed about the last closed round, once. */
async function agree(context: ServiceContext, present: Date): Promise<void> {
  const { db } = context
  const plan = sampleSchedule(present).at(-2)
  const round = plan && (await db.query.rounds.findFirst({ where: eq(schema.rounds.period, plan.period), columns: { id: true } }))
  if (!round) return
  const known = new Set((await listActions(db, round.id)).map(({ text }) => text))
  for (const { done, ...action } of sampleActions) {
    if (known.has(action.text)) continue
    const then = { ...context, now: plan.closesAt }
    const { id } = await addAction(then, round.id, { ...action, dueDay: null })
    if (done) await changeAction(then, round.id, id, { done })
  }
}

type Links = ReadonlyMap<string, string>
const linksOf = (invitations: readonly { email: string; url: string }[]): Links =>
  new Map(invitations.map(({ email, url }) => [email, url]))

/** How many seal and cast at a time: enough to keep the database busy while keys are computed with. */
const atOnce = 6

/** Every ballot of the round that is still to be cast. Without links, those of whoever did not collect theirs are looked up. */
async function castAll(context: ServiceContext, roundId: string, index: number, links?: Links): Promise<void> {
  const round = await findRound(context.db, roundId)
  const items = round?.frozen?.items ?? []
  const keys = new Map((await getRoundKeys(context.db, roundId)).keys.map((key) => [key.cohort, key]))
  const ids = new Map(links ? [] : (await context.db.select().from(schema.people)).map(({ email, id }) => [email, id]))
  const voters = samplePeople.filter((person) => tookPart(person, index))
  const voteNext = async (): Promise<void> => {
    for (let person = voters.pop(); person; person = voters.pop()) {
      const link = links?.get(person.email) ?? (await currentLink(context, roundId, ids.get(person.email) ?? ''))
      const { cohort = '', secret = '' } = /#(?<cohort>\w+)\.(?<secret>[\w-]+)/.exec(link ?? '')?.groups ?? {}
      const key = keys.get(cohort)
      if (key) await vote(context, { roundId, cohort, key, secret }, person, index, items)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, voteNext))
}

/** What a browser does on Submit. */
async function vote(
  context: ServiceContext,
  { roundId, cohort, key, secret }: { roundId: string; cohort: string; key: PublicKey; secret: string },
  person: SamplePerson,
  index: number,
  items: readonly Item[],
): Promise<void> {
  const message = ballotMessage(roundId, cohort, context.random)
  const { blinded, inverse } = await blind(key, message, context.random)
  const { blindSignature } = await issueBallot(context, { roundId, cohort, invitation: secret, blindedMessage: blinded })
  const signature = await finalize(key, message, blindSignature, inverse)
  await castBallot(context, { roundId, cohort, message, signature, ...sampleBallot(person, index, items) })
}

// ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────

async function viewOf(context: ServiceContext, progress: SampleProgress | null): Promise<SampleView> {
  const texts = messagesOf('en').sample
  const state = progress?.state ?? 'absent'
  const done = sampleSteps[(progress?.step ?? 0) - 1]
  return {
    state,
    step: progress?.step ?? 0,
    steps: sampleSteps.length,
    message: state === 'loaded' ? texts.loaded : done ? nameOf(done, texts.steps) : texts.title,
    surveyUrl: progress?.state === 'loaded' ? await surveyUrl(context) : null,
  }
}

/** A step in words of a language. */
export function nameOf(step: SampleStep, texts: ReturnType<typeof messagesOf>['sample']['steps']): string {
  return step.kind === 'round' ? texts.round(step.number) : texts[step.kind]
}

/**
 * The link of the first of the invented people who has not collected a ballot.
 */
async function surveyUrl(context: ServiceContext): Promise<string | null> {
  const { db } = context
  const waiting = await db.all<{ roundId: string; personId: string; email: string }>(sql`
    select i.round_id as roundId, i.person_id as personId, p.email as email
    from invitations i join rounds r on r.id = i.round_id and r.state = 'open' and r.closing_at is null join people p on p.id = i.person_id
    where i.blinded_hash = zeroblob(32)`)
  const next = samplePeople.map(({ email }) => waiting.find((one) => one.email === email)).find(Boolean)
  if (!next) return null
  return currentLink(context, next.roundId, next.personId)
}
