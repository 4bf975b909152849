/** One KPI over time: drawn, as a table, and as a file. */
import { type Context, Hono } from 'hono'
import type { Child } from 'hono/jsx'
import type { AppEnv } from '../context'
import { addDays } from '../core/calendar'
import type { LineSpec } from '../core/chart'
import { toCsv } from '../core/csv'
import { longestWindowDays } from '../core/funnel'
import {
  type Basis,
  type CohortWindow,
  cohortWindows,
  comparedKeys,
  type Definition,
  isOverdue,
  type MetricKey,
  type Slice,
  slices,
} from '../core/metrics'
import { firstDayOf, type Grain, lastDayOf, periodAfter, periodOf } from '../core/periods'
import type { Settings } from '../db/settings'
import { listSourceNames } from '../db/sources'
import { messagesOf } from '../i18n'
import { formatOf, isolate } from '../i18n/format'
import { metricName, metricText, metricWhat, printedChangeText } from '../i18n/metric-text'
import { periodText, shortPeriod } from '../i18n/period-text'
import { authorize } from '../services/authorize'
import { blank } from '../services/funnel'
import { mayBeNegative } from '../services/goals'
import { type KpiPage, readKpiPage } from '../services/kpi-panels'
import { isGroup } from '../services/kpi-table'
import { type KnownMetric, knownMetric, type MetricView } from '../services/metrics'
import { type GroupedView, mostPeriods, seriesOf } from '../services/observations'
import { AddEvent, eventMarks } from './components/add-event'
import { AroundCells } from './components/around-event'
import { ChartFigure } from './components/chart-figure'
import { Columns } from './components/columns'
import { type Mistake, Mistakes } from './components/field'
import { Choice, DayField, Filter, GroupsOf, grainOptions, groupIn, groupOptions, sliceOptions } from './components/kpi-filter'
import { type Drawn, KpiFacts, KpiVerdict, monthSpec } from './components/kpi-line'
import { GroupRows, SeriesRows } from './components/kpi-rows'
import { Scroll } from './components/scroll'
import { FreshnessMark } from './components/source-list'
import { ticksFor, type View } from './components/view'
import { permit } from './failure'
import { showInKpis } from './kpis-frame'
import { addressOf, askedIn, day, id, oneOf } from './query'

export const kpiSeriesPages = new Hono<AppEnv>().get('/metrics/:key', permit('metrics:read'), async (c) => {
  const key = c.req.param('key')
  const isFile = key.endsWith('.csv')
  const known = await knownMetric(c.var.services.db, isFile ? key.slice(0, -4) : key)
  return isFile ? file(c, known) : seriesPage(c, known)
})

interface Asked {
  grain: Grain
  by: Slice | undefined
  value: string | undefined
  basis: Basis
  window: CohortWindow
  from: string
  until: string
}

type Given = Partial<Record<'grain' | 'by' | 'value' | 'of' | 'basis' | 'window' | 'from' | 'until', string>>

/** What the address asks for; mistakes name what this metric does not have, and days that no period lies between. */
async function read(
  c: Context<AppEnv>,
  { grains, slices: own, bases }: Definition,
): Promise<{ asked: Asked; given: Given; mistakes: readonly Mistake[] }> {
  const t = messagesOf(c.var.locale)
  const { wrong } = t.kpisPage
  const { values, given, mistakes } = askedIn(c, {
    grain: oneOf(t, grains as readonly [Grain, ...Grain[]]),
    by: oneOf(t, slices),
    value: id(),
    of: oneOf(t, slices),
    basis: oneOf(t, bases as readonly [Basis, ...Basis[]]),
    window: oneOf(t, cohortWindows),
    from: day(t),
    until: day(t),
  })
  if (values.by && !own.includes(values.by)) mistakes.push({ field: 'by', reason: t.explore.asked.choice })
  // The groups on offer were those of another slice.
  if (values.of !== undefined && values.of !== values.by) {
    delete values.value
    given.value = ''
  }
  if (values.value && !values.by) mistakes.push({ field: 'by', reason: wrong.groupOf })
  const asked: Asked = {
    grain: values.grain ?? 'month',
    by: values.by,
    value: groupIn(values.value),
    basis: values.basis ?? bases[0] ?? 'period',
    window: values.window ?? '90',
    from: values.from ?? '',
    until: values.until ?? '',
  }
  const { grain, by, value, from, until } = asked
  if (from !== '' && until !== '' && from > until) mistakes.push({ field: 'until', reason: wrong.order })
  else if (from !== '' && periodAfter(periodOf(from, grain), mostPeriods - 1) < lastPeriod(c, asked))
    mistakes.push({ field: 'from', reason: wrong.long(mostPeriods) })
  if (mistakes.length === 0 && by && value !== undefined && !(await isGroup(c.var.services.db, by, value)))
    mistakes.push({ field: 'value', reason: wrong.group })
  return { asked, given, mistakes }
}

/** The one that was asked for, or that of today. */
const lastPeriod = (c: Context<AppEnv>, { grain, until }: Asked): string =>
  periodOf(until === '' ? c.var.services.now.toISOString().slice(0, 10) : until, grain)

function itemsOf(c: Context<AppEnv>, known: KnownMetric, asked: Asked): Promise<GroupedView[]> {
  const { grain, by, value, basis, window, from, until } = asked
  return seriesOf(c.var.services, known, {
    grain,
    by,
    value,
    basis,
    ...(basis === 'cohort' ? { window } : {}),
    from: from === '' ? undefined : periodOf(from, grain),
    to: until !== '' || from !== '' ? lastPeriod(c, asked) : undefined,
  })
}

async function file(c: Context<AppEnv>, known: KnownMetric) {
  const { asked, given, mistakes } = await read(c, known.definition)
  if (mistakes.length > 0) return refused(c, known, asked, given, mistakes)
  const items = await itemsOf(c, known, asked)
  const rows = items.map(({ period, group, value, numerator, denominator, count, mean, p90, provisional, asOf }) => [
    period,
    ...[group ?? '', value, numerator, denominator, count, mean, p90],
    String(provisional),
    asOf,
  ])
  const header = ['period', 'group', 'value', 'numerator', 'denominator', 'count', 'mean', 'p90', 'provisional', 'as_of']
  return c.body(toCsv([header, ...rows]), 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${known.definition.key}.csv"`,
  })
}

const pathOf = ({ key }: Definition) => `/kpis/metrics/${key}`

/** The form as it was sent, and why it cannot be answered. */
function refused(c: Context<AppEnv>, { definition, name }: KnownMetric, asked: Asked, given: Given, mistakes: readonly Mistake[]) {
  const t = messagesOf(c.var.locale)
  const title = metricName(t, definition.key, name)
  return showInKpis(c, {
    title,
    path: addressOf(pathOf(definition), given),
    tab: 'kpis',
    status: 422,
    body: (view) => (
      <>
        <div class="pagehead">
          <h1>{title}</h1>
        </div>
        <Mistakes mistakes={mistakes} title={t.settingsPage.unusable} />
        <section class="sec tight">
          <Filters view={view} definition={definition} asked={asked} given={given} groups={[]} items={[]} mistakes={mistakes} />
        </section>
      </>
    ),
  })
}

async function seriesPage(c: Context<AppEnv>, known: KnownMetric) {
  const { services, locale, actor } = c.var
  const { definition } = known
  const t = messagesOf(locale)
  const { asked, given, mistakes } = await read(c, definition)
  if (mistakes.length > 0) return refused(c, known, asked, given, mistakes)
  const { by, basis, window } = asked
  const [page, items, names] = await Promise.all([
    readKpiPage(services, known, { basis, window: basis === 'cohort' ? window : '' }),
    itemsOf(c, known, asked),
    by === 'source' ? listSourceNames(services.db) : new Map<string, string>(),
  ])
  const { metric, settings } = page
  const groups = [...new Set(items.flatMap(({ group }) => group ?? []))].map((value) => ({ value, name: names.get(value) ?? value }))
  const title = metricName(t, definition.key, known.name)
  const { of: _, ...own } = given
  return showInKpis(c, {
    title,
    path: addressOf(pathOf(definition), own),
    tab: 'kpis',
    settings,
    body: (frame) => {
      const view = { ...frame, f: formatOf(locale, 'UTC') }
      return (
        <>
          <Head view={view} metric={metric} settings={settings} items={items} mayWrite={authorize(actor, 'metrics:write')} title={title} />
          <section class="sec tight" aria-label={t.kpisPage.filter}>
            <Filters view={view} definition={definition} asked={asked} given={given} groups={groups} items={items} mistakes={[]} />
          </section>
          <section class="sec">
            <h2 class="vh">{title}</h2>
            <Figure
              view={view}
              page={page}
              items={items}
              asked={asked}
              groups={groups}
              title={title}
              mayWrite={authorize(actor, 'metrics:write')}
              addEvent={<AddEvent c={c} chart="series" />}
            />
          </section>
          {isJudged(asked) && page.around.length > 0 ? <Around view={view} page={page} /> : null}
          <section class="sec tight">
            <h2 class="vh">{t.kpisPage.next}</h2>
            <p class="actions">
              {isAligned(metric) ? (
                <a class="btn" href={`/explore/kpis/${metric.key}`}>
                  {t.kpisPage.align}
                </a>
              ) : null}
              {inFunnel.includes(metric.key) && items.length > 0 ? (
                <a class="btn" href={funnelOf(asked, items)}>
                  {t.kpisPage.toFunnel}
                </a>
              ) : null}
              <a class="btn" href={addressOf(`${pathOf(definition)}.csv`, own)} download={`${definition.key}.csv`}>
                {t.kpisPage.csv}
              </a>
              <a class="btn" href="/kpis">
                {t.kpisPage.back}
              </a>
            </p>
          </section>
        </>
      )
    },
  })
}

/** Months of the whole have a normal range; it would move with whatever else is chosen. */
const isJudged = ({ grain, by }: Asked) => grain === 'month' && by === undefined

/** What is held against what people say. */
const isAligned = ({ key, goal }: MetricView) => goal !== null || comparedKeys.some((compared) => compared === key)

/** What the funnel has the leads of. */
const inFunnel: readonly MetricKey[] = [
  'lead_volume',
  'lead_conversion',
  'mql_volume',
  'mql_acceptance',
  'returned_rate',
  'sql_rate',
  'opportunity_rate',
]

/** The funnel of the days that are shown, as far back as it goes, and of the same group. */
function funnelOf({ by, value }: Asked, items: readonly GroupedView[]): string {
  const [first, last] = [items[0], items.at(-1)]
  const to = last ? lastDayOf(last.period) : ''
  const from = first ? firstDayOf(first.period) : ''
  const earliest = to === '' ? '' : addDays(to, 1 - longestWindowDays)
  return addressOf('/kpis/funnel', {
    from: from < earliest ? earliest : from,
    to,
    ...(by && value !== undefined ? { [by]: value === '' ? blank : value } : {}),
  })
}

/** The means before and after each event: after, never because. */
function Around({ view, page: { around, metric, settings } }: { view: View; page: KpiPage }) {
  const { t, f, locale } = view
  const texts = t.kpisPage.aroundEvents
  const write = (value: number) => metricText(locale, metric, value, settings.currency)
  const change = (from: number, to: number) => printedChangeText(locale, metric, from, to, settings.currency, t.overview.kpis.pointUnit)
  return (
    <section class="sec" aria-labelledby="around">
      <div class="title">
        <h2 id="around">{texts.title}</h2>
        <p class="what">{texts.what}</p>
      </div>
      <Scroll label={texts.title}>
        <table class="data pin stack">
          <thead>
            <tr>
              <Columns
                of={texts.event}
                figures={[t.overview.around.before, t.overview.around.after, t.roundsPage.gap, t.roundsPage.chance]}
                last={t.overview.trend.verdict}
              />
            </tr>
          </thead>
          <tbody>
            {around.map(({ event, row }) => (
              <tr>
                <th scope="row">
                  <a href={`/events/${event.id}`}>
                    <bdi>{event.name}</bdi>
                  </a>
                  <p class="note nowrap">{f.date(new Date(event.day))}</p>
                </th>
                <AroundCells view={view} row={row} valueText={write} changeText={change} />
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}

function Head(props: {
  view: View
  metric: MetricView
  settings: Settings
  items: readonly GroupedView[]
  mayWrite: boolean
  title: string
}) {
  const { view, metric, settings } = props
  const { t, f } = view
  const k = t.kpisPage
  const last = props.items.at(-1)
  const stage = settings.handOff === 'mql' ? 'MQL' : 'SAL'
  const isHandOff = metric.key === 'returned_rate' || metric.key.startsWith('response_') || metric.key.endsWith('_attempts')
  const waits = metric.key === 'response_time' && last?.denominator ? last.denominator - (last.numerator ?? 0) : 0
  return (
    <div class="pagehead">
      <h1>{props.title}</h1>
      <p class="sub">
        {metricWhat(t, metric.key)} {metric.key === 'cac_lagged' ? `${k.lag(settings.cacLagMonths)}.` : ''}
        {isHandOff ? k.handOff(stage) : ''} {metric.key === 'enough_attempts' ? k.attempts(settings.attemptsExpected) : ''}
      </p>
      {waits > 0 && last ? <p class="note">{k.unanswered(f.number(waits), f.number(last.denominator ?? 0))}</p> : null}
      <p class="note">
        <FreshnessMark view={view} freshness={metric.freshness} />{' '}
        {metric.asOf ? t.metrics.asOf(formatOf(view.locale, settings.timeZone).date(new Date(metric.asOf))) : null}
      </p>
      {props.mayWrite ? (
        <p class="side">
          <a class="btn" href={`/sources/goals/${metric.key}`}>
            {metric.goal ? k.changeGoal : k.setGoal}
          </a>
        </p>
      ) : null}
    </div>
  )
}

function Filters(props: {
  view: View
  definition: Definition
  asked: Asked
  given: Given
  groups: readonly { value: string; name: string }[]
  items: readonly GroupedView[]
  mistakes: readonly Mistake[]
}) {
  const { view, definition, asked, given, items, mistakes } = props
  const t = view.t.kpisPage
  const [first, last] = [items[0], items.at(-1)]
  const isRefused = mistakes.length > 0
  return (
    <Filter view={view} action={pathOf(definition)}>
      <Choice
        name="grain"
        label={t.grain}
        options={grainOptions(view, definition.grains)}
        chosen={given.grain ?? asked.grain}
        mistakes={mistakes}
      />
      {definition.slices.length > 0 || given.by ? (
        <Choice name="by" label={t.by} options={sliceOptions(view, definition.slices)} chosen={given.by ?? ''} mistakes={mistakes} />
      ) : null}
      {asked.by ? (
        <Choice name="value" label={t.value} options={groupOptions(view, props.groups)} chosen={given.value ?? ''} mistakes={mistakes} />
      ) : null}
      <GroupsOf by={asked.by} />
      {definition.bases.length > 1 || given.basis ? (
        <>
          <Choice
            name="basis"
            label={t.basis}
            options={definition.bases.map((basis) => ({ value: basis, label: t.bases[basis] }))}
            chosen={given.basis ?? asked.basis}
            mistakes={mistakes}
          />
          {asked.basis === 'cohort' || mistakes.some(({ field }) => field === 'window') ? (
            <Choice
              name="window"
              label={t.window}
              options={cohortWindows.map((window) => ({ value: window, label: t.windows[window] }))}
              chosen={given.window ?? asked.window}
              mistakes={mistakes}
            />
          ) : null}
        </>
      ) : null}
      <DayField
        name="from"
        label={t.from}
        value={given.from || (isRefused || !first ? '' : firstDayOf(first.period))}
        mistakes={mistakes}
      />
      <DayField
        name="until"
        label={t.until}
        value={given.until || (isRefused || !last ? '' : lastDayOf(last.period))}
        mistakes={mistakes}
      />
    </Filter>
  )
}

function Figure(props: {
  view: View
  page: KpiPage
  items: readonly GroupedView[]
  asked: Asked
  groups: readonly { value: string; name: string }[]
  title: string
  mayWrite: boolean
  addEvent: Child
}) {
  const { view, page, items, asked, title } = props
  const { metric, settings, months } = page
  const { t, f, locale } = view
  const k = t.kpisPage
  const measured = items.filter(({ value }) => value !== null)
  if (measured.length === 0) {
    const isPushed = metric.facts.length === 1 && metric.facts[0] === 'value'
    return (
      <div class="state">
        <strong>{k.noSeries}</strong>
        <p>{isPushed ? k.pushedGrain : k.noSeriesWhat}</p>
      </div>
    )
  }
  const { currency } = settings
  const write = (value: number) => metricText(locale, metric, value, currency)
  if (asked.by && asked.value === undefined) {
    return (
      <>
        <div class="title">
          <h2>{k.series}</h2>
          <p class="what">{k.slices[asked.by]}</p>
        </div>
        <Scroll label={title}>
          <GroupRows view={view} items={items} groups={props.groups} write={write} />
        </Scroll>
      </>
    )
  }
  const [first, last] = [measured[0], measured.at(-1)]
  const sentence =
    measured.length === 1 || !first || !last
      ? k.spokenOne(title, periodText(t, f, first?.period ?? ''), write(first?.value ?? 0))
      : k.spoken(title, periodText(t, f, first.period), write(first.value ?? 0), periodText(t, f, last.period), write(last.value ?? 0))
  const group = asked.value === undefined ? '' : (props.groups.find(({ value }) => value === asked.value)?.name ?? asked.value)
  const judges = isJudged(asked)
  const drawn: Drawn = { view, metric, months, write, currency }
  const isLate = isOverdue(metric.freshness)
  // A target is of a month of the whole, on the basis that it was set for.
  const goal = judges && asked.basis === metric.bases[0] ? metric.goal : null
  const spec = judges
    ? monthSpec(drawn, {
        from: items[0]?.period ?? '',
        until: last?.period ?? '',
        goal,
        events: page.events,
        isLate: isLate && last?.period === months.current?.period,
      })
    : specOf(view, metric, items, write, page.events)
  const [latest] = page.around
  return (
    <ChartFigure
      view={view}
      id="series"
      class="series"
      title={judges ? (findingOf(drawn, title) ?? k.series) : k.series}
      what={
        judges
          ? rangeText(drawn, page)
          : `${asked.by ? `${k.slices[asked.by]}: ${group === '' ? k.blank : isolate(group)}` : k.grains[asked.grain]}. ${k.finding.onlyMonths}`
      }
      label={sentence}
      spec={spec}
      note={items.some(({ provisional }) => provisional) ? k.provisionalNote : null}
      under={props.addEvent}
      {...(judges
        ? {
            beside: <KpiVerdict view={view} months={months} />,
            above: (
              <KpiFacts
                {...drawn}
                goal={goal}
                setGoal={props.mayWrite ? `/sources/goals/${metric.key}` : null}
                around={
                  latest
                    ? {
                        event: latest.event,
                        before: latest.row.before.mean,
                        after: latest.row.after.mean,
                        isSignal: latest.row.verdict === 'signal',
                      }
                    : null
                }
                isLate={isLate}
              />
            ),
          }
        : {})}
    >
      <SeriesRows
        view={view}
        metric={metric}
        items={items}
        write={write}
        currency={currency}
        verdicts={
          judges && months.course
            ? new Map(months.months.map(({ period }, index) => [period, months.course?.verdicts[index] ?? null]))
            : undefined
        }
      />
    </ChartFigure>
  )
}

/** How the newest whole month stands to the normal range; null while there is none. */
function findingOf({ view: { t }, months: { judged, course }, write }: Drawn, name: string): string | null {
  if (!judged || !course) return null
  const { finding } = t.kpisPage
  const what = judged.verdict === 'signal' ? judged.side : 'within'
  return finding[what](name, write(course.low), write(course.high))
}

/** What the range is made of, and which month it judges. */
function rangeText({ view: { t, f }, months: { judged, course } }: Drawn, { baseline }: KpiPage): string {
  const { finding, tooEarly } = t.kpisPage
  if (!course) return tooEarly
  return [judged ? finding.inMonth(f.period(judged.period)) : '', baseline ? finding.before(isolate(baseline.name)) : finding.firstSix]
    .filter(Boolean)
    .join(' ')
}

/** Periods of any grain, or of one group: without a range and a target, which are of months of the whole. */
function specOf(
  view: View,
  metric: Pick<MetricView, 'key'>,
  items: readonly GroupedView[],
  write: (value: number) => string,
  events: KpiPage['events'],
): LineSpec {
  const { t, f } = view
  const values = items.flatMap(({ value }) => value ?? [])
  const last = items.findLast(({ value }) => value !== null)
  const floor = mayBeNegative(metric.key) ? -Infinity : 0
  const room = (Math.max(...values) - Math.min(...values) || Math.abs(values[0] ?? 0) || 1) * 0.15
  return {
    kind: 'line',
    points: items.map(({ period, value, provisional }, index) => ({
      x: index,
      y: value,
      low: null,
      high: null,
      label: shortPeriod(t, f, period),
      year: period.slice(0, 4),
      value: value === null ? '–' : write(value),
      name: provisional ? `${periodText(t, f, period)}${t.funnel.comma}${t.metrics.provisional}` : periodText(t, f, period),
      signal: false,
      hollow: provisional,
      afterGap: items[index - 1]?.value === null,
    })),
    ticks: ticksFor(Math.max(floor, Math.min(...values) - room), Math.max(...values) + room).map((at) => ({ at, text: write(at) })),
    phases: [],
    events: eventMarks(
      view,
      events,
      items.map(({ period }) => period),
    ),
    target: null,
    ends: [...(last?.value == null ? [] : [{ y: last.value, strong: write(last.value), text: '', wide: periodText(t, f, last.period) }])],
    note: null,
  }
}
