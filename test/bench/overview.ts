/**
 * `npm run bench:overview`: the overview and `GET /api/v1/scores` of the sample organisation, against one point select of the same
 * database through the same Worker; then the same again with an open round of 100,000 invited people, who gave a million answers. Ratios of
 * medians, taken in turn, one request at a time.
 */
import { inFreshDatabase, operator, signedIn, text } from './runtime.ts'

const requests = 300
const people = 100_000

const harness = `
  import worker from './index.js'
  export default {
    async fetch(request, env, context) {
      const { pathname } = new URL(request.url)
      if (pathname === '/bench/select') return Response.json(await env.DB.prepare('select value from settings where key = ?1').bind('timeZone').first())
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

const paths = { select: '/bench/select', overview: '/overview', scores: '/api/v1/scores' } as const
type Path = keyof typeof paths

await inFreshDatabase(harness, async (url) => {
  await loadSample(url)
  const headers = await signedIn(url)
  const before = await medians(url, headers)
  await text(await fetch(`${url}/bench/fill`))
  const after = await medians(url, headers)
  console.log(`medians of ${requests} requests, one at a time, in turn\n`)
  console.log(`${''.padEnd(16)}${'the sample'.padEnd(26)}with a million answers`)
  for (const path of Object.keys(paths) as Path[]) {
    const cell = (all: Record<Path, number>) => `${all[path].toFixed(2)} ms (${(all[path] / all.select).toFixed(2)} ×)`.padEnd(26)
    console.log(`${path.padEnd(16)}${cell(before)}${cell(after)}`)
  }
  const grown = (path: Path) => (after[path] / after.select / (before[path] / before.select)).toFixed(2)
  console.log(`\ngrowth of the ratio: overview ${grown('overview')}, scores ${grown('scores')}`)
})

async function loadSample(url: string): Promise<void> {
  const headers = { 'Content-Type': 'application/json', Origin: url, Authorization: `Bearer ${operator}` }
  for (let state = ''; state !== 'loaded'; ) {
    const answer = await fetch(`${url}/api/v1/sample/steps`, { method: 'POST', headers, body: '{}' })
    state = (JSON.parse(await text(answer)) as { state: string }).state
  }
}

async function medians(url: string, headers: Record<string, string>): Promise<Record<Path, number>> {
  const times: Record<Path, number[]> = { select: [], overview: [], scores: [] }
  for (let round = -20; round < requests; round++) {
    for (const path of Object.keys(paths) as Path[]) {
      const start = performance.now()
      await text(await fetch(url + paths[path], { headers }))
      if (round >= 0) times[path].push(performance.now() - start)
    }
  }
  const median = (all: number[]) => all.sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN
  return { select: median(times.select), overview: median(times.overview), scores: median(times.scores) }
}
