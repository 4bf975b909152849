/** The rows that programs send: one type for each kind of fact, strict, so that a slip of the program is named and not guessed at. */
import * as z from 'zod'
import {
  type Activity,
  activityKinds,
  type Deal,
  dealStates,
  type FactKind,
  type FactOf,
  type Headcount,
  hashed,
  type Lead,
  type MetricValue,
  type Spend,
  type StageEvent,
  stages,
  type Touch,
} from '../../core/facts'
import { type Dated, type DateRules, isCurrency, type Read, readMoment, readPeriod, type ValueErrorCode } from '../../core/values'
import type { MappingContext } from '../connector'
import { isAddress } from '../csv/cells'
import { takesValues } from '../csv/rows'
import type { PushSettings } from './settings'

/** Rows of one request. */
export const mostRows = 500

const notAddress = 'An id must not be an email address: those are not stored.'
const Id = z
  .string('Give an id as text.')
  .trim()
  .min(1, 'Give an id.')
  .max(200, 'Use at most 200 characters.')
  .refine((id) => !isAddress(id), notAddress)
const Text = z
  .string('Use text.')
  .trim()
  .max(200, 'Use at most 200 characters.')
  .refine((text) => !/[^\s@]+@[^\s@]+\.[^\s@]+/.test(text), 'No email address is stored; leave it out.')
  .default('')
const When = z
  .string('Give a date, or a date with a time, as ISO 8601 text.')
  .trim()
  .min(1, 'Give a date.')
  .max(40, 'Use at most 40 characters.')
const Minor = z
  .int('Give the amount in minor units (cents) as a whole number.')
  .min(-Number.MAX_SAFE_INTEGER, 'This amount is too large.')
  .max(Number.MAX_SAFE_INTEGER, 'This amount is too large.')
const Currency = z.string('Use a currency code such as EUR.').refine(isCurrency, 'Use a currency code such as EUR.')
const Figure = z.number('Use a number.').refine((value) => Math.abs(value) <= Number.MAX_SAFE_INTEGER, 'This number is too large.')

const provenance = {
  /** What is older than what is stored changes nothing. */
  updatedAt: When.optional(),
  deleted: z.boolean('Use true or false.').default(false),
}

/** A lead on its day of creation, and where it stands. */
const LeadRow = z.strictObject({
  type: z.literal('lead'),
  id: Id,
  createdAt: When,
  channel: Text,
  leadType: Text,
  stage: Text,
  ...provenance,
})

const StageRow = z
  .strictObject({
    type: z.literal('stage'),
    /** Left out: a lead takes the same step once at a moment. */
    id: Id.optional(),
    leadId: Id,
    what: z.enum(['entered', 'returned', 'lost'], { error: 'Use one of: entered, returned, lost.' }).default('entered'),
    stage: z
      .enum(stages, { error: `Use one of: ${stages.join(', ')}.` })
      .nullable()
      .default(null),
    at: When,
    reason: Text,
    ...provenance,
  })
  .refine(({ what, stage }) => what !== 'entered' || stage !== null, { error: 'Name the stage that was entered.', path: ['stage'] })

const DealRow = z
  .strictObject({
    type: z.literal('deal'),
    id: Id,
    leadId: Id.nullable().default(null),
    customerId: Id.nullable().default(null),
    createdAt: When.nullable().default(null),
    closedAt: When.nullable().default(null),
    state: z.enum(dealStates, { error: `Use one of: ${dealStates.join(', ')}.` }),
    stage: Text,
    amountMinor: Minor.min(0, "A deal's amount cannot be below 0.").nullable().default(null),
    currency: Currency.optional(),
    channel: Text,
    ...provenance,
  })
  .refine(({ state, closedAt }) => state === 'open' || closedAt !== null, {
    error: 'Won and lost deals need the date on which they closed.',
    path: ['closedAt'],
  })

const ActivityRow = z
  .strictObject({
    type: z.literal('activity'),
    id: Id,
    leadId: Id.nullable().default(null),
    dealId: Id.nullable().default(null),
    kind: z.enum(activityKinds, { error: `Use one of: ${activityKinds.join(', ')}.` }),
    at: When,
    connected: z.boolean('Use true, false or null.').nullable().default(null),
    ...provenance,
  })
  .refine(({ leadId, dealId }) => leadId !== null || dealId !== null, { error: 'Name the lead or the deal.', path: ['leadId'] })

const SpendRow = z.strictObject({
  type: z.literal('spend'),
  id: Id,
  day: When,
  channel: Text,
  side: z.enum(['sales', 'marketing', ''], { error: 'Use sales or marketing, or leave it out.' }).default(''),
  kind: Text,
  amountMinor: Minor,
  currency: Currency.optional(),
  ...provenance,
})

const HeadcountRow = z.strictObject({
  type: z.literal('headcount'),
  day: When,
  side: z.enum(['sales', 'marketing'], { error: 'Use sales or marketing.' }),
  people: Figure.min(0, 'Use 0 or more.'),
  ...provenance,
})

const TouchRow = z
  .strictObject({
    type: z.literal('touch'),
    id: Id,
    leadId: Id.nullable().default(null),
    customerId: Id.nullable().default(null),
    at: When,
    channel: Text,
    ...provenance,
  })
  .refine(({ leadId, customerId }) => leadId !== null || customerId !== null, { error: 'Name the lead or the customer.', path: ['leadId'] })

const ValueRow = z.strictObject({
  type: z.literal('value'),
  metric: z
    .string('Name a metric by its key.')
    .max(80, 'Use at most 80 characters.')
    .refine(takesValues, 'There is no metric with this key.'),
  /** `2026-02-28`, `2026-W09`, `2026-02` or `2026-Q1`. */
  period: When,
  value: Figure,
  numerator: Figure.nullable().default(null),
  denominator: Figure.nullable().default(null),
  ...provenance,
})

const types = ['lead', 'stage', 'deal', 'activity', 'spend', 'headcount', 'touch', 'value'] as const satisfies readonly FactKind[]

/** One row of any type. */
export const PushedRow = z.discriminatedUnion(
  'type',
  [LeadRow, StageRow, DealRow, ActivityRow, SpendRow, HeadcountRow, TouchRow, ValueRow],
  {
    error: `Use one of: ${types.join(', ')}.`,
  },
)
export type PushedRow = z.infer<typeof PushedRow>

export type PushedFact = { [Kind in FactKind]: { kind: Kind; fact: FactOf[Kind] } }[FactKind]

/** A date that cannot be used, by the field that it is in. */
export interface DateError {
  field: string
  code: ValueErrorCode
}

/**
 * The fact that a row says.
 *
 * @example factOf({ type: 'headcount', day: '2026-01-01', side: 'sales', people: 7, deleted: false }, settings, context)
 * // { fact: { kind: 'headcount', fact: { externalId: '2026-01-01|sales', … } } }
 */
export function factOf(row: PushedRow, settings: PushSettings, context: MappingContext): { fact: PushedFact } | { errors: DateError[] } {
  const reader = new DateReader({ format: 'iso', timeZone: settings.timeZone, ...context })
  const fact = read(row, reader, settings)
  return reader.errors.length > 0 ? { errors: reader.errors } : { fact }
}

class DateReader {
  readonly errors: DateError[] = []
  readonly #rules: DateRules

  constructor(rules: DateRules) {
    this.#rules = rules
  }

  date(field: string, text: string): Dated {
    return this.#value(field, readMoment(text, this.#rules)) ?? { day: '', at: null }
  }

  period(text: string): string {
    return this.#value('period', readPeriod(text, this.#rules)) ?? ''
  }

  /** A deletion without a moment is as old as the row. */
  provenance({ updatedAt, deleted }: { updatedAt?: string | undefined; deleted: boolean }): {
    updatedAt: number | null
    deletedAt: number | null
  } {
    const changed = updatedAt === undefined ? null : this.date('updatedAt', updatedAt)
    const changedAt = changed === null || changed.day === '' ? null : (changed.at ?? Date.parse(changed.day))
    return { updatedAt: changedAt, deletedAt: deleted ? (changedAt ?? Date.parse(this.#rules.today)) : null }
  }

  #value<T>(field: string, read: Read<T>): T | undefined {
    if ('value' in read) return read.value
    this.errors.push({ field, code: read.error })
    return undefined
  }
}

function read(row: PushedRow, reader: DateReader, settings: PushSettings): PushedFact {
  switch (row.type) {
    case 'lead': {
      const { id, createdAt, channel, leadType, stage } = row
      const { day, at } = reader.date('createdAt', createdAt)
      const said = { externalId: id, createdDay: day, createdAt: at, channel, leadType, stage: stage || null }
      return { kind: 'lead', fact: hashed<Lead>({ ...said, ...reader.provenance(row) }) }
    }
    case 'stage': {
      const { id, leadId, what, stage, reason } = row
      const { day, at } = reader.date('at', row.at)
      const externalId = id ?? `${leadId}|${what === 'entered' ? stage : what}|${at ?? day}`
      return { kind: 'stage', fact: hashed<StageEvent>({ externalId, leadId, what, stage, day, at, reason, ...reader.provenance(row) }) }
    }
    case 'deal': {
      const { id, leadId, customerId, state, stage, amountMinor, currency = settings.currency, channel } = row
      const created = row.createdAt === null ? null : reader.date('createdAt', row.createdAt)
      // The close date of an open deal is a forecast.
      const closed = row.closedAt === null || state === 'open' ? null : reader.date('closedAt', row.closedAt)
      const fact = hashed<Deal>({
        externalId: id,
        leadId,
        customerId,
        createdDay: created?.day ?? null,
        createdAt: created?.at ?? null,
        closedDay: closed?.day ?? null,
        closedAt: closed?.at ?? null,
        state,
        stage,
        amountMinor,
        currency,
        channel,
        ...reader.provenance(row),
      })
      return { kind: 'deal', fact }
    }
    case 'activity': {
      const { id, leadId, dealId, kind, connected } = row
      const { day, at } = reader.date('at', row.at)
      const fact = hashed<Activity>({ externalId: id, leadId, dealId, kind, day, at, connected, ...reader.provenance(row) })
      return { kind: 'activity', fact }
    }
    case 'spend': {
      const { id, channel, side, kind, amountMinor, currency = settings.currency } = row
      const { day } = reader.date('day', row.day)
      const fact = hashed<Spend>({ externalId: id, day, channel, side, kind, amountMinor, currency, ...reader.provenance(row) })
      return { kind: 'spend', fact }
    }
    case 'headcount': {
      const { side, people } = row
      const { day } = reader.date('day', row.day)
      return { kind: 'headcount', fact: hashed<Headcount>({ externalId: `${day}|${side}`, day, side, people, ...reader.provenance(row) }) }
    }
    case 'touch': {
      const { id, leadId, customerId, channel } = row
      const { day, at } = reader.date('at', row.at)
      return { kind: 'touch', fact: hashed<Touch>({ externalId: id, leadId, customerId, day, at, channel, ...reader.provenance(row) }) }
    }
    case 'value': {
      const { metric, value, numerator, denominator } = row
      const period = reader.period(row.period)
      const externalId = `${metric}|${period}`
      return {
        kind: 'value',
        fact: hashed<MetricValue>({ externalId, metric, period, value, numerator, denominator, ...reader.provenance(row) }),
      }
    }
  }
}
