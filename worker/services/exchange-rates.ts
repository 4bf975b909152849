/** Dated exchange rates: kept by people, one by one or from a file. KPIs are made again with every change. */
import { isCalendarDay } from '../core/calendar'
import { parseTable } from '../core/csv'
import { DomainError, type FieldError } from '../core/errors'
import type { ExchangeRate } from '../core/exchange-rates'
import { isCurrency } from '../core/values'
import { deleteRate, hasRate, listRates, writeRates } from '../db/exchange-rates'
import { nextFactRevision } from '../db/facts'
import { readSettings } from '../db/settings'
import type { ServiceContext } from './context'
import { recomputeKpis } from './recompute'

/** Rows of a file. */
export const mostRates = 20_000

/** Rates by currency, the newest day first, a page at a time. @example await pageOfRates(context, { currency: 'USD' }) */
export async function pageOfRates(
  { db }: ServiceContext,
  query: { currency?: string | undefined; cursor?: string | undefined; limit?: number | undefined } = {},
): Promise<{ items: ExchangeRate[]; next: string | null }> {
  const limit = query.limit ?? 100
  const [currency = '', day = ''] = query.cursor?.split('~') ?? []
  const rows = await listRates(db, { currency: query.currency, after: query.cursor ? { currency, day } : undefined, limit: limit + 1 })
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last ? `${last.currency}~${last.day}` : null }
}

/**
 * Sets the rate of a day, or replaces it.
 *
 * @throws DomainError invalid-input for what cannot be a rate
 * @example await setRate(context, { currency: 'USD', day: '2026-10-01', rate: 0.91 }) // a dollar is 0.91 of the organisation's currency
 */
export async function setRate(context: ServiceContext, rate: ExchangeRate): Promise<ExchangeRate> {
  const { currency } = await readSettings(context.db)
  const problems = problemsOf(rate, currency)
  if (problems.length > 0)
    throw refused(problems.map(({ field, detail }) => ({ pointer: field === 'rate' ? '#/rate' : `path/${field}`, detail })))
  await store(context, [rate])
  return rate
}

/** @throws DomainError not-found */
export async function removeRate(context: ServiceContext, currency: string, day: string): Promise<void> {
  const { db } = context
  if (!(await hasRate(db, currency, day))) throw new DomainError('not-found', 'There is no rate of this currency and day.')
  await db.batch([nextFactRevision(db), deleteRate(db, currency, day)])
  await recomputeKpis(context)
}

/**
 * Rates from a file with the columns currency, day and rate: all of its rows, or none where one is wrong.
 *
 * @throws DomainError invalid-input, naming every line
 * @example await importRates(context, 'currency,day,rate\nUSD,2026-10-01,0.91\n') // { imported: 1 }
 */
export async function importRates(context: ServiceContext, csv: string): Promise<{ imported: number }> {
  const own = (await readSettings(context.db)).currency
  const table = parseTable(csv)
  const broken = table.problems.map(({ line, detail }): FieldError => ({ pointer: `line ${line}`, detail }))
  if (broken.length > 0) throw refused(broken.slice(0, shownErrors))
  const names = table.header.map((name) => name.toLowerCase())
  const missing = columns.filter((column) => !names.includes(column))
  if (missing.length > 0) throw refused(missing.map((column) => ({ pointer: 'line 1', detail: `The column ${column} is missing.` })))
  if (table.rows.length > mostRates)
    throw refused([{ pointer: `line ${mostRates + 2}`, detail: `Send at most ${mostRates} rows at a time.` }])
  const errors: FieldError[] = []
  const rates = new Map<string, ExchangeRate>()
  for (const { line, cells } of table.rows) {
    const cell = (column: (typeof columns)[number]) => cells[names.indexOf(column)]?.trim() ?? ''
    const rate = { currency: cell('currency').toUpperCase(), day: cell('day'), rate: readRate(cell('rate')) }
    errors.push(...problemsOf(rate, own).map(({ field, detail }) => ({ pointer: `line ${line}, column "${field}"`, detail })))
    rates.set(`${rate.currency}~${rate.day}`, rate)
  }
  if (errors.length > 0) throw refused(errors.slice(0, shownErrors))
  if (rates.size > 0) await store(context, [...rates.values()])
  return { imported: rates.size }
}

const columns = ['currency', 'day', 'rate'] as const
const shownErrors = 100

async function store(context: ServiceContext, rates: readonly ExchangeRate[]): Promise<void> {
  const { db } = context
  await db.batch([nextFactRevision(db), writeRates(db, rates, 'person')])
  await recomputeKpis(context)
}

/** A rate as people write it; not a number where it is none. @example readRate('0,91') // 0.91 */
export const readRate = (text: string): number => (/^\d+([.,]\d+)?$/.test(text.trim()) ? Number(text.trim().replace(',', '.')) : Number.NaN)

/** What is wrong with a rate. */
function problemsOf({ currency, day, rate }: ExchangeRate, own: string): { field: keyof ExchangeRate; detail: string }[] {
  const problems: { field: keyof ExchangeRate; detail: string }[] = []
  if (!isCurrency(currency)) problems.push({ field: 'currency', detail: 'Use a currency code such as USD.' })
  else if (currency === own)
    problems.push({ field: 'currency', detail: `${own} is the currency that others are converted to; it needs no rate.` })
  if (!isCalendarDay(day)) problems.push({ field: 'day', detail: 'Use a day such as 2026-01-31.' })
  if (!(rate > 0 && rate <= mostWorth)) problems.push({ field: 'rate', detail: 'Use a number above 0, such as 0.91.' })
  return problems
}

const mostWorth = 1e9

const refused = (errors: FieldError[]) => new DomainError('invalid-input', 'Some values cannot be used.', errors)
