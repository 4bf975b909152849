/** What keeps figures from being whole: sources in trouble or late, stages without a meaning, rows that were refused. */
import { and, asc, eq, gt, sql } from 'drizzle-orm'
import type { Notice } from '../connectors/connector'
import type { FactKind } from '../core/facts'
import { freshness } from '../core/kpi'
import { type KpiKey, type MetricKey, metrics } from '../core/metrics'
import type { Database } from '../db/client'
import { pulls, sources } from '../db/schema'
import type { SourceFacts } from './metrics'
import { type Trouble, troubleOf } from './pull-state'

interface OfSource {
  source: { id: string; name: string }
  /** KPIs that are made of such facts: those that are shown first. */
  affects: KpiKey[]
}

/** What needs a person first; `unlinked` only says what was left out. */
export type ImportProblem = OfSource &
  (
    | { kind: 'stopped' | 'failing'; trouble: Trouble; lastSuccessAt: number | null }
    | { kind: 'stale' | 'late'; lastSuccessAt: number; days: number }
    | { kind: 'unmapped'; rows: number; stages: string[] /** Its stages are given meanings on a page of their own. */; isPulled: boolean }
    | { kind: 'rejected'; rows: number; of: number; pullId: string }
    | { kind: 'unlinked'; rows: number }
  )

const order: readonly ImportProblem['kind'][] = ['stopped', 'failing', 'stale', 'unmapped', 'rejected', 'late', 'unlinked']

/** How far back the last pull of a file is looked for. */
const days = 92

/** The sources that are in use, for a batch of the caller's. */
export const selectSourceStates = (db: Database) =>
  db
    .select({ id: sources.id, name: sources.name, kind: sources.kind, state: sources.state, trouble: sources.trouble })
    .from(sources)
    .where(sql`${sources.state} <> 'draft'`)
    .orderBy(asc(sources.createdAt))

/** The last pull that brought anything, of each file of each source, for a batch of the caller's. */
export const selectLastPulls = (db: Database, now: Date) =>
  db
    .select({
      id: pulls.id,
      sourceId: pulls.sourceId,
      read: pulls.read,
      rejected: pulls.rejected,
      notices: pulls.notices,
      // The other columns are those of the row that has the greatest: SQLite says so of a bare column beside one max().
      at: sql<number>`max(${pulls.startedAt})`,
    })
    .from(sources)
    .innerJoin(pulls, and(eq(pulls.sourceId, sources.id), gt(pulls.startedAt, new Date(now.getTime() - days * 86_400_000))))
    .where(and(eq(pulls.state, 'done'), gt(pulls.read, 0)))
    .groupBy(pulls.sourceId, pulls.layout)

/**
 * Everything that is wrong, what needs a person most first.
 *
 * @param read.shown keys of the metrics that are named first
 */
export function problemsIn(read: {
  states: Awaited<ReturnType<typeof selectSourceStates>>
  pulls: Awaited<ReturnType<typeof selectLastPulls>>
  sources: readonly SourceFacts[]
  shown: readonly MetricKey[]
  now: Date
}): ImportProblem[] {
  const problems = read.states.flatMap((state): ImportProblem[] => {
    const facts = read.sources.find(({ id }) => id === state.id)
    const source = { id: state.id, name: state.name }
    const of = (kinds: readonly FactKind[]): OfSource => ({ source, affects: affectedBy(kinds, read.shown) })
    const holds = facts?.holds ?? []
    const own = read.pulls.filter(({ sourceId }) => sourceId === state.id)
    const notices = own.flatMap((pull) => (pull.notices as Notice[] | null) ?? [])
    const unmapped = notices.flatMap((notice) => (notice.code === 'unknown-stages' ? notice.stages : []))
    const unlinked = notices.reduce((sum, notice) => sum + (notice.code === 'rows-unlinked' ? notice.rows : 0), 0)
    return [
      ...standing(state, facts, of(holds), read.now),
      ...(unmapped.length > 0
        ? [
            {
              ...of(['stage']),
              kind: 'unmapped' as const,
              rows: unmapped.reduce((sum, { rows }) => sum + rows, 0),
              stages: unmapped.map(({ stage }) => stage),
              isPulled: state.kind !== 'csv' && state.kind !== 'push',
            },
          ]
        : []),
      ...own.flatMap(({ id, rejected, read: rows }) =>
        rejected > 0 ? [{ ...of(holds), kind: 'rejected' as const, rows: rejected, of: rows, pullId: id }] : [],
      ),
      ...(unlinked > 0 ? [{ ...of(['activity', 'touch']), kind: 'unlinked' as const, rows: unlinked }] : []),
    ]
  })
  return problems.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
}

/** A source that somebody paused is as they want it, and is late all the same. */
function standing(state: { state: string; trouble: unknown }, facts: SourceFacts | undefined, of: OfSource, now: Date): ImportProblem[] {
  const trouble = troubleOf(state)
  const lastSuccessAt = facts?.lastSuccessAt ?? null
  if (trouble) return [{ ...of, kind: state.state === 'stopped' ? 'stopped' : 'failing', trouble, lastSuccessAt }]
  if (!facts || lastSuccessAt === null) return []
  const age = freshness(new Date(lastSuccessAt), facts.expectedEveryDays, now)
  if (age !== 'late' && age !== 'stale') return []
  return [{ ...of, kind: age, lastSuccessAt, days: Math.floor((now.getTime() - lastSuccessAt) / 86_400_000) }]
}

/** KPIs that need any of these facts. */
function affectedBy(kinds: readonly FactKind[], shown: readonly MetricKey[]): KpiKey[] {
  const made = metrics.filter(({ facts }) => facts.some((kind) => kinds.includes(kind))).map(({ key }) => key)
  return [...made.filter((key) => shown.includes(key)), ...made.filter((key) => !shown.includes(key))]
}
