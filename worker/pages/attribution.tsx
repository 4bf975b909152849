/** Attribution: which channels the wins of some months are credited to, and what marketing brought. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { type AttributionModel, attributionModels, isAttributionModel } from '../core/attribution'
import { toCsv } from '../core/csv'
import { DomainError } from '../core/errors'
import { minorDigits } from '../core/values'
import { type Messages, messagesOf } from '../i18n'
import { type Format, formatOf } from '../i18n/format'
import { type AttributionView, mostSalesChannels, readAttribution, setSalesChannels } from '../services/attribution'
import { authorize } from '../services/authorize'
import { ChannelFigure, ChannelTable, MarketingPart, MonthTable, money } from './components/attribution-parts'
import { Field, type Mistake, Mistakes } from './components/field'
import { Warning } from './components/verdict'
import type { View } from './components/view'
import { permit } from './failure'
import { showInKpis, showNothingYet } from './kpis-frame'
import { addressOf, askedIn } from './query'

const fields = ['from', 'to', 'model'] as const
type Values = Record<(typeof fields)[number], string>

export const attributionPages = new Hono<AppEnv>()
  .get('/attribution', permit('metrics:read'), (c) => answer(c, (values, view) => show(c, values, view)))
  .get('/attribution.csv', permit('metrics:read'), (c) => answer(c, (_, view) => file(c, view)))
  .post('/attribution/sales-channels', permit('metrics:write'), async (c) => {
    const { channel = [] } = await c.req.parseBody({ all: true })
    const named = (Array.isArray(channel) ? channel : [channel]).filter((value) => typeof value === 'string')
    await setSalesChannels(c.var.services, named.filter((value) => value.length <= 200).slice(0, mostSalesChannels))
    return c.redirect('/kpis/attribution?done=channels#marketing', 303)
  })

/** What was asked for, or the form with what is wrong with it. */
async function answer(c: Context<AppEnv>, give: (values: Values, view: AttributionView) => Response | Promise<Response>) {
  const t = messagesOf(c.var.locale).attribution
  const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, t.wrong.month)
  const { given, mistakes } = askedIn(c, { from: month, to: month, model: z.enum(attributionModels, t.wrong.model) })
  const values: Values = { from: given.from ?? '', to: given.to ?? '', model: given.model ?? '' }
  if (mistakes.length > 0) return refused(c, values, mistakes)
  try {
    return await give(values, await readAttribution(c.var.services, { from: values.from || undefined, to: values.to || undefined }))
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'invalid-input')) throw error
    const [pointer] = error.errors?.map((each) => each.pointer) ?? []
    if (pointer === 'query/to') return refused(c, values, [{ field: 'to', reason: t.wrong.order }])
    return refused(c, values, [{ field: 'from', reason: pointer ? t.wrong.long : t.wrong.tooMany }])
  }
}

/** Channels by model, money in the major unit of the organisation's currency. */
function file(c: Context<AppEnv>, { channels, currency }: AttributionView): Response {
  const major = (minor: number | null | undefined) => (minor == null ? null : minor / 10 ** minorDigits(currency))
  const rows = channels.flatMap(({ channel, models }) =>
    attributionModels.map((model) => {
      const credit = models[model]
      const money = [credit?.revenueMinor, credit?.spendMinor, credit?.cac].map(major)
      return [channel, model, credit?.customers ?? 0, ...money, credit?.roas ?? null]
    }),
  )
  const header = ['channel', 'model', 'customers', 'revenue', 'spend', 'cost_per_customer', 'return']
  return c.body(toCsv([header, ...rows]), 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': 'attachment; filename="attribution.csv"',
  })
}

function Filter({ t, values, mistakes }: { t: Messages['attribution']; values: Values; mistakes: readonly Mistake[] }) {
  return (
    <search>
      <form class="filter" method="get" action="/kpis/attribution">
        {(['from', 'to'] as const).map((field) => (
          <Field name={field} label={t.fields[field]} mistakes={mistakes}>
            {(control) => <input {...control} type="month" placeholder="2026-06" value={values[field]} />}
          </Field>
        ))}
        <Field name="model" label={t.fields.model} mistakes={mistakes}>
          {(control) => (
            <select {...control} class="pick">
              {attributionModels.map((model) => (
                <option value={model} selected={model === values.model}>
                  {t.models[model]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <button class="btn" type="submit">
          {t.show}
        </button>
      </form>
    </search>
  )
}

function refused(c: Context<AppEnv>, values: Values, mistakes: readonly Mistake[]) {
  const { attribution: t, settingsPage } = messagesOf(c.var.locale)
  return showInKpis(c, {
    title: t.title.plain,
    path: pathOf(values),
    tab: 'attribution',
    status: 422,
    body: () => (
      <>
        <div class="pagehead">
          <h1>{t.title.plain}</h1>
        </div>
        <Mistakes mistakes={mistakes} title={settingsPage.unusable} />
        <section class="sec tight">
          <Filter t={t} values={values} mistakes={mistakes} />
        </section>
      </>
    ),
  })
}

async function show(c: Context<AppEnv>, asked: Values, attribution: AttributionView) {
  const t = messagesOf(c.var.locale).attribution
  const f = formatOf(c.var.locale, 'UTC') // months are texts without a zone, and are written as they stand
  const { window } = attribution
  if (!window) return showNothingYet(c, 'attribution', t.empty)
  const model: AttributionModel = isAttributionModel(asked.model) ? asked.model : 'linear'
  const title = titleOf(t, attribution)
  const done = c.req.query('done') === 'channels'
  return showInKpis(c, {
    title,
    path: pathOf(asked),
    tab: 'attribution',
    body: (frame) => {
      const view: View = { ...frame, f }
      return (
        <>
          <div class="pagehead">
            <h1>{title}</h1>
            <p class="sub">{t.sub(f.period(window.from), f.period(window.to))}</p>
            {attribution.asOf ? <p class="side note">{t.asOf(f.date(new Date(attribution.asOf)))}</p> : null}
          </div>
          <section class="sec tight" aria-label={t.filter}>
            <Filter t={t} values={{ ...window, model }} mistakes={[]} />
            <Notes t={t} f={f} attribution={attribution} />
            <Facts view={view} attribution={attribution} />
          </section>
          <section class="sec" aria-label={t.channels.title}>
            {attribution.channels.length > 0 ? (
              <>
                <ChannelFigure view={view} attribution={attribution} finding={title} />
                <ChannelTable view={view} attribution={attribution} />
                <p class="actions after">
                  <a class="btn" href={addressOf('/kpis/attribution.csv', window)} download="attribution.csv">
                    {view.t.kpisPage.csv}
                  </a>
                </p>
              </>
            ) : (
              <>
                <h2>{t.channels.title}</h2>
                <p class="note">{t.channels.nothing}</p>
              </>
            )}
          </section>
          <section class="sec" aria-labelledby="marketing">
            {done ? (
              <p class="done" role="status">
                {t.marketing.saved}
              </p>
            ) : null}
            <MarketingPart view={view} attribution={attribution} mayWrite={authorize(c.var.actor, 'metrics:write')} />
          </section>
          <section class="sec" aria-labelledby="months">
            <div class="title">
              <h2 id="months">{t.months.title}</h2>
              <p class="what">{t.months.what(t.models[model])}</p>
            </div>
            <MonthTable view={view} attribution={attribution} model={model} />
          </section>
        </>
      )
    },
  })
}

/** Customers, those without a contact, revenue and what they cost, over all channels. */
function Facts({ view, attribution }: { view: View; attribution: AttributionView }) {
  const { f, t } = view
  const { columns } = t.attribution
  const { totals } = attribution
  return (
    <dl class="tally">
      <div>
        <dt>{columns.customers}</dt>
        <dd>{f.number(totals.customers)}</dd>
      </div>
      <div>
        <dt>{columns.unattributed}</dt>
        <dd>{f.number(totals.unattributed.customers)}</dd>
      </div>
      <div>
        <dt>{columns.revenue}</dt>
        <dd>{money(view, attribution, totals.revenueMinor, 'won_revenue')}</dd>
      </div>
      <div>
        <dt>{columns.spend}</dt>
        <dd>{money(view, attribution, totals.spendMinor, 'won_revenue')}</dd>
      </div>
      <div>
        <dt>{columns.blended}</dt>
        <dd>{money(view, attribution, totals.cac, 'cac')}</dd>
      </div>
    </dl>
  )
}

/** What the figures do not say by themselves. */
function Notes({ t, f, attribution }: { t: Messages['attribution']; f: Format; attribution: AttributionView }) {
  const { withoutTouches, unconverted, totals } = attribution
  return (
    <ul class="notes">
      {withoutTouches.length > 0 ? (
        <li>
          <Warning /> {t.withoutTouches(withoutTouches)}
        </li>
      ) : null}
      {unconverted.deals + unconverted.spend > 0 ? (
        <li>
          <Warning /> {t.unconverted(f.number(unconverted.deals), f.number(unconverted.spend), attribution.currency)}
        </li>
      ) : null}
      {totals.withoutAmount > unconverted.deals ? <li>{t.withoutAmount(f.number(totals.withoutAmount - unconverted.deals))}</li> : null}
    </ul>
  )
}

/** Whether the models agree on the channel that brings most. */
export function titleOf(t: Messages['attribution'], { channels }: AttributionView): string {
  const leaders = attributionModels.map((model) => leaderOf(channels, model))
  const [first, last] = leaders
  if (leaders.some((leader) => leader === undefined) || first === undefined || last === undefined) return t.title.plain
  const named = (channel: string) => channel || t.none
  if (leaders.every((leader) => leader === first)) return t.title.same(named(first))
  return first === last ? t.title.plain : t.title.differs(named(first), named(last))
}

/** The channel with more customers than any other; none where two have as many. */
function leaderOf(channels: AttributionView['channels'], model: AttributionModel): string | undefined {
  const ordered = channels
    .map(({ channel, models }) => ({ channel, customers: models[model]?.customers ?? 0 }))
    .sort((a, b) => b.customers - a.customers)
  const [first, second] = ordered
  return first && first.customers > (second?.customers ?? 0) ? first.channel : undefined
}

function pathOf(values: Values): string {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ''))
  return query.size > 0 ? `/kpis/attribution?${query}` : '/kpis/attribution'
}
