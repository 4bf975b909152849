import type { Stage } from '../../core/facts'
import type { Change, FunnelGroup } from '../../core/funnel'
import type { KpiKey } from '../../core/metrics'
import { intlTag } from '../../i18n'
import { numberFormat } from '../../i18n/intl'
import type { FunnelView } from '../../services/funnel'
import { Columns } from './columns'
import { Scroll } from './scroll'
import { Range } from './verdict'
import type { View } from './view'

/** Every figure of the drawing, with its interval. */
export function FunnelTableRows({ view, funnel }: { view: View; funnel: FunnelView }) {
  const { f, t } = view
  const texts = t.funnel
  const { columns } = texts
  const percent = (value: number) => f.percent(value, 1)
  return (
    <>
      <thead>
        <tr>
          <th scope="col">{columns.stage}</th>
          <th scope="col">{columns.count}</th>
          <th scope="col">{columns.next}</th>
          <th scope="col">{columns.interval}</th>
          <th scope="col">{columns.cumulative}</th>
          <th scope="col">{columns.interval}</th>
          <th scope="col">{columns.previous}</th>
          <th scope="col">{columns.change}</th>
          <th scope="col">{columns.lost}</th>
          <th scope="col">{columns.returned}</th>
          <th scope="col">{columns.open}</th>
        </tr>
      </thead>
      <tbody>
        {funnel.stages.map(({ stage, count, next, cumulative, leak, previous, change }) => (
          <tr>
            <th scope="row">
              <StageName view={view} funnel={funnel} stage={stage} />
            </th>
            <td>
              <data value={String(count)}>{f.number(count)}</data>
            </td>
            <td>{next?.value == null ? '–' : percent(next.value)}</td>
            <td>
              <Range t={t} ends={next?.interval} write={percent} />
            </td>
            <td>{cumulative.value === null ? '–' : percent(cumulative.value)}</td>
            <td>
              <Range t={t} ends={cumulative.interval} write={percent} />
            </td>
            <td>{previous.next?.value == null ? f.number(previous.count) : percent(previous.next.value)}</td>
            <td>
              <ChangeText view={view} change={change} />
            </td>
            {(['lost', 'returned', 'open'] as const).map((what) => (
              <td>{leak ? f.number(leak[what].count) : '–'}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </>
  )
}

/** The KPI that has a stage's leads by month. */
const byMonth: Partial<Record<Stage, KpiKey>> = {
  lead: 'lead_volume',
  mql: 'mql_volume',
  sal: 'mql_acceptance',
  sql: 'sql_rate',
  opportunity: 'opportunity_rate',
  customer: 'lead_conversion',
}

/** A stage, with the way to its KPI over the same days. */
function StageName({ view, funnel, stage }: { view: View; funnel: FunnelView; stage: Stage }) {
  const name = view.t.funnel.stages[stage]
  const key = byMonth[stage]
  const { window } = funnel
  if (!key || !window) return <>{name}</>
  return (
    <a href={`/kpis/metrics/${key}?${new URLSearchParams({ from: window.from, until: window.to })}`}>
      {name}
      <span class="vh">: {view.t.metrics.names[key]}</span>
    </a>
  )
}

/** Points of a percentage with their interval. */
function ChangeText({ view: { f, t }, change }: { view: View; change: Change | null }) {
  if (!change) return <>–</>
  const points = (value: number) => f.signed(value * 100, 1)
  return (
    <>
      <bdi>{points(change.difference)}</bdi> (<Range t={t} ends={change.interval} write={points} />)
    </>
  )
}

/** How long leads stay in each stage, and how long those that are in it have been. */
export function TimeTable({ view, funnel }: { view: View; funnel: FunnelView }) {
  const { f, t } = view
  const { time } = t.funnel
  const timed = funnel.stages.slice(0, -1)
  const heads = [time.median, time.p90, time.movedOn, time.notYet, time.waiting, time.oldest]
  const wrong = timed.reduce((sum, stage) => sum + stage.time.outOfOrder, 0)
  return (
    <>
      <Scroll label={time.title}>
        <table class="data pin stack">
          <caption class="vh">{time.title}</caption>
          <thead>
            <tr>
              <Columns of={t.funnel.columns.stage} figures={heads} />
            </tr>
          </thead>
          <tbody>
            {timed.map((stage, index) => {
              const open = funnel.stages[index + 1]?.leak?.open
              return (
                <tr>
                  <th scope="row">{t.funnel.stages[stage.stage]}</th>
                  {[
                    daysText(view, stage.time.median),
                    daysText(view, stage.time.p90),
                    f.number(stage.time.movedOn),
                    f.number(stage.time.notYet),
                    daysText(view, open?.medianDays ?? null),
                    daysText(view, open?.oldestDays ?? null),
                  ].map((figure, column) => (
                    <td class="num" data-head={heads[column]}>
                      {figure}
                    </td>
                  ))}
                </tr>
              )
            })}
          </tbody>
        </table>
      </Scroll>
      {wrong > 0 ? <p class="note">{time.outOfOrder(f.number(wrong), wrong)}</p> : null}
    </>
  )
}

/** Days as somebody would say them: `2.4 days`, `18 days`. */
function daysText({ locale }: View, days: number | null) {
  if (days === null) return <>–</>
  const options = { style: 'unit', unit: 'day', unitDisplay: 'long', maximumFractionDigits: days >= 10 ? 0 : 1 } as const
  return <bdi>{numberFormat(intlTag(locale), options).format(days)}</bdi>
}

/** Every reason that leads were lost or sent back for, by the step that they did not take. */
export function ReasonTable({ view, funnel }: { view: View; funnel: FunnelView }) {
  const { f, t } = view
  const { reasons, stages, noReason } = t.funnel
  const rows = funnel.stages.flatMap(({ leak }, index) => {
    const before = funnel.stages[index - 1]
    return leak && before
      ? (['returned', 'lost'] as const).flatMap((what) => (leak[what].count > 0 ? [{ ...leak[what], what, from: before.stage }] : []))
      : []
  })
  if (rows.length === 0) return <p class="note">{reasons.none}</p>
  return (
    <Scroll label={reasons.title}>
      <table class="data pin">
        <caption class="vh">{reasons.title}</caption>
        <thead>
          <tr>
            <th scope="col">{reasons.from}</th>
            <th scope="col">{reasons.what}</th>
            <th scope="col" class="num">
              {reasons.leads}
            </th>
            <th scope="col">{reasons.reason}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ from, what, count, reasons: told }) => (
            <tr>
              <th scope="row">{stages[from]}</th>
              <td>{reasons.kinds[what]}</td>
              <td class="num">{f.number(count)}</td>
              <td>
                <ul class="reasons">
                  {told.slice(0, mostReasons).map((each) => (
                    <li>
                      <bdi>{each.reason || noReason}</bdi> <b>{f.number(each.count)}</b> ({f.percent(each.count / count)})
                    </li>
                  ))}
                  {told.length > mostReasons ? <li>{reasons.more(f.number(told.length - mostReasons))}</li> : null}
                </ul>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

const mostReasons = 12

/** The same leads by source, lead type or channel: how many reached each stage. */
export function GroupTable(props: { view: View; funnel: FunnelView; title: string; groups: readonly (FunnelGroup & { name?: string })[] }) {
  const { view, funnel, groups } = props
  const { f, t } = view
  const { group, stages, none, columns } = t.funnel
  const heads = funnel.stages.map(({ stage }) => stages[stage])
  const shown = groups.slice(0, mostRows)
  return (
    <Scroll label={props.title}>
      <table class="data pin stack even">
        <caption class="vh">{props.title}</caption>
        <thead>
          <tr>
            <Columns of={props.title} figures={[...heads, group.conversion, columns.interval]} />
          </tr>
        </thead>
        <tbody>
          {shown.map(({ key, name, counts, conversion }) => (
            <tr>
              <th scope="row">
                <bdi>{name ?? (key || none)}</bdi>
              </th>
              {counts.map((count, index) => (
                <td class="num" data-head={heads[index]}>
                  {f.number(count)}
                </td>
              ))}
              <td class="num" data-head={group.conversion}>
                {conversion.value === null ? '–' : f.percent(conversion.value, 1)}
              </td>
              <td class="num" data-head={columns.interval}>
                <Range t={t} ends={conversion.interval} write={(value) => f.percent(value, 1)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {groups.length > shown.length ? <p class="note">{group.more(f.number(groups.length - shown.length))}</p> : null}
    </Scroll>
  )
}

const mostRows = 40
