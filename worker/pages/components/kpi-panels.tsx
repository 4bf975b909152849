import { isKpiKey, isOverdue } from '../../core/metrics'
import { isolate } from '../../i18n/format'
import { metricName, metricText, metricWhat } from '../../i18n/metric-text'
import type { KpiPanel, KpiPanels } from '../../services/kpi-panels'
import { ChartFigure } from './chart-figure'
import { type Drawn, isHollow, isOfFew, KpiFacts, KpiVerdict, MonthRows, monthSpec } from './kpi-line'
import { Clock, Diamond, Warning } from './verdict'
import type { View } from './view'

/** Months that are drawn: as many as on the overview. */
const shown = 18

interface Props {
  view: View
  read: KpiPanels
  mayWrite: boolean
}

/** The usual KPIs and those with a goal, side by side and alike, so that shapes can be compared. */
export function KpiPanelGrid(props: Props & { now: Date }) {
  const { view, read } = props
  return (
    <>
      <div class="kpanels">
        {read.panels.map((panel) => (
          <Panel {...props} panel={panel} />
        ))}
      </div>
      {read.panels.some(({ months }) => months.course) ? <Key view={view} read={read} /> : null}
    </>
  )
}

function Panel({ view, read, panel, mayWrite, now }: Props & { panel: KpiPanel; now: Date }) {
  const { t, locale, f } = view
  const k = t.kpisPage
  const { metric, goal, months } = panel
  const { currency } = read.settings
  const name = metricName(t, metric.key, panel.name)
  const { current } = months
  if (!current) {
    return (
      <div class="kpanel none">
        <h2>{name}</h2>
        <p class="note">{metricWhat(t, metric.key)}</p>
        <div class="state small">
          <p>{isKpiKey(metric.key) ? t.overview.kpis.needs[metric.key] : t.metrics.ownNeeds}</p>
          {mayWrite ? (
            <a class="btn" href="/sources">
              {t.overview.kpis.toSources}
            </a>
          ) : null}
        </div>
      </div>
    )
  }
  const write = (value: number) => metricText(locale, metric, value, currency)
  const isLate = isOverdue(panel.freshness)
  const drawn: Drawn = { view, metric, months, write, currency }
  const from = months.months.at(-shown)?.period ?? ''
  const first = months.months.find(({ period, value }) => period >= from && value !== null)
  const label =
    first && first.period !== current.period
      ? k.spoken(name, f.period(first.period), write(first.value ?? 0), f.period(current.period), write(current.value ?? 0))
      : k.spokenOne(name, f.period(current.period), write(current.value ?? 0))
  return (
    <ChartFigure
      view={view}
      id={`kpi-${metric.key}`}
      class="kpanel"
      heading="h2"
      title={name}
      what={metricWhat(t, metric.key)}
      label={label}
      spec={monthSpec(drawn, { from, until: current.period, goal, events: read.events, isLate })}
      beside={<KpiVerdict view={view} months={months} />}
      above={
        <KpiFacts
          {...drawn}
          goal={goal}
          setGoal={mayWrite ? `/sources/goals/${metric.key}` : null}
          around={
            read.around && panel.around
              ? {
                  event: read.around,
                  before: panel.around.before.mean,
                  after: panel.around.after.mean,
                  isSignal: panel.around.verdict === 'signal',
                }
              : null
          }
          isLate={isLate}
        />
      }
      under={
        <p class="ksrc">
          <Source view={view} panel={panel} now={now} />
          <a href={`/kpis/metrics/${metric.key}`}>
            {k.panel.more}
            <span class="vh">: {name}</span>
          </a>
        </p>
      }
    >
      <MonthRows {...drawn} from={from} />
    </ChartFigure>
  )
}

/** Where the figure comes from, and how old that is; first what the age means for it. */
function Source({ view: { t, f }, panel: { source, months, freshness }, now }: { view: View; panel: KpiPanel; now: Date }) {
  const texts = t.kpisPage.panel
  const { current } = months
  const isLate = isOverdue(freshness)
  const read = source?.lastSuccessAt == null ? null : new Date(source.lastSuccessAt)
  if (!current || !source || !read) return <span class="src">{null}</span>
  const age = Math.floor((now.getTime() - read.getTime()) / 86_400_000)
  const name = isolate(source.name)
  const isUnread = freshness === 'stopped' || freshness === 'failing'
  return (
    <span class={`src${isLate || isUnread ? ' stale' : ''}`}>
      {isLate || isUnread ? <Warning /> : <Clock />}
      {isLate
        ? texts.late(name, age, f.month(current.period))
        : isUnread
          ? texts.unread(t.kpisPage.problems[freshness](name), f.date(read))
          : isHollow(current, false)
            ? texts.running(name, f.date(read), f.month(current.period))
            : texts.read(name, f.date(read))}
    </span>
  )
}

/** One for all panels, as all are drawn alike: of what is drawn in any of them. */
function Key({ view: { t }, read }: Pick<Props, 'view' | 'read'>) {
  const { key } = t.kpisPage.panel
  const { baseline } = read.rules
  const made = baseline ? key.before(isolate(baseline.name)) : key.first
  const drawn = read.panels.filter(({ months }) => months.current)
  const ranges = drawn.flatMap(({ months: { months, course } }) => (course ? isOfFew(months, course) : []))
  return (
    <p class="key kkey">
      {drawn.some(({ goal }) => goal) ? (
        <span>
          <i class="ln target" />
          {t.kpisPage.goal}
        </span>
      ) : null}
      <span>
        <i class="ln mean" />
        {key.mean(made)}
      </span>
      {[false, true].map((isFew) =>
        ranges.includes(isFew) ? (
          <span>
            <i class={isFew ? 'ln limit few' : 'ln limit'} />
            {key.range(made, isFew && baseline !== null)}
          </span>
        ) : null,
      )}
      <span>
        <Diamond /> {key.signal}
      </span>
      {drawn.some(hasHollow) ? (
        <span>
          <i class="hollow" />
          {key.hollow}
        </span>
      ) : null}
    </p>
  )
}

/** Whether a month that is drawn may still change, or is of a source that is late. */
const hasHollow = ({ months: { months, current }, freshness }: KpiPanel): boolean =>
  isHollow(current, isOverdue(freshness)) ||
  months.slice(-shown).some(({ period, value, provisional }) => value !== null && provisional && period <= (current?.period ?? ''))
