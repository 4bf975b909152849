/**
 * `npm run bench:overview`: the overview, `GET /api/v1/scores` and the pages of KPIs, definitions, events and Explore of the sample organisation,
 * against one point select of the same database through the same Worker: asked again, and asked for the first time after something has changed; then
 * the same with an open round of 100,000 invited people, who gave a million answers. Ratios of medians, taken in turn, one request at a time. At the end, what stays in memory
 * after many requests, eight at a time, against a Worker that says hello, and against one that makes one point select and sends as many bytes.
 */
import { readFileSync } from 'node:fs'
import { inFreshDatabase, operator, signedIn, text } from './runtime.ts'

const requests = 300
const load = 20_000
const people = 100_000

const harness = `
  import worker from './index.js'
  export default {
    async fetch(request, env, context) {
      const { pathname } = new URL(request.url)
      if (pathname === '/bench/select') return Response.json(await env.DB.prepare('select value from settings where key = ?1').bind('timeZone').first())
      if (pathname === '/bench/change') {
        await env.DB.prepare("update settings set value = value where key = 'timeZone'").run()
        return new Response()
      }
      if (pathname !== '/bench/fill') return worker.fetch(request, env, context)
      const round = await env.DB.prepare("select id from rounds where state = 'open'").first('id')
      // 10 answers each, in slots of a group of their own
      await env.DB.prepare("insert into cohorts (round_id, cohort, node_id, invited, public_key, fingerprint) values (?1, 'c9999', 'many', ${people}, '', '')").bind(round).run()
      for (let from = 0; from < ${people}; from += 10000)
        await env.DB.prepare("insert into ballot_slots (round_id, cohort, slot, token, answers) select ?1, 'c9999', ?2 + value, randomblob(32), randomblob(10) from generate_series(0, 9999)").bind(round, from).run()
          .catch(() => env.DB.prepare("with recursive n(value) as (select 0 union all select value + 1 from n where value < 9999) insert into ballot_slots (round_id, cohort, slot, token, answers) select ?1, 'c9999', ?2 + value, randomblob(32), randomblob(10) from n").bind(round, from).run())
      return new Response()
    },
  }`

const asked = {
  select: { path: '/bench/select', isFirst: false },
  overview: { path: '/overview', isFirst: false },
  scores: { path: '/api/v1/scores', isFirst: false },
  explore: { path: '/explore', isFirst: false },
  'overview, first': { path: '/overview', isFirst: true },
  'scores, first': { path: '/api/v1/scores', isFirst: true },
  'explore, first': { path: '/explore', isFirst: true },
  // Nothing of these is kept.
  kpis: { path: '/kpis', isFirst: true },
  funnel: { path: '/kpis/funnel', isFirst: true },
  sla: { path: '/kpis/sla', isFirst: true },
  definitions: { path: '/definitions', isFirst: true },
  events: { path: '/events', isFirst: true },
}
type Asked = keyof typeof asked
const all = Object.keys(asked) as Asked[]

await inFreshDatabase(harness, async (url) => {
  await loadSample(url)
  const { Cookie = '' } = await signedIn(url)
  const headers = { Cookie }
  const before = await medians(url, headers)
  await text(await fetch(`${url}/bench/fill`))
  const after = await medians(url, headers)
  console.log(`medians of ${requests} requests, one at a time, in turn\n`)
  console.log(`${''.padEnd(18)}${'the sample'.padEnd(26)}with a million answers`)
  for (const one of all) {
    const cell = (times: Record<Asked, number>) => `${times[one].toFixed(2)} ms (${(times[one] / times.select).toFixed(2)} ×)`.padEnd(26)
    console.log(`${one.padEnd(18)}${cell(before)}${cell(after)}`)
  }
  const grown = (one: Asked) => (after[one] / after.select / (before[one] / before.select)).toFixed(2)
  console.log(`\ngrowth of the ratio: overview ${grown('overview')}, scores ${grown('scores')}`)
})

const hello = await inFreshDatabase("export default { fetch: () => new Response('hello') }", (url, pid) => memoryUnderLoad(url, pid, {}))
const own = await inFreshDatabase(harness, async (url, pid) => {
  await loadSample(url)
  const { Cookie = '' } = await signedIn(url)
  const page = await text(await fetch(`${url}/overview`, { headers: { Cookie } }))
  return { bytes: new TextEncoder().encode(page).length, resident: await memoryUnderLoad(`${url}/overview`, pid, { Cookie }) }
})
const selectAndSend = `
  const page = new Uint8Array(${own.bytes}).fill(65)
  export default {
    async fetch(_, env) {
      await env.DB.prepare('select value from settings where key = ?1').bind('timeZone').first()
      return new Response(page)
    },
  }`
const alike = await inFreshDatabase(selectAndSend, (url, pid) => memoryUnderLoad(url, pid, {}))
const against = (other: number) => `${other.toFixed(0)} MB (${(own.resident / other).toFixed(2)} ×)`
console.log(
  `\nresident after ${load} requests: overview ${own.resident.toFixed(0)} MB, one select and as many bytes ${against(alike)}, hello ${against(hello)}`,
)

/** Resident memory of the runtime after `load` requests, in MB: the mean of the last half, which is where it stays. */
async function memoryUnderLoad(url: string, pid: number, headers: Record<string, string>): Promise<number> {
  const seen: number[] = []
  let left = load
  const ask = async () => {
    while (left-- > 0) {
      await text(await fetch(url, { headers }))
      if (left % 100 === 0) seen.push(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
    }
  }
  await Promise.all(Array.from({ length: 8 }, ask))
  const last = seen.slice(seen.length >> 1)
  return last.reduce((sum, one) => sum + one, 0) / last.length
}

async function loadSample(url: string): Promise<void> {
  const headers = { 'Content-Type': 'application/json', Origin: url, Authorization: `Bearer ${operator}` }
  for (let state = ''; state !== 'loaded'; ) {
    const answer = await fetch(`${url}/api/v1/sample/steps`, { method: 'POST', headers, body: '{}' })
    state = (JSON.parse(await text(answer)) as { state: string }).state
  }
}

/** Answers that are given again first, then those that are made anew: what is left of making one would be cleared away during the next. */
async function medians(url: string, headers: Record<string, string>): Promise<Record<Asked, number>> {
  const times = Object.fromEntries(all.map((one) => [one, [] as number[]])) as Record<Asked, number[]>
  for (const isFirst of [false, true]) {
    for (let round = -50; round < requests; round++) {
      for (const one of all.filter((each) => asked[each].isFirst === isFirst)) {
        if (isFirst) await text(await fetch(`${url}/bench/change`))
        const start = performance.now()
        await text(await fetch(url + asked[one].path, { headers }))
        if (round >= 0) times[one].push(performance.now() - start)
      }
    }
  }
  const median = (found: number[]) => found.sort((a, b) => a - b)[found.length >> 1] ?? Number.NaN
  return Object.fromEntries(all.map((one) => [one, median(times[one])])) as Record<Asked, number>
}
