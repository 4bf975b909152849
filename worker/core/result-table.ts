/** A published result as one long table: what the API says as an object, a row a measure, for a spreadsheet. */
import { isHidden } from './findings'
import type { DefinitionFigure, Figure, Hidden, Interval, NodeResult, PublicResult, ThemeGap } from './result'

type Cell = string | number | null

const columns = [
  'kind',
  'group_id',
  'group',
  'side',
  'key',
  'option',
  'n',
  'invited',
  'value',
  'low',
  'high',
  'band',
  'if_all_low',
  'if_all_high',
  'promoters',
  'passives',
  'critics',
  'average_deviation',
  'agreement',
  'two_camps',
  'count',
  'sales',
  'marketing',
  'distance',
  'p',
  'n_sales',
  'n_marketing',
  'within_sales',
  'within_marketing',
  'divide',
  'divide_low',
  'divide_high',
  'hidden',
  'text',
] as const
type Row = Partial<Record<(typeof columns)[number], Cell>> & {
  kind: 'round' | 'group' | 'headline' | 'theme' | 'item' | 'definition' | 'option' | 'gap' | 'statement-gap' | 'term' | 'comment' | 'audit'
}

/**
 * The rows of a result, the header first: the round, then each group with its measures, the comparison of the sides, the
 * terms, the comments, and whether there were more ballots than links. An empty cell is a number that is not there.
 *
 * @example toCsv(resultRows(result))
 */
export function resultRows(result: PublicResult): Cell[][] {
  const rows: Row[] = [
    { kind: 'round', key: 'number', value: result.number },
    { kind: 'round', key: 'period', text: result.period },
    { kind: 'round', key: 'participation', n: result.n, invited: result.invited },
    { kind: 'round', key: 'minimum-group-size', value: result.minimumGroupSize },
    { kind: 'round', key: 'method-version', text: result.methodVersion },
    ...result.nodes.flatMap(rowsOfNode),
    ...result.gaps.map((gap) => gapRow('gap', gap.theme, gap)),
    ...(result.statements ?? []).map((gap) => gapRow('statement-gap', gap.itemId, gap)),
    ...result.terms.map((term): Row => {
      const { nSales, nMarketing, withinSales, withinMarketing, divide, divideInterval } = term
      return {
        kind: 'term',
        key: term.term,
        value: term.between,
        ...endsOf(term.interval),
        n_sales: nSales,
        n_marketing: nMarketing,
        within_sales: withinSales,
        within_marketing: withinMarketing,
        divide,
        divide_low: divideInterval?.low ?? null,
        divide_high: divideInterval?.high ?? null,
      }
    }),
    ...result.comments.map((text): Row => ({ kind: 'comment', text })),
    ...(result.commentsLeftOut ? [{ kind: 'comment' as const, key: 'left-out', count: result.commentsLeftOut }] : []),
    ...auditRows(result),
  ]
  return [[...columns], ...rows.map((row) => columns.map((column) => row[column] ?? null))]
}

const gapRow = (kind: 'gap' | 'statement-gap', key: string, of: Omit<ThemeGap, 'theme'>): Row => {
  const { sales, marketing, gap, interval, distance, p } = of
  return { kind, key, sales, marketing, value: gap, ...endsOf(interval), distance, p }
}

function rowsOfNode(node: NodeResult): Row[] {
  const about = { group_id: node.id, group: node.name, side: node.side }
  if (isHidden(node)) return [{ kind: 'group', ...about, hidden: node.hidden }]
  return [
    { kind: 'group', ...about, n: node.n, invited: node.invited, ...node.classes },
    { kind: 'headline', ...about, key: 'headline', ...cellsOf(node.headline) },
    ...Object.entries(node.themes).map(([key, figure]): Row => ({ kind: 'theme', ...about, key, ...cellsOf(figure) })),
    ...Object.entries(node.items).map(([key, figure]): Row => ({ kind: 'item', ...about, key, ...cellsOf(figure) })),
    ...Object.entries(node.definitions).flatMap(([key, figure]) => definitionRows(key, figure).map((row) => ({ ...row, ...about }))),
  ]
}

function cellsOf(figure: Figure | Hidden): Omit<Row, 'kind'> {
  if (isHidden(figure)) return { hidden: figure.hidden }
  const { n, value, interval, ifAllAnswered, band, classes, within } = figure
  return {
    n,
    value,
    ...endsOf(interval),
    band,
    if_all_low: ifAllAnswered?.low ?? null,
    if_all_high: ifAllAnswered?.high ?? null,
    ...classes,
    ...(within && {
      average_deviation: within.averageDeviation,
      agreement: yesOrNo(within.agreement),
      two_camps: yesOrNo(within.twoCamps),
    }),
  }
}

const yesOrNo = (is: boolean | null): Cell => (is === null ? null : is ? 'yes' : 'no')

const endsOf = (interval: Interval | null) => ({ low: interval?.low ?? null, high: interval?.high ?? null })

function definitionRows(key: string, figure: DefinitionFigure | Hidden): Row[] {
  if (isHidden(figure)) return [{ kind: 'definition', key, hidden: figure.hidden }]
  const options = Object.entries(figure.options ?? {})
  return [{ kind: 'definition', key, n: figure.n }, ...options.map(([option, count]): Row => ({ kind: 'option', key, option, count }))]
}

function auditRows({ audit, nodes }: PublicResult): Row[] {
  if (!audit) return []
  const { exceeded } = audit
  if (exceeded.length === 0) return [{ kind: 'audit', key: 'passed' }]
  return exceeded.map((id): Row => {
    const node = nodes.find((candidate) => candidate.id === id)
    return { kind: 'audit', key: 'exceeded', group_id: id, group: node?.name ?? '', side: node?.side ?? '' }
  })
}
