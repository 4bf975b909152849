/**
 * How a source's files are read: which columns mean what, and how dates and numbers are written.
 */
import * as z from 'zod'
import { isTimeZone } from '../../core/calendar'
import { dealStates } from '../../core/facts'
import { dateFormats } from '../../core/values'

const Column = z.string('Name a column.').trim().min(1, 'Name a column.').max(200, 'Use at most 200 characters.')

const LeadColumns = z.strictObject({
  id: Column,
  createdAt: Column,
  channel: Column.optional(),
  leadType: Column.optional(),
  stage: Column.optional(),
})

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
      .refine((stages) => Object.keys(stages).length <= 200, 'Map at most 200 stages.')
      .default({}),
    amount: Column.optional(),
    channel: Column.optional(),
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
  channel: Column.optional(),
  side: Column.optional(),
  kind: Column.optional(),
})

/** One kind of file: which of its columns are a lead, a deal, an item of spend. A row may be several. */
export const Layout = z
  .strictObject({
    name: z.string('Name the layout.').trim().min(1, 'Name the layout.').max(80, 'Use at most 80 characters.'),
    lead: LeadColumns.optional(),
    deal: DealColumns.optional(),
    spend: SpendColumns.optional(),
  })
  .refine((layout) => layout.lead || layout.deal || layout.spend, 'Map the columns of a lead, a deal or spend.')

export const CsvSettings = z.strictObject({
  /** Of timestamps without an offset. */
  timeZone: z.string('Name a time zone.').max(64).refine(isTimeZone, 'Use an IANA time zone such as Europe/Berlin.'),
  currency: z.string('Name a currency.').regex(/^[A-Z]{3}$/, 'Use a currency code such as EUR.'),
  dateFormat: z.enum(dateFormats, { error: `Use one of: ${dateFormats.join(', ')}.` }),
  /** Left out: a number that could be read in two ways is refused. */
  decimal: z.enum(['.', ','], { error: 'Use . or , or leave it out.' }).optional(),
  /** How often new data is expected; older is late, twice as old is stale. */
  expectedEveryDays: z.int('Use a whole number of days.').min(1, 'Use at least 1 day.').max(400, 'Use at most 400 days.').default(31),
  layouts: z
    .array(Layout)
    .min(1, 'Describe at least one kind of file.')
    .max(20, 'Describe at most 20 kinds of file.')
    .refine((layouts) => new Set(layouts.map((layout) => layout.name)).size === layouts.length, 'Give each layout its own name.'),
})

export type Layout = z.infer<typeof Layout>
export type CsvSettings = z.infer<typeof CsvSettings>
/** As a person writes them: what has a default may be left out. */
export type CsvSettingsInput = z.input<typeof CsvSettings>

const meansClosed = (deal: { state?: string | undefined; stages: Record<string, string> }) =>
  deal.state === 'won' || deal.state === 'lost' || Object.values(deal.stages).some((state) => state !== 'open')
