/**
 * The sample organisation in states that it is seldom in: what a page looks like before there is anything, with one round, with
 * figures that are late, with a source that fails, with a part of the score missing, and where a side is hidden. Each is made of a copy
 * of the loaded sample by changing what is stored, while no server runs.
 */
import { cpSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { NodeResult, RoundResult } from '../../worker/core/result.ts'
import { databaseFiles } from './server.ts'

const day = 86_400_000

/** By name; `empty` has no sample at all. */
export const states = {
  stale: (database: DatabaseSync) => {
    const back = (table: string, columns: readonly string[]) =>
      database.exec(`update ${table} set ${columns.map((column) => `${column} = ${column} - ${45 * day}`).join(', ')}`)
    back('sources', ['last_success_at', 'last_new_data_at'])
    back('pulls', ['started_at', 'finished_at'])
    // What happened later was not brought: deals that were closed since are open, as they were then.
    const read = `(select date(max(last_success_at) / 1000, 'unixepoch') from sources)`
    for (const table of ['leads', 'deals']) database.exec(`delete from ${table} where created_day >= ${read}`)
    for (const table of ['stage_events', 'activities', 'spend', 'headcounts', 'touches'])
      database.exec(`delete from ${table} where day >= ${read}`)
    database.exec(`update deals set state = 'open', closed_day = null, closed_at = null where closed_day >= ${read}`)
    for (const table of ['observations', 'evaluations']) database.exec(`delete from ${table}`)
    changeFacts(database)
  },
  error: (database: DatabaseSync) => {
    const since = new Date(Date.now() - 2 * day).toISOString()
    const trouble = { code: 'unauthorised', facts: { status: 401, host: 'api.hubapi.com' }, since, retryAt: null, times: 6 }
    database
      .prepare(
        `update sources set kind = 'hubspot', state = 'stopped', every_minutes = 60, trouble = ? where id = (select min(id) from sources)`,
      )
      .run(JSON.stringify(trouble))
  },
  partial: (database: DatabaseSync) => {
    for (const table of ['clauses', 'evaluations', 'observations', 'deals', 'leads', 'stage_events', 'spend'])
      database.exec(`delete from ${table}`)
    changeFacts(database)
  },
  'one-round': (database: DatabaseSync) => {
    database.exec(`delete from scores where number <> (select max(number) from scores)`)
    database.exec(`delete from results where round_id not in (select round_id from scores)`)
    database.exec(`delete from rounds where state = 'closed' and id not in (select round_id from scores)`)
  },
  suppressed: (database: DatabaseSync) => {
    const rows = database.prepare('select round_id, body from results').all() as { round_id: string; body: string }[]
    const store = database.prepare('update results set body = ? where round_id = ?')
    for (const { round_id, body } of rows) store.run(JSON.stringify(withoutSides(JSON.parse(body))), round_id)
    // Such rounds never had other scores: the next tick computes them of what is left.
    database.exec('delete from scores')
    database.exec('update fact_revision set revision = revision + 1 where id = 1')
  },
} satisfies Record<string, (database: DatabaseSync) => void>

/** The next tick makes KPIs and scores again, and judges promises, by the facts that are left. */
const changeFacts = (database: DatabaseSync) => database.exec('update fact_revision set revision = revision + 1 where id = 1')

/** A copy of this home in one of the states. */
export function homeIn(state: keyof typeof states, original: string, home: string): void {
  rmSync(home, { recursive: true, force: true })
  cpSync(original, home, { recursive: true })
  const database = new DatabaseSync(databaseFiles(home).find((name) => name.endsWith('.sqlite')) ?? '')
  states[state](database)
  database.close()
}

/**
 * Too few of marketing answered; sales is hidden with the smallest of its teams, or marketing could be worked out. Nothing compares
 * the sides, and the score has no part of them (core/between-sides.ts).
 */
function withoutSides(result: RoundResult): RoundResult {
  const [company] = result.nodes
  const sales = result.nodes.filter(({ side }) => side === 'sales')
  const [smallest] = sales.filter(({ parentId }) => parentId !== company?.id).sort((a, b) => ballotsOf(a) - ballotsOf(b))
  const nodes = result.nodes.map((node): NodeResult => {
    const { id, parentId, name, side } = node
    if (side === 'marketing') return { id, parentId, name, side, hidden: 'too-few' }
    const isHidden = side === 'sales' && (parentId === company?.id || id === smallest?.id)
    return isHidden ? { id, parentId, name, side, hidden: 'protects-smaller' } : node
  })
  const { asked } = result.inputs
  const inputs = { themes: [], terms: [], uncertainty: [], termsVariance: 0, degreesOfFreedom: 0, missing: 'one-side' as const }
  return {
    ...result,
    nodes,
    gaps: [],
    statements: [],
    terms: [],
    vignettes: [],
    numbers: [],
    inputs: { ...inputs, ...(asked && { asked }) },
  }
}

const ballotsOf = (node: NodeResult): number => ('n' in node ? node.n : 0)
