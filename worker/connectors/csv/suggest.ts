/**
 * Guesses what the columns of a new file mean, by their names and values, for a person to check.
 */
import type { Table } from '../../core/csv'
import type { DealState } from '../../core/facts'
import { type DateFormat, dateFormats, readDay } from '../../core/values'

/** What is kept of an uploaded sample while somebody maps it: enough to show, too little to be the data. */
export interface Sample {
  header: string[]
  rows: string[][]
  rowCount: number
  /** Of columns with few of them: every value. */
  values: Record<string, string[]>
}

export interface Suggestion {
  lead: Partial<Record<'id' | 'createdAt' | 'channel' | 'leadType', string>>
  deal: Partial<Record<'id' | 'leadId' | 'customerId' | 'createdAt' | 'closedAt' | 'stage' | 'amount' | 'channel', string>> & {
    state?: DealState
  }
  spend: Partial<Record<'date' | 'amount' | 'channel' | 'side' | 'kind', string>>
  dateFormat: DateFormat
  decimal: '.' | ',' | undefined
}

export const sampleLimits = { rows: 5, values: 40, text: 200 } as const

export function sampleOf({ header, rows }: Table): Sample {
  const cut = (text: string) => text.trim().slice(0, sampleLimits.text)
  const values: Record<string, string[]> = {}
  for (const [index, column] of header.entries()) {
    const distinct = new Set<string>()
    for (const { cells } of rows) {
      distinct.add(cut(cells[index] ?? ''))
      if (distinct.size > sampleLimits.values) break
    }
    if (column !== '' && distinct.size <= sampleLimits.values) values[column] = [...distinct].filter((value) => value !== '').sort()
  }
  return { header, rows: rows.slice(0, sampleLimits.rows).map(({ cells }) => cells.map(cut)), rowCount: rows.length, values }
}

/**
 * @example suggest(sampleOf(parseTable('mql_id,first_contact_date,origin\n…'))).lead
 * // { id: 'mql_id', createdAt: 'first_contact_date', channel: 'origin' }
 */
export function suggest(sample: Sample): Suggestion {
  const find = (pattern: RegExp) => sample.header.find((name) => pattern.test(plain(name)))
  const own = {
    lead: find(/^(lead|mql|contact|prospect|enquiry)_?(id|number|no)$/),
    deal: find(/^(deal|opportunity|opp|order|quote)_?(id|number|no)$/),
    customer: find(/^(customer|account|company|client|seller)(_?(id|number|no))?$/),
    id: find(/^(id|record_?id)$/),
  }
  const created = find(/(created?(_?(at|on|date|time))?$|create_?date|first_contact|engage_?date|added|entered|lead_?date)/)
  const closed = find(/((close|closed|won|lost|converted|signed)_?(at|on|date|time)|^(closed|won)$)/)
  const stage = find(/(^|_)(stage|deal_?status|status|outcome)$/)
  const channel = find(/^(utm_source|origin|channel|lead_?source|source|campaign)$/)
  const cost = find(/^(ad_?)?(spend|spent|cost|costs|expense|expenses)(_?amount)?$/)
  const day = find(/^(date|day|date_?day|spend_?date|month)$/)
  const amount = find(/^((deal|close|closed|won|contract)_?)?(amount|value|revenue|price|total|acv|arr)$/)
  const isSpend = cost !== undefined && day !== undefined
  const dealId = own.deal ?? (closed || stage ? (own.lead ?? own.customer ?? own.id) : undefined)
  const isDeal = !isSpend && dealId !== undefined && (closed !== undefined || stage !== undefined)
  const isLead = !isSpend && !isDeal && created !== undefined
  return {
    lead: isLead ? named({ id: own.lead ?? own.id, createdAt: created, channel, leadType: find(/lead_?type$/) }) : {},
    deal: isDeal
      ? {
          ...named({
            id: dealId,
            leadId: own.lead,
            customerId: own.customer,
            createdAt: created,
            closedAt: closed,
            stage,
            amount,
            channel,
          }),
          ...(stage === undefined ? { state: 'won' as const } : {}),
        }
      : {},
    spend: isSpend
      ? named({
          date: day,
          amount: cost,
          channel,
          side: find(/^(side|department|team)$/),
          kind: find(/^(utm_medium|medium|kind|category)$/),
        })
      : {},
    dateFormat: dateFormatOf(sample, [created, closed, day]),
    decimal: decimalOf(sample, [amount, cost]),
  }
}

/**
 * What a stage most likely means, by its name.
 *
 * @example stateOf('Closed Lost') // 'lost'
 */
export function stateOf(stage: string): DealState {
  if (/\b(lost|dead|disqualified|rejected|abandoned|verloren|perdid[oa])\b/i.test(stage)) return 'lost'
  return /\b(won|signed|gewonnen|ganad[oa]|ganh[oa])\b/i.test(stage) ? 'won' : 'open'
}

const plain = (name: string) =>
  name
    .trim()
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')

const named = <Key extends string>(columns: Record<Key, string | undefined>) =>
  Object.fromEntries(Object.entries(columns).filter(([, column]) => column !== undefined)) as Partial<Record<Key, string>>

/** The first format that reads every date of the sample; a date that fits two of them is shown for checking anyway. */
function dateFormatOf(sample: Sample, columns: readonly (string | undefined)[]): DateFormat {
  const texts = columns.flatMap((column) => valuesOf(sample, column))
  const reads = (format: DateFormat) =>
    texts.every((text) => 'value' in readDay(text, { format, timeZone: 'UTC', reportingZone: 'UTC', today: '9999-12-31' }))
  return dateFormats.find(reads) ?? 'iso'
}

function decimalOf(sample: Sample, columns: readonly (string | undefined)[]): '.' | ',' | undefined {
  const texts = columns.flatMap((column) => valuesOf(sample, column))
  if (texts.some((text) => /\d,\d{1,2}$/.test(text))) return ','
  return texts.some((text) => /\d\.\d{1,2}$/.test(text)) ? '.' : undefined
}

function valuesOf(sample: Sample, column: string | undefined): string[] {
  const index = column === undefined ? -1 : sample.header.indexOf(column)
  return index < 0
    ? []
    : [...sample.rows.map((cells) => cells[index] ?? ''), ...(sample.values[column ?? ''] ?? [])].filter((text) => text !== '')
}
