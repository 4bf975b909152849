/** How a source's tables are read: which columns mean what, and how dates and numbers are written. */
import * as z from 'zod'
import { isTimeZone } from '../../core/calendar'
import { dateFormats, isCurrency } from '../../core/values'
import { Layouts } from './layout'

export { Layout } from './layout'

/** How values are written, and what columns mean: the same for files, sheets and JSON. */
export const reading = {
  dateFormat: z.enum(dateFormats, { error: `Use one of: ${dateFormats.join(', ')}.` }),
  /** Left out: a number that could be read in two ways is refused. */
  decimal: z.enum(['.', ','], { error: 'Use . or , or leave it out.' }).optional(),
  layouts: Layouts,
}

export const CsvSettings = z.strictObject({
  /** Of timestamps without an offset. */
  timeZone: z.string('Name a time zone.').max(64).refine(isTimeZone, 'Use an IANA time zone such as Europe/Berlin.'),
  currency: z.string('Name a currency.').refine(isCurrency, 'Use a currency code such as EUR.'),
  ...reading,
  /** How often new data is expected; older is late, twice as old is stale. */
  expectedEveryDays: z.int('Use a whole number of days.').min(1, 'Use at least 1 day.').max(400, 'Use at most 400 days.').default(31),
})

export type CsvSettings = z.infer<typeof CsvSettings>
/** As a person writes them: what has a default may be left out. */
export type CsvSettingsInput = z.input<typeof CsvSettings>

/** What reading a table needs of the settings of any source that has one. */
export type TableSettings = Pick<CsvSettings, 'timeZone' | 'currency' | 'dateFormat' | 'decimal' | 'layouts'>
