/**
 * What scores and KPIs say together: which KPI moves with the people index, and how things were before and after an event.
 * Permutation tests take too long for a page, so they are made when something changed, and stored.
 */
import { asc, eq } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { type AroundRow, aroundEvent, type Series } from '../core/around-event'
import { monthsThrough } from '../core/calendar'
import { canonicalJson } from '../core/canonical-json'
import { DomainError } from '../core/errors'
import type { EventScope } from '../core/event'
import { comparedKeys, kpiKeys } from '../core/metrics'
import { type KpiRelation, relations } from '../core/relation'
import type { Score } from '../core/result'
import { methodVersion } from '../core/score'
import { onOneLine } from '../core/score-history'
import { readAnalysis, replaceAnalysis, selectAnalyses } from '../db/analyses'
import type { Database } from '../db/client'
import { eventColumns } from '../db/events'
import { events } from '../db/schema'
import { scoreIn, selectNewestScores, selectValues } from '../db/scores'
import { rulesIn, selectRules } from '../db/scoring-rules'
import { type ServiceContext, sha256Hex } from './context'

/** What moves with the people index, KPI by KPI. */
export const listRelations = (db: Database): Promise<KpiRelation[]> => readAnalysis(db, 'relations')

export interface EventComparison {
  event: { id: string; day: string; name: string }
  rows: AroundRow[]
}

/**
 * The score, the people index and every KPI before an event and after it; only what has three periods on both sides.
 *
 * @throws DomainError not-found
 */
export async function compareAround(
  db: Database,
  eventId: string,
): Promise<EventComparison & { event: { scope: EventScope; author: string } }> {
  const [event] = await db.select(eventColumns).from(events).where(eq(events.id, eventId))
  if (!event) throw new DomainError('not-found', 'There is no such event.')
  const found = (await readAnalysis(db, 'around-events')).find((one) => one.eventId === eventId)
  return { event, rows: found?.rows ?? [] }
}

/** Computes again what is made of something else by now. One call to the database where nothing changed. */
export async function refreshAnalyses({ db, now }: Pick<ServiceContext, 'db' | 'now'>): Promise<void> {
  const [stored, scoreRows, observed, eventRows, ruleRows] = await db.batch([
    selectAnalyses(db),
    selectNewestScores(db),
    selectValues(db),
    db.select({ eventId: events.id, day: events.day, name: events.name }).from(events).orderBy(asc(events.day), asc(events.id)),
    selectRules(db),
  ])
  const history = onOneLine(scoreRows.map(scoreIn))
  const { goals } = rulesIn(ruleRows)
  // Every further KPI makes chance findings likelier, and all of them harder to see: those that matter here are compared.
  const compared = kpiKeys.filter((key) => comparedKeys.includes(key) || goals.some(({ metric }) => metric === key))
  const kpis = compared.map(
    (measure): Series => ({ measure, values: observed.filter(({ metric, provisional }) => metric === measure && !provisional) }),
  )
  const people = indexSeries('people', history)
  const series = [indexSeries('score', history), people, ...kpis]
  const made = [
    { kind: 'relations', inputs: [people, kpis], body: () => relationsOf(people, kpis) },
    {
      kind: 'around-events',
      inputs: [series, eventRows],
      body: () => eventRows.map((event) => ({ ...event, rows: aroundEvent(event.day, series) })),
    },
  ] as const
  const writes: BatchItem<'sqlite'>[] = []
  for (const { kind, inputs, body } of made) {
    const inputsHash = await sha256Hex(canonicalJson({ methodVersion, inputs }))
    if (stored.some((row) => row.kind === kind && row.inputsHash === inputsHash)) continue
    writes.push(replaceAnalysis(db, { kind, inputsHash, body: body(), computedAt: now }))
  }
  const [first, ...others] = writes
  if (first) await db.batch([first, ...others])
}

/** By month; of several rounds in one the last. */
function indexSeries(measure: 'score' | 'people', history: readonly Score[]): Series {
  const byPeriod = new Map(history.map((score) => [score.period, measure === 'score' ? score.value : score.peopleIndex]))
  return { measure, values: [...byPeriod].map(([period, value]) => ({ period, value })) }
}

/** Month by month over the time in which there were rounds. */
function relationsOf(people: Series, kpis: readonly Series[]): KpiRelation[] {
  const [first, last] = [people.values[0]?.period, people.values.at(-1)?.period]
  if (!first || !last) return []
  const months = monthsThrough(first, last)
  const valuesOf = ({ values }: Series) => {
    const byPeriod = new Map(values.map(({ period, value }) => [period, value]))
    return months.map((month) => byPeriod.get(month) ?? null)
  }
  const known = kpis.filter(({ values }) => values.length > 0).map((kpi) => ({ key: kpi.measure, values: valuesOf(kpi) }))
  return relations(valuesOf(people), known, { seed: 'people index' })
}
