/** Rows that programs send. Each is judged alone, and what is good of a request is published together. */
import type { RowError } from '../connectors/connector'
import { factOf, mostRows, type PushedFact, PushedRow } from '../connectors/push/rows'
import { PushSettings } from '../connectors/push/settings'
import { dayOf } from '../core/calendar'
import { DomainError, type FieldError } from '../core/errors'
import { type FactKind, type FactRows, factKinds, noRows } from '../core/facts'
import { fieldErrors } from '../core/issues'
import { databaseMessage } from '../db/client'
import { compareFacts, negativeLinks, writeFacts } from '../db/facts'
import { findAnswer, isAnswered, type StoredAnswer, storeAnswer } from '../db/idempotency'
import { listOwnMetrics } from '../db/own-metrics'
import { findSource, insertPull, insertPullErrors, type SourceRow } from '../db/sources'
import { messagesOf } from '../i18n'
import { newId, type ServiceContext, sha256Hex } from './context'
import { isCommitted, lookAtFacts, publish, type Seen, settle, untilPublished } from './publishing'
import { withWords } from './pulls'
import { unknownSource } from './sources'

/** What became of one row. */
export interface PushedRowResult {
  /** Its place in the request, from 0. */
  index: number
  status: 'inserted' | 'updated' | 'unchanged' | 'rejected'
  /** What is wrong with it, by pointers into the row; left out where nothing is. */
  errors?: readonly FieldError[]
  /** What is stored and still not counted everywhere: a deal that closed before it began. */
  warnings?: readonly FieldError[]
}

export interface PushReport {
  pullId: string
  /** inserted + updated + unchanged + rejected */
  read: number
  inserted: number
  updated: number
  unchanged: number
  rejected: number
  rows: PushedRowResult[]
}

export interface PushAnswer {
  status: number
  body: PushReport
  /** Whether it was given before, to the same request. */
  replayed: boolean
}

/**
 * Takes rows in. One bad row does not keep out the others; the same key again has no second effect.
 *
 * @param request `text` is what was sent, as it was sent; `rows` what it says
 * @throws DomainError not-found, source-not-pushed, idempotency-key-reused, pull-overtaken
 * @example
 * const { body } = await pushRows(context, source.id, { key: 'night-2026-11-27', text, rows: JSON.parse(text).rows })
 * // { pullId: '…', read: 2, inserted: 1, updated: 0, unchanged: 0, rejected: 1, rows: [{ index: 0, status: 'inserted' }, …] }
 */
export async function pushRows(
  context: ServiceContext,
  sourceId: string,
  request: { key: string; text: string; rows: readonly unknown[] },
): Promise<PushAnswer> {
  const bodyHash = await sha256Hex(request.text)
  const given = await givenAnswer(context, sourceId, request.key, bodyHash)
  if (given) return given
  const keep = (body: PushReport): StoredAnswer => ({ sourceId, key: request.key, bodyHash, status: 200, body })
  try {
    const body = await untilPublished(() => pushOnce(context, sourceId, request.rows, keep))
    await settle(context)
    return { status: 200, body, replayed: false }
  } catch (error) {
    // The same request was carried out at the same time: its answer is this one's.
    const answer = isAnswered(databaseMessage(error)) ? await givenAnswer(context, sourceId, request.key, bodyHash) : undefined
    if (answer) return answer
    throw error
  }
}

/** @throws DomainError idempotency-key-reused */
async function givenAnswer({ db }: ServiceContext, sourceId: string, key: string, bodyHash: string): Promise<PushAnswer | undefined> {
  const stored = await findAnswer(db, sourceId, key)
  if (!stored) return undefined
  if (stored.bodyHash !== bodyHash)
    throw new DomainError(
      'idempotency-key-reused',
      'This key was sent with other rows before. Use a new key for every request that is not a repetition.',
    )
  return { status: stored.status, body: stored.body as PushReport, replayed: true }
}

/** A row that can be stored, with its place in the request. */
interface Good {
  index: number
  pushed: PushedFact
}

interface Bad {
  index: number
  record: string
  errors: readonly FieldError[]
}

/** Undefined where something else was published in between. */
async function pushOnce(
  context: ServiceContext,
  sourceId: string,
  given: readonly unknown[],
  keep: (body: PushReport) => StoredAnswer,
): Promise<PushReport | undefined> {
  const { db } = context
  const [source, seen, own] = await Promise.all([findSource(db, sourceId), lookAtFacts(context), listOwnMetrics(db)])
  if (!source) throw unknownSource()
  if (source.kind !== 'push')
    throw new DomainError('source-not-pushed', 'Rows of this source come in another way. Add a source of the kind “push” for them.')
  const { good, bad } = sorted(given, source, seen, context, new Set(own.map(({ key }) => key)))
  const { rows, from } = byKind(good)
  const [difference, linked] = await Promise.all([compareFacts(db, sourceId, rows), beforeTheirLeads(context, sourceId, rows, from.deal)])
  const status = new Map<number, PushedRowResult['status']>(good.map(({ index }) => [index, 'unchanged']))
  for (const kind of factKinds) {
    for (const at of difference[kind].added) status.set(from[kind][at] ?? -1, 'inserted')
    for (const at of difference[kind].changed) status.set(from[kind][at] ?? -1, 'updated')
  }
  const warned = new Set([...linked, ...good.filter(({ pushed }) => isBackwards(pushed)).map(({ index }) => index)])
  const body = reportOf(newId(context), given.length, status, bad, warned)
  const errors = [...bad.map(errorOf), ...good.filter(({ index }) => warned.has(index)).map(warningOf)]
  const record = [
    insertPull(db, recordOf(context, source, body)),
    ...insertPullErrors(db, body.pullId, errors.map(withWords)),
    storeAnswer(db, keep(body), context.now),
  ]
  if (good.length === 0) return (await isCommitted(context, record)) ? body : undefined
  const news = changed(rows, difference)
  const published = await publish(context, {
    seen,
    change: { sourceId, rows: news },
    record,
    facts: writeFacts(db, sourceId, news),
    success: { sourceId, at: context.now, hasNews: body.inserted + body.updated > 0 },
  })
  return published ? body : undefined
}

/** Which rows can be stored. The same row twice is one; the same id with something else is an error. */
function sorted(
  given: readonly unknown[],
  source: SourceRow,
  { settings }: Seen,
  { now }: ServiceContext,
  own: ReadonlySet<string>,
): { good: Good[]; bad: Bad[] } {
  const reading = PushSettings.parse(source.settings)
  const rules = { reportingZone: settings.timeZone, today: dayOf(now, settings.timeZone) }
  const good: Good[] = []
  const bad: Bad[] = []
  const seen = new Map<string, string>()
  for (const [index, row] of given.entries()) {
    const refuse = (errors: readonly FieldError[], record = `/rows/${index}`) => bad.push({ index, record, errors })
    const parsed = PushedRow.safeParse(row)
    if (!parsed.success) {
      refuse(fieldErrors('#', parsed.error.issues))
      continue
    }
    if (parsed.data.type === 'value' && parsed.data.metric.startsWith('own-') && !own.has(parsed.data.metric)) {
      refuse([{ pointer: '#/metric', detail: 'There is no metric with this key.' }])
      continue
    }
    const read = factOf(parsed.data, reading, rules)
    if ('errors' in read) {
      refuse(read.errors.map(({ field, code }) => ({ pointer: `#/${field}`, detail: wordsOf(code) })))
      continue
    }
    const { kind, fact } = read.fact
    const key = `${kind}|${fact.externalId}`
    const before = seen.get(key)
    if (before !== undefined && before !== fact.contentHash) refuse([{ pointer: '#/id', detail: wordsOf('duplicate-id') }], fact.externalId)
    else good.push({ index, pushed: read.fact })
    if (before === undefined) seen.set(key, fact.contentHash)
  }
  return { good, bad }
}

function wordsOf(code: RowError['code']): string {
  const { detail, fix } = messagesOf('en').sourcesPage.rowErrors[code]
  return `${detail} ${fix}`
}

interface ByKind {
  rows: FactRows
  /** Place in the request of each fact. */
  from: Record<FactKind, number[]>
}

/** A row that repeats an earlier one is not among them. */
function byKind(good: readonly Good[]): ByKind {
  const all: ByKind = {
    rows: noRows(),
    from: { lead: [], stage: [], deal: [], activity: [], spend: [], headcount: [], touch: [], value: [] },
  }
  const seen = new Set<string>()
  for (const { index, pushed } of good) {
    const key = `${pushed.kind}|${pushed.fact.externalId}`
    if (seen.has(key)) continue
    seen.add(key)
    const list: unknown[] = all.rows[pushed.kind]
    list.push(pushed.fact)
    all.from[pushed.kind].push(index)
  }
  return all
}

function changed(rows: FactRows, difference: Awaited<ReturnType<typeof compareFacts>>): FactRows {
  const news = (kind: FactKind, facts: readonly unknown[]) =>
    facts.filter((_, at) => difference[kind].added.has(at) || difference[kind].changed.has(at))
  return Object.fromEntries(factKinds.map((kind) => [kind, news(kind, rows[kind])])) as unknown as FactRows
}

const isBackwards = ({ kind, fact }: PushedFact) =>
  kind === 'deal' && fact.createdDay !== null && fact.closedDay !== null && fact.closedDay < fact.createdDay

/** Deals that closed before the day of their stored lead. @returns places in the request */
async function beforeTheirLeads({ db }: ServiceContext, sourceId: string, { deal }: FactRows, from: readonly number[]): Promise<number[]> {
  const linked = deal.flatMap(({ leadId, closedDay, createdDay }, at) =>
    leadId && closedDay && !createdDay ? [{ at, leadId, closedDay }] : [],
  )
  const { deals } = await negativeLinks(
    db,
    sourceId,
    linked.map(({ leadId, closedDay }) => [leadId, closedDay]),
    [],
  )
  return deals.flatMap(({ index }) => from[linked[index]?.at ?? -1] ?? [])
}

function reportOf(
  pullId: string,
  read: number,
  status: ReadonlyMap<number, PushedRowResult['status']>,
  bad: readonly Bad[],
  warned: ReadonlySet<number>,
): PushReport {
  const counts = { inserted: 0, updated: 0, unchanged: 0, rejected: bad.length }
  const rows: PushedRowResult[] = bad.map(({ index, errors }) => ({ index, status: 'rejected', errors }))
  const warnings: FieldError[] = [{ pointer: '#/closedAt', detail: wordsOf('negative-duration') }]
  for (const [index, said] of status) {
    counts[said] += 1
    rows.push({ index, status: said, ...(warned.has(index) ? { warnings } : {}) })
  }
  return { pullId, read, ...counts, rows: rows.toSorted((a, b) => a.index - b.index) }
}

/** The value is not repeated: it may be what must not be stored. */
const errorOf = ({ record, errors: [first] }: Bad): RowError => ({
  line: 0,
  record,
  column: first?.pointer.slice(0, 200) ?? null,
  value: null,
  code: 'invalid-field',
  effect: 'row-not-imported',
})

const warningOf = ({ pushed }: Good): RowError => ({
  line: 0,
  record: pushed.fact.externalId,
  column: '#/closedAt',
  value: null,
  code: 'negative-duration',
  effect: 'duration-not-counted',
})

function recordOf({ now }: ServiceContext, { id, settingsVersion }: SourceRow, { pullId, rows: _rows, ...counts }: PushReport) {
  const isRefused = counts.rejected === counts.read
  return {
    id: pullId,
    sourceId: id,
    state: isRefused ? ('failed' as const) : ('done' as const),
    origin: 'push' as const,
    layout: null,
    fileName: null,
    startedAt: now,
    finishedAt: now,
    ...counts,
    error: isRefused ? 'too-many-bad-rows' : null,
    settingsVersion,
  }
}

/** @throws DomainError too-many-rows */
export function assertFewEnough(rows: readonly unknown[]): void {
  if (rows.length > mostRows) throw new DomainError('too-many-rows', `Send at most ${mostRows} rows at once.`)
}
