import type { Child } from 'hono/jsx'
import type { LineSpec } from '../../core/chart'
import type { Score } from '../../core/result'
import type { TrendMark } from '../../core/trend'
import { leftToRight, roundTo } from '../../i18n/format'
import type { ShownRound } from '../../services/overview'
import { eventMark } from './add-event'
import { AsTable } from './as-table'
import { ChartFigure } from './chart-figure'
import { NumCell } from './num'
import { halfWidth, ticksFor, type View, whatFrom } from './view'

/** The score by round, with how sure each is, its normal range, what happened, and which rounds are news. */
export function TrendFigure({ view, shown, title, under }: { view: View; shown: ShownRound; title: string; under?: Child }) {
  const { t, f } = view
  const { history } = shown
  const measured = history.filter(({ value }) => value !== null)
  const { grey, stem, tooFew, otherRules, what } = t.overview.trend
  const note = shown.otherRules > 0 ? otherRules(shown.otherRules) : null
  if (measured.length === 0) {
    return (
      <figure class="c8">
        <div class="title">
          <h3>{t.overview.trend.neutral}</h3>
          <p class="what">{what}</p>
        </div>
        <div class="state">
          <strong>{t.overview.trend.none}</strong>
          <p>{t.overview.trend.noneWhat}</p>
        </div>
        {note ? <p class="note">{note}</p> : null}
        <AsTable view={view} caption={t.overview.trend.neutral}>
          <TrendRows view={view} shown={shown} />
        </AsTable>
      </figure>
    )
  }
  const spec = specOf(view, shown, scaleOf(shown))
  const [first] = measured
  const last = measured.at(-1)
  const isOne = measured.length === 1
  const label = isOne
    ? t.overview.trend.spokenOne(f.period(first?.period ?? ''), f.number(first?.value ?? 0))
    : t.overview.trend.spoken(
        f.period(first?.period ?? ''),
        f.number(first?.value ?? 0),
        f.period(last?.period ?? ''),
        f.number(last?.value ?? 0),
      )
  return (
    <ChartFigure
      view={view}
      id="trend"
      class="c8"
      title={title}
      what={whatFrom(view, `${what} ${isOne ? stem : grey}`, spec.ticks, 0)}
      label={`${title}. ${label}`}
      spec={spec}
      note={note ?? (isOne ? tooFew : null)}
      under={under}
    >
      <TrendRows view={view} shown={shown} />
    </ChartFigure>
  )
}

/** Every round with its score, how sure it is, and its verdict. */
function TrendRows({ view, shown: { history, trend } }: { view: View; shown: ShownRound }) {
  const { t, f } = view
  return (
    <>
      <thead>
        <tr>
          <th scope="col">{t.overview.trend.round}</th>
          <th scope="col" class="num">
            {t.overview.trend.score}
          </th>
          <th scope="col" class="num">
            {t.overview.trend.low}
          </th>
          <th scope="col" class="num">
            {t.overview.trend.high}
          </th>
          <th scope="col">{t.overview.trend.verdict}</th>
          <th scope="col" class="num">
            {t.overview.trend.ballots}
          </th>
        </tr>
      </thead>
      <tbody>
        {history.map((score, index) => (
          <tr>
            <th scope="row">{t.overview.roundOption(f.number(score.number), f.period(score.period))}</th>
            <NumCell view={view} value={score.value} />
            <NumCell view={view} value={score.interval?.low} />
            <NumCell view={view} value={score.interval?.high} />
            <td>{verdictText(view, trend.rounds[index])}</td>
            <td class="num">{score.ballots === null ? '–' : t.overview.ofInvited(f.number(score.ballots), f.number(score.invited))}</td>
          </tr>
        ))}
      </tbody>
    </>
  )
}

const verdictText = ({ t }: View, mark: TrendMark | undefined) =>
  mark?.verdict === 'signal' ? t.overview.signal : mark?.verdict === 'normal' ? t.overview.normalShort : '–'

/** Ticks around everything that is drawn; never beyond 0 and 100. */
function scaleOf({ history, trend }: ShownRound): number[] {
  const values = [
    ...history.flatMap(({ value, interval }) => (value === null ? [] : [value, interval?.low ?? value, interval?.high ?? value])),
    ...trend.phases.flatMap(({ low, high }) => [low, high]),
  ]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const room = Math.max(0, 20 - (high - low)) / 2
  return ticksFor(Math.max(0, low - room), Math.min(100, high + room), [0, 100])
}

function specOf(view: View, { history, trend }: ShownRound, ticks: number[]): LineSpec {
  const { t, f } = view
  const firstSignal = trend.rounds.findIndex(({ verdict }) => verdict === 'signal')
  const signal = trend.rounds[firstSignal]
  return {
    kind: 'line',
    points: trend.rounds.map((mark, index) => {
      const score = history[index] as Score
      return {
        x: mark.at,
        y: tenths(mark.value),
        low: tenths(score.interval?.low ?? null),
        high: tenths(score.interval?.high ?? null),
        label: f.shortMonth(mark.period),
        year: mark.period.slice(0, 4),
        value: mark.value === null ? t.overview.trend.none : plusMinus(view, score),
        name: t.overview.roundOption(f.number(mark.number), f.period(mark.period)),
        ...(mark.verdict === 'signal' && { signal: true }),
        ...(mark.afterGap && { afterGap: true }),
      }
    }),
    ticks: ticks.map((at) => ({ at, text: f.number(at, at % 1 === 0 ? 0 : 1) })),
    phases: trend.phases.map(({ mean, low, high, ...phase }) => ({
      ...phase,
      mean: roundTo(mean, 1),
      low: roundTo(low, 1),
      high: roundTo(high, 1),
    })),
    events: trend.events.map((event) => eventMark(view, event, event.at)),
    target: null,
    ends: endsOf(view, { history, trend }),
    note: signal
      ? {
          point: firstSignal,
          strong: t.overview.signal,
          text: (signal.value ?? 0) > (signal.mean ?? 0) ? t.overview.trend.firstAbove : t.overview.trend.firstBelow,
        }
      : null,
  }
}

/** No more than the table says. */
const tenths = (value: number | null) => (value === null ? null : roundTo(value, 1))

const plusMinus = ({ f, locale }: View, score: Score) =>
  leftToRight(locale, `${f.number(score.value ?? 0, 1)}${score.interval ? ` ±${f.number(halfWidth(score), 1)}` : ''}`)

function endsOf({ t, f, locale }: View, { history, trend }: Pick<ShownRound, 'history' | 'trend'>): LineSpec['ends'] {
  const score = history.at(-1)
  const phase = trend.phases.at(-1)
  return [
    ...(score?.value == null
      ? []
      : [
          {
            y: roundTo(score.value, 1),
            strong: f.number(score.value),
            text: '',
            wide: score.interval
              ? `${f.month(score.period)} ${leftToRight(locale, `±${f.number(halfWidth(score))}`)}`
              : f.month(score.period),
          },
        ]),
    ...(phase
      ? [
          { y: roundTo(phase.high, 1), strong: '', text: f.number(phase.high), wide: t.overview.trend.upper },
          { y: roundTo(phase.low, 1), strong: '', text: f.number(phase.low), wide: t.overview.trend.lower },
        ]
      : []),
  ]
}
