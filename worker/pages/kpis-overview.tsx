/** Every KPI: its latest whole period, the change to the one before, its target, and how old its data is. */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { factKinds } from '../core/facts'
import { kpiFinding } from '../core/findings'
import { isKpiKey, isOverdue, type KpiKey, type MetricKey, type Slice, slices } from '../core/metrics'
import { type Grain, grains, lastDayOf, periodOf } from '../core/periods'
import { type Messages, messagesOf } from '../i18n'
import { formatOf, isolate } from '../i18n/format'
import { metricChangeText, metricName, metricText } from '../i18n/metric-text'
import { periodText } from '../i18n/period-text'
import { authorize } from '../services/authorize'
import { isUnread } from '../services/import-problems'
import { type KpiPanel, type KpiPanels, readKpiPanels } from '../services/kpi-panels'
import { isGroup, type KpiRow, type KpiTable, readKpis } from '../services/kpi-table'
import { AddEvent } from './components/add-event'
import { type Mistake, Mistakes } from './components/field'
import { ImportProblems, SourcesFirst, unconvertedText } from './components/import-problems'
import { Choice, DayField, Filter, GroupsOf, grainOptions, groupIn, groupOptions, sliceOptions } from './components/kpi-filter'
import { isHollow } from './components/kpi-line'
import { KpiPanelGrid } from './components/kpi-panels'
import { Scroll } from './components/scroll'
import { FreshnessMark } from './components/source-list'
import { Warning } from './components/verdict'
import type { View } from './components/view'
import { permit } from './failure'
import { showInKpis } from './kpis-frame'
import { PromisesInShort, readPromises, ShortFunnel, shortFunnel } from './kpis-short'
import { addressOf, askedIn, day, id, oneOf } from './query'

export const kpiOverviewPages = new Hono<AppEnv>().get('/', permit('metrics:read'), (c) => overview(c))

/** What the table of all KPIs is asked for; the panels above it are always of the whole, by month. */
interface Asked {
  grain: Grain
  by: Slice | undefined
  value: string | undefined
  until: string
}

/** Nothing less than everything: where that is empty, there is nothing to choose from. */
const isWhole = ({ by, until }: Asked): boolean => by === undefined && until === ''

async function overview(c: Context<AppEnv>) {
  const { services, locale, actor } = c.var
  const t = messagesOf(locale)
  const k = t.kpisPage
  const { values, mistakes, given } = askedIn(c, {
    grain: oneOf(t, grains),
    by: oneOf(t, slices),
    value: id(),
    of: oneOf(t, slices),
    until: day(t),
  })
  // The groups on offer were those of another slice.
  if (values.of !== undefined && values.of !== values.by) {
    delete values.value
    given.value = ''
  }
  if (mistakes.length === 0 && values.value && !values.by) mistakes.push({ field: 'by', reason: k.wrong.groupOf })
  if (mistakes.length > 0) return refused(c, given, mistakes)
  const asked: Asked = { grain: values.grain ?? 'month', by: values.by, value: groupIn(values.value), until: values.until ?? '' }
  const { grain, by, value, until } = asked
  const wanted = { grain, by, value, period: until === '' ? undefined : periodOf(until, grain) }
  const panels = readKpiPanels(services)
  const [read, table, funnel, promises] = await Promise.all([
    panels,
    panels.then((known) => readKpis(services, known, wanted)),
    shortFunnel(c),
    readPromises(c),
  ])
  if (by && value !== undefined && table.groups.every((group) => group.value !== value) && !(await isGroup(services.db, by, value))) {
    return refused(c, given, [{ field: 'value', reason: k.wrong.group }], table)
  }
  const mayWrite = authorize(actor, 'metrics:write')
  const mayConnect = authorize(actor, 'sources:write')
  const isEmpty = read.panels.every(({ months }) => months.current === null)
  const unread = read.problems.filter(isUnread)
  const problems = read.problems.filter((problem) => !isUnread(problem))
  const hasProblems = problems.length + table.unconverted.length > 0
  const title = isEmpty ? k.title : panelsTitle(read.panels, t)
  return showInKpis(c, {
    title,
    path: addressOf('/kpis', { ...given, of: undefined }),
    tab: 'kpis',
    settings: read.settings,
    body: (frame) => {
      const view = { ...frame, f: formatOf(frame.locale, 'UTC') } // days are texts without a zone
      return (
        <>
          <div class="pagehead">
            <h1>{title}</h1>
            <p class="sub">{isEmpty ? k.sub(isolate(read.settings.timeZone)) : subOf(view, read.panels)}</p>
            <p class="side">
              <bdi>{read.settings.organisationName}</bdi>
              {mayWrite ? (
                <>
                  {read.settings.organisationName ? <br /> : null}
                  <a class="btn" href="/kpis/setup">
                    {k.setup}
                  </a>
                </>
              ) : null}
            </p>
          </div>
          {isEmpty && table.rows.length > 0 && isWhole(asked) ? (
            <Lacking view={view} read={read} table={table} mayConnect={mayConnect} />
          ) : null}
          <SourcesFirst view={frame} problems={unread} mayOpen={authorize(actor, 'sources:read')} />
          {isEmpty ? null : (
            <section class="sec" id="kpis" aria-label={k.title}>
              <KpiPanelGrid view={view} read={read} mayWrite={mayWrite} now={services.now} />
              <AddEvent c={c} chart="kpis" />
            </section>
          )}
          {funnel || hasProblems ? (
            <section class="sec">
              <div class="cols">
                {funnel ? <ShortFunnel view={view} funnel={funnel} wide={!hasProblems} /> : null}
                {hasProblems || unread.length === 0 ? (
                  <ImportProblems
                    view={frame}
                    problems={problems}
                    unconverted={table.unconverted}
                    mayWrite={mayConnect}
                    wide={!funnel || !hasProblems}
                  />
                ) : null}
              </div>
            </section>
          ) : null}
          <PromisesInShort view={frame} promises={promises} now={services.now} />
          <section class="sec" id="all" aria-labelledby="all-title">
            <div class="title">
              <h2 id="all-title">{k.all}</h2>
              {isEmpty ? null : <p class="what">{k.sub(isolate(read.settings.timeZone))}</p>}
            </div>
            {table.rows.length > 0 || !isWhole(asked) ? (
              <TableFilter view={view} given={{ ...given, grain }} groups={table.groups} mistakes={[]} />
            ) : null}
            <Unconverted view={view} table={table} mayWrite={mayWrite} />
            <Body view={view} table={table} asked={asked} isTold={isEmpty} mayConnect={mayConnect} />
          </section>
        </>
      )
    },
  })
}

/** How many have left their usual range, and what may still change. */
function subOf({ t }: View, panels: readonly KpiPanel[]): string {
  const k = t.kpisPage
  const judged = panels.flatMap(({ months }) => months.judged ?? [])
  const preliminary = panels
    .filter(({ months, freshness }) => isHollow(months.current, isOverdue(freshness)))
    .map(({ metric, name }) => metricName(t, metric.key, name))
  return [
    judged.length === 0 ? k.tooEarly : k.left(judged.filter(({ verdict }) => verdict === 'signal').length, judged.length),
    ...(preliminary.length > 0 ? [k.preliminary(preliminary)] : []),
  ].join(' ')
}

/** The finding of the panels: by the rule that titles the KPIs of the overview, too. */
function panelsTitle(panels: readonly KpiPanel[], { findings, metrics, kpisPage }: Messages): string {
  const finding = kpiFinding(
    panels.flatMap(({ metric, months: { judged, course } }) =>
      judged && course
        ? [
            {
              metric: metric.key,
              better: metric.better,
              value: judged.value,
              range: { verdict: judged.verdict, low: course.low, high: course.high },
            },
          ]
        : [],
    ),
  )
  if (!('metric' in finding)) return finding.kind === 'neutral' ? kpisPage.title : findings.kpis.within
  const found = panels.find(({ metric }) => metric.key === finding.metric)
  const name = found && isKpiKey(found.metric.key) ? metrics.names[found.metric.key] : isolate(found?.name ?? finding.metric)
  return findings.kpis[finding.kind](name)
}

function TableFilter(props: {
  view: View
  given: { grain?: string; by?: string; value?: string; until?: string }
  groups: KpiTable['groups']
  mistakes: readonly Mistake[]
}) {
  const { view, given, mistakes } = props
  const k = view.t.kpisPage
  return (
    <Filter view={view} action="/kpis#all">
      <Choice name="grain" label={k.grain} options={grainOptions(view, grains)} chosen={given.grain ?? ''} mistakes={mistakes} />
      <Choice name="by" label={k.by} options={sliceOptions(view, slices)} chosen={given.by ?? ''} mistakes={mistakes} />
      {given.by || given.value ? (
        <Choice name="value" label={k.value} options={groupOptions(view, props.groups)} chosen={given.value ?? ''} mistakes={mistakes} />
      ) : null}
      <GroupsOf by={given.by} />
      <DayField name="until" label={k.until} value={given.until ?? ''} mistakes={mistakes} />
    </Filter>
  )
}

/** The form as it was sent, and why it cannot be answered. */
function refused(
  c: Context<AppEnv>,
  given: { grain?: string; by?: string; value?: string; until?: string },
  mistakes: readonly Mistake[],
  table?: KpiTable,
) {
  const { kpisPage: k, settingsPage } = messagesOf(c.var.locale)
  return showInKpis(c, {
    title: k.title,
    path: addressOf('/kpis', given),
    tab: 'kpis',
    status: 422,
    body: (view) => (
      <>
        <div class="pagehead">
          <h1>{k.title}</h1>
        </div>
        <Mistakes mistakes={mistakes} title={settingsPage.unusable} />
        <section class="sec tight">
          <TableFilter view={view} given={given} groups={table?.groups ?? []} mistakes={mistakes} />
        </section>
      </>
    ),
  })
}

/** Sums of money are silent about what is not in them, unless somebody says it. */
function Unconverted({ view, table, mayWrite }: { view: View; table: KpiTable; mayWrite: boolean }) {
  const { unconverted } = table
  if (unconverted.length === 0) return null
  const t = view.t.kpisPage
  return (
    <p class="note verdict-line">
      <Warning /> {unconvertedText(view, unconverted)}
      {mayWrite ? (
        <>
          {' '}
          <a href="/kpis/setup#rates">{t.addRates}</a>
        </>
      ) : null}
    </p>
  )
}

const groups = ['leads', 'sales', 'cost', 'followUp', 'own'] as const

const groupOf = (key: MetricKey) => (isKpiKey(key) ? groupOfKpi[key] : 'own')

const groupOfKpi: Readonly<Record<KpiKey, (typeof groups)[number]>> = {
  lead_volume: 'leads',
  lead_conversion: 'leads',
  mql_volume: 'leads',
  mql_acceptance: 'leads',
  returned_rate: 'leads',
  sql_rate: 'leads',
  opportunity_rate: 'leads',
  won_deals: 'sales',
  won_revenue: 'sales',
  revenue_growth: 'sales',
  revenue_growth_yoy: 'sales',
  sourced_revenue: 'sales',
  influenced_revenue: 'sales',
  win_rate: 'sales',
  win_rate_amount: 'sales',
  deal_size: 'sales',
  sales_cycle: 'sales',
  lead_cycle: 'sales',
  cac: 'cost',
  cac_lagged: 'cost',
  spend_sales: 'cost',
  spend_marketing: 'cost',
  headcount_sales: 'cost',
  headcount_marketing: 'cost',
  response_time: 'followUp',
  response_5m: 'followUp',
  response_1h: 'followUp',
  response_4h: 'followUp',
  response_24h: 'followUp',
  connect_attempts: 'followUp',
  enough_attempts: 'followUp',
  customer_feedback: 'own',
}

/** What keeps most KPIs from having a value, where the usual ones have none: the facts that no source holds. */
function Lacking({ view, read, table, mayConnect }: { view: View; read: KpiPanels; table: KpiTable; mayConnect: boolean }) {
  const { t } = view
  const kinds = factKinds.filter(
    (kind) =>
      kind !== 'value' && // whoever has such values brings them: nobody has to
      table.without.some(({ facts }) => facts.includes(kind)) &&
      !read.sources.some(({ holds }) => holds.includes(kind)),
  )
  return (
    <section class="sec tight">
      <div class="state small">
        <strong>{t.kpisPage.without(table.without.length)}</strong>
        {kinds.length > 0 ? <p>{t.kpisPage.missing(kinds.map((kind) => t.pulling.kinds[kind] ?? kind))}</p> : null}
        {mayConnect ? <ToSources view={view} table={table} isButton /> : null}
      </div>
    </section>
  )
}

/** To those that there are, or to the first one. */
const ToSources = ({ view: { t }, table, isButton }: { view: View; table: KpiTable; isButton?: boolean }) => (
  <a class={isButton ? 'btn' : undefined} href={table.hasSources ? '/sources' : '/sources/new'}>
    {table.hasSources ? t.overview.kpis.toSources : t.kpisPage.toSources}
  </a>
)

/** @param props.isTold whether the page has said already what is missing, with the way there */
function Body(props: { view: View; table: KpiTable; asked: Asked; mayConnect: boolean; isTold: boolean }) {
  const { view, table, asked, mayConnect } = props
  const t = view.t.kpisPage
  const { rows, without } = table
  if (rows.length === 0) {
    const title = asked.by && asked.value === undefined ? t.chooseGroup : isWhole(asked) ? t.empty : t.noValues
    return (
      <div class="state">
        <strong>{title}</strong>
        {asked.by && asked.value === undefined ? null : <p>{isWhole(asked) ? t.emptyWhat : t.noValuesWhat}</p>}
        {isWhole(asked) && mayConnect ? <ToSources view={view} table={table} isButton /> : null}
      </div>
    )
  }
  return (
    <>
      <Scroll label={t.title}>
        <table class="data pin stack">
          <thead>
            <tr>
              <th scope="col">{t.kpi}</th>
              <th scope="col" class="num">
                {t.latest}
              </th>
              <th scope="col" class="num">
                {t.change}
              </th>
              <th scope="col" class="num">
                {t.running}
              </th>
              <th scope="col" class="num">
                {t.goal}
              </th>
              <th scope="col">{t.data}</th>
            </tr>
          </thead>
          {groups.map((name) => {
            const own = rows.filter(({ metric }) => groupOf(metric.key) === name)
            return own.length === 0 ? null : (
              <tbody>
                <tr>
                  <th scope="rowgroup" colspan={6}>
                    {t.groups[name]}
                  </th>
                </tr>
                {own.map((row) => (
                  <Row view={view} row={row} asked={asked} currency={table.settings.currency} lag={table.settings.cacLagMonths} />
                ))}
              </tbody>
            )
          })}
        </table>
      </Scroll>
      {without.length > 0 ? (
        <details>
          <summary>{t.without(without.length)}</summary>
          <ul class="plain">
            {without.map(({ key, name }) => (
              <li>
                {metricName(view.t, key, name)}: {isKpiKey(key) ? view.t.overview.kpis.needs[key] : view.t.metrics.ownNeeds}
              </li>
            ))}
          </ul>
          {mayConnect && !props.isTold ? <ToSources view={view} table={table} /> : null}
        </details>
      ) : null}
    </>
  )
}

function Row(props: { view: View; row: KpiRow; asked: Asked; currency: string; lag: number }) {
  const { view, row, asked, currency } = props
  const { t, f, locale } = view
  const { metric, whole, before, running, freshness } = row
  const write = (value: number) => metricText(locale, metric, value, currency)
  const shown = whole ?? running
  // A target is of a month of the whole: held against a quarter, or one channel, it would mislead.
  const hasGoal = asked.grain === 'month' && asked.by === undefined
  const asOf = shown ? formatOf(locale, 'UTC').date(shown.asOf) : null
  const change =
    whole?.value == null || before?.value == null
      ? null
      : metricChangeText(locale, metric, before.value, whole.value, currency, t.overview.kpis.pointUnit)
  const k = t.kpisPage
  return (
    <tr>
      <th scope="row">
        <a href={`/kpis/metrics/${metric.key}${queryOf(asked)}`}>{metricName(t, metric.key, metric.name)}</a>
        {metric.key === 'cac_lagged' ? <p class="note">{k.lag(props.lag)}</p> : null}
      </th>
      <td class="num" data-head={k.latest}>
        <bdi>{whole?.value == null ? '–' : write(whole.value)}</bdi>
        {whole ? <p class="note">{periodText(t, f, whole.period)}</p> : null}
      </td>
      <td class={change === null ? 'num none' : 'num'} data-head={k.change}>
        <bdi>{change ?? '–'}</bdi>
      </td>
      <td class={running?.value == null ? 'num none' : 'num'} data-head={k.running}>
        {running?.value == null ? (
          '–'
        ) : (
          <>
            <bdi>{write(running.value)}</bdi>
            <p class="note">
              {periodText(t, f, running.period)}
              {t.funnel.comma}
              {t.metrics.provisional}
            </p>
          </>
        )}
      </td>
      <td class={metric.goal && hasGoal ? 'num' : 'num none'} data-head={k.goal}>
        <bdi>{metric.goal && hasGoal ? write(metric.goal.target) : '–'}</bdi>
      </td>
      <td data-head={k.data}>
        <FreshnessMark view={view} freshness={freshness} />
        {asOf ? <p class="note">{t.metrics.asOf(asOf)}</p> : null}
      </td>
    </tr>
  )
}

/** The same choice on the page of one KPI. */
function queryOf({ grain, by, value, until }: Asked): string {
  const query = new URLSearchParams()
  if (grain !== 'month') query.set('grain', grain)
  if (by) query.set('by', by)
  if (by && value !== undefined) query.set('value', value === '' ? '-' : value)
  if (until !== '') query.set('until', lastDayOf(periodOf(until, grain)))
  return query.size > 0 ? `?${query}` : ''
}
