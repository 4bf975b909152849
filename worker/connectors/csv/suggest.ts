/**
 * Guesses what the columns of a new file mean, by their names and values, for a person to check.
 */
import type { Table } from '../../core/csv'
import { type DealState, type Stage, stages } from '../../core/facts'
import { type DateFormat, dateFormats, readDay } from '../../core/values'
import type { LeadMeaning } from '../connector'

/** What is kept of an uploaded sample while somebody maps it: enough to show, too little to be the data. */
export interface Sample {
  header: string[]
  rows: string[][]
  rowCount: number
  /** Of columns with few of them: every value. */
  values: Record<string, string[]>
}

type Columns<Key extends string> = Partial<Record<Key, string>>

export interface Suggestion {
  lead: Columns<
    'id' | 'createdAt' | 'channel' | 'leadType' | 'returnedAt' | 'lostAt' | 'reason' | 'updatedAt' | 'deleted' | `entered.${Stage}`
  >
  deal: Columns<
    'id' | 'leadId' | 'customerId' | 'createdAt' | 'closedAt' | 'stage' | 'amount' | 'currency' | 'channel' | 'updatedAt' | 'deleted'
  > & { state?: DealState }
  spend: Columns<'date' | 'amount' | 'currency' | 'channel' | 'side' | 'kind'>
  stage: Columns<'leadId' | 'stage' | 'at' | 'from' | 'reason' | 'id'>
  activity: Columns<'leadId' | 'dealId' | 'at' | 'kind' | 'connected' | 'id'>
  headcount: Columns<'day' | 'side' | 'people'>
  touch: Columns<'leadId' | 'customerId' | 'at' | 'channel' | 'id'>
  value: Columns<'metric' | 'period' | 'value' | 'numerator' | 'denominator'>
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
  const columns: Found = {
    own,
    created: find(/(created?(_?(at|on|date|time))?$|create_?date|first_contact|engage_?date|added|entered|lead_?date)/),
    closed: find(/((close|closed|won|lost|converted|signed)_?(at|on|date|time)|^(closed|won)$)/),
    stage: find(/(^|_)(stage|deal_?status|status|outcome)$/),
    channel: find(/^(utm_source|origin|channel|lead_?source|source|campaign)$/),
    day: find(/^(date|day|date_?day|spend_?date|month)$/),
    currency: find(/^(currency|currency_?(iso_?)?code|deal_?currency(_?code)?)$/),
    reason: find(/(^|_)reason$/),
    at: find(
      /^(at|when|timestamp|occurred_?at|date|day|date_?time|(start|end)(ed)?_?(at|date|time)|due_?date|changed_?(at|on|date)|created_?(at|on|date))$/,
    ),
  }
  const found = suggestKind(find, columns)
  const amounts = [found.deal?.amount, found.spend?.amount, found.value?.value, found.headcount?.people]
  const dates = [columns.created, columns.closed, columns.day, columns.at]
  return {
    ...{ lead: {}, deal: {}, spend: {}, stage: {}, activity: {}, headcount: {}, touch: {}, value: {} },
    ...found,
    dateFormat: dateFormatOf(sample, dates),
    decimal: decimalOf(sample, amounts),
  }
}

type Find = (pattern: RegExp) => string | undefined

interface Found {
  own: Record<'lead' | 'deal' | 'customer' | 'id', string | undefined>
  created: string | undefined
  closed: string | undefined
  stage: string | undefined
  channel: string | undefined
  day: string | undefined
  currency: string | undefined
  reason: string | undefined
  at: string | undefined
}

/** The one kind of fact that the columns look like; a person adds others where a row is several. */
function suggestKind(find: Find, columns: Found): Partial<Omit<Suggestion, 'dateFormat' | 'decimal'>> {
  const { own, created, closed, stage, channel, day, currency, reason, at } = columns
  const cost = find(/^(ad_?)?(spend|spent|cost|costs|expense|expenses)(_?amount)?$/)
  if (cost !== undefined && day !== undefined) {
    const kind = find(/^(utm_medium|medium|kind|category)$/)
    return { spend: named({ date: day, amount: cost, currency, channel, side: find(sideName), kind }) }
  }
  const people = find(/^(head_?count|people|staff|employees|fte)$/)
  if (people !== undefined && find(sideName) !== undefined) return { headcount: named({ day: day ?? at, side: find(sideName), people }) }
  const metric = find(/^(metric|kpi|indicator)(_?(key|name|id))?$/)
  const period = find(/^(period|month|week|quarter|date|day)$/)
  if (metric !== undefined && period !== undefined)
    return { value: named({ metric, period, value: find(/^value$/), numerator: find(/^numerator$/), denominator: find(/^denominator$/) }) }
  const attempt = find(/^(activity|call|engagement|task|attempt)_?(id|number|no)$/)
  const attemptKind = find(/^(activity|engagement|call|task|attempt)_?(type|kind)$/)
  if ((attempt ?? attemptKind) !== undefined && (own.lead ?? own.deal) !== undefined) {
    const connected = find(/^(connected|reached|answered|is_?connected|success)$/)
    const kind = attemptKind ?? find(/^(type|kind)$/)
    return { activity: named({ id: attempt, leadId: own.lead, dealId: own.deal, at: at ?? created, kind, connected }) }
  }
  const session = find(/^(session|touch|visit|click)_?(id|number|no)$/)
  if (session !== undefined && (own.lead ?? own.customer) !== undefined)
    return { touch: named({ id: session, leadId: own.lead, customerId: own.customer, at: at ?? created, channel }) }
  const before = find(/^(from(_?stage|_?status)?|old_?(value|stage|status)|previous_?(stage|status))$/)
  const after = find(/^(to(_?stage|_?status)?|new_?(value|stage|status)|(lead_?|lifecycle_?)?(stage|status))$/)
  const event = find(/^(event|history|transition|change)_?(id|number|no)$/)
  if (own.lead !== undefined && own.deal === undefined && after !== undefined && at !== undefined && (before ?? event) !== undefined)
    return { stage: named({ id: event, leadId: own.lead, stage: after, at, from: before, reason }) }
  const changed = {
    updatedAt: find(/^((last_?)?(modified|updated|changed)(_?(at|on|date|time))?|(last_?)?(update|modify)_?(time|date)|system_?modstamp)$/),
    deleted: find(/^(is_?)?(deleted|archived)(_?(at|on|date))?$/),
  }
  const steps = Object.fromEntries(stages.map((name) => [`entered.${name}`, find(stepName(name))])) as Record<`entered.${Stage}`, string>
  const isJourney = own.deal === undefined && Object.values(steps).some((column) => column !== undefined)
  const dealId = isJourney ? undefined : (own.deal ?? (closed || stage ? (own.lead ?? own.customer ?? own.id) : undefined))
  const amount = find(/^((deal|close|closed|won|contract)_?)?(amount|value|revenue|price|total|acv|arr)$/)
  if (dealId !== undefined && (closed !== undefined || stage !== undefined)) {
    const { lead: leadId, customer: customerId } = own
    return {
      deal: {
        ...named({ id: dealId, leadId, customerId, createdAt: created, closedAt: closed, stage, amount, currency, channel, ...changed }),
        ...(stage === undefined ? { state: 'won' as const } : {}),
      },
    }
  }
  if (created === undefined) return {}
  const returnedAt = find(/^(returned|recycled|rejected)_?(at|on|date|time)$/)
  const lostAt = find(/^(lost|disqualified)_?(at|on|date|time)$/)
  return {
    lead: named({
      id: own.lead ?? own.id,
      createdAt: created,
      channel,
      leadType: find(/lead_?type$/),
      stage: isJourney ? stage : undefined,
      ...steps,
      returnedAt,
      lostAt,
      reason: (returnedAt ?? lostAt) === undefined ? undefined : reason,
      ...changed,
    }),
  }
}

const sideName = /^(side|department|team)$/

/** "MQL date", "became_a_sql", "hs_v2_date_entered_opportunity". */
function stepName(stage: Stage): RegExp {
  const long: Partial<Record<Stage, string>> = {
    mql: 'mql|marketing_?qualified_?lead',
    sal: 'sal|sales_?accepted_?lead',
    sql: 'sql|sales_?qualified_?lead',
    lead: '(?!x)x', // the creation of a lead is its entry
  }
  const word = `(?:${long[stage] ?? stage})`
  return new RegExp(`^(${word}_(at|on|date|time)|(date_?)?(entered|became)_(an?_)?${word}(_(at|on|date))?|hs_v2_date_entered_${word})$`)
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

/**
 * What a stage of a lead most likely is here, by its name; undefined where somebody has to say.
 *
 * @example meaningOf('Marketing Qualified Lead') // 'mql'
 */
export function meaningOf(stage: string): LeadMeaning | undefined {
  return meanings.find(([, pattern]) => pattern.test(stage))?.[0]
}

const meanings: readonly (readonly [LeadMeaning, RegExp])[] = [
  ['returned', /\b(returned|recycled?|nurtur\w*|not ready|bad timing)\b/i],
  ['lost', /\b(lost|dead|disqualified|unqualified|rejected|junk|declined|cancelled)\b/i],
  ['mql', /\b(mql|marketing[ _-]?qualified)/i],
  ['sal', /\b(sal\b|sales[ _-]?accepted)/i],
  ['sql', /\b(sql|sales[ _-]?qualified)/i],
  ['opportunity', /\bopportunit/i],
  ['customer', /\b(customer|won)\b/i],
  ['subscriber', /\bsubscriber\b/i],
  ['lead', /^(new )?lead$/i],
]

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
