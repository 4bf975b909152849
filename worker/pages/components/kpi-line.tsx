import type { BaselineCourse } from '../../core/baseline'
import type { Verdict as Judgement } from '../../core/before-after'
import type { LineSpec } from '../../core/chart'
import type { Definition, Goal, Observation } from '../../core/metrics'
import { minorDigits } from '../../core/values'
import type { Messages } from '../../i18n'
import { isolate } from '../../i18n/format'
import type { EventView } from '../../services/events'
import type { KpiMonths } from '../../services/kpi-panels'
import { eventMarks } from './add-event'
import { Diamond, Verdict, Wave } from './verdict'
import { ticksFor, type View } from './view'

/** What both the panel and the page of a KPI draw with. */
export interface Drawn {
  view: View
  metric: Pick<Definition, 'key' | 'unit'>
  months: KpiMonths
  write: (value: number) => string
  currency: string
}

/** Whether the newest month is shown hollow: it may still change, or its source is late. */
export const isHollow = (current: Observation | null, isLate: boolean): boolean => current !== null && (current.provisional || isLate)

/**
 * Months as a line with the normal range, the goal, what happened, and signals as diamonds.
 *
 * @param from,until months shown, both included
 */
export function monthSpec(
  { view, months: { months, course }, write }: Drawn,
  shown: { from: string; until: string; goal: Pick<Goal, 'target'> | null; events: readonly EventView[]; isLate: boolean },
): LineSpec {
  const { t, f } = view
  const start = Math.max(
    0,
    months.findIndex(({ period }) => period >= shown.from),
  )
  const own = months.slice(start).filter(({ period }) => period <= shown.until)
  const last = own.findLast(({ value }) => value !== null)
  const phase = course ? phaseOf(months, course, own) : null
  const target = shown.goal?.target ?? null
  const values = [
    ...own.flatMap(({ value }) => value ?? []),
    ...(target === null ? [] : [target]),
    ...(phase ? [phase.low, phase.high] : []),
  ]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const room = (high - low || Math.abs(high) || 1) * 0.08
  return {
    kind: 'line',
    points: own.map(({ period, value, provisional }, index) => {
      const signal = course?.verdicts[start + index] === 'signal'
      const late = shown.isLate && period === last?.period
      const about = [signal ? t.overview.signal : null, provisional || late ? t.metrics.provisional : null].filter(Boolean)
      return {
        x: index,
        y: value,
        low: null,
        high: null,
        label: f.shortMonth(period),
        year: period.slice(0, 4),
        value: value === null ? '–' : write(value),
        name: [f.period(period), ...about].join(', '),
        signal,
        hollow: provisional || late,
        afterGap: own[index - 1]?.value === null,
      }
    }),
    ticks: ticksFor(low < 0 ? low - room : Math.max(0, low - room), high + room).map((at) => ({ at, text: write(at) })),
    phases: phase ? [phase] : [],
    events: eventMarks(
      view,
      shown.events,
      own.map(({ period }) => period),
    ),
    target: target === null ? null : { y: target, text: `${t.kpisPage.goal} ${write(target)}` },
    ends: [
      ...(last?.value == null ? [] : [{ y: last.value, strong: write(last.value), text: '', wide: '' }]),
      ...(phase ? [phase.low, phase.high].map((y) => ({ y, strong: '', text: write(y), wide: '' })) : []),
    ],
    note: null,
  }
}

/** The normal range as far as it is shown: from its first month on. */
function phaseOf(
  months: KpiMonths['months'],
  { from, until, mean, low, high }: BaselineCourse,
  own: KpiMonths['months'],
): LineSpec['phases'][number] | null {
  const shift = months.findIndex(({ period }) => period === own[0]?.period)
  if (shift < 0 || shift + own.length <= from) return null
  return { from: Math.max(0, from - shift), to: own.length - 1, mean, low, high, provisional: isOfFew(months, { from, until }) }
}

/** Limits of fewer than twelve months are dotted, as they are less sure. */
export const isOfFew = (months: KpiMonths['months'], { from, until }: Pick<BaselineCourse, 'from' | 'until'>): boolean =>
  months.slice(from, until + 1).filter(({ value, provisional }) => value !== null && !provisional).length < 12

/** How the KPI stands to its own ups and downs, in a word: of the newest month that is over, and of the two before it. */
export function KpiVerdict({ view, months: { judged, lately, current } }: Pick<Drawn, 'view' | 'months'>) {
  const { t, f } = view
  const texts = t.kpisPage.panel
  if (!judged) return <span class="verdict">{texts.tooFew}</span>
  const month = f.month(judged.period)
  if (judged.verdict === 'signal') {
    const text = texts.signal[judged.side]
    return <Verdict view={view} verdict="signal" text={judged.period === current?.period ? text : texts.inMonth(month, text)} />
  }
  if (lately.length > 0)
    return (
      <Verdict
        view={view}
        verdict="signal"
        text={texts.gone(
          lately.map((period) => f.month(period)),
          month,
        )}
      />
    )
  return (
    <Verdict view={view} verdict="normal" text={judged.period === current?.period ? undefined : texts.inMonth(month, t.overview.normal)} />
  )
}

/** The month's value, baseline, target, and the means before and after what happened. */
export function KpiFacts(
  props: Drawn & {
    goal: Pick<Goal, 'target'> | null
    /** Where a target can be set; null for those who may not. */
    setGoal: string | null
    around: { event: { id: string; name: string }; before: number; after: number; isSignal: boolean } | null
    isLate: boolean
  },
) {
  const { view, months, write, goal, around, setGoal } = props
  const { t, f } = view
  const k = t.kpisPage
  const { current, baseline } = months
  return (
    <dl class="kfacts">
      <div class="now">
        <dt>
          {current ? f.period(current.period) : k.valueColumn}
          {isHollow(current, props.isLate) ? `${t.funnel.comma}${t.metrics.provisional}` : null}
        </dt>
        <dd>
          <bdi>{current?.value == null ? '–' : write(current.value)}</bdi>
        </dd>
      </div>
      <div>
        <dt>{k.panel.baseline}</dt>
        <dd>
          <bdi>{baseline === null ? '–' : write(baseline)}</bdi>
        </dd>
      </div>
      <div>
        <dt>{k.goal}</dt>
        <dd>{goal ? <bdi>{write(goal.target)}</bdi> : setGoal ? <a href={setGoal}>{k.setGoal}</a> : '–'}</dd>
      </div>
      {around ? (
        <div>
          <dt>
            {k.panel.around} <a href={`/events/${around.event.id}`}>{isolate(around.event.name)}</a>
          </dt>
          <dd>
            <bdi>{write(around.before)}</bdi> <span class="to" /> <bdi>{write(around.after)}</bdi>{' '}
            <span class="tell">
              {around.isSignal ? <Diamond /> : <Wave />}
              <span class="vh">{around.isSignal ? t.overview.signal : t.overview.around.none}</span>
            </span>
          </dd>
        </div>
      ) : null}
    </dl>
  )
}

/** A value as a file has it: money in its major unit, shares as shares. */
export const plainValue = (metric: Drawn['metric'], value: number, currency: string): number =>
  metric.unit === 'money' ? value / 10 ** minorDigits(currency) : Number(value.toPrecision(12))

/** How one period was judged, in a cell of a table. */
export const verdictText = ({ overview }: Messages, verdict: Judgement | null | undefined) =>
  verdict === 'signal' ? overview.signal : verdict === 'normal' ? overview.normalShort : '–'

/** Every month drawn, the newest first, with how it was judged. */
export function MonthRows({ view, metric, months: { months, course }, write, currency, from }: Drawn & { from: string }) {
  const { t, f } = view
  const k = t.kpisPage
  const rows = months.map((month, index) => ({ ...month, verdict: course?.verdicts[index] ?? null })).filter(({ period }) => period >= from)
  return (
    <>
      <thead>
        <tr>
          <th scope="col">{k.period}</th>
          <th scope="col" class="num">
            {k.valueColumn}
          </th>
          <th scope="col">{t.overview.trend.verdict}</th>
        </tr>
      </thead>
      <tbody>
        {rows.toReversed().map(({ period, value, provisional, verdict }) => (
          <tr>
            <th scope="row">
              {f.period(period)}
              {provisional ? <span class="note"> {t.metrics.provisional}</span> : null}
            </th>
            <td class="num">
              {value === null ? '–' : <data value={String(plainValue(metric, value, currency))}>{<bdi>{write(value)}</bdi>}</data>}
            </td>
            <td>{verdictText(t, verdict)}</td>
          </tr>
        ))}
      </tbody>
    </>
  )
}
