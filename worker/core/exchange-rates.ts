/** What a unit of a currency is worth in the organisation's, from a day on. */

export interface ExchangeRate {
  /** ISO 4217. */
  currency: string
  /** `YYYY-MM-DD` */
  day: string
  /** Of one unit, in the organisation's currency. */
  rate: number
}

/** A rate counts for as many days: a quarter, so that rates of quarterly closings do. An older one says nothing any more. */
export const oldestRateDays = 92
