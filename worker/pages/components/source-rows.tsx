import type { MappedFile, RowError } from '../../connectors/connector'
import type { Facts } from '../../core/facts'
import { metricOf } from '../../core/metrics'
import { minorDigits } from '../../core/values'
import type { Messages } from '../../i18n'
import { metricText } from '../../i18n/metric-text'
import type { ObservationView } from '../../services/metrics'
import { Scroll } from './scroll'
import { kinds } from './source-form'
import type { View } from './view'

type Texts = Messages['sourcesPage']

/** Rows as facts, one column for each field that any of them has, and what is wrong with the others. */
export function FactTable({ view, file, currency }: { view: View; file: Pick<MappedFile, 'rows' | 'errors'>; currency: string }) {
  const t = view.t.sourcesPage
  const rows = file.rows.map((row) => ({ line: row.line, cells: cellsOf(t, row, currency) }))
  const columns = [...new Map(rows.flatMap(({ cells }) => cells.map(({ name, label }) => [name, label] as const)))]
  return (
    <>
      {rows.length > 0 ? (
        <Scroll label={t.firstRows}>
          <table class="data">
            <thead>
              <tr>
                <th scope="col">{t.line}</th>
                {columns.map(([, label]) => (
                  <th scope="col">{label}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ line, cells }) => (
                <tr>
                  <td>{line}</td>
                  {columns.map(([name]) => (
                    <td>
                      <bdi>{cells.find((cell) => cell.name === name)?.value ?? '–'}</bdi>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      ) : null}
      {file.errors.length > 0 ? <RowErrors view={view} errors={file.errors} /> : null}
    </>
  )
}

/** Where, what is wrong and how to put it right. */
export function RowErrors({ view, errors }: { view: View; errors: readonly Omit<RowError, 'effect'>[] }) {
  const t = view.t.sourcesPage
  return (
    <Scroll label={t.rowErrorsTitle}>
      <table class={`data ${view.sheet.rule('min-inline-size:44rem')}`}>
        <thead>
          <tr>
            <th scope="col">{t.line}</th>
            <th scope="col">{t.column}</th>
            <th scope="col">{t.value}</th>
            <th scope="col">{t.problem}</th>
            <th scope="col">{t.fix}</th>
          </tr>
        </thead>
        <tbody>
          {errors.map(({ line, column, value, code }) => (
            <tr>
              <td>{line}</td>
              <td>
                <bdi>{column ?? '–'}</bdi>
              </td>
              <td>
                <bdi>{value || '–'}</bdi>
              </td>
              <td>
                {t.rowErrors[code].detail}
                {code === 'negative-duration' ? ` ${t.stillCounts}` : null}
              </td>
              <td>{t.rowErrors[code].fix}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** KPIs by month: what an import would make of them. */
export function KpiTable({ view, observations, currency }: { view: View; observations: readonly ObservationView[]; currency: string }) {
  const { t, f, locale } = view
  const months = [...new Set(observations.map(({ period }) => period))].sort()
  const series = new Map<string, ObservationView[]>()
  for (const observation of observations) {
    const key = `${observation.metric} ${observation.basis} ${observation.window}`
    series.set(key, [...(series.get(key) ?? []), observation])
  }
  return (
    <Scroll label={t.sourcesPage.kpiPreview}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t.sourcesPage.metric}</th>
            {months.map((month) => (
              <th scope="col" class="num">
                {f.shortMonth(month, true)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...series.values()].map((items) => {
            const [first] = items
            if (!first) return null
            const metric = metricOf(first.metric)
            return (
              <tr>
                <th scope="row">
                  {t.metrics.names[metric.key]}
                  {first.window === '' ? null : <span class="note"> {t.metrics.cohort(first.window)}</span>}
                </th>
                {months.map((month) => {
                  const item = items.find(({ period }) => period === month)
                  return (
                    <td class="num">
                      <bdi>{item?.value == null ? '–' : metricText(locale, metric, item.value, currency)}</bdi>
                      {item?.provisional && item.value !== null ? <span class="note"> {t.metrics.provisional}</span> : null}
                    </td>
                  )
                })}
              </tr>
            )
          })}
        </tbody>
      </table>
    </Scroll>
  )
}

interface Cell {
  name: string
  label: string
  value: string
}

const shown = {
  lead: { externalId: 'id', createdDay: 'createdAt', channel: 'channel', leadType: 'leadType', stage: 'stage' },
  deal: {
    externalId: 'id',
    leadId: 'leadId',
    customerId: 'customerId',
    createdDay: 'createdAt',
    closedDay: 'closedAt',
    amountMinor: 'amount',
    channel: 'channel',
  },
  spend: { day: 'date', amountMinor: 'amount', channel: 'channel', side: 'side', kind: 'kind' },
} as const satisfies Record<(typeof kinds)[number], Record<string, keyof Texts['fields']>>

function cellsOf(t: Texts, facts: Facts, currency: string): Cell[] {
  return kinds.flatMap((kind) => {
    const fact: Record<string, unknown> | null = facts[kind] as Record<string, unknown> | null
    if (!fact) return []
    const cells = Object.entries(shown[kind]).flatMap(([property, field]) => {
      const value = fact[property]
      if (value === null || value === undefined || value === '') return []
      const text = property === 'amountMinor' ? amountText(Number(value), currency) : String(value)
      return [{ name: `${kind}.${field}`, label: `${t[kind]}: ${t.fields[field]}`, value: text }]
    })
    const state = facts.deal && kind === 'deal' ? [{ name: 'deal.state', label: t.state, value: t.dealStates[facts.deal.state] }] : []
    return [...cells, ...state]
  })
}

const amountText = (minor: number, currency: string) =>
  `${(minor / 10 ** minorDigits(currency)).toFixed(minorDigits(currency))} ${currency}`
