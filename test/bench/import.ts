/**
 * `npm run bench`: 100,000 rows of a CRM imported in one CSV by the built Worker, against a bare `json_each` insert of the
 * same rows into the same table of an empty database. Ratios are what counts: both ran side by side, in turn.
 */
import { readFileSync } from 'node:fs'
import { inFreshDatabase, signedIn, text } from './runtime.ts'

const rows = 100_000
const runs = 3

/** The Worker with a database that counts what its batches write, and a way to write without it. */
const harness = `
  import worker from './index.js'
  let written = 0
  const counting = (db) => new Proxy(db, {
    get: (target, name) => name !== 'batch'
      ? (typeof target[name] === 'function' ? target[name].bind(target) : target[name])
      : async (statements) => {
          const results = await target.batch(statements)
          for (const { meta } of results) written += meta.rows_written
          return results
        },
  })
  const columns = ['external_id', 'created_day', 'created_at', 'channel', 'lead_type', 'stage', 'updated_at', 'deleted_at', 'content_hash']
  const insert = 'insert into leads (source_id, ' + columns.join(', ') + ') select \\'bare\\', '
    + columns.map((_, index) => 'value ->> ' + index).join(', ') + ' from json_each(?1)'
  export default {
    async fetch(request, env, context) {
      const { pathname } = new URL(request.url)
      if (pathname === '/bench/written') return Response.json(written)
      if (pathname !== '/bench/bare') return worker.fetch(request, { ...env, DB: counting(env.DB) }, context)
      const chunks = (await request.text()).split('\\n')
      const results = await env.DB.batch(chunks.map((chunk) => env.DB.prepare(insert).bind(chunk)))
      written = results.reduce((sum, { meta }) => sum + meta.rows_written, 0)
      return Response.json(written)
    },
  }`

interface Measured {
  seconds: number
  written: number
  /** Megabytes that the runtime held at its most, above what it held before. */
  memory: number
}

const channels = ['Paid search', 'Organic search', 'Events', 'Referral', '']
const stages = ['MQL', 'SAL', 'SQL', 'Customer']
const facts = Array.from({ length: rows }, (_, index) => ({
  id: `00Q${String(index).padStart(12, '0')}`,
  created: `202${3 + (index % 3)}-${two(1 + (index % 12))}-${two(1 + (index % 28))}`,
  channel: channels[index % channels.length] ?? '',
  type: index % 2 ? 'Demo request' : 'Content download',
  stage: stages[index % stages.length] ?? '',
}))
const csv = `id,created,channel,type,stage\n${facts.map((row) => Object.values(row).join(',')).join('\n')}\n`
const bare: Measured[] = []
const imported: Measured[] = []
const again: Measured[] = []
for (let run = 0; run < runs; run++) {
  bare.push(await inFreshDatabase(harness, insertBare))
  const [first, second] = await inFreshDatabase(harness, importTwice)
  imported.push(first)
  again.push(second)
}
print()

async function insertBare(url: string, pid: number): Promise<Measured> {
  const cells = facts.map(({ id, created, channel, type, stage }) =>
    JSON.stringify([id, created, null, channel, type, stage, null, null, '0'.repeat(16)]),
  )
  const size = 5_000
  const chunks = Array.from({ length: Math.ceil(rows / size) }, (_, at) => `[${cells.slice(at * size, (at + 1) * size).join(',')}]`)
  return measured(pid, async () => Number(await text(await fetch(`${url}/bench/bare`, { method: 'POST', body: chunks.join('\n') }))))
}

async function importTwice(url: string, pid: number): Promise<[Measured, Measured]> {
  const headers = await signedIn(url)
  const layout = { name: 'Leads', lead: { id: 'id', createdAt: 'created', channel: 'channel', leadType: 'type', stage: 'stage' } }
  const settings = { timeZone: 'UTC', currency: 'USD', dateFormat: 'iso', layouts: [layout] }
  const created = await fetch(`${url}/api/v1/sources`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: 'CRM', kind: 'csv', settings }),
  })
  const { id } = JSON.parse(await text(created)) as { id: string }
  const send = async () => {
    const before = Number(await text(await fetch(`${url}/bench/written`)))
    const response = await fetch(`${url}/api/v1/sources/${id}/pulls?dryRun=false`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'text/csv' },
      body: csv,
    })
    const report = JSON.parse(await text(response)) as { read: number; rejected: number }
    if (report.read !== rows || report.rejected !== 0) throw new Error(`imported otherwise: ${JSON.stringify(report).slice(0, 500)}`)
    return Number(await text(await fetch(`${url}/bench/written`))) - before
  }
  return [await measured(pid, send), await measured(pid, send)]
}

async function measured(pid: number, work: () => Promise<number>): Promise<Measured> {
  const before = resident(pid)
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, resident(pid))
  }, 10)
  try {
    const start = performance.now()
    const written = await work()
    const seconds = (performance.now() - start) / 1_000
    return { seconds, written, memory: Math.max(most, resident(pid)) - before }
  } finally {
    clearInterval(watch)
  }
}

/** Megabytes. */
function resident(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1_024
}

function print(): void {
  const median = (all: readonly Measured[], of: keyof Measured) => all.map((one) => one[of]).sort((a, b) => a - b)[runs >> 1] ?? Number.NaN
  const line = (name: string, all: readonly Measured[]) => {
    const cell = (of: keyof Measured, decimals: number, unit: string) => {
      const value = median(all, of)
      return `${value.toFixed(decimals)} ${unit} (${(value / median(bare, of)).toFixed(2)} ×)`.padEnd(24)
    }
    console.log(`${name.padEnd(22)}${cell('seconds', 2, 's')}${cell('written', 0, 'rows')}${cell('memory', 0, 'MB')}`)
  }
  console.log(`${rows.toLocaleString('en')} rows, ${(csv.length / 1e6).toFixed(1)} MB of CSV, median of ${runs}\n`)
  console.log(`${''.padEnd(22)}${'time'.padEnd(24)}${'rows written'.padEnd(24)}${'peak memory above idle'}`)
  line('bare insert', bare)
  line('import of one CSV', imported)
  line('the same file again', again)
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
