/** From the cells of a row to facts, one function for each kind. */
import {
  type Activity,
  type ActivityKind,
  type Deal,
  type DealState,
  type Headcount,
  hashed,
  type Lead,
  type MetricValue,
  type Spend,
  type Stage,
  type StageEvent,
  stages,
  type Touch,
} from '../../core/facts'
import { isKpiKey, isOwnKey, metricOf } from '../../core/metrics'
import type { LeadMeaning } from '../connector'
import type { Cells } from './cells'
import type { Layout } from './layout'

type Columns<Kind extends Exclude<keyof Layout, 'name'>> = NonNullable<Layout[Kind]>

/** What of a table has no meaning yet, counted for its notices. */
export class Unmapped {
  readonly stages = new Map<string, number>()
  /** Deals whose lead has no date. */
  withoutLead = 0
  /** Activities and touches of nobody. */
  unlinked = 0

  stage(name: string): void {
    this.stages.set(name, (this.stages.get(name) ?? 0) + 1)
  }
}

/** Rows without an id that say the same are numbered in the order of the file: two equal lines of a bill are two. */
export class Numbering {
  readonly #count = new Map<string, number>()

  keyOf(parts: readonly (string | number | null)[]): string {
    const key = parts.join('|')
    const number = (this.#count.get(key) ?? 0) + 1
    this.#count.set(key, number)
    return `${key}|${number}`
  }
}

/** @param isDealToo then the row need not be a lead: a CRM lists opportunities before anybody engaged with them */
export function readLead(cells: Cells, columns: Columns<'lead'>, isDealToo: boolean, unmapped: Unmapped): Lead | null {
  if (isDealToo && cells.text(columns.createdAt) === '') {
    unmapped.withoutLead += 1
    return null
  }
  const externalId = cells.id(columns.id)
  const created = cells.requiredDate(columns.createdAt)
  return hashed<Lead>({
    externalId,
    createdDay: created.day,
    createdAt: created.at,
    channel: cells.text(columns.channel),
    leadType: cells.text(columns.leadType),
    stage: cells.text(columns.stage) || null,
    ...cells.provenance(columns),
  })
}

/** The steps that a lead's own row tells of, by columns with their dates. */
export function readSteps(cells: Cells, columns: Columns<'lead'>, lead: Lead): StageEvent[] {
  const { entered, returnedAt, lostAt } = columns
  if (!entered && !returnedAt && !lostAt) return []
  const { externalId: leadId, updatedAt, deletedAt } = lead
  const events: StageEvent[] = []
  const add = (what: StageEvent['what'], stage: Stage | null, column: string | undefined) => {
    const date = cells.date(column)
    if (!date) return
    events.push(
      hashed<StageEvent>({
        externalId: `${leadId}|${stage ?? what}`,
        leadId,
        what,
        stage,
        day: date.day,
        at: date.at,
        reason: what === 'entered' ? '' : cells.text(columns.reason),
        updatedAt,
        deletedAt,
      }),
    )
  }
  for (const stage of stages) if (entered?.[stage]) add('entered', stage, entered[stage])
  add('returned', null, returnedAt)
  add('lost', null, lostAt)
  return events
}

/** One row of a history; null where its stage means nothing here. */
export function readStage(
  cells: Cells,
  columns: Columns<'stage'>,
  meanings: ReadonlyMap<string, LeadMeaning>,
  unmapped: Unmapped,
): StageEvent | null {
  const name = cells.text(columns.stage)
  const meaning = meanings.get(name)
  if (meaning === undefined) unmapped.stage(name)
  if (meaning === undefined || meaning === 'ignored') return null
  const leadId = cells.id(columns.leadId)
  const { day, at } = cells.requiredDate(columns.at)
  const isEntry = meaning !== 'returned' && meaning !== 'lost'
  const from = columns.from === undefined ? undefined : stageOf(meanings.get(cells.text(columns.from)))
  return hashed<StageEvent>({
    externalId: columns.id ? cells.id(columns.id) : `${leadId}|${meaning}|${at ?? day}`,
    leadId,
    what: isEntry ? 'entered' : meaning,
    stage: isEntry ? meaning : (from ?? null),
    day,
    at,
    reason: isEntry ? '' : cells.text(columns.reason),
    ...cells.provenance(columns),
  })
}

const stageOf = (meaning: LeadMeaning | undefined): Stage | null => stages.find((stage) => stage === meaning) ?? null

export function readDeal(cells: Cells, columns: Columns<'deal'>, states: ReadonlyMap<string, DealState>, unmapped: Unmapped): Deal {
  const externalId = cells.id(columns.id)
  const stage = cells.text(columns.stage)
  const state = columns.state ?? states.get(stage)
  if (!state) {
    unmapped.stage(stage)
    cells.fail(columns.stage, 'unknown-stage')
  }
  const leadId = cells.reference(columns.leadId)
  const customerId = cells.reference(columns.customerId)
  const created = cells.date(columns.createdAt)
  // The close date of an open deal is a forecast; that of one whose stage is unknown is looked at once the stage is known.
  const closed = state === 'open' ? null : state ? cells.requiredDate(columns.closedAt) : cells.date(columns.closedAt)
  const currency = cells.currencyIn(columns.currency)
  return hashed<Deal>({
    externalId,
    leadId,
    customerId,
    createdDay: created?.day ?? null,
    createdAt: created?.at ?? null,
    closedDay: closed?.day ?? null,
    closedAt: closed?.at ?? null,
    state: state ?? 'open',
    stage,
    amountMinor: cells.amount(columns.amount, currency, 'positive'),
    currency,
    channel: cells.text(columns.channel),
    ...cells.provenance(columns),
  })
}

export function readSpend(cells: Cells, columns: Columns<'spend'>, numbering: Numbering): Spend {
  const currency = cells.currencyIn(columns.currency)
  const { day } = cells.requiredDate(columns.date)
  const spend = {
    day,
    channel: cells.text(columns.channel),
    side: cells.text(columns.side),
    kind: cells.text(columns.kind),
    // A credit note is negative spend.
    amountMinor: cells.amount(columns.amount, currency, 'any') ?? 0,
    currency,
  }
  if (cells.raw(columns.amount) === '') cells.fail(columns.amount, 'missing-amount')
  const id = columns.id ? cells.id(columns.id) : numbering.keyOf([day, spend.channel, spend.side, spend.kind])
  return hashed<Spend>({ externalId: id, ...spend, ...cells.provenance(columns) })
}

export function readActivity(
  cells: Cells,
  columns: Columns<'activity'>,
  kinds: ReadonlyMap<string, ActivityKind | 'ignored'>,
  numbering: Numbering,
  unmapped: Unmapped,
): Activity | null {
  const name = cells.text(columns.kind)
  const kind = kinds.get(name) ?? activityKindOf(name)
  if (kind === 'ignored') return null
  const leadId = cells.reference(columns.leadId)
  const dealId = cells.reference(columns.dealId)
  if (leadId === null && dealId === null) {
    unmapped.unlinked += 1
    return null
  }
  const { day, at } = cells.requiredDate(columns.at)
  const said = columns.connected === undefined ? '' : cells.raw(columns.connected)
  const connected = columns.connectedValues ? (said === '' ? null : columns.connectedValues.includes(said)) : cells.flag(columns.connected)
  const id = columns.id ? cells.id(columns.id) : numbering.keyOf([leadId, dealId, kind, at ?? day])
  return hashed<Activity>({ externalId: id, leadId, dealId, kind, day, at, connected, ...cells.provenance(columns) })
}

/**
 * What kind of attempt a source's own word for it most likely means.
 *
 * @example activityKindOf('Outbound call') // 'call'
 */
export function activityKindOf(name: string): ActivityKind {
  if (/e-?mail/i.test(name)) return 'email'
  if (/call|phone|dial/i.test(name)) return 'call'
  if (/meet|demo|visit|appointment|lunch/i.test(name)) return 'meeting'
  return /sms|text|chat|message|whatsapp|linkedin|line/i.test(name) ? 'message' : 'other'
}

export function readHeadcount(cells: Cells, columns: Columns<'headcount'>): Headcount {
  const { day } = cells.requiredDate(columns.day)
  const word = cells.text(columns.side).toLowerCase()
  const side = word === 'sales' || word === 'marketing' ? word : undefined
  if (!side) cells.fail(columns.side, 'unknown-side')
  const people = cells.number(columns.people)
  if (people === null && cells.raw(columns.people) === '') cells.fail(columns.people, 'missing-value')
  if (people !== null && people < 0) cells.fail(columns.people, 'negative-number')
  return hashed<Headcount>({
    externalId: columns.id ? cells.id(columns.id) : `${day}|${side}`,
    day,
    side: side ?? 'sales',
    people: people ?? 0,
    ...cells.provenance(columns),
  })
}

export function readTouch(cells: Cells, columns: Columns<'touch'>, numbering: Numbering, unmapped: Unmapped): Touch | null {
  const leadId = cells.reference(columns.leadId)
  const customerId = cells.reference(columns.customerId)
  if (leadId === null && customerId === null) {
    unmapped.unlinked += 1
    return null
  }
  const { day, at } = cells.requiredDate(columns.at)
  const channel = cells.text(columns.channel)
  const id = columns.id ? cells.id(columns.id) : numbering.keyOf([leadId, customerId, at ?? day, channel])
  return hashed<Touch>({ externalId: id, leadId, customerId, day, at, channel, ...cells.provenance(columns) })
}

export function readValue(cells: Cells, columns: Columns<'value'>): MetricValue {
  const metric = columns.metricKey ?? cells.text(columns.metric)
  if (!takesValues(metric)) cells.fail(columns.metric, 'unknown-metric')
  const period = cells.period(columns.period)
  const value = cells.number(columns.value)
  if (value === null && cells.raw(columns.value) === '') cells.fail(columns.value, 'missing-value')
  return hashed<MetricValue>({
    externalId: columns.id ? cells.id(columns.id) : `${metric}|${period}`,
    metric,
    period,
    value: value ?? 0,
    numerator: cells.number(columns.numerator),
    denominator: cells.number(columns.denominator),
    ...cells.provenance(columns),
  })
}

/** Whether values of this metric can be brought: one of the organisation's own, or a KPI that no CRM has. */
export function takesValues(key: string): boolean {
  return isOwnKey(key) || (isKpiKey(key) && metricOf(key).facts.includes('value'))
}
