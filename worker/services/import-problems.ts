/** What keeps figures from being whole: sources in trouble or late, stages without a meaning, rows that were refused. */
import { and, eq, gt, sql } from 'drizzle-orm'
import type { Notice } from '../connectors/connector'
import type { FactKind } from '../core/facts'
import { freshness } from '../core/kpi'
import { type KpiKey, type MetricKey, metrics } from '../core/metrics'
import type { Database } from '../db/client'
import { pulls, sources } from '../db/schema'
import type { SourceFacts } from './metrics'
import { type Trouble, troubleOf, unreadBecause } from './pull-state'

interface OfSource {
  source: { id: string; name: string }
  /** KPIs that are made of such facts: those that are shown first. */
  affects: KpiKey[]
}

/** A source that cannot be read, or is late: whatever it brought is as old. */
export type SourceProblem = OfSource &
  (
    | { kind: 'stopped' | 'failing'; trouble: Trouble; lastSuccessAt: number | null }
    | { kind: 'stale' | 'late'; lastSuccessAt: number; days: number }
  )

/** What needs a person first; `unlinked` only says what was left out. */
export type ImportProblem =
  | SourceProblem
  | (OfSource &
      (
        | {
            kind: 'unmapped'
            rows: number
            stages: string[] /** Its stages are given meanings on a page of their own. */
            isPulled: boolean
          }
        | { kind: 'rejected'; rows: number; of: number; pullId: string }
        | { kind: 'unlinked'; rows: number }
      ))

const order: readonly ImportProblem['kind'][] = ['stopped', 'failing', 'stale', 'unmapped', 'rejected', 'late', 'unlinked']

/** How far back the last pull of a file is looked for. */
const days = 92

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
  pulls: Awaited<ReturnType<typeof selectLastPulls>>
  sources: readonly SourceFacts[]
  shown: readonly MetricKey[]
  now: Date
}): ImportProblem[] {
  const problems = read.sources.flatMap((from): ImportProblem[] => {
    const { holds } = from
    const source = { id: from.id, name: from.name }
    const of = (kinds: readonly FactKind[]): OfSource => ({ source, affects: affectedBy(kinds, read.shown) })
    const own = read.pulls.filter(({ sourceId }) => sourceId === from.id)
    const notices = own.flatMap((pull) => (pull.notices as Notice[] | null) ?? [])
    const unmapped = notices.flatMap((notice) => (notice.code === 'unknown-stages' ? notice.stages : []))
    const unlinked = notices.reduce((sum, notice) => sum + (notice.code === 'rows-unlinked' ? notice.rows : 0), 0)
    return [
      ...sourceProblems([from], read.now).map((problem) => ({ ...problem, ...of(holds) })),
      ...(unmapped.length > 0
        ? [
            {
              ...of(['stage']),
              kind: 'unmapped' as const,
              rows: unmapped.reduce((sum, { rows }) => sum + rows, 0),
              stages: unmapped.map(({ stage }) => stage),
              isPulled: from.kind !== 'csv' && from.kind !== 'push',
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

/** Of these sources alone, without the KPIs. One that somebody paused is as they want it, and is late all the same. */
export const sourceProblems = (
  sources: readonly Pick<SourceFacts, 'id' | 'name' | 'state' | 'trouble' | 'lastSuccessAt' | 'expectedEveryDays'>[],
  now: Date,
): SourceProblem[] =>
  sources.flatMap((from): SourceProblem[] => {
    const { id, name, lastSuccessAt } = from
    const of: OfSource = { source: { id, name }, affects: [] }
    const [unread, trouble] = [unreadBecause(from), troubleOf(from)]
    if (unread && trouble) return [{ ...of, kind: unread, trouble, lastSuccessAt }]
    if (lastSuccessAt === null) return []
    const age = freshness(new Date(lastSuccessAt), from.expectedEveryDays, now)
    if (age !== 'late' && age !== 'stale') return []
    return [{ ...of, kind: age, lastSuccessAt, days: Math.floor((now.getTime() - lastSuccessAt) / 86_400_000) }]
  })

/** Whether it is of a source that cannot be read at all. */
export const isUnread = (problem: ImportProblem): problem is SourceProblem & { kind: 'stopped' | 'failing' } =>
  problem.kind === 'stopped' || problem.kind === 'failing'

/** KPIs that need any of these facts. */
function affectedBy(kinds: readonly FactKind[], shown: readonly MetricKey[]): KpiKey[] {
  const made = metrics.filter(({ facts }) => facts.some((kind) => kinds.includes(kind))).map(({ key }) => key)
  return [...made.filter((key) => shown.includes(key)), ...made.filter((key) => !shown.includes(key))]
}
