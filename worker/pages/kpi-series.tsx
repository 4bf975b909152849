/** One KPI over time: drawn, as a table, and as a file. */
import { type Context, Hono } from 'hono'
import type { Child } from 'hono/jsx'
import type { AppEnv } from '../context'
import { isCalendarDay } from '../core/calendar'
import type { LineSpec } from '../core/chart'
import { toCsv } from '../core/csv'
import { DomainError } from '../core/errors'
import { cohortWindows, type Definition, type Slice } from '../core/metrics'
import { firstDayOf, type Grain, lastDayOf, periodAfter, periodOf } from '../core/periods'
import { selectEvents } from '../db/events'
import { readSettings, type Settings } from '../db/settings'
import { listSourceNames } from '../db/sources'
import { messagesOf } from '../i18n'
import { formatOf, isolate } from '../i18n/format'
import { metricName, metricText, metricWhat } from '../i18n/metric-text'
import { periodText, shortPeriod } from '../i18n/period-text'
import { authorize } from '../services/authorize'
import type { EventView } from '../services/events'
import { type KnownMetric, knownMetric, listMetrics, type MetricView } from '../services/metrics'
import { type GroupedView, mostPeriods, seriesOf } from '../services/observations'
import { AddEvent, eventMarks } from './components/add-event'
import { ChartFigure } from './components/chart-figure'
import type { Mistake } from './components/field'
import { Choice, DayField, Filter, grainOptions, groupIn, groupOptions, sliceOptions } from './components/kpi-filter'
import { GroupRows, SeriesRows } from './components/kpi-rows'
import { Scroll } from './components/scroll'
import { FreshnessMark } from './components/source-list'
import { ticksFor, type View } from './components/view'
import { permit } from './failure'
import { showInKpis } from './kpis-frame'

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
  basis: 'period' | 'cohort'
  window: (typeof cohortWindows)[number]
  from: string
  until: string
}

/** What the metric does not have is left out of the address. */
function askedIn(c: Context<AppEnv>, { grains, slices, bases }: Definition): Asked {
  const given = c.req.query()
  const by = slices.find((slice) => slice === given.by)
  const day = (text = '') => (isCalendarDay(text) ? text : '')
  return {
    grain: grains.find((grain) => grain === given.grain) ?? 'month',
    by,
    value: by ? groupIn(given.value?.slice(0, 200)) : undefined,
    basis: bases.find((basis) => basis === given.basis) ?? bases[0] ?? 'period',
    window: cohortWindows.find((window) => window === given.window) ?? '90',
    from: day(given.from),
    until: day(given.until),
  }
}

/** At most as many periods as are computed at once; of two days the wrong way round, the period of the later one. */
async function itemsOf(c: Context<AppEnv>, known: KnownMetric, asked: Asked): Promise<GroupedView[]> {
  const { grain, by, value, basis, window, from, until } = asked
  const to = until === '' ? undefined : periodOf(until, grain)
  const first = from === '' ? undefined : periodOf(from, grain)
  const start = first !== undefined && to !== undefined && first > to ? to : first
  const end = to ?? (start === undefined ? undefined : periodAfter(start, mostPeriods - 1))
  const now = periodOf(c.var.services.now.toISOString().slice(0, 10), grain)
  const last = end !== undefined && to === undefined && end > now ? now : end
  const earliest = last === undefined ? undefined : periodAfter(last, 1 - mostPeriods)
  return seriesOf(c.var.services, known, {
    grain,
    by,
    value,
    basis,
    ...(basis === 'cohort' ? { window } : {}),
    from: start !== undefined && earliest !== undefined && start < earliest ? earliest : start,
    to: last,
  })
}

async function file(c: Context<AppEnv>, known: KnownMetric) {
  const items = await itemsOf(c, known, askedIn(c, known.definition))
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

async function seriesPage(c: Context<AppEnv>, known: KnownMetric) {
  const { services, locale } = c.var
  const { definition } = known
  const t = messagesOf(locale)
  const asked = askedIn(c, definition)
  const [settings, items, metrics, names, events] = await Promise.all([
    readSettings(services.db),
    itemsOf(c, known, asked),
    listMetrics(services),
    listSourceNames(services.db),
    selectEvents(services.db),
  ])
  const metric = metrics.find(({ key }) => key === definition.key)
  if (!metric) throw new DomainError('not-found', 'There is no such metric.')
  const groups = [...new Set(items.flatMap(({ group }) => group ?? []))].map((value) => ({
    value,
    name: asked.by === 'source' ? (names.get(value) ?? value) : value,
  }))
  const title = metricName(t, definition.key, known.name)
  const query = new URLSearchParams(Object.entries(c.req.query()).filter(([, text]) => text !== '')).toString()
  const path = `/kpis/metrics/${definition.key}`
  return showInKpis(c, {
    title,
    path: query === '' ? path : `${path}?${query}`,
    tab: 'kpis',
    body: (given) => {
      const view = { ...given, f: formatOf(locale, 'UTC') }
      return (
        <>
          <Head
            view={view}
            metric={metric}
            settings={settings}
            items={items}
            mayWrite={authorize(c.var.actor, 'metrics:write')}
            title={title}
          />
          <section class="sec tight" aria-label={t.kpisPage.filter}>
            <Filters view={view} definition={definition} asked={asked} groups={groups} items={items} />
          </section>
          <section class="sec">
            <h2 class="vh">{title}</h2>
            <Figure
              view={view}
              metric={metric}
              settings={settings}
              items={items}
              asked={asked}
              groups={groups}
              title={title}
              events={events}
              addEvent={<AddEvent c={c} chart="series" />}
            />
            <p class={`actions ${view.sheet.rule('margin-block-start:var(--s4)')}`}>
              <a class="btn" href={`${path}.csv${query === '' ? '' : `?${query}`}`} download={`${definition.key}.csv`}>
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
  groups: readonly { value: string; name: string }[]
  items: readonly GroupedView[]
}) {
  const { view, definition, asked, items } = props
  const t = view.t.kpisPage
  const mistakes: readonly Mistake[] = []
  const [first, last] = [items[0], items.at(-1)]
  const chosen = asked.value === undefined ? '' : asked.value === '' ? '-' : asked.value
  return (
    <Filter view={view} action={`/kpis/metrics/${definition.key}`}>
      <Choice name="grain" label={t.grain} options={grainOptions(view, definition.grains)} chosen={asked.grain} />
      {definition.slices.length > 0 ? (
        <Choice name="by" label={t.by} options={sliceOptions(view, definition.slices)} chosen={asked.by ?? ''} />
      ) : null}
      {asked.by ? <Choice name="value" label={t.value} options={groupOptions(view, props.groups)} chosen={chosen} /> : null}
      {definition.bases.length > 1 ? (
        <>
          <Choice
            name="basis"
            label={t.basis}
            options={definition.bases.map((basis) => ({ value: basis, label: t.bases[basis] }))}
            chosen={asked.basis}
          />
          {asked.basis === 'cohort' ? (
            <Choice
              name="window"
              label={t.window}
              options={cohortWindows.map((window) => ({ value: window, label: t.windows[window] }))}
              chosen={asked.window}
            />
          ) : null}
        </>
      ) : null}
      <DayField name="from" label={t.from} value={asked.from || (first ? firstDayOf(first.period) : '')} mistakes={mistakes} />
      <DayField name="until" label={t.until} value={asked.until || (last ? lastDayOf(last.period) : '')} mistakes={mistakes} />
    </Filter>
  )
}

function Figure(props: {
  view: View
  metric: MetricView
  settings: Settings
  items: readonly GroupedView[]
  asked: Asked
  groups: readonly { value: string; name: string }[]
  title: string
  events: readonly EventView[]
  addEvent: Child
}) {
  const { view, metric, settings, items, asked, title } = props
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
  const write = (value: number) => metricText(locale, metric, value, settings.currency)
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
  return (
    <ChartFigure
      view={view}
      id="series"
      title={k.series}
      what={asked.by ? `${k.slices[asked.by]}: ${group === '' ? k.blank : isolate(group)}` : k.grains[asked.grain]}
      label={sentence}
      spec={specOf(view, metric, items, write, asked.grain === 'month' && asked.by === undefined, props.events)}
      note={items.some(({ provisional }) => provisional) ? k.provisionalNote : null}
      under={props.addEvent}
    >
      <SeriesRows view={view} metric={metric} items={items} write={write} />
    </ChartFigure>
  )
}

/** @param hasGoal a target is of a month of the whole: held against a quarter, or one channel, it would mislead */
function specOf(
  view: View,
  metric: MetricView,
  items: readonly GroupedView[],
  write: (value: number) => string,
  hasGoal: boolean,
  events: readonly EventView[],
): LineSpec {
  const { t, f } = view
  const values = items.flatMap(({ value }) => value ?? [])
  const goal = hasGoal ? (metric.goal?.target ?? null) : null
  const all = goal === null ? values : [...values, goal]
  const last = items.findLast(({ value }) => value !== null)
  const floor = Math.min(...all) >= 0 ? 0 : -Infinity
  const room = (Math.max(...all) - Math.min(...all) || Math.abs(all[0] ?? 0) || 1) * 0.15
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
      name: provisional ? `${periodText(t, f, period)}, ${t.metrics.provisional}` : periodText(t, f, period),
      signal: false,
      afterGap: items[index - 1]?.value === null,
    })),
    ticks: ticksFor(Math.max(floor, Math.min(...all) - room), Math.max(...all) + room).map((at) => ({ at, text: write(at) })),
    phases: [],
    events: eventMarks(
      view,
      events,
      items.map(({ period }) => period),
    ),
    target: goal === null ? null : { y: goal, text: `${t.kpisPage.goal} ${write(goal)}` },
    ends: [...(last?.value == null ? [] : [{ y: last.value, strong: write(last.value), text: '', wide: periodText(t, f, last.period) }])],
    note: null,
  }
}
