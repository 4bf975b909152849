/** A published result as one long table: what the API says as an object, a row a measure, for a spreadsheet. */
import { isHidden } from './findings'
import type {
  DefinitionFigure,
  Figure,
  Hidden,
  Interval,
  NodeResult,
  PublicResult,
  TermAgreement,
  ThemeGap,
  VignetteAgreement,
} from './result'
import { storyAgreement } from './stories'

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
  'written',
  'written_sales',
  'written_sales_low',
  'written_sales_high',
  'written_marketing',
  'written_marketing_low',
  'written_marketing_high',
  'unit',
  'median_sales',
  'median_marketing',
  'hidden',
  'open_link',
  'text',
] as const
type Row = Partial<Record<(typeof columns)[number], Cell>> & {
  kind:
    | 'round'
    | 'group'
    | 'headline'
    | 'theme'
    | 'item'
    | 'definition'
    | 'option'
    | 'gap'
    | 'statement-gap'
    | 'term'
    | 'vignette'
    | 'number'
    | 'stories'
    | 'comment'
    | 'audit'
}

/**
 * The rows of a result, the header first: the round, then each group with its measures, the comparison of the sides, the
 * terms, the stories and numbers, the comments, and whether there were more ballots than links. An empty cell is a number that is not there.
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
    ...result.terms.map((term): Row => ({ kind: 'term', key: term.term, ...agreementCells(term), ...writtenCells(term) })),
    ...(result.vignettes ?? []).map((one): Row => ({ kind: 'vignette', key: one.itemId, ...agreementCells(one) })),
    ...(result.numbers ?? []).map((one): Row => {
      const { unit, medianSales, medianMarketing, distance } = one
      const inUnits = { unit, median_sales: medianSales, median_marketing: medianMarketing, distance }
      return { kind: 'number', key: one.itemId, ...agreementCells(one), ...inUnits }
    }),
    ...storyRows(result),
    ...result.comments.map((text): Row => ({ kind: 'comment', text })),
    ...(result.commentsLeftOut ? [{ kind: 'comment' as const, key: 'left-out', count: result.commentsLeftOut }] : []),
    ...auditRows(result),
  ]
  return [[...columns], ...rows.map((row) => columns.map((column) => row[column] ?? null))]
}

/** `value` is the chance of the same answer. */
function agreementCells(of: VignetteAgreement): Omit<Row, 'kind'> {
  const { between, interval, nSales, nMarketing, withinSales, withinMarketing, divide, divideInterval } = of
  return {
    value: between,
    ...endsOf(interval),
    n_sales: nSales,
    n_marketing: nMarketing,
    within_sales: withinSales,
    within_marketing: withinMarketing,
    divide,
    divide_low: divideInterval?.low ?? null,
    divide_high: divideInterval?.high ?? null,
  }
}

function writtenCells({ written }: TermAgreement): Omit<Row, 'kind'> {
  if (!written) return {}
  const { option, sales, marketing } = written
  return {
    written: option,
    written_sales: sales?.share ?? null,
    written_sales_low: sales?.interval.low ?? null,
    written_sales_high: sales?.interval.high ?? null,
    written_marketing: marketing?.share ?? null,
    written_marketing_low: marketing?.interval.low ?? null,
    written_marketing_high: marketing?.interval.high ?? null,
  }
}

/** α over the stories of this round, where it asked enough of them. */
function storyRows(result: PublicResult): Row[] {
  const { stories, pooled, sales, marketing } = storyAgreement([result])
  return pooled === null ? [] : [{ kind: 'stories', key: 'alpha', count: stories, value: pooled, sales, marketing }]
}

const gapRow = (kind: 'gap' | 'statement-gap', key: string, of: Omit<ThemeGap, 'theme'>): Row => {
  const { sales, marketing, gap, interval, distance, p } = of
  return { kind, key, sales, marketing, value: gap, ...endsOf(interval), distance, p }
}

function rowsOfNode(node: NodeResult): Row[] {
  const about = { group_id: node.id, group: node.name, side: node.side, ...(node.openLink && { open_link: 'yes' }) }
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
