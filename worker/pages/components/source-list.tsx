import type { Freshness } from '../../core/metrics'
import { minorDigits } from '../../core/values'
import type { Messages } from '../../i18n'
import { isolate } from '../../i18n/format'
import { metricName, metricText, metricWhat } from '../../i18n/metric-text'
import { mayBeNegative } from '../../services/goals'
import { type KnownMetrics, type MetricView, startOf } from '../../services/metrics'
import type { SourceView } from '../../services/sources'
import { Field, type Mistake, Mistakes } from './field'
import { Scroll } from './scroll'
import type { Values } from './source-form'
import { StandingMark, standingOf } from './source-state'
import { Clock, Warning } from './verdict'
import type { View } from './view'

/** Every source with how old its data is. */
export function SourceList({ view, sources }: { view: View; sources: readonly SourceView[] }) {
  const t = view.t.sourcesPage
  if (sources.length === 0) {
    return (
      <div class="state">
        <strong>{t.empty}</strong>
        <p>{t.emptyWhat}</p>
        <a class="btn solid" href="/sources/new">
          {t.add}
        </a>
      </div>
    )
  }
  return (
    <Scroll label={t.title}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t.name}</th>
            <th scope="col">{t.state}</th>
            <th scope="col">{t.lastSuccess}</th>
            <th scope="col">{view.t.sourceSetup.kind}</th>
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <tr>
              <th scope="row">
                <a href={`/sources/${source.id}`}>
                  <bdi>{source.name}</bdi>
                </a>
              </th>
              <td>
                {source.state === 'active' && !source.trouble ? (
                  <FreshnessMark view={view} freshness={source.freshness} />
                ) : (
                  <StandingMark view={view} standing={standingOf(source, null)} />
                )}
              </td>
              <td>{source.lastSuccessAt ? view.f.date(new Date(source.lastSuccessAt)) : t.never}</td>
              <td>
                <bdi>{view.t.sourceSetup.kinds[source.kind].name}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** Shape and word: filled where somebody should act. */
export const FreshnessMark = ({ view, freshness }: { view: View; freshness: Freshness }) => (
  <span class={freshness === 'fresh' || freshness === 'never' ? 'verdict' : 'verdict signal'}>
    {freshness === 'fresh' ? <Clock /> : freshness === 'never' ? null : <Warning />}
    {freshness === 'failing' || freshness === 'stopped' ? view.t.sourceSetup.standings[freshness] : view.t.metrics.freshness[freshness]}
  </span>
)

/** The latest whole month of each KPI, what it should reach, and the way to change that. */
export function Goals({ view, known, currency }: { view: View; known: KnownMetrics; currency: string }) {
  const { t, f, locale } = view
  const s = t.sourcesPage
  const { first, before } = t.kpisPage.panel.key
  const event = known.rules.baseline
  return (
    <Scroll label={s.kpis}>
      <table class="data pin stack">
        <thead>
          <tr>
            <th scope="col">{s.metric}</th>
            <th scope="col" class="num">
              {s.latest}
            </th>
            <th scope="col">{s.lastSuccess}</th>
            <th scope="col" class="num">
              {s.target}
            </th>
            <th scope="col" class="num">
              {s.baseline}
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {known.metrics.map((metric) => {
            const write = (value: number) => metricText(locale, metric, value, currency)
            const agreed = metric.goal?.baseline ?? null
            const isOwn = metric.goal !== null && agreed === null
            const baseline = isOwn ? startOf(known, metric.key) : agreed
            return (
              <tr>
                <th scope="row">
                  <a href={`/sources/goals/${metric.key}`}>{metricName(t, metric.key, metric.name)}</a>
                  <p class="note">{metricWhat(t, metric.key)}</p>
                </th>
                <td class="num" data-head={s.latest}>
                  <bdi>{metric.latest?.value == null ? '–' : write(metric.latest.value)}</bdi>
                  {metric.latest ? <p class="note">{f.period(metric.latest.period)}</p> : null}
                </td>
                <td data-head={s.lastSuccess}>
                  <FreshnessMark view={view} freshness={metric.freshness} />
                  {metric.asOf ? <p class="note nowrap">{t.metrics.asOf(f.date(new Date(metric.asOf)))}</p> : null}
                </td>
                <td class="num" data-head={s.target}>
                  <bdi>{metric.goal ? write(metric.goal.target) : '–'}</bdi>
                </td>
                <td class={metric.goal ? 'num' : 'num none'} data-head={s.baseline}>
                  {isOwn && baseline === null ? null : <bdi>{baseline === null ? '–' : write(baseline)}</bdi>}
                  {isOwn ? <p class="note">{event ? before(isolate(event.name)) : first}</p> : null}
                </td>
                <td class="num">
                  <a class="btn" href={`/sources/goals/${metric.key}`}>
                    {metric.goal ? s.changeGoal : s.setGoal}
                    <span class="vh">: {metricName(t, metric.key, metric.name)}</span>
                  </a>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Scroll>
  )
}

/** Target, baseline and scale of one KPI, in the units that people read: percent and whole money. */
export function GoalForm(props: { view: View; metric: MetricView; values: Values; mistakes: readonly Mistake[]; currency: string }) {
  const { view, metric, values, mistakes } = props
  const { t } = view
  const s = t.sourcesPage
  const unit = metric.unit === 'money' ? s.unitHint.money(props.currency) : s.unitHint[metric.unit]
  return (
    <>
      <div class="pagehead">
        <h1>{s.goalFor(metricName(t, metric.key, metric.name))}</h1>
        <p class="sub">
          {metricWhat(t, metric.key)} {s.goalWhat}
        </p>
      </div>
      <Mistakes mistakes={mistakes} title={() => s.notSaved} />
      <form class="form" method="post" action={`/sources/goals/${metric.key}`} novalidate>
        <Field name="target" label={s.target} hint={unit} mistakes={mistakes} short>
          {(control) => <input {...control} value={values.target ?? ''} inputmode="decimal" maxlength={20} dir="ltr" autocomplete="off" />}
        </Field>
        <Field name="baseline" label={s.baseline} hint={`${unit} ${s.baselineHint}`} mistakes={mistakes} short>
          {(control) => (
            <input {...control} value={values.baseline ?? ''} inputmode="decimal" maxlength={20} dir="ltr" autocomplete="off" />
          )}
        </Field>
        <Field name="scale" label={s.scale} mistakes={mistakes} short>
          {(control) => (
            <select {...control} class="pick">
              {(['linear', 'log'] as const).map((scale) => (
                <option value={scale} selected={values.scale === scale}>
                  {s.scales[scale]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div class="actions">
          <button class="btn solid" type="submit">
            {s.save}
          </button>
          {metric.goal ? (
            <button class="btn danger" type="submit" formaction={`/sources/goals/${metric.key}/removal`}>
              {s.removeGoal}
            </button>
          ) : null}
          <a class="btn" href="/sources">
            {s.cancel}
          </a>
        </div>
      </form>
    </>
  )
}

/** How many of a metric's own units one unit of the form is: percent to share, money to minor units. */
const factorOf = (metric: MetricView, currency: string) =>
  metric.unit === 'ratio' ? 0.01 : metric.unit === 'money' ? 10 ** minorDigits(currency) : 1

/** A goal as the form shows it. */
export function goalValues(metric: MetricView, currency: string): Values {
  const write = (value: number | null | undefined) =>
    value == null ? '' : String(Number((value / factorOf(metric, currency)).toPrecision(12)))
  return { target: write(metric.goal?.target), baseline: write(metric.goal?.baseline), scale: metric.goal?.scale ?? 'linear' }
}

/** The form as a goal, or what is wrong with it. */
export function readGoal(
  metric: MetricView,
  values: Values,
  currency: string,
  t: Messages['sourcesPage'],
): { goal: { target: number; baseline: number | null; scale: 'linear' | 'log' } } | { mistakes: Mistake[] } {
  const read = (text = '') =>
    /^[-−+]?\d+([.,]\d+)?$/.test(text.trim()) ? Number(text.trim().replace(',', '.').replace('−', '-')) : undefined
  const scale = values.scale === 'log' ? 'log' : 'linear'
  const target = read(values.target)
  const baseline = values.baseline?.trim() ? read(values.baseline) : null
  const mistakes: Mistake[] = []
  for (const [field, value] of [
    ['target', target],
    ['baseline', baseline],
  ] as const) {
    const label = t[field]
    if (value === undefined) mistakes.push({ field, label, reason: t.why.number })
    else if (scale === 'log' && value !== null && value <= 0) mistakes.push({ field, label, reason: t.why.aboveZero })
    else if (value !== null && value < 0 && !mayBeNegative(metric.key)) mistakes.push({ field, label, reason: t.why.notNegative })
  }
  if (target !== undefined && target === baseline) mistakes.push({ field: 'target', reason: t.why.sameAsBaseline })
  if (mistakes.length > 0 || target === undefined || baseline === undefined) return { mistakes }
  const own = (value: number) => Number((value * factorOf(metric, currency)).toPrecision(12))
  return { goal: { target: own(target), baseline: baseline === null ? null : own(baseline), scale } }
}
