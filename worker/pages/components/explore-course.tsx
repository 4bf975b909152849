/** One figure over rounds: drawn, as a table, and what it is in the chosen round. */
import type { Child } from 'hono/jsx'
import type { LineSpec } from '../../core/chart'
import type { Course } from '../../core/course'
import type { Interval } from '../../core/result'
import { leftToRight } from '../../i18n/format'
import { AddEvent, eventMark } from './add-event'
import { ChartFigure } from './chart-figure'
import type { Level } from './explore-frame'
import { Delta, Range, Verdict } from './verdict'
import { shownChange, ticksFor, type View, whatFrom } from './view'

export type Scale = 'percent' | 'fixed' | 'net'
export const limitsOf = (scale: Scale): readonly [number, number] => (scale === 'net' ? [-100, 100] : [0, 100])

type Point = Course['points'][number]

const writer =
  ({ f }: View, scale: Scale) =>
  (value: number, decimals = 0) =>
    scale === 'net' ? f.signed(value, decimals) : f.number(value, decimals)

/**
 * The line of a figure, with how sure each value is, its normal range and what happened.
 *
 * @param decimals scores have one, published figures none
 */
export function CourseFigure(props: {
  level: Level
  id: string
  name: string
  course: Course
  scale: Scale
  decimals: number
  note?: string | null
  /** What would bring a first value, where that is known. */
  none?: string
  class?: string
}) {
  const { level, course, scale, name } = props
  const { view } = level
  const { t, f } = view
  const texts = t.explore.line
  const measured = course.points.filter((point): point is Point & { value: number } => point.value !== null)
  const [first, last] = [measured[0], measured.at(-1)]
  if (!first || !last) {
    return (
      <figure class={props.class}>
        <div class="title">
          <h2>{texts.by(name)}</h2>
        </div>
        <div class="state">
          <strong>{texts.none}</strong>
          <p>{props.none ?? texts.noneWhat}</p>
        </div>
        {props.note ? <p class="note">{props.note}</p> : null}
      </figure>
    )
  }
  const write = writer(view, scale)
  const title = titleOf(view, name, measured)
  const limits = limitsOf(scale)
  const spec = specOf(view, course, ticksOf(course, limits), write, props.decimals)
  const isOne = first === last
  const what = scale === 'net' ? texts.scaleNet : texts.scaleFixed
  const drawn = measured.some(({ interval }) => interval) ? [isOne ? t.overview.trend.stem : t.overview.trend.grey] : []
  const label = isOne
    ? t.overview.trend.spokenOne(f.period(last.period), write(last.value))
    : t.overview.trend.spoken(f.period(first.period), write(first.value), f.period(last.period), write(last.value))
  const isApart = course.points.some(({ apart }) => apart)
  const isUnjudged = course.points.some(({ n, value }) => value !== null && n !== null && n < 10)
  const notes = [
    props.note,
    isOne ? t.overview.trend.tooFew : null,
    isUnjudged ? texts.unjudged : null,
    isApart ? texts.apart : null,
  ].filter((text) => text != null)
  return (
    <ChartFigure
      view={view}
      id={props.id}
      heading="h2"
      title={title}
      what={whatFrom(view, [what, ...drawn].join(' '), spec.ticks, limits[0])}
      label={`${title}. ${label}`}
      spec={spec}
      note={notes.length > 0 ? notes.join(' ') : null}
      under={<AddEvent c={level.c} chart={props.id} />}
      {...(props.class ? { class: props.class } : {})}
    >
      <Rows level={level} course={course} write={write} decimals={props.decimals} />
    </ChartFigure>
  )
}

/** The first round of the newest run of signals; whether all is normal; that nobody can tell. */
function titleOf({ t, f }: View, name: string, measured: readonly (Point & { value: number })[]): string {
  const texts = t.explore.line
  if (measured.length === 1) return texts.one(name)
  if (measured.every(({ verdict }) => verdict === null)) return measured.length < 6 ? texts.few(name) : texts.by(name)
  const newest = measured.findLast(({ verdict }) => verdict !== null)
  if (newest?.verdict !== 'signal' || newest.mean === null) return texts.within(name)
  const isBeyond = ({ value, low, high }: Point & { value: number }) => value > (high ?? Infinity) || value < (low ?? -Infinity)
  // A run on one side of the mean is a signal, too, and lies within the limits.
  if (!isBeyond(newest)) return newest.value > newest.mean ? texts.upper(name) : texts.lower(name)
  const isAbove = (point: Point & { value: number }) => point.mean !== null && point.value > point.mean
  const since = measured.findLastIndex((point) => !isBeyond(point) || isAbove(point) !== isAbove(newest)) + 1
  const round = f.number(measured[since]?.number ?? newest.number)
  return isAbove(newest) ? texts.above(name, round) : texts.below(name, round)
}

function Rows({
  level,
  course,
  write,
  decimals,
}: {
  level: Level
  course: Course
  write: (value: number, decimals?: number) => string
  decimals: number
}) {
  const { t, f } = level.view
  const hasCounts = course.points.some(({ n }) => n !== null)
  const texts = t.overview.trend
  return (
    <>
      <thead>
        <tr>
          <th scope="col">{texts.round}</th>
          <th scope="col" class="num">
            {t.explore.facts.value}
          </th>
          <th scope="col" class="num">
            {texts.interval}
          </th>
          <th scope="col">{texts.verdict}</th>
          {hasCounts ? (
            <th scope="col" class="num">
              {t.explore.facts.answers}
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {course.points.map(({ number, period, value, interval, n, verdict }) => (
          <tr>
            <th scope="row">{t.overview.roundOption(f.number(number), f.period(period))}</th>
            <td class="num">
              <Figured value={value} text={value === null ? '' : write(value, decimals)} />
            </td>
            <td class="num">
              <Range t={t} ends={interval} write={(end) => write(end, decimals)} />
            </td>
            <td>{verdict === 'signal' ? t.overview.signal : verdict === 'normal' ? t.overview.normalShort : '–'}</td>
            {hasCounts ? <td class="num">{n === null ? '–' : <Figured value={n} text={f.number(n)} />}</td> : null}
          </tr>
        ))}
      </tbody>
    </>
  )
}

/** What a file takes from a cell: the number itself, not how a language writes it. */
export const Figured = ({ value, text }: { value: number | null; text: string }) =>
  value === null ? <>–</> : <data value={String(Math.round(value * 100) / 100)}>{<bdi>{text}</bdi>}</data>

function ticksOf({ points, phases }: Course, limits: readonly [number, number]): number[] {
  const values = [
    ...points.flatMap(({ value, interval }) => (value === null ? [] : [value, interval?.low ?? value, interval?.high ?? value])),
    ...phases.flatMap(({ low, high }) => [low, high]),
  ]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const room = Math.max(0, 20 - (high - low)) / 2
  return ticksFor(Math.max(limits[0], low - room), Math.min(limits[1], high + room), limits)
}

function specOf(
  view: View,
  course: Course,
  ticks: readonly number[],
  write: (value: number, decimals?: number) => string,
  decimals: number,
): LineSpec {
  const { t, f, locale } = view
  const last = course.points.findLast(({ value }) => value !== null)
  const phase = course.phases.at(-1)
  const isOne = course.points.filter(({ value }) => value !== null).length === 1
  const half = isOne && last?.interval ? [leftToRight(locale, `±${f.number((last.interval.high - last.interval.low) / 2)}`)] : []
  const withInterval = (value: number, interval: Interval | null) =>
    leftToRight(
      locale,
      interval ? `${write(value, decimals)} ±${f.number((interval.high - interval.low) / 2, decimals)}` : write(value, decimals),
    )
  return {
    kind: 'line',
    points: course.points.map(({ at, number, period, value, interval, verdict, afterGap }) => ({
      x: at,
      y: value,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      label: f.shortMonth(period),
      year: period.slice(0, 4),
      value: value === null ? '–' : withInterval(value, interval),
      name: t.overview.roundOption(f.number(number), f.period(period)),
      signal: verdict === 'signal',
      afterGap,
    })),
    ticks: ticks.map((tick) => ({ at: tick, text: write(tick, tick % 1 === 0 ? 0 : 1) })),
    phases: course.phases,
    events: course.events.map((event) => eventMark(view, event, event.at)),
    target: null,
    ends: [
      ...(last?.value == null
        ? []
        : [{ y: last.value, strong: write(last.value), text: '', wide: [f.month(last.period), ...half].join(' ') }]),
      ...(phase
        ? [
            { y: phase.high, strong: '', text: write(phase.high), wide: t.overview.trend.upper },
            { y: phase.low, strong: '', text: write(phase.low), wide: t.overview.trend.lower },
          ]
        : []),
    ],
    note: null,
  }
}

/** Name and figure, side by side; a change never without its verdict. */
export interface Fact {
  name: string
  value: Child
}

/** What the chosen round says. */
export const Facts = (props: { level: Level; what?: string; facts: readonly Fact[]; children?: Child }) => {
  const { level, facts, children } = props
  const { t, f } = level.view
  const { number, period } = level.chosen
  return (
    <section class="sec tight">
      <div class="title">
        <h2>{t.explore.facts.title(t.overview.roundOption(f.number(number), f.period(period)))}</h2>
        {props.what ? <p class="what">{props.what}</p> : null}
      </div>
      <dl class="told">
        {facts.map(({ name, value }) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {children}
    </section>
  )
}

/** The value itself, large. */
export const valueFact = (view: View, scale: Scale, value: number | null, decimals = 0): Fact => ({
  name: view.t.explore.facts.value,
  value:
    value === null ? (
      <span class="stat none">–</span>
    ) : (
      <span class="stat">
        <bdi>{writer(view, scale)(value, decimals)}</bdi>
      </span>
    ),
})

export const intervalFact = (view: View, scale: Scale, interval: Interval | null, decimals = 0): Fact => ({
  name: view.t.overview.trend.interval,
  value: <Range t={view.t} ends={interval} write={(end) => writer(view, scale)(end, decimals)} />,
})

/** From one printed value to another, with its verdict. */
export const changeFact = (view: View, name: string, change: Omit<Parameters<typeof ChangeText>[0], 'view'> | null): Fact => ({
  name,
  value: change ? <ChangeText view={view} {...change} /> : view.t.explore.facts.noChange,
})

const ChangeText = ({
  view,
  from,
  to,
  verdict,
  decimals = 1,
}: {
  view: View
  from: number
  to: number
  verdict: 'signal' | 'normal' | null
  decimals?: number
}) =>
  verdict === null ? (
    view.t.explore.facts.tooFew
  ) : (
    <>
      <Delta view={view} value={shownChange(from, to)} decimals={decimals} /> <Verdict view={view} verdict={verdict} />
    </>
  )

/** Against the mean of the first rounds, or of those before the event of the baseline. */
export function startFact(view: View, course: Course, value: number | null): Fact {
  const since = course.sinceStart
  return changeFact(
    view,
    view.t.explore.facts.sinceStart,
    since && value !== null ? { from: since.baseline.value, to: value, verdict: since.verdict } : null,
  )
}
