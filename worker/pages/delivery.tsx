/** How messages leave: mail server, Slack, which comes first, and a test. What is secret is written here and never shown. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AppEnv } from '../context'
import {
  type Channel,
  channels,
  type SecretName,
  type SmtpField,
  secretNames,
  secretProblem,
  smtpFields,
  smtpProblems,
} from '../core/delivery-settings'
import { DomainError } from '../core/errors'
import { securities } from '../core/mail-host'
import { cleanLine } from '../core/text'
import { readSettings } from '../db/settings'
import { type Locale, messagesOf } from '../i18n'
import { isolate } from '../i18n/format'
import { changeDelivery, type DeliveryView, getDelivery } from '../services/delivery-settings'
import { sendTestMessage, type TestedWay, testedWays } from '../services/delivery-test'
import type { Sent } from '../services/smtp'
import { TroubleState } from './components/delivery-trouble'
import { Field, type Mistake, Mistakes } from './components/field'
import { Part } from './components/part'
import { permit } from './failure'
import { Page } from './layout'

const path = '/settings/delivery'

export const deliveryPages = new Hono<AppEnv>()
  .use(bodyLimit({ maxSize: 64 * 1024 }))
  .get('/', permit('settings:write'), (c) => deliveryPage(c))
  .post('/', permit('settings:write'), async (c) => {
    const values = await formOf(c)
    const { smtp, secrets, mistakes } = readForm(values, c)
    if (mistakes.length > 0) return deliveryPage(c, { values, mistakes })
    const first = channels.find((channel) => channel === values.first)
    await changeDelivery(c.var.services, { first, smtp, secrets })
    return c.redirect(`${path}?done=saved`, 303)
  })
  .post('/tests', permit('settings:write'), async (c) => {
    const body = await c.req.parseBody()
    const way = testedWays.find((known) => known === body.way) ?? 'email'
    const address = cleanLine(String(body.address ?? ''))
    try {
      return deliveryPage(c, { test: { way, address, sent: await sendTestMessage(c.var.services, way, address, c.var.locale) } })
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'invalid-input')) throw error
      const t = messagesOf(c.var.locale).delivery.test
      const isWay = error.errors?.some(({ pointer }) => pointer === '#/way')
      return deliveryPage(c, {
        test: { way, address },
        mistakes: [isWay ? { field: 'way', reason: t.none } : { field: 'address', reason: t.addressWrong }],
      })
    }
  })

/** On the page of all settings: what is set up, and the way here. */
export function DeliveryPart({ locale, delivery }: { locale: Locale; delivery: DeliveryView }) {
  const t = messagesOf(locale).delivery
  const ways = waysOf(delivery).map((way) => t.ways[way])
  return (
    <Part id="delivery" title={t.part} what={t.partWhat}>
      <p>{ways.length === 0 ? t.partNone : t.partReady(listed(locale, ways))}</p>
      <p class="actions">
        <a class="btn" href={path}>
          {t.partTo}
        </a>
      </p>
    </Part>
  )
}

/** Names of ways, in a sentence. */
export const listed = (locale: Locale, names: readonly string[]) => new Intl.ListFormat(locale, { type: 'conjunction' }).format(names)

/** The name of a way where it stands alone. */
const upperFirst = (locale: Locale, name: string) => name.charAt(0).toLocaleUpperCase(locale) + name.slice(1)

const waysOf = ({ channels, has }: DeliveryView): TestedWay[] => [...channels, ...(has.slackWebhook ? (['webhook'] as const) : [])]

// ── What the form says ──────────────────────────────────────────────────────────────────────────────────────────────

type Values = Record<string, string>

const forgetName = (name: SecretName) => `forget-${name}`

/** Secrets as they were typed; everything else as one clean line. */
async function formOf(c: Context<AppEnv>): Promise<Values> {
  const body = await c.req.parseBody()
  const typed = (name: string) => (typeof body[name] === 'string' ? body[name] : '')
  return Object.fromEntries([
    ...[...smtpFields, 'first', ...secretNames.map(forgetName)].map((name) => [name, cleanLine(typed(name))]),
    ...secretNames.map((name) => [name, name === 'password' ? typed(name) : typed(name).trim()]),
  ])
}

function readForm(values: Values, c: Context<AppEnv>) {
  const t = messagesOf(c.var.locale).delivery
  const smtp = Object.fromEntries(smtpFields.map((field) => [field, values[field] ?? ''])) as Record<SmtpField, string>
  const { problems } = smtpProblems(smtp, c.var.services)
  const mistakes: Mistake[] = smtpFields.flatMap((field) => {
    const problem = problems[field]
    return problem ? [{ field, label: t.fields[field], reason: t.problems[problem] }] : []
  })
  const secrets: Partial<Record<SecretName, string | null>> = {}
  for (const name of secretNames) {
    const value = values[name] ?? ''
    if (value !== '' && secretProblem(name, value)) mistakes.push({ field: name, reason: t.secretProblems[name] })
    else if (value !== '') secrets[name] = value
    else if (values[forgetName(name)] !== '') secrets[name] = null
  }
  return { smtp, secrets, mistakes }
}

// ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Shown {
  values?: Values
  mistakes?: readonly Mistake[]
  test?: { way: TestedWay; address: string; sent?: Sent }
}

async function deliveryPage(c: Context<AppEnv>, shown: Shown = {}) {
  const { services, locale } = c.var
  const [settings, delivery] = await Promise.all([readSettings(services.db), getDelivery(services.db)])
  const texts = messagesOf(locale)
  const t = texts.delivery
  const mistakes = shown.mistakes ?? []
  return c.html(
    <Page c={c} title={t.title} section="settings" sample={settings.sample !== null} path={path}>
      <div class="pagehead">
        <h1>{t.title}</h1>
        <p class="sub">{t.sub}</p>
      </div>
      <Mistakes mistakes={mistakes} title={texts.settingsPage.unusable} />
      {c.req.query('done') === 'saved' ? (
        <p class="done" role="status">
          {t.saved}
        </p>
      ) : null}
      <div class="pile">
        {testedWays.map((side) => (
          <TroubleState locale={locale} timeZone={settings.timeZone} side={side} trouble={delivery.troubles[side]} />
        ))}
      </div>
      <form method="post" action={path} novalidate>
        <MailPart locale={locale} delivery={delivery} values={shown.values} mistakes={mistakes} />
        <SlackPart locale={locale} delivery={delivery} values={shown.values} mistakes={mistakes} />
        <Part id="order" title={t.order} what={t.orderWhat}>
          <div class="form">
            <Field name="first" label={t.fields.first} mistakes={mistakes} short>
              {(control) => (
                <select {...control} class="pick">
                  {channels.map((channel: Channel) => (
                    <option value={channel} selected={channel === (shown.values?.first ?? delivery.first)}>
                      {upperFirst(locale, t.ways[channel])}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <div class="actions">
              <button class="btn solid" type="submit">
                {t.save}
              </button>
            </div>
          </div>
        </Part>
      </form>
      <Part id="test" title={t.test.title} what={t.test.what}>
        <TestForm locale={locale} delivery={delivery} test={shown.test} mistakes={mistakes} />
      </Part>
    </Page>,
    mistakes.length > 0 ? 422 : 200,
  )
}

interface PartProps {
  locale: Locale
  delivery: DeliveryView
  values: Values | undefined
  mistakes: readonly Mistake[]
}

function MailPart({ locale, delivery, values, mistakes }: PartProps) {
  const t = messagesOf(locale).delivery
  const stored = delivery.smtp ?? { host: '', port: 465, security: 'tls', user: '', from: '', fromName: '', replyTo: '' }
  const shownIn = (field: SmtpField) => values?.[field] ?? String(stored[field])
  const line = (field: Exclude<SmtpField, 'security'>, type: string, autocomplete: string, hint?: string) => (
    <Field name={field} label={t.fields[field]} mistakes={mistakes} {...(hint && { hint })} short={field === 'port'}>
      {(control) => (
        <input
          {...control}
          type={type}
          value={shownIn(field)}
          autocomplete={autocomplete}
          dir={field === 'fromName' ? 'auto' : 'ltr'}
          {...(field === 'port' && { inputmode: 'numeric' as const })}
        />
      )}
    </Field>
  )
  return (
    <Part id="smtp" title={t.smtp} what={t.smtpWhat}>
      <div class="form">
        {line('host', 'text', 'off', t.hints.host)}
        {line('port', 'text', 'off', t.hints.port)}
        <Field name="security" label={t.fields.security} mistakes={mistakes}>
          {(control) => (
            <select {...control} class="pick">
              {securities.map((security) => (
                <option value={security} selected={security === shownIn('security')}>
                  {t.securities[security]}
                </option>
              ))}
            </select>
          )}
        </Field>
        {line('user', 'text', 'off', t.hints.user)}
        <SecretField locale={locale} name="password" delivery={delivery} mistakes={mistakes} />
        {line('from', 'email', 'off', t.hints.from)}
        {line('fromName', 'text', 'off')}
        {line('replyTo', 'email', 'off', t.hints.replyTo)}
      </div>
    </Part>
  )
}

function SlackPart({ locale, delivery, mistakes }: PartProps) {
  const t = messagesOf(locale).delivery
  return (
    <Part id="slack" title={t.slack} what={t.slackWhat}>
      <div class="form">
        <SecretField locale={locale} name="slackToken" delivery={delivery} mistakes={mistakes} hint={t.hints.slackToken} />
        <SecretField locale={locale} name="slackWebhook" delivery={delivery} mistakes={mistakes} hint={t.hints.slackWebhook} />
      </div>
    </Part>
  )
}

/** Written, not read: always empty, also where the form comes back. */
function SecretField(props: { locale: Locale; name: SecretName; delivery: DeliveryView; mistakes: readonly Mistake[]; hint?: string }) {
  const { name, delivery, hint } = props
  const t = messagesOf(props.locale).delivery
  const isStored = delivery.has[name]
  const hints = [hint, isStored && t.stored].filter(Boolean).join(' ')
  return (
    <>
      <Field name={name} label={t.fields[name]} mistakes={props.mistakes} {...(hints && { hint: hints })}>
        {(control) => <input {...control} type="password" autocomplete="new-password" dir="ltr" />}
      </Field>
      {isStored ? (
        <label class="check">
          <input type="checkbox" name={forgetName(name)} value="yes" />
          {t.forget[name]}
        </label>
      ) : null}
    </>
  )
}

function TestForm({
  locale,
  delivery,
  test,
  mistakes,
}: {
  locale: Locale
  delivery: DeliveryView
  test: Shown['test']
  mistakes: readonly Mistake[]
}) {
  const t = messagesOf(locale).delivery
  const ways = waysOf(delivery)
  if (ways.length === 0) return <p class="note">{t.test.none}</p>
  return (
    <>
      {test?.sent ? <TestResult locale={locale} sent={test.sent} /> : null}
      <form class="form" method="post" action={`${path}/tests#test`} novalidate>
        <Field name="way" label={t.test.way} mistakes={mistakes} short>
          {(control) => (
            <select {...control} class="pick">
              {ways.map((way) => (
                <option value={way} selected={way === test?.way}>
                  {upperFirst(locale, t.ways[way])}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field name="address" label={t.test.address} hint={t.test.addressHint} mistakes={mistakes}>
          {(control) => <input {...control} type="email" value={test?.address ?? ''} autocomplete="email" dir="ltr" />}
        </Field>
        <div class="actions">
          <button class="btn" type="submit">
            {t.test.send}
          </button>
        </div>
      </form>
    </>
  )
}

function TestResult({ locale, sent }: { locale: Locale; sent: Sent }) {
  const t = messagesOf(locale).delivery
  const reply = sent.ok ? sent.reply : sent.failure.reply
  const failure = sent.ok ? null : t.failures[sent.failure.code]
  return (
    <div class={sent.ok ? 'done' : 'state err small'} role={sent.ok ? 'status' : 'alert'}>
      <strong>{sent.ok ? t.test.ok : t.test.failed}</strong>
      {failure ? (
        <p>
          {failure.what} {failure.fix}
        </p>
      ) : null}
      {reply ? <p class="note">{t.answered(isolate(reply))}</p> : null}
    </div>
  )
}
