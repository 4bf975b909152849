/** The people index above, a KPI below, on one axis of time; and what the method allows to be said of them. */
import type { Context } from 'hono'
import type { AppEnv } from '../../context'
import type { LineSpec } from '../../core/chart'
import { toCsv } from '../../core/csv'
import { type KpiRelation, leastPeriods, linedPeriods } from '../../core/relation'
import { monthIndex, trendOf } from '../../core/trend'
import { metricName, metricText, metricWhat } from '../../i18n/metric-text'
import type { Alignment } from '../../services/explore'
import { AddEvent, eventMark } from './add-event'
import { ChartFigure } from './chart-figure'
import { Figured } from './explore-course'
import { Chance, Verdict } from './verdict'
import { ticksFor, type View, whatFrom } from './view'

type Month = Alignment['months'][number]

/** Fewer are no association: with a dozen, an interval of ρ reaches from nothing to nearly one. */
const associationFrom = 20

/** The name of the KPI in the reader's language, or as the organisation wrote it. */
export const kpiName = ({ t }: Pick<View, 't'>, { metric, name }: Pick<Alignment, 'metric' | 'name'>): string =>
  metricName(t, metric.key, name)

/** Two charts whose axes of time are one, and the events that fell on it. */
export function AlignedCharts({ c, view, alignment }: { c: Context<AppEnv>; view: View; alignment: Alignment }) {
  const { t, f, locale } = view
  const { months, events, metric, settings } = alignment
  const texts = t.explore.kpi
  const name = kpiName(view, alignment)
  const [first, last] = [months[0], months.at(-1)]
  if (!first || !last || months.every(({ people }) => people === null)) {
    return (
      <div class="state">
        <strong>{texts.noPeople}</strong>
        <p>{texts.noPeopleWhat}</p>
      </div>
    )
  }
  const drawn = trendOf(
    months.map(({ period, people }, index) => ({ number: index, period, value: people })),
    events,
    [0, 100],
  ).events.map((event) => eventMark(view, event, event.at))
  const write = (value: number) => metricText(locale, metric, value, settings.currency)
  const people: Drawn = {
    amountOf: (month) => month.people,
    write: (value) => f.number(value, 1),
    tick: (value) => f.number(value, value % 1 === 0 ? 0 : 1),
    limits: [0, 100],
    isRunning: () => false,
  }
  const kpi: Drawn = {
    amountOf: (month) => month.kpi,
    write,
    limits: [months.every((month) => month.kpi === null || month.kpi >= 0) ? 0 : -Infinity, Infinity],
    isRunning: ({ provisional }) => provisional,
  }
  const starting = (what: string, drawn: Drawn) => whatFrom(view, what, ticksOf(months, drawn), drawn.limits[0])
  const isDots = areDots(alignment)
  const span = {
    from: monthIndex(first.period),
    to: monthIndex(last.period),
    room: Math.max(...[people, kpi].flatMap((one) => ticksOf(months, one).map(({ text }) => text.length))),
  }
  return (
    <>
      <ChartFigure
        view={view}
        id="people-index"
        title={texts.people}
        what={starting(texts.peopleWhat, people)}
        label={spoken(
          view,
          texts.people,
          months,
          ({ people }) => people,
          (value) => f.number(value, 1),
          isDots,
        )}
        spec={lineOf(view, months, people, { span, events: drawn, isDots })}
        under={<AddEvent c={c} chart="people-index" />}
      >
        <Rows view={view} alignment={alignment} only="people" write={write} />
      </ChartFigure>
      {months.every(({ kpi }) => kpi === null) ? (
        <div class="state">
          <strong>{alignment.hasValues ? t.explore.line.none : texts.noValues}</strong>
          <p>{alignment.hasValues ? t.explore.noneWhat : texts.noValuesWhat}</p>
        </div>
      ) : (
        <ChartFigure
          view={view}
          id="kpi"
          title={name}
          what={starting(
            [metricWhat(t, metric.key), texts.kpiWhat, months.some(({ provisional }) => provisional) ? texts.provisional : '']
              .filter((text) => text !== '')
              .join(' '),
            kpi,
          )}
          label={spoken(view, name, months, ({ kpi }) => kpi, write, isDots)}
          spec={lineOf(view, months, kpi, { span, events: drawn, isDots })}
        >
          <Rows view={view} alignment={alignment} only="kpi" write={write} />
        </ChartFigure>
      )}
    </>
  )
}

/** From 12 to 23 months the method has a sentence and points; with fewer there is nothing to say, and a line claims nothing. */
export const areDots = ({ relation }: Alignment): boolean =>
  relation !== null && relation.periods >= leastPeriods && relation.periods < linedPeriods

function spoken(
  { t, f }: View,
  name: string,
  months: readonly Month[],
  amountOf: (month: Month) => number | null,
  write: (value: number) => string,
  isDots: boolean,
): string {
  const course = isDots ? t.explore.kpi.spokenDots : t.overview.trend.spoken
  const known = months.flatMap((month) => {
    const value = amountOf(month)
    return value === null ? [] : [{ period: month.period, value }]
  })
  const [first, last] = [known[0], known.at(-1)]
  if (!first || !last) return name
  return `${name}. ${
    first === last
      ? t.overview.trend.spokenOne(f.period(first.period), write(first.value))
      : course(f.period(first.period), write(first.value), f.period(last.period), write(last.value))
  }`
}

/** One of the two series, and how it is written. */
interface Drawn {
  amountOf: (month: Month) => number | null
  write: (value: number) => string
  /** On the axis, where that is shorter. */
  tick?: (value: number) => string
  limits: readonly [number, number]
  isRunning: (month: Month) => boolean
}

function ticksOf(months: readonly Month[], { amountOf, write, tick = write, limits }: Drawn): LineSpec['ticks'] {
  const values = months.flatMap((month) => amountOf(month) ?? [])
  if (values.length === 0) return []
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const room = (high - low || Math.abs(low) || 1) * 0.15
  return ticksFor(Math.max(limits[0], low - room), Math.min(limits[1], high + room)).map((at) => ({ at, text: tick(at) }))
}

function lineOf(
  { f }: View,
  months: readonly Month[],
  series: Drawn,
  shared: Required<Pick<LineSpec, 'span' | 'events'>> & { isDots: boolean },
): LineSpec {
  const { amountOf, write } = series
  const last = months.findLast((month) => amountOf(month) !== null)
  return {
    kind: 'line',
    points: months.map((month, index) => {
      const value = amountOf(month)
      const before = months[index - 1]
      return {
        x: monthIndex(month.period),
        y: value,
        low: null,
        high: null,
        label: f.shortMonth(month.period),
        year: month.period.slice(0, 4),
        value: value === null ? '–' : write(value),
        name: f.period(month.period),
        signal: false,
        hollow: value !== null && series.isRunning(month),
        afterGap: shared.isDots || (before !== undefined && amountOf(before) === null),
      }
    }),
    ticks: ticksOf(months, series),
    phases: [],
    events: shared.events,
    target: null,
    ends: last ? [{ y: amountOf(last) as number, strong: write(amountOf(last) as number), text: '', wide: f.month(last.period) }] : [],
    note: null,
    span: shared.span,
  }
}

function Rows({
  view,
  alignment,
  only,
  write,
}: {
  view: View
  alignment: Alignment
  only?: 'people' | 'kpi'
  write: (value: number) => string
}) {
  const { t, f } = view
  const texts = t.explore.kpi
  return (
    <>
      <thead>
        <tr>
          <th scope="col">{texts.month}</th>
          {only === 'kpi' ? null : (
            <th scope="col" class="num">
              {texts.people}
            </th>
          )}
          {only === 'people' ? null : (
            <th scope="col" class="num">
              {kpiName(view, alignment)}
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {alignment.months.map(({ period, people, kpi, provisional }) => (
          <tr>
            <th scope="row">{f.period(period)}</th>
            {only === 'kpi' ? null : (
              <td class="num">
                <Figured value={people} text={f.number(people ?? 0, 1)} />
              </td>
            )}
            {only === 'people' ? null : (
              <td class="num">
                {kpi === null ? (
                  '–'
                ) : (
                  <>
                    <data value={String(kpi)}>
                      <bdi>{write(kpi)}</bdi>
                    </data>
                    {provisional ? <small>{t.metrics.provisional}</small> : null}
                  </>
                )}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </>
  )
}

/** Both series side by side, month by month. */
export function BothSeries({ view, alignment }: { view: View; alignment: Alignment }) {
  const write = (value: number) => metricText(view.locale, alignment.metric, value, alignment.settings.currency)
  return (
    <table class="data pin">
      <caption class="vh">{view.t.explore.kpi.table}</caption>
      <Rows view={view} alignment={alignment} write={write} />
    </table>
  )
}

/** The same as a file; money in minor units, shares as shares, as the API has them. */
export const alignmentFile = ({ months, metric }: Alignment): string =>
  toCsv([
    ['period', 'people_index', metric.key, 'provisional'],
    ...months.map(({ period, people, kpi, provisional }) => [period, people, kpi, kpi === null ? '' : String(provisional)]),
  ])

/** In one sentence what the method says: together, against, nothing that can be detected, or too few months. */
export function relationSentence(view: View, relation: KpiRelation | null, name: string): string {
  const { t, f } = view
  const texts = t.explore.kpi
  if (!relation) return texts.notCompared
  if (relation.kind !== 'measured') {
    if (relation.kind === 'flat') return t.overview.relations.flat
    return relation.periods < leastPeriods ? texts.tooFew(relation.periods, f.number(leastPeriods)) : t.overview.relations.gaps
  }
  if (relation.verdict === 'no-detectable-relation') return texts.none
  const { lag, rho, periods } = relation
  const said = t.findings.relations
  const sentence =
    rho > 0 ? (lag === 0 ? said.with(name) : said.withLater(name, lag)) : lag === 0 ? said.against(name) : said.againstLater(name, lag)
  return periods < associationFrom ? sentence : texts.association(sentence)
}

/** What was measured; nothing where there are too few months for it. */
export function RelationFacts({ view, relation }: { view: View; relation: KpiRelation }) {
  const { t, f } = view
  const texts = t.overview.relations
  const isMeasured = relation.kind === 'measured'
  return (
    <table class="data measured">
      <caption class="vh">{t.explore.kpi.finding}</caption>
      <tbody>
        <tr>
          <th scope="row">{texts.months}</th>
          <td class="num">{f.number(relation.periods)}</td>
        </tr>
        <tr>
          <th scope="row">{texts.lag}</th>
          <td class="num">{isMeasured ? f.number(relation.lag) : '–'}</td>
        </tr>
        <tr>
          <th scope="row">{texts.rho}</th>
          <td class="num">{isMeasured ? <bdi>{f.signed(relation.rho, 2)}</bdi> : '–'}</td>
        </tr>
        <tr>
          <th scope="row">{t.roundsPage.chance}</th>
          <td class="num">{isMeasured ? <Chance f={f} p={relation.adjustedP} /> : '–'}</td>
        </tr>
        {isMeasured ? (
          <tr>
            <th scope="row">{t.overview.trend.verdict}</th>
            <td class="num">
              <Verdict
                view={view}
                verdict={relation.verdict === 'moves-with' ? 'signal' : 'normal'}
                text={relation.verdict === 'moves-with' ? (relation.rho > 0 ? texts.with : texts.against) : texts.none}
              />
            </td>
          </tr>
        ) : null}
      </tbody>
    </table>
  )
}
