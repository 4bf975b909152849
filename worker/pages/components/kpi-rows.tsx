import type { Verdict } from '../../core/before-after'
import { metricText } from '../../i18n/metric-text'
import { periodText } from '../../i18n/period-text'
import type { MetricView } from '../../services/metrics'
import type { GroupedView } from '../../services/observations'
import { plainValue, verdictText } from './kpi-line'
import type { View } from './view'

/** A series as rows of a table, the newest first: the value with what it is made of. */
export function SeriesRows(props: {
  view: View
  metric: MetricView
  items: readonly GroupedView[]
  write: (value: number) => string
  currency: string
  /** How each period was judged; left out where none is. */
  verdicts?: ReadonlyMap<string, Verdict | null> | undefined
}) {
  const { view, metric, items, write, verdicts } = props
  const { t, f, locale } = view
  const k = t.kpisPage
  const hasParts = items.some(({ numerator }) => numerator !== null)
  const hasMean = items.some(({ mean }) => mean !== null)
  const isMoney = metric.unit === 'money' || metric.key.startsWith('revenue_growth') || metric.key === 'win_rate_amount'
  /** What is counted is a number; what is money is written as money. */
  const part = (value: number | null, money: boolean) =>
    value === null ? '–' : money ? metricText(locale, { unit: 'money', decimals: 0 }, value, metric.currency ?? '') : f.number(value)
  const currency = metric.currency !== null && isMoney
  return (
    <>
      <thead>
        <tr>
          <th scope="col">{k.period}</th>
          <th scope="col" class="num">
            {k.valueColumn}
          </th>
          {hasMean ? (
            <>
              <th scope="col" class="num">
                {k.mean}
              </th>
              <th scope="col" class="num">
                {k.p90}
              </th>
            </>
          ) : null}
          {hasParts ? (
            <>
              <th scope="col" class="num">
                {k.numerator}
              </th>
              <th scope="col" class="num">
                {k.denominator}
              </th>
            </>
          ) : null}
          <th scope="col" class="num">
            {k.count}
          </th>
          {verdicts ? <th scope="col">{t.overview.trend.verdict}</th> : null}
        </tr>
      </thead>
      <tbody>
        {items.toReversed().map(({ period, value, mean, p90, numerator, denominator, count, provisional }) => (
          <tr>
            <th scope="row">
              {periodText(t, f, period)}
              {provisional ? <span class="note"> {t.metrics.provisional}</span> : null}
            </th>
            <td class="num">
              {value === null ? (
                '–'
              ) : (
                <data value={String(plainValue(metric, value, props.currency))}>
                  <bdi>{write(value)}</bdi>
                </data>
              )}
            </td>
            {hasMean ? (
              <>
                <td class="num">
                  <bdi>{mean === null ? '–' : write(mean)}</bdi>
                </td>
                <td class="num">
                  <bdi>{p90 === null ? '–' : write(p90)}</bdi>
                </td>
              </>
            ) : null}
            {hasParts ? (
              <>
                <td class="num">
                  <bdi>{part(numerator, currency)}</bdi>
                </td>
                <td class="num">
                  <bdi>{part(denominator, false)}</bdi>
                </td>
              </>
            ) : null}
            <td class="num">
              <bdi>{f.number(count)}</bdi>
            </td>
            {verdicts ? <td>{verdictText(t, verdicts.get(period))}</td> : null}
          </tr>
        ))}
      </tbody>
    </>
  )
}

/** Groups side by side over the last periods. */
export function GroupRows(props: {
  view: View
  items: readonly GroupedView[]
  groups: readonly { value: string; name: string }[]
  write: (value: number) => string
}) {
  const { view, items, write } = props
  const { t, f } = view
  const k = t.kpisPage
  const periods = [...new Set(items.map(({ period }) => period))].slice(-columns)
  const rows = [...new Map(items.map(({ group, groups }) => [group, groups]))]
  return (
    <table class="data">
      <thead>
        <tr>
          <th scope="col">{k.group}</th>
          {periods.map((period) => (
            <th scope="col" class="num">
              {periodText(t, f, period)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([group, count]) => (
          <tr>
            <th scope="row">
              {group === null ? (
                k.others(count)
              ) : group === '' ? (
                k.blank
              ) : (
                <bdi>{props.groups.find(({ value }) => value === group)?.name ?? group}</bdi>
              )}
            </th>
            {periods.map((period) => {
              const item = items.find((one) => one.group === group && one.period === period)
              return (
                <td class="num">
                  <bdi>{item?.value == null ? '–' : write(item.value)}</bdi>
                  {item?.provisional && item.value !== null ? <span class="note"> {t.metrics.provisional}</span> : null}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const columns = 6
