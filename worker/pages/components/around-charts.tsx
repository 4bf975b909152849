import type { LineSpec } from '../../core/chart'
import { placeAmong } from '../../core/event'
import { type KpiKey, metricOf } from '../../core/metrics'
import { leftToRight } from '../../i18n/format'
import { metricName, metricText, metricWhat } from '../../i18n/metric-text'
import type { AroundEventView, MonthValue } from '../../services/event-around'
import { eventMarks } from './add-event'
import { ChartFigure } from './chart-figure'
import { Choice, Filter } from './kpi-filter'
import { ticksFor, type View, whatFrom } from './view'

/** The months around an event: of the score, and of one KPI that can be chosen. */
export function AroundCharts({ view, around, currency }: { view: View; around: AroundEventView; currency: string }) {
  const { t, f, locale } = view
  const { event, score, kpi, measures } = around
  const nameOf = (key: KpiKey) => metricName(t, key, null)
  if (score.length === 0 && !kpi) return null
  return (
    <section class="sec tight">
      <div class="cols">
        {score.length > 0 ? (
          <MonthsFigure
            view={view}
            around={around}
            id="score-around"
            title={t.findings.around.score}
            what={t.events.scoreWhat}
            values={score}
            write={(value) => f.number(value, 1)}
            most={100}
          />
        ) : null}
        {kpi ? (
          <MonthsFigure
            view={view}
            around={around}
            id="kpi-around"
            title={nameOf(kpi.key)}
            what={`${metricWhat(t, kpi.key)} ${t.events.kpiWhat}`}
            values={kpi.values}
            write={(value) => metricText(locale, metricOf(kpi.key), value, currency)}
          />
        ) : null}
      </div>
      {kpi && measures.length > 1 ? (
        <div class={view.sheet.rule('margin-block-start:var(--s4)')}>
          <Filter view={view} action={`/events/${event.id}`}>
            <Choice
              name="measure"
              label={t.events.measure}
              options={measures.map((key) => ({ value: key, label: nameOf(key) }))}
              chosen={kpi.key}
            />
          </Filter>
        </div>
      ) : null}
    </section>
  )
}

function MonthsFigure(props: {
  view: View
  around: AroundEventView
  id: string
  title: string
  what: string
  values: readonly MonthValue[]
  write: (value: number) => string
  most?: number
}) {
  const { view, around, title, values, write } = props
  const { t, f } = view
  const spec = specOf(props)
  const hasIntervals = values.some(({ interval }) => interval)
  const [first, last] = [values[0], values.at(-1)]
  const label =
    first && last && values.length > 1
      ? t.kpisPage.spoken(title, f.period(first.period), write(first.value), f.period(last.period), write(last.value))
      : t.kpisPage.spokenOne(title, f.period(first?.period ?? ''), write(first?.value ?? 0))
  return (
    <ChartFigure
      view={view}
      id={props.id}
      class="c6"
      heading="h2"
      title={title}
      what={whatFrom(view, props.what, spec.ticks, leastOf(values))}
      label={label}
      spec={spec}
    >
      <thead>
        <tr>
          <th scope="col">{t.kpisPage.period}</th>
          <th scope="col">{t.events.side}</th>
          <th scope="col" class="num">
            {title}
          </th>
          {hasIntervals ? (
            <th scope="col" class="num">
              {t.overview.trend.interval}
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {values.map(({ period, value, interval }) => (
          <tr>
            <th scope="row">{f.period(period)}</th>
            <td>{t.events.sides[sideOf(period, around.event.day)]}</td>
            <td class="num">
              <bdi>
                <data value={String(value)}>{write(value)}</data>
              </bdi>
            </td>
            {hasIntervals ? (
              <td class="num">
                {interval ? (
                  <bdi>
                    {write(interval.low)} – {write(interval.high)}
                  </bdi>
                ) : (
                  '–'
                )}
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </ChartFigure>
  )
}

/** As they are compared: the month that the event divides is on neither side, unless it fell on its first day. */
function sideOf(period: string, day: string): 'before' | 'divided' | 'after' {
  const month = day.slice(0, 7)
  if (period === month) return day.endsWith('-01') ? 'after' : 'divided'
  return period < month ? 'before' : 'after'
}

/** Where its scale ends: nothing is drawn below none, unless there is less than none. */
const leastOf = (values: readonly MonthValue[]): number =>
  values.every(({ value, interval }) => (interval?.low ?? value) >= 0) ? 0 : Number.NEGATIVE_INFINITY

function specOf({ view, around, values, write, most }: Parameters<typeof MonthsFigure>[0]): LineSpec {
  const { f, locale } = view
  const { months, event, others } = around
  const all = values.flatMap(({ value, interval }) => [value, interval?.low ?? value, interval?.high ?? value])
  const [low, high] = [Math.min(...all), Math.max(...all)]
  const room = (high - low || Math.abs(low) || 1) * 0.15
  const ticks = ticksFor(Math.max(leastOf(values), low - room), Math.min(most ?? Number.POSITIVE_INFINITY, high + room))
  const last = values.at(-1)
  return {
    kind: 'line',
    points: values.map(({ period, value, interval }, index) => ({
      x: months.indexOf(period),
      y: value,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      label: f.shortMonth(period),
      year: period.slice(0, 4),
      value: interval ? leftToRight(locale, `${write(value)} ±${f.number((interval.high - interval.low) / 2, 1)}`) : write(value),
      name: f.period(period),
      signal: false,
      afterGap: index > 0 && months.indexOf(period) - months.indexOf(values[index - 1]?.period ?? '') > 1,
    })),
    ticks: ticks.map((at) => ({ at, text: most === undefined ? write(at) : f.number(at, at % 1 === 0 ? 0 : 1) })),
    phases: [],
    events: eventMarks(view, [event, ...others], months).sort((a, b) => a.x - b.x),
    target: null,
    ends: last ? [{ y: last.value, strong: write(last.value), text: '', wide: f.month(last.period) }] : [],
    note: null,
    span: { from: Math.min(0, placeAmong(event.day, months) ?? 0), to: months.length - 1 },
  }
}
