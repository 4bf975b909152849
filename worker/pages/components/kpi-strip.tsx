import { isKpiKey, isOverdue } from '../../core/metrics'
import { isolate } from '../../i18n/format'
import { metricChangeText, metricName, metricText } from '../../i18n/metric-text'
import type { KpiCard, Overview } from '../../services/overview'
import { metricPath } from './drill'
import { SourceProblems } from './import-problems'
import { Spark } from './spark'
import { Clock, Diamond, Warning, Wave } from './verdict'
import { mayDo, type View } from './view'

/** The figures from the CRM: value, target, course, change since the baseline, and how old the data is. */
export function KpiStrip({ view, overview, title }: { view: View; overview: Overview; title: string }) {
  const { t } = view
  const { kpis, hasSources, rules } = overview
  const { what, whatEvent, empty } = t.overview.kpis
  const none = t.overview.pillars.missing['no-kpis']
  const isEmpty = kpis.every(({ current }) => current === null)
  return (
    <section class="sec tight">
      <div class="title">
        <h2>{isEmpty ? t.findings.kpis.neutral : title}</h2>
        <p class="what">{isEmpty ? empty : rules.baseline ? whatEvent(isolate(rules.baseline.name)) : what}</p>
      </div>
      <SourceProblems view={view} problems={overview.failing} mayOpen={mayDo(view, 'sources:read')} />
      {isEmpty ? (
        <div class="state small">
          <strong>{hasSources ? none.why : t.overview.kpis.noSource}</strong>
          <p>{hasSources ? none.brings : t.overview.kpis.noSourceWhat}</p>
          {mayDo(view, 'sources:read') ? (
            <a class="btn" href="/sources">
              {t.overview.kpis.toSources}
            </a>
          ) : null}
        </div>
      ) : (
        <div class="strip">
          {kpis.map((card) => (
            <Kpi view={view} card={card} currency={overview.settings.currency} />
          ))}
        </div>
      )}
    </section>
  )
}

function Kpi({ view, card, currency }: { view: View; card: KpiCard; currency: string }) {
  const { t, f, locale } = view
  const { metric, current, goal, baseline, range } = card
  const name = metricName(t, metric.key, card.name)
  const text = (value: number) => metricText(locale, metric, value, currency)
  if (current?.value == null) {
    return (
      <div class="pillar kpi missing">
        <h3>{name}</h3>
        <div class="row">
          <span class="stat none">–</span>
        </div>
        <p class="note">{isKpiKey(metric.key) ? t.overview.kpis.needs[metric.key] : t.metrics.ownNeeds}</p>
        <p class="note">{mayDo(view, 'sources:read') ? <a href="/sources">{t.overview.kpis.toSources}</a> : null}</p>
      </div>
    )
  }
  const isLate = isOverdue(card.freshness)
  return (
    <div class="pillar kpi">
      <h3>
        <a href={metricPath(metric.key)}>{name}</a>
      </h3>
      <div class="row">
        <span class="stat">
          <bdi>{text(current.value)}</bdi>
        </span>
        <span class="note push">
          {goal ? (
            t.overview.kpis.target(text(goal.target))
          ) : mayDo(view, 'metrics:write') ? (
            <a href="/kpis/setup">{t.overview.kpis.noTarget}</a>
          ) : (
            t.overview.kpis.untargeted
          )}
        </span>
      </div>
      <Spark
        view={view}
        label={t.overview.kpis.spark(name, card.series.map(({ value }) => (value === null ? '–' : text(value))).join(', '))}
        values={card.series.map(({ value }) => value)}
        range={range}
        hollow={isLate || current.provisional}
      />
      <p class="note verdict-line">
        {baseline === null ? (
          t.overview.kpis.noBaseline
        ) : (
          <>
            {range ? range.verdict === 'signal' ? <Diamond /> : <Wave /> : null}
            <bdi>{metricChangeText(locale, metric, baseline, current.value, currency, t.overview.kpis.pointUnit)}</bdi>{' '}
            {t.overview.kpis.sinceBaseline}
          </>
        )}
      </p>
      <p class={`src${isLate ? ' stale' : ''}`}>
        {isLate ? <Warning /> : <Clock />}
        {isLate
          ? t.overview.kpis.late(f.month(current.period), card.days)
          : current.provisional
            ? t.overview.kpis.provisional(f.month(current.period), f.date(current.asOf))
            : t.overview.kpis.asOf(f.month(current.period), f.date(current.asOf))}
      </p>
    </div>
  )
}
