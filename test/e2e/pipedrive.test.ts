/**
 * Pipedrive through the built Worker, with Pipedrive's own description of its API between the two: 8,800 deals of a
 * public data set, half of them archived, whose figures were computed elsewhere.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FakeDeal, fakePipedrive } from '../fakes/pipedrive'
import { type Judge, judged, noJudge } from './prism'
import { bareHome } from './server'
import { type BuiltWorker, startWorker } from './worker'

const data = resolve(import.meta.dirname, '../../../shared/data/maven_crm')
const absent = existsSync(data) ? noJudge() : '../shared/data/maven_crm is missing'

interface Row {
  deal_stage: string
  engage_date: string
  close_date: string
  close_value: string
}

interface Month {
  month: string
  won: number
  lost: number
  won_revenue: number
  won_revenue_growth_mom: number | null
  win_rate_by_close_month: number | null
  cycle_days_won: { n: number; mean: number | null; median: number | null; p90: number | null }
}

const stages = [
  { id: 1, name: 'Prospecting', pipeline_id: 1, order_nr: 1 },
  { id: 2, name: 'Engaging', pipeline_id: 1, order_nr: 2 },
]

/** Deals as Pipedrive has them: without the stage that says that they are over, which is their status. */
function deals(): FakeDeal[] {
  const { data: rows } = Papa.parse<Row>(readFileSync(resolve(data, 'sales_pipeline.csv'), 'utf8'), { header: true, skipEmptyLines: true })
  return rows.map(({ deal_stage, engage_date, close_date, close_value }, index) => {
    const closed = close_date ? `${close_date}T12:00:00Z` : undefined
    const status = deal_stage === 'Won' ? 'won' : deal_stage === 'Lost' ? 'lost' : 'open'
    return {
      id: index + 1,
      status,
      stage_id: deal_stage === 'Prospecting' ? 1 : 2,
      currency: 'USD',
      value: Number(close_value || 0),
      add_time: `${engage_date || '2017-12-31'}T08:00:00Z`,
      update_time: new Date(Date.UTC(2018, 0, 1) + index * 1000).toISOString(),
      is_archived: index % 2 === 1,
      ...(closed && status === 'won' ? { won_time: closed, close_time: closed } : {}),
      ...(closed && status === 'lost' ? { lost_time: closed, close_time: closed } : {}),
    }
  })
}

describe.skipIf(absent)(`Pipedrive behind its own description${absent ? ` (${absent})` : ''}`, () => {
  let worker: BuiltWorker
  let judge: Judge

  beforeAll(async () => {
    const fake = fakePipedrive({ deals: deals(), stages, fields: [] })
    fake.withoutNulls = true
    judge = await judged(fake)
    worker = await startWorker(bareHome(), { allowedHosts: [judge.host] })
  }, 240_000)

  afterAll(async () => {
    await worker?.stop()
    await judge?.stop()
  })

  it('gives revenue, growth, win rate and cycle of every month as the reference has them', async () => {
    await worker.ask('PATCH', '/settings', { timeZone: 'UTC', currency: 'USD' })
    const source = await worker.ask<{ id: string }>('POST', '/sources', {
      name: 'Pipedrive',
      kind: 'pipedrive',
      secret: { token: 'secret-token' },
      settings: {
        domain: judge.host,
        timeZone: 'UTC',
        currency: 'USD',
        changedSince: '2017-01-01',
        reads: { leads: false, deals: true, activities: false, spend: false },
        dealStages: { 1: 'open', 2: 'open' },
        customer: 'deal',
      },
    })
    await worker.ask('PATCH', `/sources/${source.id}`, { state: 'active' })
    await worker.ask('PUT', `/sources/${source.id}/pulls/running`, {})
    const start = Date.parse('2018-06-01T00:00:00Z')
    let pull = await latest(source.id)
    for (let tick = 0; pull?.state === 'running' && tick < 40; tick += 1) {
      await worker.tick(new Date(start + tick * 300_000))
      pull = await latest(source.id)
    }
    expect(judge.objections).toEqual([])
    expect(pull).toMatchObject({ state: 'done', read: 8800, inserted: 8800, rejected: 0 })

    const { monthly } = JSON.parse(readFileSync(resolve(data, 'reference_kpis.json'), 'utf8')) as { monthly: Month[] }
    const [revenue, growth, winRate, cycle] = await Promise.all(['won_revenue', 'revenue_growth', 'win_rate', 'sales_cycle'].map(series))
    const closing = monthly.filter(({ won, lost }) => won + lost > 0)
    expect(closing.length).toBeGreaterThan(9)
    for (const month of closing) {
      const at = (values: Map<string, Observation> | undefined) => values?.get(month.month)
      expect(at(revenue)?.value, month.month).toBe(month.won_revenue * 100)
      expect(rounded(at(growth)?.value), month.month).toBe(rounded(month.won_revenue_growth_mom))
      expect(rounded(at(winRate)?.value), month.month).toBe(rounded(month.win_rate_by_close_month))
      expect(at(cycle), month.month).toMatchObject({ count: month.cycle_days_won.n, value: month.cycle_days_won.median })
      expect(rounded(at(cycle)?.mean), month.month).toBe(rounded(month.cycle_days_won.mean))
      expect(rounded(at(cycle)?.p90), month.month).toBe(rounded(month.cycle_days_won.p90))
    }
  })

  interface Observation {
    period: string
    value: number | null
    count: number
    mean: number | null
    p90: number | null
  }

  async function series(metric: string): Promise<Map<string, Observation>> {
    const { items } = await worker.ask<{ items: Observation[] }>('GET', `/metrics/${metric}/observations?limit=100`)
    return new Map(items.map((item) => [item.period, item]))
  }

  async function latest(sourceId: string) {
    const { items } = await worker.ask<{ items: { state: string; read: number }[] }>('GET', `/sources/${sourceId}/pulls?limit=1`)
    return items[0]
  }
})

const rounded = (value: number | null | undefined) => (value == null ? null : Number(value.toFixed(6)))
