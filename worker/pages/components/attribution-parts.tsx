import { type AttributionModel, addingUp, attributionModels } from '../../core/attribution'
import { metricOf } from '../../core/metrics'
import { metricText } from '../../i18n/metric-text'
import type { AttributionView } from '../../services/attribution'
import { ChartFigure } from './chart-figure'
import { Ramp } from './heat-table'
import { Scroll } from './scroll'
import type { View } from './view'

interface Props {
  view: View
  attribution: AttributionView
}

/** An amount in the organisation's currency, a dash where it is not known. */
export const money = ({ locale }: View, { currency }: AttributionView, minor: number | null | undefined, what: 'cac' | 'won_revenue') =>
  minor == null ? '–' : metricText(locale, metricOf(what), minor, currency)

/** Customers of each channel as they are printed by a model: they add up to the customers that were shared out. */
function printedCustomers(channels: AttributionView['channels'], model: AttributionModel): number[] {
  return addingUp(
    channels.map(({ models }) => models[model]?.customers ?? 0),
    decimals,
  )
}

const decimals = 2

/** A number of customers has no middle that it could be under. */
const steps = [4, 5, 6] as const

/** The four models side by side for each channel: how many of the customers each credits it with, the more the darker. */
export function ChannelFigure({ view, attribution, finding }: Props & { finding: string }) {
  const { f, t, sheet } = view
  const texts = t.attribution
  const { channels } = attribution
  const printed = new Map(attributionModels.map((model) => [model, printedCustomers(channels, model)]))
  const most = Math.max(1e-9, ...[...printed.values()].flat())
  return (
    <ChartFigure
      view={view}
      id="channels"
      heading="h2"
      title={texts.channels.title}
      what={texts.channels.what}
      label={finding}
      spec={{ kind: 'heat' }}
      tableClass={sheet.rule('min-inline-size:28rem')}
      under={
        <div class="key">
          <Ramp t={t} steps={steps} />
        </div>
      }
    >
      <thead>
        <tr>
          <td class="corner" />
          {attributionModels.map((model) => (
            <th scope="col">{texts.models[model]}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {channels.map(({ channel }, index) => (
          <tr>
            <th scope="row">
              <bdi>{channel || texts.none}</bdi>
            </th>
            {attributionModels.map((model) => {
              const value = printed.get(model)?.[index] ?? 0
              return (
                <td class={value > 0 ? `heat-${steps[Math.ceil((value / most) * steps.length) - 1]}` : undefined}>
                  <bdi>{f.number(value, decimals)}</bdi>
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </ChartFigure>
  )
}

/** Customers, revenue, cost a customer and return of each channel by each model. */
export function ChannelTable({ view, attribution }: Props) {
  const { f, t, sheet } = view
  const texts = t.attribution
  const { columns } = texts
  const figures = [columns.customers, columns.revenue, columns.spend, columns.cac, columns.roas]
  const printed = new Map(attributionModels.map((model) => [model, printedCustomers(attribution.channels, model)]))
  return (
    <>
      <div class={`title ${sheet.rule('margin-block-start:var(--s5)')}`}>
        <h3>{texts.channels.detail}</h3>
        <p class="what">{texts.channels.note}</p>
      </div>
      <Scroll label={texts.channels.detail}>
        <table class="data stack">
          <thead>
            <tr>
              <th scope="col">{columns.model}</th>
              {figures.map((head) => (
                <th scope="col" class="num">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          {attribution.channels.map(({ channel, models }, index) => (
            <tbody>
              <tr>
                <th scope="rowgroup" colspan={figures.length + 1}>
                  <bdi>{channel || texts.none}</bdi>
                </th>
              </tr>
              {attributionModels.map((model) => {
                const credit = models[model]
                return (
                  <tr>
                    <th scope="row">{texts.models[model]}</th>
                    {[
                      f.number(printed.get(model)?.[index] ?? 0, decimals),
                      money(view, attribution, credit?.revenueMinor, 'won_revenue'),
                      money(view, attribution, credit?.spendMinor, 'won_revenue'),
                      money(view, attribution, credit?.cac, 'cac'),
                      credit?.roas == null ? '–' : f.number(credit.roas, 2),
                    ].map((figure, column) => (
                      <td class={figure === '–' ? 'num none' : 'num'} data-head={figures[column]}>
                        {figure}
                      </td>
                    ))}
                  </tr>
                )
              })}
            </tbody>
          ))}
        </table>
      </Scroll>
    </>
  )
}

/** Month by month by one model: customers of each channel, and what the month cost. */
export function MonthTable({ view, attribution, model }: Props & { model: AttributionModel }) {
  const { f, t } = view
  const texts = t.attribution
  const { columns } = texts
  const shown = attribution.channels.slice(0, 8).map(({ channel }) => channel)
  return (
    <Scroll label={texts.months.title}>
      <table class="data">
        <caption class="vh">{texts.months.title}</caption>
        <thead>
          <tr>
            <th scope="col">{columns.month}</th>
            <th scope="col" class="num">
              {columns.customers}
            </th>
            <th scope="col" class="num">
              {columns.unattributed}
            </th>
            <th scope="col" class="num">
              {columns.cac}
            </th>
            {shown.map((channel) => (
              <th scope="col" class="num">
                <bdi>{channel || texts.none}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {attribution.months.toReversed().map(({ month, channels, totals }) => {
            const printed = printedCustomers(channels, model)
            return (
              <tr>
                <th scope="row">{f.period(month)}</th>
                <td class="num">{f.number(totals.customers)}</td>
                <td class="num">{f.number(totals.unattributed.customers)}</td>
                <td class="num">{money(view, attribution, totals.cac, 'cac')}</td>
                {shown.map((name) => {
                  const index = channels.findIndex(({ channel }) => channel === name)
                  return <td class="num">{index < 0 ? '–' : f.number(printed[index] ?? 0, decimals)}</td>
                })}
              </tr>
            )
          })}
        </tbody>
      </table>
      {attribution.channels.length > shown.length ? (
        <p class="note">{texts.months.more(f.number(attribution.channels.length - shown.length))}</p>
      ) : null}
    </Scroll>
  )
}

/** What marketing brought and had a part in, with what counts as marketing. */
export function MarketingPart({ view, attribution, mayWrite }: Props & { mayWrite: boolean }) {
  const { f, t } = view
  const texts = t.attribution.marketing
  const { sourced, influenced, revenueMinor, wins } = attribution.marketing
  const own = new Set(attribution.salesChannels.map((channel) => channel.toLowerCase()))
  const choices = [...new Set([...attribution.knownChannels, ...attribution.salesChannels])].sort()
  return (
    <>
      <div class="title">
        <h2 id="marketing">{texts.title}</h2>
        <p class="what">{texts.what}</p>
      </div>
      <dl class="tally">
        {(
          [
            [texts.sourced, sourced],
            [texts.influenced, influenced],
          ] as const
        ).map(([name, part]) => (
          <div>
            <dt>{name}</dt>
            <dd>{part.share === null ? '–' : f.percent(part.share)}</dd>
            <dd class="note">
              {texts.of(money(view, attribution, part.revenueMinor, 'won_revenue'), money(view, attribution, revenueMinor, 'won_revenue'))}
              <br />
              {texts.wins(f.number(part.wins), f.number(wins))}
            </dd>
          </div>
        ))}
      </dl>
      <p class="note">{texts.definition}</p>
      {attribution.salesChannels.length > 0 ? <p class="note">{texts.worked(attribution.salesChannels)}</p> : null}
      {mayWrite && choices.length > 0 ? (
        <form class="form" method="post" action="/kpis/attribution/sales-channels">
          <fieldset>
            <legend>{texts.salesChannels}</legend>
            <div class="choices-line">
              {choices.map((channel) => (
                <label class="check">
                  <input type="checkbox" name="channel" value={channel} checked={own.has(channel.toLowerCase())} /> <bdi>{channel}</bdi>
                </label>
              ))}
            </div>
          </fieldset>
          <button class="btn" type="submit">
            {texts.save}
          </button>
        </form>
      ) : null}
    </>
  )
}
