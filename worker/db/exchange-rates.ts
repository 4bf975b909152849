/** What currencies are worth in the organisation's, from a day on. */
import { and, asc, desc, eq, gt, lt, or, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { ExchangeRate } from '../core/exchange-rates'
import type { Database } from './client'
import { exchangeRates } from './schema'

export interface RatesQuery {
  currency?: string | undefined
  /** Only what comes after this one. */
  after?: { currency: string; day: string } | undefined
  limit: number
}

/** Rates by currency, the newest day first. */
export const listRates = (db: Database, { currency, after, limit }: RatesQuery): Promise<ExchangeRate[]> =>
  db
    .select({ currency: exchangeRates.currency, day: exchangeRates.day, rate: exchangeRates.rate })
    .from(exchangeRates)
    .where(
      and(
        currency ? eq(exchangeRates.currency, currency) : undefined,
        after
          ? or(
              gt(exchangeRates.currency, after.currency),
              and(eq(exchangeRates.currency, after.currency), lt(exchangeRates.day, after.day)),
            )
          : undefined,
      ),
    )
    .orderBy(asc(exchangeRates.currency), desc(exchangeRates.day))
    .limit(limit)

/** The statement that stores these rates in the place of those of the same day. */
export const writeRates = (db: Database, rates: readonly ExchangeRate[], origin: string): BatchItem<'sqlite'> =>
  db
    .insert(exchangeRates)
    .select(
      sql`select value ->> 0 as currency, value ->> 1 as day, value ->> 2 as rate, ${origin} as origin
        from json_each(${JSON.stringify(rates.map(({ currency, day, rate }) => [currency, day, rate]))}) where true`,
    )
    .onConflictDoUpdate({
      target: [exchangeRates.currency, exchangeRates.day],
      set: { rate: sql`excluded.rate`, origin: sql`excluded.origin` },
    })

/** The statement that removes a rate. */
export const deleteRate = (db: Database, currency: string, day: string): BatchItem<'sqlite'> =>
  db.delete(exchangeRates).where(and(eq(exchangeRates.currency, currency), eq(exchangeRates.day, day)))

/** Whether there is a rate of this very day. */
export async function hasRate(db: Database, currency: string, day: string): Promise<boolean> {
  const row = await db.query.exchangeRates.findFirst({ where: and(eq(exchangeRates.currency, currency), eq(exchangeRates.day, day)) })
  return row !== undefined
}
