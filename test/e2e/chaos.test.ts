/**
 * A pull of 20,000 deals on the built Worker and a database file: 40 faults of the CRM, ten deaths of the runtime in the
 * middle of whatever it does, and every tick of cron three times at once. A reader who looks all the time sees what was there
 * before or what is there after, and nothing else. Whoever writes page by page into the facts does not pass: the harness can
 * tell.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomFrom } from '../../worker/core/random'
import { aCrm, type Crm, dealsOf, type Fault, type Figures, faults, figuresOf } from './chaos-crm'
import { bareHome } from './server'
import { type BuiltWorker, startWorker } from './worker'

const versions = [dealsOf(1, 2_000), dealsOf(2, 20_000), dealsOf(3, 20_000)] as const
const start = Date.UTC(2026, 2, 2, 10)
const minute = 60_000

let crm: Crm
let worker: BuiltWorker
const home = bareHome()
/** The time of the last tick. */
let now = start

beforeAll(async () => {
  crm = await aCrm(versions[0])
  await begin()
})
afterAll(async () => {
  await worker?.stop()
  await crm?.close()
})

const begin = async () => {
  worker = await startWorker(home, { allowedHosts: [crm.host] })
}

/** One statement, so one moment: what somebody sees who looks at facts and KPIs. */
const look = `select (select count(*) from deals where deleted_at is null) as deals,
  (select sum(value) from observations where metric = 'won_deals') as won,
  (select sum(value) from observations where metric = 'won_revenue') as revenue`

/** Looks all the time. @returns everything that was seen */
function aReader() {
  const seen = new Map<string, number>()
  let reading = true
  const once = async () => {
    const [row] = await worker.rows<Figures>(look).catch(() => [])
    if (row) seen.set(JSON.stringify(row), (seen.get(JSON.stringify(row)) ?? 0) + 1)
  }
  const loop = (async () => {
    while (reading) {
      await once()
      await delay(30)
    }
  })()
  return async () => {
    reading = false
    await loop
    await once() // or what was published since the last look would be missed
    return [...seen.keys()].sort()
  }
}

interface Ordeal {
  seed: string
  faults: number
  /** Times that the runtime is killed: while pages are read, and while what was read is published. */
  deaths: { reading: number; publishing: number }
  mostTicks: number
  /** What cron calls. */
  fire: (at: Date) => Promise<void>
  isRead: () => Promise<boolean>
  isDone: () => Promise<boolean>
}

/** @returns what a reader saw, and which faults and deaths were left over */
async function ordeal({ seed, deaths, mostTicks, fire, isRead, isDone, ...given }: Ordeal) {
  const left = { faults: given.faults, ...deaths }
  const random = randomFrom(seed)
  let dying: Promise<void> | undefined
  const die = async (milliseconds: number) => {
    await delay(milliseconds)
    await worker.kill()
    await begin()
  }
  let [inRow, tried] = [0, 0]
  crm.onRequest = (path): Fault | undefined => {
    // The last request of a pull: what follows is its publication. First it dies before it has the answer, then a little later.
    if (path.endsWith('/archived') && left.faults === 0 && !dying && left.reading + left.publishing > 0) {
      if (left.reading > 0) left.reading -= 1
      else left.publishing -= 1
      dying = die(tried++ * 8)
      return undefined
    }
    // In clusters: a third failure in a row makes a pull wait for another tick, the eighth would end it.
    const goesWrong = left.faults > 0 && inRow >= 0 && inRow < 6 && random() < (inRow > 0 ? 0.9 : 0.6)
    inRow = goesWrong ? inRow + 1 : inRow > 0 ? -2 : Math.min(0, inRow + 1)
    const fault = goesWrong ? faults[left.faults-- % faults.length] : undefined
    // Whoever hangs is killed: for a test, twenty seconds are long. The others die where the seed says.
    if (left.reading > 0 && !dying && (fault === 'hang' || random() < 0.08)) {
      left.reading -= 1
      dying = die(random() * 60)
      return fault
    }
    return fault === 'hang' ? 'reset' : fault
  }
  const stop = aReader()
  for (let ticks = 0; ticks < mostTicks && !(await isDone()); ticks += 1) {
    now += 5 * minute
    if (left.publishing > 0 && (await isRead())) {
      left.publishing -= 1
      dying = die(random() * 20)
    }
    // Three times for one slot; a runtime that dies meanwhile answers none of them.
    await Promise.all([1, 2, 3].map(() => fire(new Date(now)).catch(() => undefined)))
    await dying
    dying = undefined
  }
  crm.onRequest = () => undefined
  return { seen: await stop(), left }
}

const inOrder = (...figures: Figures[]) => figures.map((one) => JSON.stringify(one)).sort()

it('ends exact, and shows nothing that is half done', { timeout: 240_000 }, async () => {
  const settings = JSON.stringify({
    timeZone: 'UTC',
    currency: 'USD',
    domain: crm.host,
    changedSince: '2025-01-01',
    reads: { leads: false, deals: true, activities: false, spend: false },
    dealStages: { '1': 'open' },
    customer: 'deal',
  })
  await worker.rows(
    `insert into sources (id, kind, name, settings, created_at, every_minutes) values ('crm', 'pipedrive', 'CRM', '${settings}', ${start}, 60)`,
  )
  await worker.tick(new Date(start))
  expect(await worker.rows(look)).toEqual([figuresOf(versions[0])])

  crm.deals = versions[1]
  const { seen, left } = await ordeal({
    seed: 'twenty thousand deals',
    faults: 40,
    deaths: { reading: 9, publishing: 3 },
    mostTicks: 200,
    fire: (at) => worker.tick(at),
    isRead: async () => (await worker.rows("select 1 from pulls where state = 'running' and cursor ->> 'isRead'")).length > 0,
    isDone: async () => (await worker.rows("select 1 from pulls where state = 'done'")).length > 1,
  })
  expect(left).toMatchObject({ faults: 0, reading: 0 })
  expect(left.publishing).toBeLessThan(3)
  expect(await worker.rows(look)).toEqual([figuresOf(versions[1])])
  expect(seen).toEqual(inOrder(figuresOf(versions[0]), figuresOf(versions[1])))
  expect(await worker.rows('select state, read, inserted, updated, unchanged, rejected from pulls order by started_at')).toEqual([
    { state: 'done', read: 2_000, inserted: 2_000, updated: 0, unchanged: 0, rejected: 0 },
    { state: 'done', read: 20_000, inserted: 18_000, updated: 2_000, unchanged: 0, rejected: 0 },
  ])
  expect(await worker.rows('select count(*) as n from staged_facts')).toEqual([{ n: 0 }])
  expect(await worker.rows('pragma quick_check')).toEqual([{ quick_check: 'ok' }])
})

/** Page by page into the facts, and the KPIs a little further with each: no staging, no lease, no cursor that outlives it. */
async function naive(): Promise<void> {
  await worker.rows(`update observations set value = 0 where metric = 'won_revenue'`)
  for (let cursor: string | null = '0'; cursor !== null; ) {
    const response: Response | null = await fetch(`http://${crm.host}/api/v2/deals?updated_since=2025-01-01&cursor=${cursor}`, {
      signal: AbortSignal.timeout(2_000),
    }).catch(() => null)
    const page = (await response?.json().catch(() => null)) as {
      data?: { id: number; value: number; status: string }[]
      additional_data?: { next_cursor: string | null }
    } | null
    if (!response?.ok || typeof page?.data?.[0]?.id !== 'number') continue
    const rows = JSON.stringify(page.data.map(({ id, value, status }) => [String(id), value * 100, status]))
    await worker.rows(
      `insert into deals (source_id, external_id, state, currency, content_hash, amount_minor)
       select 'crm', value ->> 0, value ->> 2, 'USD', '', value ->> 1 from json_each('${rows}') where true
       on conflict (source_id, external_id) do update set amount_minor = excluded.amount_minor`,
    )
    await worker.rows(
      `update observations set value = value + (select sum(value ->> 1) from json_each('${rows}') where value ->> 2 = 'won')
       where metric = 'won_revenue' and period = '2025-01'`,
    )
    cursor = page.additional_data?.next_cursor ?? null
  }
}

it('can tell: written page by page, it is seen half done and ends wrong', { timeout: 120_000 }, async () => {
  crm.deals = versions[2]
  let fired = 0
  const { seen } = await ordeal({
    seed: 'page by page',
    faults: 10,
    deaths: { reading: 1, publishing: 0 },
    mostTicks: 2,
    fire: async () => {
      fired += 1
      await naive()
    },
    isRead: async () => false,
    isDone: async () => false,
  })
  expect(fired).toBe(6)
  const [old, exact] = [figuresOf(versions[1]), figuresOf(versions[2])].map((one) => JSON.stringify(one))
  expect(seen.filter((one) => one !== old && one !== exact).length).toBeGreaterThan(10)
  expect(await worker.rows(look)).not.toEqual([figuresOf(versions[2])])
})
