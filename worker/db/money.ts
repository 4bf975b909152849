/** Amounts in the organisation's currency, in SQL. */

import { oldestRateDays } from '../core/exchange-rates'
import { minorDigits } from '../core/values'

/**
 * An amount of a row in minor units of the organisation's currency: as it is, or by the latest rate on or before the day; null
 * where there is none, or it is too old.
 *
 * @param row a table or its alias, with `amount_minor` and `currency`
 * @param day its column of days
 * @param currency of the organisation
 */
export function amountIn(row: string, day: string, currency: string): string {
  if (!/^[A-Z]{3}$/.test(currency)) throw new Error('no currency')
  const rate = `
    (select rate from exchange_rates where exchange_rates.currency = ${row}.currency and exchange_rates.day <= ${row}.${day}
      and exchange_rates.day >= date(${row}.${day}, '-${oldestRateDays} days') order by exchange_rates.day desc limit 1)`
  const { usual, others } = scalesOf(currency)
  const scale = `coalesce('${others}' ->> ${row}.currency, ${usual})`
  return `case when ${row}.currency = '${currency}' then ${row}.amount_minor else round(${row}.amount_minor * ${rate} * ${scale}) end`
}

/** What a minor unit of each currency is in minor units of this one, before its rate: yen have none, dinars three decimals. */
function scalesOf(currency: string): { usual: number; others: string } {
  const known = scales.get(currency)
  if (known) return known
  const own = minorDigits(currency)
  const unusual = Intl.supportedValuesOf('currency').filter((code) => minorDigits(code) !== 2)
  const others = JSON.stringify(Object.fromEntries(unusual.map((code) => [code, 10 ** (own - minorDigits(code))])))
  const made = { usual: 10 ** (own - 2), others }
  scales.set(currency, made)
  return made
}

const scales = new Map<string, { usual: number; others: string }>()
