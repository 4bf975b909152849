import type { ScoreChange } from '../../core/result'
import { splitOf, toTenths, type WaterfallRow, waterfall } from '../../core/waterfall'
import { contributionName } from '../../services/findings'
import { AsTable } from './as-table'
import { SplitRows } from './split-rows'
import { Delta } from './verdict'
import { at, share, shownChange, span, ticksFor, type View } from './view'

/** What moved the score: from the last round to this one, part by part. The rows sum to what is printed. */
export function Waterfall({ view, change }: { view: View; change: ScoreChange }) {
  const { t, f, sheet } = view
  const rows = waterfall(change)
  const levels = levelsOf(change, rows)
  const ticks = ticksFor(Math.min(...levels) - 0.05, Math.max(...levels) + 0.05, [0, 100])
  const scale = [ticks[0] ?? 0, ticks.at(-1) ?? 100] as const
  const place = (value: number) => share(value, scale)
  const grid = ticks.map((tick) => <i class={`gl ${at(sheet, place(tick))}`} />)
  const decimals = ticks.every((tick) => Number.isInteger(tick)) ? 0 : 1
  const total = shownChange(change.from.value, change.to.value)
  const unlike = pointsUnlike(change)
  const [from, to] = [roundName(view, change.from), roundName(view, change.to)]
  return (
    <figure class="c7">
      <div class="title">
        <h2>{t.overview.moved.title(f.month(change.to.period))}</h2>
        <p class="what">{t.overview.moved.what(f.signed(total, 1))}</p>
      </div>
      <div
        class="rows wf"
        role="img"
        aria-label={t.overview.moved.spoken(from, f.number(change.from.value, 1), to, f.number(change.to.value, 1))}
      >
        <div class="r axis">
          <span class="k" />
          <span class="trk">
            {ticks.map((tick, index) => (
              <span class={`${index % 2 ? 'odd ' : ''}${at(sheet, place(tick))}`}>
                <bdi>{f.number(tick, decimals)}</bdi>
              </span>
            ))}
          </span>
          <span />
        </div>
        <div class="r total">
          <span class="k">{from}</span>
          <span class="trk">
            {grid}
            <i class={`tot ${at(sheet, place(change.from.value))}`} />
          </span>
          <span class="v">
            <bdi>{f.number(change.from.value, 1)}</bdi>
          </span>
        </div>
        {rows.map((row, index) => (
          <div class="r">
            <span class="k">{rowName(view, row)}</span>
            <span class="trk">
              {grid}
              <i class={`lnk ${at(sheet, place(levels[index] ?? 0))}`} />
              <i
                class={`bar ${row.kind === 'noise' ? 'noise' : row.tenths < 0 ? 'down' : 'up'} ${span(sheet, place(levels[index] ?? 0), place(levels[index + 1] ?? 0))}`}
              />
            </span>
            <span class="v">
              <Delta view={view} value={row.tenths / 10} />
            </span>
          </div>
        ))}
        <div class="r total">
          <span class="k">{to}</span>
          <span class="trk">
            {grid}
            <i class={`lnk ${at(sheet, place(levels.at(-1) ?? 0))}`} />
            <i class={`tot ${at(sheet, place(change.to.value))}`} />
          </span>
          <span class="v">
            <bdi>{f.number(change.to.value, 1)}</bdi>
          </span>
        </div>
      </div>
      {change.added !== 0 || change.dropped !== 0 ? (
        <p class="note">{t.overview.moved.unlike(f.signed(total - unlike, 1), f.signed(unlike, 1))}</p>
      ) : null}
      <AsTable view={view} caption={t.overview.moved.title(f.month(change.to.period))} note={t.overview.moved.levels}>
        <SplitRows view={view} change={change} from={from} to={to} />
      </AsTable>
    </figure>
  )
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

function rowName(view: View, row: WaterfallRow) {
  const { t } = view
  if (row.kind === 'noise') return t.overview.moved.noise(row.parts)
  return (
    <>
      {contributionName(view, row)} <small>{t.overview.pillars.names[row.pillar]}</small>
    </>
  )
}
