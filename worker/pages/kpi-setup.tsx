/** How KPIs count, what other currencies are worth, and metrics of the organisation's own. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AppEnv } from '../context'
import { decodeText } from '../core/csv'
import { DomainError } from '../core/errors'
import { type Better, type OwnMetric, type Unit, units } from '../core/metrics'
import { cleanLine } from '../core/text'
import { listOwnMetrics } from '../db/own-metrics'
import { readSettings } from '../db/settings'
import { type Messages, messagesOf } from '../i18n'
import { formatOf, isolate } from '../i18n/format'
import { importRates, pageOfRates, readRate, removeRate, setRate } from '../services/exchange-rates'
import { addOwnMetric, changeOwnMetric, removeOwnMetric } from '../services/own-metrics'
import { changeSettings } from '../services/settings'
import { Confirm } from './components/confirm'
import { Field, type Mistake, Mistakes } from './components/field'
import { Choice } from './components/kpi-filter'
import { Part } from './components/part'
import { Scroll } from './components/scroll'
import type { View } from './components/view'
import { goneAnyway, permit } from './failure'
import { showInKpis } from './kpis-frame'

const path = '/kpis/setup'
const fileLimit = 10 * 1024 * 1024

export const kpiSetupPages = new Hono<AppEnv>()
  .use('/setup/*', bodyLimit({ maxSize: fileLimit + 64 * 1024, onError: (c) => tooLarge(c as Context<AppEnv>) }))
  .get('/setup', permit('metrics:write'), (c) => setupPage(c))
  .post('/setup/rules', permit('settings:write'), async (c) => {
    const values = await formOf(c)
    const t = messagesOf(c.var.locale).kpisPage
    const [lag, attempts] = [wholeIn(values.cacLagMonths, 0, 12), wholeIn(values.attemptsExpected, 1, 50)]
    const mistakes: Mistake[] = [
      ...(attempts === undefined ? [{ field: 'attemptsExpected', label: t.attemptsLabel, reason: t.why.attempts }] : []),
      ...(lag === undefined ? [{ field: 'cacLagMonths', label: t.lagLabel, reason: t.why.lag }] : []),
    ]
    if (lag === undefined || attempts === undefined) return setupPage(c, { form: 'rules', values, mistakes })
    const handOff = values.handOff === 'sal' ? 'sal' : 'mql'
    await changeSettings(c.var.services, { cacLagMonths: lag, attemptsExpected: attempts, handOff })
    return done(c, 'rules')
  })
  .post('/setup/rates', permit('metrics:write'), async (c) => {
    const values = await formOf(c)
    const t = messagesOf(c.var.locale).kpisPage.why
    try {
      await setRate(c.var.services, {
        currency: (values.currency ?? '').toUpperCase(),
        day: values.day ?? '',
        rate: readRate(values.rate ?? ''),
      })
    } catch (error) {
      const mistakes = errorsOf(error).map(({ pointer }) => {
        const field = pointer.replace(/^(path|#)\//, '')
        return { field, reason: field === 'currency' ? t.currency : field === 'day' ? t.day : t.rate }
      })
      return setupPage(c, { form: 'rate', values, mistakes })
    }
    return done(c, 'rate')
  })
  .post('/setup/rates/file', permit('metrics:write'), async (c) => {
    const t = messagesOf(c.var.locale).kpisPage.why
    const { file } = await c.req.parseBody()
    if (!(file instanceof File) || file.size === 0 || file.size > fileLimit) {
      return setupPage(c, { form: 'file', values: {}, mistakes: [{ field: 'file', reason: t.file }] })
    }
    try {
      await importRates(c.var.services, decodeText(new Uint8Array(await file.arrayBuffer())))
    } catch (error) {
      const mistakes = errorsOf(error)
        .slice(0, 20)
        .map(({ pointer, detail }) => ({ field: 'file', reason: t.row(pointer, reasonOf(t, pointer) ?? detail) }))
      return setupPage(c, { form: 'file', values: {}, mistakes })
    }
    return done(c, 'imported')
  })
  .post('/setup/rates/:currency/:day/removal', permit('metrics:write'), async (c) => {
    await removeRate(c.var.services, c.req.param('currency'), c.req.param('day')).catch(goneAnyway)
    return done(c, 'rateGone')
  })
  .post('/setup/metrics', permit('metrics:write'), async (c) => {
    const values = await formOf(c)
    const t = messagesOf(c.var.locale).kpisPage.why
    const read = readMetric(values)
    if (!read) return setupPage(c, { form: 'own', values, mistakes: [{ field: 'name', reason: t.name }] })
    try {
      await addOwnMetric(c.var.services, { key: values.key ?? '', ...read })
    } catch (error) {
      errorsOf(error)
      return setupPage(c, { form: 'own', values, mistakes: [{ field: 'key', reason: t.key }] })
    }
    return done(c, 'own')
  })
  .post('/setup/metrics/:key', permit('metrics:write'), async (c) => {
    const values = await formOf(c)
    const key = c.req.param('key')
    const read = readMetric(values)
    if (!read) {
      const reason = messagesOf(c.var.locale).kpisPage.why.name
      return setupPage(c, { form: key, values, mistakes: [{ field: `name-${key}`, reason }] })
    }
    await changeOwnMetric(c.var.services, key, read)
    return done(c, 'own')
  })
  .post('/setup/metrics/:key/removal', permit('metrics:write'), async (c) => {
    await removeOwnMetric(c.var.services, c.req.param('key')).catch(goneAnyway)
    return done(c, 'ownGone')
  })

// ── What a form says ────────────────────────────────────────────────────────────────────────────────────────────────

type Values = Partial<Record<string, string>>
type Done = keyof Messages['kpisPage']['done']

interface Refused {
  /** Which of the forms: `rules`, `rate`, `file`, `own`, or the key of a metric. */
  form: string
  values: Values
  mistakes: readonly Mistake[]
}

async function formOf(c: Context<AppEnv>): Promise<Values> {
  const body = await c.req.parseBody()
  return Object.fromEntries(Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, cleanLine(value)]] : [])))
}

const wholeIn = (text = '', low: number, high: number): number | undefined =>
  /^\d{1,3}$/.test(text) && Number(text) >= low && Number(text) <= high ? Number(text) : undefined

function readMetric({ name = '', unit, better }: Values): { name: string; unit: Unit; better: Better } | undefined {
  if (name === '' || name.length > 80) return undefined
  return { name, unit: units.find((known) => known === unit) ?? 'count', better: better === 'higher' || better === 'lower' ? better : null }
}

/** What was refused; anything else goes on. */
function errorsOf(error: unknown): { pointer: string; detail: string }[] {
  if (error instanceof DomainError && error.code === 'invalid-input') return [...(error.errors ?? [])]
  throw error
}

function reasonOf(t: Messages['kpisPage']['why'], pointer: string): string | undefined {
  const column = /column "(\w+)"/.exec(pointer)?.[1]
  return column === 'currency' ? t.currency : column === 'day' ? t.day : column === 'rate' ? t.rate : undefined
}

const done = (c: Context<AppEnv>, what: Done) => c.redirect(`${path}?done=${what}`, 303)

const tooLarge = (c: Context<AppEnv>) =>
  setupPage(c, { form: 'file', values: {}, mistakes: [{ field: 'file', reason: messagesOf(c.var.locale).kpisPage.why.file }] })

// ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────────

const shownRates = 100

async function setupPage(c: Context<AppEnv>, refused?: Refused) {
  const { services, locale } = c.var
  const t = messagesOf(locale)
  const [settings, rates, own] = await Promise.all([
    readSettings(services.db),
    pageOfRates(services, { limit: shownRates }),
    listOwnMetrics(services.db),
  ])
  const valuesOf = (form: string, otherwise: Values): Values => (refused?.form === form ? refused.values : otherwise)
  const mistakesOf = (form: string) => (refused?.form === form ? refused.mistakes : [])
  const said = c.req.query('done')
  const message = said !== undefined && Object.hasOwn(t.kpisPage.done, said) ? t.kpisPage.done[said as Done] : null
  return showInKpis(c, {
    title: t.kpisPage.setup,
    path,
    tab: 'kpis',
    status: refused ? 422 : 200,
    body: (view) => (
      <>
        <div class="pagehead">
          <h1>{t.kpisPage.setup}</h1>
          <p class="sub">{t.kpisPage.setupSub}</p>
          <p class="side">
            <a class="btn" href="/kpis">
              {t.kpisPage.back}
            </a>
          </p>
        </div>
        <Mistakes mistakes={refused?.mistakes ?? []} title={t.settingsPage.unusable} />
        {message && !refused ? (
          <p class="done" role="status">
            {message}
          </p>
        ) : null}
        <Rules
          view={view}
          values={valuesOf('rules', {
            cacLagMonths: String(settings.cacLagMonths),
            attemptsExpected: String(settings.attemptsExpected),
            handOff: settings.handOff,
          })}
          mistakes={mistakesOf('rules')}
        />
        <Rates
          view={view}
          currency={settings.currency}
          rates={rates}
          values={valuesOf('rate', {})}
          mistakes={[...mistakesOf('rate'), ...mistakesOf('file')]}
        />
        <Own view={view} own={own} valuesOf={valuesOf} mistakesOf={mistakesOf} />
      </>
    ),
  })
}

function Rules({ view, values, mistakes }: { view: View; values: Values; mistakes: readonly Mistake[] }) {
  const t = view.t.kpisPage
  return (
    <Part id="rules" title={t.rules} what={t.rulesWhat}>
      <form class="form" method="post" action={`${path}/rules`} novalidate>
        <Choice
          name="handOff"
          label={t.handOffLabel}
          options={[
            { value: 'mql', label: 'MQL' },
            { value: 'sal', label: 'SAL' },
          ]}
          chosen={values.handOff ?? 'mql'}
        />
        <Field name="attemptsExpected" label={t.attemptsLabel} hint={t.attemptsHint} mistakes={mistakes} short>
          {(control) => <input {...control} value={values.attemptsExpected ?? ''} inputmode="numeric" maxlength={3} autocomplete="off" />}
        </Field>
        <Field name="cacLagMonths" label={t.lagLabel} hint={t.lagHint} mistakes={mistakes} short>
          {(control) => <input {...control} value={values.cacLagMonths ?? ''} inputmode="numeric" maxlength={3} autocomplete="off" />}
        </Field>
        <div class="actions">
          <button class="btn solid" type="submit">
            {t.save}
          </button>
        </div>
      </form>
    </Part>
  )
}

function Rates(props: {
  view: View
  currency: string
  rates: Awaited<ReturnType<typeof pageOfRates>>
  values: Values
  mistakes: readonly Mistake[]
}) {
  const { view, rates, values, mistakes } = props
  const t = view.t.kpisPage
  const f = formatOf(view.locale, 'UTC')
  const rateHint = [t.rateHint(isolate(props.currency)), ...(props.currency === 'USD' ? [t.rateExample] : [])].join(' ')
  return (
    <Part id="rates" title={t.rates} what={t.ratesWhat(isolate(props.currency))}>
      {rates.items.length === 0 ? (
        <p class="note">{t.noRates}</p>
      ) : (
        <Scroll label={t.rates}>
          <table class="data">
            <thead>
              <tr>
                <th scope="col">{t.currency}</th>
                <th scope="col">{t.day}</th>
                <th scope="col" class="num">
                  {t.rate}
                </th>
                <td />
              </tr>
            </thead>
            <tbody>
              {rates.items.map(({ currency, day, rate }) => {
                const when = f.date(new Date(`${day}T00:00:00Z`))
                return (
                  <tr>
                    <th scope="row">
                      <bdi>{currency}</bdi>
                    </th>
                    <td>{when}</td>
                    <td class="num">
                      <bdi>{String(rate)}</bdi>
                    </td>
                    <td class="num">
                      <Confirm
                        summary={t.removeRate}
                        question={t.removeRateAsk(`${isolate(currency)}, ${when}`)}
                        action={`${path}/rates/${currency}/${day}/removal`}
                        yes={t.removeRate}
                      />
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </Scroll>
      )}
      {rates.next ? <p class="note">{t.moreRates(f.number(shownRates))}</p> : null}
      <form class="form" method="post" action={`${path}/rates`} novalidate>
        <Field name="currency" label={t.currency} hint={view.t.sourcesPage.currencyHint} mistakes={mistakes} short>
          {(control) => <input {...control} value={values.currency ?? ''} maxlength={3} dir="ltr" autocomplete="off" />}
        </Field>
        <Field name="day" label={t.day} mistakes={mistakes} short>
          {(control) => <input {...control} type="date" value={values.day ?? ''} />}
        </Field>
        <Field name="rate" label={t.rate} hint={rateHint} mistakes={mistakes} short>
          {(control) => <input {...control} value={values.rate ?? ''} inputmode="decimal" maxlength={20} dir="ltr" autocomplete="off" />}
        </Field>
        <div class="actions">
          <button class="btn solid" type="submit">
            {t.addRate}
          </button>
        </div>
      </form>
      <form class="form" method="post" action={`${path}/rates/file`} enctype="multipart/form-data" novalidate>
        <Field name="file" label={t.ratesFile} mistakes={mistakes}>
          {(control) => <input {...control} type="file" accept=".csv,text/csv" />}
        </Field>
        <div class="actions">
          <button class="btn" type="submit">
            {t.importRates}
          </button>
        </div>
      </form>
    </Part>
  )
}

function Own(props: {
  view: View
  own: readonly OwnMetric[]
  valuesOf: (form: string, otherwise: Values) => Values
  mistakesOf: (form: string) => readonly Mistake[]
}) {
  const { view, own } = props
  const t = view.t.kpisPage
  return (
    <Part id="own" title={t.own} what={t.ownWhat}>
      {own.length === 0 ? <p class="note">{t.noOwn}</p> : null}
      {own.map(({ key, name, unit, better }) => (
        <div class="pile">
          <h3>
            <a href={`/kpis/metrics/${key}`}>
              <bdi>{name}</bdi>
            </a>{' '}
            <code class="note">{key}</code>
          </h3>
          <form class="form" method="post" action={`${path}/metrics/${key}`} novalidate>
            <MetricFields
              view={view}
              values={props.valuesOf(key, { name, unit, better: better ?? '' })}
              mistakes={props.mistakesOf(key)}
              suffix={`-${key}`}
            />
            <div class="actions">
              <button class="btn" type="submit">
                {t.saveOwn}
              </button>
            </div>
          </form>
          <Confirm
            summary={t.removeOwn}
            question={t.removeOwnAsk(isolate(name))}
            action={`${path}/metrics/${key}/removal`}
            yes={t.removeOwn}
          />
        </div>
      ))}
      {own.length > 0 ? <h3>{t.addOwn}</h3> : null}
      <form class="form" method="post" action={`${path}/metrics`} novalidate>
        <Field name="key" label={t.key} hint={t.keyHint} mistakes={props.mistakesOf('own')} short>
          {(control) => (
            <input {...control} value={props.valuesOf('own', { key: 'own-' }).key ?? ''} maxlength={64} dir="ltr" autocomplete="off" />
          )}
        </Field>
        <MetricFields view={view} values={props.valuesOf('own', {})} mistakes={props.mistakesOf('own')} suffix="" />
        <div class="actions">
          <button class="btn solid" type="submit">
            {t.addOwn}
          </button>
        </div>
      </form>
    </Part>
  )
}

/** Ids of a page are one of a kind, names of fields are the same in every form. */
function MetricFields({ view, values, mistakes, suffix }: { view: View; values: Values; mistakes: readonly Mistake[]; suffix: string }) {
  const t = view.t.kpisPage
  const pick = (name: string, label: string, options: readonly { value: string; label: string }[], chosen: string) => (
    <Field name={`${name}${suffix}`} label={label} mistakes={mistakes} short>
      {(control) => (
        <select {...control} name={name} class="pick">
          {options.map((option) => (
            <option value={option.value} selected={option.value === chosen}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
  return (
    <>
      <Field name={`name${suffix}`} label={t.name} mistakes={mistakes} short>
        {(control) => <input {...control} name="name" value={values.name ?? ''} maxlength={80} autocomplete="off" />}
      </Field>
      {pick(
        'unit',
        t.unit,
        units.map((unit) => ({ value: unit, label: t.units[unit] })),
        values.unit ?? 'count',
      )}
      {pick(
        'better',
        t.better,
        [
          { value: 'higher', label: t.betters.higher },
          { value: 'lower', label: t.betters.lower },
          { value: '', label: t.betters.none },
        ],
        values.better ?? 'higher',
      )}
    </>
  )
}
