import type { WaterfallSpec } from '../../core/chart'
import type { ScoreChange } from '../../core/result'
import { splitOf, toTenths, type WaterfallRow, waterfall } from '../../core/waterfall'
import { contributionName } from '../../services/findings'
import { ChartFigure } from './chart-figure'
import { SplitRows } from './split-rows'
import { shownChange, ticksFor, type View } from './view'

/** What moved the score: from the last round to this one, part by part. The rows sum to what is printed. */
export function Waterfall({ view, change }: { view: View; change: ScoreChange }) {
  const { t, f } = view
  const texts = t.overview.moved
  const total = shownChange(change.from.value, change.to.value)
  const unlike = pointsUnlike(change)
  const [from, to] = [roundName(view, change.from), roundName(view, change.to)]
  return (
    <ChartFigure
      view={view}
      id="moved"
      class="c7"
      heading="h2"
      title={texts.title(f.month(change.to.period))}
      what={texts.what(f.signed(total, 1))}
      label={texts.spoken(from, f.number(change.from.value, 1), to, f.number(change.to.value, 1))}
      spec={waterfallSpec(view, change, from, to)}
      note={change.added !== 0 || change.dropped !== 0 ? texts.unlike(f.signed(total - unlike, 1), f.signed(unlike, 1)) : null}
      tableNote={texts.levels}
    >
      <SplitRows view={view} change={change} from={from} to={to} />
    </ChartFigure>
  )
}

/** @param from, to what the two rounds are called */
export function waterfallSpec(view: View, change: ScoreChange, from: string, to: string): WaterfallSpec {
  const { f } = view
  const rows = waterfall(change)
  const levels = levelsOf(change, rows)
  const ticks = ticksFor(Math.min(...levels) - 0.05, Math.max(...levels) + 0.05, [0, 100])
  const total = (label: string, value: number): WaterfallSpec['rows'][number] => ({
    label,
    detail: '',
    from: value,
    to: value,
    text: f.number(value, 1),
    tone: 'total',
  })
  return {
    kind: 'waterfall',
    ticks: ticks.map((at) => ({ at, text: f.number(at, ticks.every(Number.isInteger) ? 0 : 1) })),
    rows: [
      total(from, toTenths(change.from.value) / 10),
      ...rows.map((row, index) => ({
        ...nameOf(view, row),
        from: levels[index] ?? 0,
        to: levels[index + 1] ?? 0,
        text: f.signed(row.tenths / 10, 1),
        tone: row.kind === 'noise' ? ('noise' as const) : row.tenths < 0 ? ('loss' as const) : ('gain' as const),
      })),
      total(to, toTenths(change.to.value) / 10),
    ],
  }
}

/** The score before the first row and after each. */
function levelsOf(change: ScoreChange, rows: readonly WaterfallRow[]): number[] {
  const levels = [toTenths(change.from.value)]
  for (const { tenths } of rows) levels.push((levels.at(-1) ?? 0) + tenths)
  return levels.map((level) => level / 10)
}

/** What comes from parts that only one of the two rounds has, in the tenths that are shown of them. */
const pointsUnlike = (change: ScoreChange) =>
  splitOf(change)
    .flatMap(({ parts }) => parts)
    .reduce((sum, { kind, tenths }) => (kind === 'like-for-like' ? sum : sum + tenths), 0) / 10

const roundName = ({ t, f }: View, { number, period }: { number: number; period: string }) =>
  t.overview.roundOption(f.number(number), f.month(period))

function nameOf(view: View, row: WaterfallRow): { label: string; detail: string } {
  const { t } = view
  if (row.kind === 'noise') return { label: t.overview.moved.noise(row.parts), detail: '' }
  return { label: contributionName(view, row), detail: t.overview.pillars.names[row.pillar] }
}
