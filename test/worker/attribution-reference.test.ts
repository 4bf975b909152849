/// <reference types="vite/client" />
/**
 * The attribution playbook's own data through the real endpoints, against figures that were computed elsewhere. The data
 * is not part of the project; without it this is skipped.
 */
import { describe, expect, it } from 'vitest'
import type { AttributionModel } from '../../worker/core/attribution'
import type { AttributionView } from '../../worker/services/attribution'
import { adminClient, fetchWorker, keyHeaders } from './client'

const files = import.meta.glob<string>('../../../shared/data/attribution/*.{csv,json}', { query: '?raw', import: 'default' })
const isThere = Object.keys(files).length > 0

async function read(name: string): Promise<string> {
  const load = files[`../../../shared/data/attribution/${name}`]
  if (!load) throw new Error(`missing: ${name}`)
  return load()
}

interface Figures {
  customers: number
  revenue: number
  cac: number | null
  roas: number | null
}
const names = { first: 'first_touch', last: 'last_touch', linear: 'linear', position: 'forty_twenty_forty' } as const satisfies Record<
  AttributionModel,
  string
>
interface Reference {
  totals: { ad_spend: number; new_customers: number; cac_blended: number; customers_with_touch_30d: number; revenue: number }
  monthly: {
    month: string
    ad_spend: number
    new_customers: number
    cac_blended: number
    revenue: number
    roas_blended: number
    by_source: Record<string, { spend: number } & Record<(typeof names)[AttributionModel], Figures>>
  }[]
}

const printed = (value: number | null | undefined) => (value == null ? null : Number(value.toFixed(6)))
const inUnits = (minor: number | null | undefined) => (minor == null ? null : printed(minor / 100))

describe.skipIf(!isThere)(`The attribution playbook${isThere ? '' : ' (../shared/data/attribution is missing)'}`, () => {
  it('is reproduced by every model, for every channel and month', async () => {
    await importAll()
    const { totals, monthly } = JSON.parse(await read('reference_kpis.json')) as Reference
    const found = await ask('?from=2020-01&to=2020-03')
    expect(found.totals).toMatchObject({
      customers: totals.new_customers,
      unattributed: { customers: totals.new_customers - totals.customers_with_touch_30d },
    })
    expect([inUnits(found.totals.spendMinor), inUnits(found.totals.cac), inUnits(found.totals.revenueMinor)]).toEqual([
      totals.ad_spend,
      totals.cac_blended,
      totals.revenue,
    ])
    for (const { month, by_source, ...blended } of monthly) {
      const own = found.months.find((each) => each.month === month)
      expect([
        own?.totals.customers,
        inUnits(own?.totals.spendMinor),
        inUnits(own?.totals.cac),
        inUnits(own?.totals.revenueMinor),
        printed(own?.totals.roas),
      ]).toEqual([blended.new_customers, blended.ad_spend, blended.cac_blended, blended.revenue, blended.roas_blended])
      expect(own?.channels.map(({ channel }) => channel).sort()).toEqual(Object.keys(by_source).sort())
      for (const { channel, models } of own?.channels ?? []) {
        const expected = by_source[channel]
        for (const [model, name] of Object.entries(names) as [AttributionModel, (typeof names)[AttributionModel]][]) {
          const credit = models[model]
          expect([channel, model, inUnits(credit?.spendMinor) ?? 0]).toEqual([channel, model, expected?.spend])
          expect({
            customers: printed(credit?.customers),
            revenue: inUnits(credit?.revenueMinor),
            cac: inUnits(credit?.cac),
            roas: printed(credit?.roas),
          }).toEqual(expected?.[name])
        }
      }
    }
    // No month before or after has any of it.
    expect(found.months.map(({ month, channels }) => [month, channels.length])).toEqual([
      ['2020-01', 0],
      ['2020-02', 5],
      ['2020-03', 0],
    ])
  })

  it('answers by one model where one is asked for, alike', async () => {
    await importAll()
    const [all, linear] = await Promise.all([ask('?from=2020-02&to=2020-02'), ask('?from=2020-02&to=2020-02&model=linear')])
    expect(linear.channels.map(({ models }) => Object.keys(models))).toEqual(linear.channels.map(() => ['linear']))
    expect(linear.channels.map(({ models }) => models.linear)).toEqual(all.channels.map(({ models }) => models.linear))
  })
})

async function ask(query: string): Promise<AttributionView> {
  const response = await fetchWorker(`/api/v1/attribution${query}`, { headers: await keyHeaders('reader') })
  expect(response.status).toBe(200)
  return response.json<AttributionView>()
}

async function importAll(): Promise<void> {
  const client = await adminClient()
  await client.settings.$patch({ json: { timeZone: 'UTC', currency: 'USD' } })
  const settings = {
    timeZone: 'UTC',
    currency: 'USD',
    dateFormat: 'iso',
    decimal: '.',
    layouts: [
      { name: 'Spend', spend: { date: 'date_day', amount: 'spend', channel: 'utm_source', kind: 'utm_medium' } },
      {
        name: 'Customers',
        deal: { id: 'customer_id', customerId: 'customer_id', closedAt: 'converted_at', amount: 'revenue', state: 'won' },
      },
      { name: 'Sessions', touch: { id: 'session_id', customerId: 'customer_id', at: 'started_at', channel: 'utm_source' } },
    ],
  } as const
  const created = await client.sources.$post({ json: { name: 'Playbook', kind: 'csv', settings } })
  const { id } = await created.json()
  const headers = { ...(await keyHeaders('importer')), 'Content-Type': 'text/csv' }
  const sizes = { 'ad_spend.csv': 42, 'customer_conversions.csv': 21, 'sessions.csv': 90 }
  for (const [name, rows] of Object.entries(sizes)) {
    const response = await fetchWorker(`/api/v1/sources/${id}/pulls?dryRun=false`, {
      method: 'POST',
      body: whole(await read(name)),
      headers,
    })
    expect(await response.json()).toMatchObject({ inserted: rows, rejected: 0 })
  }
}

/** A third of the sessions leave out the comma before their last cell, which is empty; rows that are cut off are refused. */
const whole = (csv: string) => csv.replace(/^\d+(?:,[^,\r\n]*){5}(?=\r?$)/gm, '$&,')
