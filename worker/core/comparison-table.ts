/** Two rounds beside each other as one long table, a row a measure, for a spreadsheet. */

import { type FigureChange, isUnshown, type NodeChange, type Unshown } from './round-change'
import type { RoundComparison } from './round-comparison'

type Cell = string | number | null

const columns = [
  'kind',
  'group_id',
  'group',
  'side',
  'key',
  'before',
  'now',
  'change',
  'low',
  'high',
  'p',
  'verdict',
  'hidden',
  'population',
  'moved',
  'n_before',
  'invited_before',
  'n_now',
  'invited_now',
  'text',
] as const
type Row = Partial<Record<(typeof columns)[number], Cell>> & {
  kind: 'round' | 'score' | 'pillar' | 'part' | 'group' | 'headline' | 'theme' | 'item' | 'participation' | 'term' | 'kpi'
}

/** What stands beside the rounds themselves. */
export interface ComparedKpi {
  metric: string
  from: { value: number; period: string }
  to: { value: number; period: string }
  range: { verdict: 'signal' | 'normal'; low: number; high: number } | null
}

/**
 * The rows of a comparison, the header first: the two rounds, the score and what moved it, each group with its measures,
 * who took part, terms and KPIs. An empty cell is a number that is not there.
 *
 * @example toCsv(comparisonRows(comparison))
 */
export function comparisonRows({
  from,
  to,
  score,
  nodes,
  participation,
  terms,
  kpis,
}: RoundComparison & { kpis: ComparedKpi[] }): Cell[][] {
  const { change } = score
  const rows: Row[] = [
    { kind: 'round', key: 'before', before: from.number, text: from.period },
    { kind: 'round', key: 'now', now: to.number, text: to.period },
    {
      kind: 'score',
      key: 'score',
      before: score.from.value,
      now: score.to.value,
      hidden: score.missing,
      ...(change && { change: change.points, low: change.interval.low, high: change.interval.high, verdict: change.verdict }),
    },
    ...score.pillars.map(
      ({ pillar, points, ...ends }): Row => ({ kind: 'pillar', key: pillar, before: ends.from, now: ends.to, change: points }),
    ),
    ...(change?.contributions ?? []).map(
      ({ key, points, kind, withinNoise }): Row => ({
        kind: 'part',
        key,
        change: points,
        text: kind,
        verdict: withinNoise ? 'normal' : 'signal',
      }),
    ),
    ...nodes.flatMap(rowsOfNode),
    ...participation.map(
      ({ id, name, side, from: then, to: now }): Row => ({
        kind: 'participation',
        group_id: id,
        group: name,
        side,
        n_before: then.n,
        invited_before: then.invited,
        n_now: now.n,
        invited_now: now.invited,
      }),
    ),
    ...terms.map((term): Row => {
      if ('hidden' in term) return { kind: 'term', key: term.term, hidden: term.hidden }
      const { from: before, to: now, difference, interval, p, verdict } = term
      return { kind: 'term', key: term.term, before, now, change: difference, low: interval.low, high: interval.high, p, verdict }
    }),
    ...kpis.map(
      ({ metric, from: then, to: now, range }): Row => ({
        kind: 'kpi',
        key: metric,
        before: then.value,
        now: now.value,
        ...(range && { low: range.low, high: range.high, verdict: range.verdict }),
        text: `${then.period} ${now.period}`,
      }),
    ),
  ]
  return [[...columns], ...rows.map((row) => columns.map((column) => row[column] ?? null))]
}

function rowsOfNode(node: NodeChange): Row[] {
  const about = { group_id: node.id, group: node.name, side: node.side }
  if (isUnshown(node)) return [{ kind: 'group', ...about, hidden: node.hidden }]
  const measure = (kind: Row['kind'], key: string, change: FigureChange | Unshown): Row => ({ kind, ...about, key, ...cellsOf(change) })
  return [
    { kind: 'group', ...about, population: node.population, moved: node.moved },
    measure('headline', 'headline', node.headline),
    ...Object.entries(node.themes).map(([key, change]) => measure('theme', key, change)),
    ...Object.entries(node.items).map(([key, change]) => measure('item', key, change)),
  ]
}

function cellsOf(change: FigureChange | Unshown): Omit<Row, 'kind'> {
  if (isUnshown(change)) return { hidden: change.hidden }
  const { from, to, points, interval, p, verdict } = change
  return { before: from, now: to, change: points, low: interval.low, high: interval.high, p, verdict }
}
