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
    database.exec(`update sources set last_success_at = last_success_at - ${45 * day}, last_new_data_at = last_new_data_at - ${45 * day}`)
    database.exec(`update observations set as_of = as_of - ${45 * day}`)
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
    // A fact is gone: the next tick computes the scores again.
    database.exec('update fact_revision set revision = revision + 1 where id = 1')
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
