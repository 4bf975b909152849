/** Every KPI: its latest whole period, the change to the one before, its target, and how old its data is. */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { isCalendarDay } from '../core/calendar'
import { isKpiKey, type KpiKey, type MetricKey, type Slice, slices } from '../core/metrics'
import { type Grain, grains, lastDayOf, periodOf } from '../core/periods'
import { messagesOf } from '../i18n'
import { formatOf, isolate } from '../i18n/format'
import { metricChangeText, metricName, metricText } from '../i18n/metric-text'
import { periodText } from '../i18n/period-text'
import { authorize } from '../services/authorize'
import { type KpiRow, type KpiTable, readKpis } from '../services/kpi-table'
import { Choice, DayField, Filter, grainOptions, groupIn, groupOptions, sliceOptions } from './components/kpi-filter'
import { Scroll } from './components/scroll'
import { FreshnessMark } from './components/source-list'
import { Warning } from './components/verdict'
import type { View } from './components/view'
import { permit } from './failure'
import { showInKpis } from './kpis-frame'

export const kpiOverviewPages = new Hono<AppEnv>().get('/', permit('metrics:read'), (c) => overview(c))

interface Asked {
  grain: Grain
  by: Slice | undefined
  value: string | undefined
  until: string
}

/** What cannot be is left out: an address that somebody changed shows the nearest thing. */
function askedIn(c: Context<AppEnv>): Asked {
  const given = c.req.query()
  const by = slices.find((slice) => slice === given.by)
  return {
    grain: grains.find((grain) => grain === given.grain) ?? 'month',
    by,
    value: by ? groupIn(given.value?.slice(0, 200)) : undefined,
    until: isCalendarDay(given.until ?? '') ? (given.until ?? '') : '',
  }
}

async function overview(c: Context<AppEnv>) {
  const t = messagesOf(c.var.locale).kpisPage
  const asked = askedIn(c)
  const { grain, by, value, until } = asked
  const table = await readKpis(c.var.services, { grain, by, value, period: until === '' ? undefined : periodOf(until, grain) })
  const mayWrite = authorize(c.var.actor, 'metrics:write')
  const query = new URLSearchParams(Object.entries(c.req.query()).filter(([, text]) => text !== '')).toString()
  return showInKpis(c, {
    title: t.title,
    path: query === '' ? '/kpis' : `/kpis?${query}`,
    tab: 'kpis',
    body: (given) => {
      const view = { ...given, f: formatOf(given.locale, 'UTC') } // days are texts without a zone
      return (
        <>
          <div class="pagehead">
            <h1>{t.title}</h1>
            <p class="sub">{t.sub(isolate(table.settings.timeZone))}</p>
            {mayWrite ? (
              <p class="side">
                <a class="btn" href="/kpis/setup">
                  {t.setup}
                </a>
              </p>
            ) : null}
          </div>
          <section class="sec tight" aria-label={t.filter}>
            <Filter view={view} action="/kpis">
              <Choice name="grain" label={t.grain} options={grainOptions(view, grains)} chosen={grain} />
              <Choice name="by" label={t.by} options={sliceOptions(view, slices)} chosen={by ?? ''} />
              {by ? (
                <Choice name="value" label={t.value} options={groupOptions(view, table.groups)} chosen={c.req.query('value') ?? ''} />
              ) : null}
              <DayField name="until" label={t.until} value={until} mistakes={[]} />
            </Filter>
            <Unconverted view={view} table={table} mayWrite={mayWrite} />
          </section>
          <section class="sec" aria-label={t.title}>
            <Body view={view} table={table} asked={asked} />
          </section>
        </>
      )
    },
  })
}

/** Sums of money are silent about what is not in them, unless somebody says it. */
function Unconverted({ view, table, mayWrite }: { view: View; table: KpiTable; mayWrite: boolean }) {
  const { unconverted } = table
  if (unconverted.length === 0) return null
  const t = view.t.kpisPage
  const total = (what: 'deals' | 'spend') => unconverted.reduce((sum, row) => sum + row[what], 0)
  const currencies = unconverted.map(({ currency, deals, spend }) => `${isolate(currency)}: ${view.f.number(deals + spend)}`).join(', ')
  return (
    <p class="note verdict-line">
      <Warning /> {t.unconverted(total('deals'), total('spend'), currencies)}
      {mayWrite ? (
        <>
          {' '}
          <a href="/kpis/setup#rates">{t.addRates}</a>
        </>
      ) : null}
    </p>
  )
}

const groupOf = (key: MetricKey) => (isKpiKey(key) ? groups.find(({ keys }) => keys.includes(key))?.name : undefined) ?? 'own'

const groups: readonly { name: 'leads' | 'sales' | 'cost' | 'followUp' | 'own'; keys: readonly KpiKey[] }[] = [
  {
    name: 'leads',
    keys: ['lead_volume', 'lead_conversion', 'mql_volume', 'mql_acceptance', 'returned_rate', 'sql_rate', 'opportunity_rate'],
  },
  {
    name: 'sales',
    keys: [
      'won_deals',
      'won_revenue',
      'revenue_growth',
      'revenue_growth_yoy',
      'win_rate',
      'win_rate_amount',
      'deal_size',
      'sales_cycle',
      'lead_cycle',
    ],
  },
  { name: 'cost', keys: ['cac', 'cac_lagged', 'spend_sales', 'spend_marketing', 'headcount_sales', 'headcount_marketing'] },
  {
    name: 'followUp',
    keys: ['response_time', 'response_5m', 'response_1h', 'response_4h', 'response_24h', 'connect_attempts', 'enough_attempts'],
  },
  { name: 'own', keys: ['customer_feedback'] },
]

function Body({ view, table, asked }: { view: View; table: KpiTable; asked: Asked }) {
  const t = view.t.kpisPage
  const { rows, without, hasSources } = table
  if (rows.length === 0) {
    const isWhole = asked.by === undefined && asked.until === ''
    const title = asked.by && asked.value === undefined ? t.chooseGroup : isWhole ? t.empty : t.noValues
    return (
      <div class="state">
        <strong>{title}</strong>
        {asked.by && asked.value === undefined ? null : <p>{isWhole ? t.emptyWhat : t.noValuesWhat}</p>}
        {isWhole ? (
          <a class="btn" href={hasSources ? '/sources' : '/sources/new'}>
            {t.toSources}
          </a>
        ) : null}
      </div>
    )
  }
  return (
    <>
      <Scroll label={t.title}>
        <table class={`data ${view.sheet.rule('min-inline-size:52rem')}`}>
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
          {groups.map(({ name }) => {
            const own = rows.filter(({ metric }) => groupOf(metric.key) === name)
            return own.length === 0 ? null : (
              <tbody>
                <tr>
                  <th scope="rowgroup" colspan={6} class={view.sheet.rule('padding-block-start:var(--s5);font-weight:var(--w-med)')}>
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
        <details class={view.sheet.rule('margin-block-start:var(--s4)')}>
          <summary>{t.without(without.length)}</summary>
          <ul class="plain">
            {without.map(({ key, name }) => (
              <li>
                {metricName(view.t, key, name)}: {isKpiKey(key) ? view.t.overview.kpis.needs[key] : view.t.metrics.ownNeeds}
              </li>
            ))}
          </ul>
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
  return (
    <tr>
      <th scope="row">
        <a href={`/kpis/metrics/${metric.key}${queryOf(asked)}`}>{metricName(t, metric.key, metric.name)}</a>
        {metric.key === 'cac_lagged' ? <p class="note">{t.kpisPage.lag(props.lag)}</p> : null}
      </th>
      <td class="num">
        <bdi>{whole?.value == null ? '–' : write(whole.value)}</bdi>
        {whole ? <p class="note">{periodText(t, f, whole.period)}</p> : null}
      </td>
      <td class="num">
        <bdi>
          {whole?.value == null || before?.value == null
            ? '–'
            : metricChangeText(locale, metric, before.value, whole.value, currency, t.overview.kpis.pointUnit)}
        </bdi>
      </td>
      <td class="num">
        {running?.value == null ? (
          '–'
        ) : (
          <>
            <bdi>{write(running.value)}</bdi>
            <p class="note">
              {periodText(t, f, running.period)}, {t.metrics.provisional}
            </p>
          </>
        )}
      </td>
      <td class="num">
        <bdi>{metric.goal && hasGoal ? write(metric.goal.target) : '–'}</bdi>
      </td>
      <td>
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
