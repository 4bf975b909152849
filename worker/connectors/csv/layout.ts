/** Which columns of a table mean what. A table may be a file, a sheet, or a list of JSON records. */
import * as z from 'zod'
import { activityKinds, dealStates, factKinds, type Stage, stages } from '../../core/facts'
import { leadMeanings } from '../connector'
import { takesValues } from './rows'

const Column = z.string('Name a column.').trim().min(1, 'Name a column.').max(200, 'Use at most 200 characters.')
const Value = z.string().min(1, 'Name a value.').max(200, 'Use at most 200 characters.')
const atMost200 = (mapped: object) => Object.keys(mapped).length <= 200

/** Columns that any fact may have. */
const provenance = {
  /** When the row was changed last: an older version of a row changes nothing. */
  updatedAt: Column.optional(),
  /** Whether, or when, it was deleted at the source. */
  deleted: Column.optional(),
}

const LeadColumns = z.strictObject({
  id: Column,
  createdAt: Column,
  channel: Column.optional(),
  leadType: Column.optional(),
  stage: Column.optional(),
  /** Columns with the date of the first entry into a stage. */
  entered: z.strictObject(Object.fromEntries(stages.map((stage) => [stage, Column.optional()])) as EnteredColumns).optional(),
  returnedAt: Column.optional(),
  lostAt: Column.optional(),
  /** Why it was returned or lost. */
  reason: Column.optional(),
  ...provenance,
})

type EnteredColumns = Record<Stage, z.ZodOptional<typeof Column>>

const DealColumns = z
  .strictObject({
    id: Column,
    leadId: Column.optional(),
    customerId: Column.optional(),
    createdAt: Column.optional(),
    closedAt: Column.optional(),
    /** The column whose values `stages` maps. */
    stage: Column.optional(),
    /** Instead of a stage column: every row is such a deal. */
    state: z.enum(dealStates, { error: `Use one of: ${dealStates.join(', ')}.` }).optional(),
    stages: z
      .record(
        z.string().min(1, 'Name a stage.').max(200, 'Use at most 200 characters.'),
        z.enum(dealStates, { error: `Use one of: ${dealStates.join(', ')}.` }),
      )
      .refine(atMost200, 'Map at most 200 stages.')
      .default({}),
    amount: Column.optional(),
    /** Codes of the amounts' currencies, where they are not all in the source's. */
    currency: Column.optional(),
    channel: Column.optional(),
    ...provenance,
  })
  .refine((deal) => (deal.stage === undefined) !== (deal.state === undefined), {
    error: 'Give either the column with the stage or the state that every row has.',
    path: ['stage'],
  })
  .refine((deal) => deal.stage === undefined || Object.keys(deal.stages).length > 0, {
    error: 'Say for each value of the stage column whether it is open, won or lost.',
    path: ['stages'],
  })
  .refine((deal) => deal.closedAt !== undefined || !meansClosed(deal), {
    error: 'Won and lost deals need the column with their close date.',
    path: ['closedAt'],
  })

const SpendColumns = z.strictObject({
  /** Without one, rows are told apart by day, channel, side, kind and their order. */
  id: Column.optional(),
  date: Column,
  amount: Column,
  currency: Column.optional(),
  channel: Column.optional(),
  side: Column.optional(),
  kind: Column.optional(),
  ...provenance,
})

/** A history: each row is one step of a lead. */
const StageColumns = z
  .strictObject({
    /** Without one, a lead enters a stage once at a moment. */
    id: Column.optional(),
    leadId: Column,
    /** The column whose values `stages` maps. */
    stage: Column,
    at: Column,
    /** The stage that it came from, with the same values. */
    from: Column.optional(),
    reason: Column.optional(),
    stages: z
      .record(Value, z.enum(leadMeanings, { error: `Use one of: ${leadMeanings.join(', ')}.` }))
      .refine(atMost200, 'Map at most 200 stages.')
      .default({}),
    ...provenance,
  })
  .refine((history) => Object.keys(history.stages).length > 0, {
    error: 'Say for each value of the stage column which stage it is here.',
    path: ['stages'],
  })

const ActivityColumns = z
  .strictObject({
    id: Column.optional(),
    leadId: Column.optional(),
    dealId: Column.optional(),
    at: Column,
    kind: Column.optional(),
    /** What values of the kind column mean; the others are told by their words (call, email, meeting, message). */
    kinds: z
      .record(Value, z.enum([...activityKinds, 'ignored'], { error: `Use one of: ${activityKinds.join(', ')}, ignored.` }))
      .refine(atMost200, 'Map at most 200 kinds.')
      .default({}),
    /** Whether somebody was reached. */
    connected: Column.optional(),
    /** Values of that column that mean yes; all others mean no. Left out: yes and no, true and false, 1 and 0. */
    connectedValues: z.array(Value).max(200, 'Name at most 200 values.').optional(),
    ...provenance,
  })
  .refine((activity) => activity.leadId !== undefined || activity.dealId !== undefined, {
    error: 'Name the column with the id of the lead or of the deal.',
    path: ['leadId'],
  })

/** How many people a side has from a day on. */
const HeadcountColumns = z.strictObject({ id: Column.optional(), day: Column, side: Column, people: Column, ...provenance })

const TouchColumns = z
  .strictObject({
    id: Column.optional(),
    leadId: Column.optional(),
    customerId: Column.optional(),
    at: Column,
    channel: Column.optional(),
    ...provenance,
  })
  .refine((touch) => touch.leadId !== undefined || touch.customerId !== undefined, {
    error: 'Name the column with the id of the lead or of the customer.',
    path: ['leadId'],
  })

const ValueColumns = z
  .strictObject({
    id: Column.optional(),
    /** The column with the metric's key. */
    metric: Column.optional(),
    /** Instead of a column: every row is a value of this metric. */
    metricKey: z
      .string()
      .trim()
      .max(80, 'Use at most 80 characters.')
      .refine(takesValues, 'Use the key of a metric of your own.')
      .optional(),
    period: Column,
    value: Column,
    numerator: Column.optional(),
    denominator: Column.optional(),
    ...provenance,
  })
  .refine((value) => (value.metric === undefined) !== (value.metricKey === undefined), {
    error: 'Give either the column with the metric or the metric that every row is of.',
    path: ['metric'],
  })

/** One kind of table: which of its columns are a lead, a deal, an item of spend. A row may be several. */
export const Layout = z
  .strictObject({
    name: z.string('Name the layout.').trim().min(1, 'Name the layout.').max(80, 'Use at most 80 characters.'),
    lead: LeadColumns.optional(),
    stage: StageColumns.optional(),
    deal: DealColumns.optional(),
    activity: ActivityColumns.optional(),
    spend: SpendColumns.optional(),
    headcount: HeadcountColumns.optional(),
    touch: TouchColumns.optional(),
    value: ValueColumns.optional(),
  })
  .refine((layout) => factKinds.some((kind) => layout[kind]), 'Map the columns of a lead, a deal, spend or another kind of fact.')

export const Layouts = z
  .array(Layout)
  .min(1, 'Describe at least one kind of file.')
  .max(20, 'Describe at most 20 kinds of file.')
  .refine((layouts) => new Set(layouts.map((layout) => layout.name)).size === layouts.length, 'Give each layout its own name.')

export type Layout = z.infer<typeof Layout>

/** What a layout says beside columns. */
const notColumns = new Set(['state', 'stages', 'kinds', 'connectedValues', 'metricKey'])

/**
 * The columns that a layout names.
 *
 * @example columnsOf({ name: 'Leads', lead: { id: 'mql_id', createdAt: 'first_contact_date' } }) // ['mql_id', 'first_contact_date']
 */
export function columnsOf(layout: Layout): string[] {
  const named = factKinds.flatMap((kind) =>
    Object.entries(layout[kind] ?? {}).flatMap(([key, said]) => (notColumns.has(key) ? [] : namesIn(said))),
  )
  return [...new Set(named)]
}

/**
 * The columns without which a layout has no facts at all; the others may be empty in every row.
 *
 * @example requiredColumnsOf({ name: 'Leads', lead: { id: 'mql_id', createdAt: 'first_contact_date', channel: 'origin' } }) // ['mql_id', 'first_contact_date']
 */
export function requiredColumnsOf({ lead, stage, deal, activity, spend, headcount, touch, value }: Layout): string[] {
  const named: (string | undefined)[] = [
    ...(lead ? [lead.id, lead.createdAt] : []),
    ...(stage ? [stage.id, stage.leadId, stage.stage, stage.at] : []),
    ...(deal ? [deal.id, deal.stage] : []),
    ...(activity ? [activity.id, activity.at] : []),
    ...(spend ? [spend.id, spend.date, spend.amount] : []),
    ...(headcount ? [headcount.day, headcount.side, headcount.people] : []),
    ...(touch ? [touch.id, touch.at] : []),
    ...(value ? [value.metric, value.period, value.value] : []),
  ]
  return [...new Set(named.filter((column) => column !== undefined))]
}

const namesIn = (said: unknown): string[] =>
  typeof said === 'string' ? [said] : typeof said === 'object' && said !== null ? Object.values(said).flatMap(namesIn) : []

const meansClosed = (deal: { state?: string | undefined; stages: Record<string, string> }) =>
  deal.state === 'won' || deal.state === 'lost' || Object.values(deal.stages).some((state) => state !== 'open')
