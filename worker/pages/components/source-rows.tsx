import type { MappedFile, RowError } from '../../connectors/connector'
import type { Facts, StageEvent } from '../../core/facts'
import { isKpiKey, metricOf } from '../../core/metrics'
import { minorDigits } from '../../core/values'
import type { Messages } from '../../i18n'
import { metricText } from '../../i18n/metric-text'
import type { ObservationView } from '../../services/metrics'
import { Scroll } from './scroll'
import { type FieldOf, fieldLabel, type Kind, kindName, kinds } from './source-form'
import type { View } from './view'

type Texts = Messages['sourcesPage']

/** Rows as facts, one column for each field that any of them has, and what is wrong with the others. */
export function FactTable({ view, file }: { view: View; file: Pick<MappedFile, 'rows' | 'errors'> }) {
  const t = view.t.sourcesPage
  const rows = file.rows.map((row) => ({ line: row.line, cells: cellsOf(t, row) }))
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
  const hasLines = errors.some(({ line }) => line > 0)
  return (
    <Scroll label={t.rowErrorsTitle}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{hasLines ? t.line : t.fields.id}</th>
            <th scope="col">{t.column}</th>
            <th scope="col">{t.value}</th>
            <th scope="col">{t.problem}</th>
          </tr>
        </thead>
        <tbody>
          {errors.map(({ line, record, column, value, code }) => (
            <tr>
              <td>
                <bdi>{line > 0 ? line : (record ?? '–')}</bdi>
              </td>
              <td>
                <bdi>{column ?? '–'}</bdi>
              </td>
              <td>
                <bdi>{value || '–'}</bdi>
              </td>
              <td>
                {t.rowErrors[code].detail}
                {code === 'negative-duration' ? ` ${t.stillCounts}` : null} {t.rowErrors[code].fix}
              </td>
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
            if (!isKpiKey(first.metric)) return null
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
  stage: { leadId: 'leadId', day: 'at', reason: 'reason' },
  activity: { leadId: 'leadId', dealId: 'dealId', day: 'at', kind: 'kind', connected: 'connected' },
  headcount: { day: 'day', side: 'side', people: 'people' },
  touch: { leadId: 'leadId', customerId: 'customerId', day: 'at', channel: 'channel' },
  value: { metric: 'metric', period: 'period', value: 'value', numerator: 'numerator', denominator: 'denominator' },
} as const satisfies { [K in Kind]: Record<string, FieldOf<K>> }

function cellsOf(t: Texts, facts: Facts): Cell[] {
  return kinds.flatMap((kind) => (kind === 'stage' ? facts.stages.flatMap((event) => stepCells(t, event)) : factCells(t, kind, facts)))
}

function factCells(t: Texts, kind: Exclude<Kind, 'stage'>, facts: Facts): Cell[] {
  const fact = facts[kind]
  if (!fact) return []
  const said = fact as object as Record<string, unknown>
  const cells = fieldCells(t, kind, said, String(said.currency ?? ''))
  const state = facts.deal && kind === 'deal' ? [{ name: 'deal.state', label: t.state, value: t.dealStates[facts.deal.state] }] : []
  return [...cells, ...state]
}

function fieldCells(t: Texts, kind: Kind, said: Record<string, unknown>, currency: string): Cell[] {
  return Object.entries(shown[kind]).flatMap(([property, field]) => {
    const value = said[property]
    if (value === null || value === undefined || value === '') return []
    return [
      {
        name: `${kind}.${field}`,
        label: `${kindName(t, kind)}: ${fieldLabel(t, kind, field)}`,
        value: textOf(t, property, value, currency),
      },
    ]
  })
}

function textOf(t: Texts, property: string, value: unknown, currency: string): string {
  if (property === 'amountMinor') return amountText(Number(value), currency)
  return typeof value === 'boolean' ? t.flags[value ? 'yes' : 'no'] : String(value)
}

/** A step is a column of its own: a lead's row may have several. */
function stepCells(t: Texts, { leadId, what, stage, day, reason }: StageEvent): Cell[] {
  const meaning = what === 'entered' ? stage : what
  if (meaning === null) return []
  const label = `${kindName(t, 'stage')}: ${t.leadMeanings[meaning]}`
  return [
    { name: 'stage.leadId', label: `${kindName(t, 'stage')}: ${t.fields.leadId}`, value: leadId },
    { name: `stage.${meaning}`, label, value: reason ? `${day} (${reason})` : day },
  ]
}

const amountText = (minor: number, currency: string) =>
  `${(minor / 10 ** minorDigits(currency)).toFixed(minorDigits(currency))} ${currency}`
