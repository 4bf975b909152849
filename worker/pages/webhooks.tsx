/** Addresses of other systems that are told when a round has closed. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { mostWebhooks, readWebhookFailure, type WebhookFailure } from '../core/webhook'
import { topicOf } from '../db/dispatches'
import { readSettings } from '../db/settings'
import { type Messages, messagesOf } from '../i18n'
import { type Format, formatOf, isolate } from '../i18n/format'
import { listRounds } from '../services/rounds'
import { addWebhook, listWebhooks, removeWebhook, retryMessage, type Told, testWebhook, type WebhookView } from '../services/webhooks'
import { Confirm } from './components/confirm'
import { CopyButton } from './components/copy'
import { Field, type Mistake } from './components/field'
import { Part } from './components/part'
import { Scroll } from './components/scroll'
import { SharingPage } from './components/sharing-parts'
import { goneAnyway, permit } from './failure'

const path = '/settings/webhooks'

export const webhookPages = new Hono<AppEnv>()
  .use(bodyLimit({ maxSize: 16 * 1024 }))
  .get('/', permit('settings:write'), (c) => webhooksPage(c))
  .post('/', permit('settings:write'), async (c) => {
    const { url } = await c.req.parseBody()
    const typed = typeof url === 'string' ? url : ''
    try {
      return webhooksPage(c, { made: await addWebhook(c.var.services, typed) })
    } catch (error) {
      if (!(error instanceof DomainError && error.errors)) throw error
      const t = messagesOf(c.var.locale).webhooks
      return webhooksPage(c, { url: typed.slice(0, 600), mistakes: [{ field: 'url', reason: t.wrong(mostWebhooks) }] })
    }
  })
  .post('/:id/test', permit('settings:write'), async (c) => {
    const id = c.req.param('id')
    return webhooksPage(c, { tested: { id, told: await testWebhook(c.var.services, id) } })
  })
  .post('/:id/removal', permit('settings:write'), async (c) => {
    await removeWebhook(c.var.services, c.req.param('id')).catch(goneAnyway)
    return c.redirect(`${path}?done=removed`, 303)
  })
  .post('/:id/messages/:messageId/retry', permit('settings:write'), async (c) => {
    await retryMessage(c.var.services, c.req.param('id'), c.req.param('messageId')).catch(goneAnyway)
    return c.redirect(`${path}?done=queued`, 303)
  })

interface Shown {
  url?: string
  mistakes?: readonly Mistake[]
  made?: { id: string; url: string; secret: string }
  tested?: { id: string; told: Told }
}

async function webhooksPage(c: Context<AppEnv>, { url = '', mistakes = [], made, tested }: Shown = {}) {
  const { services, locale } = c.var
  const [settings, hooks, rounds] = await Promise.all([
    readSettings(services.db),
    listWebhooks(services),
    listRounds(services.db, { limit: 50 }),
  ])
  const texts = messagesOf(locale)
  const t = texts.webhooks
  const f = formatOf(locale, settings.timeZone)
  const done = Object.entries(t.done).find(([what]) => what === c.req.query('done'))
  const roundName = (topic: string) => {
    const { roundId } = topicOf(topic)
    const round = rounds.find(({ id }) => id === roundId)
    return round ? texts.roundsPage.name(f.number(round.number), f.period(round.period)) : t.olderRound
  }
  return c.html(
    <SharingPage
      c={c}
      shown="webhooks"
      t={t}
      sampleNote={t.sampleSendsNothing}
      sample={settings.sample !== null}
      mistakes={mistakes}
      done={done?.[1]}
    >
      {hooks.map((hook) => (
        <Part id={`webhook-${hook.id}`} title={hostOf(hook.url)} what={t.since(f.date(hook.createdAt))}>
          {made?.id === hook.id ? <Secret t={t} secret={made.secret} texts={texts} /> : null}
          {tested?.id === hook.id ? <Tested t={t} told={tested.told} /> : null}
          <code class="secret" dir="ltr">
            {hook.url}
          </code>
          <MessageTable t={t} f={f} hook={hook} roundName={roundName} />
          <form class="actions" method="post" action={`${path}/${hook.id}/test#webhook-${hook.id}`}>
            <button class="btn" type="submit">
              {t.test}
            </button>
          </form>
          <Confirm
            summary={t.remove}
            question={t.removeAsk(isolate(hostOf(hook.url)))}
            action={`${path}/${hook.id}/removal`}
            yes={t.removeYes}
          />
        </Part>
      ))}
      <Part id="new" title={t.add} what={t.addWhat}>
        {hooks.length >= mostWebhooks ? (
          <p class="note">{t.full(mostWebhooks)}</p>
        ) : (
          <form class="form" method="post" action={path} novalidate>
            <Field name="url" label={t.url} hint={t.urlHint} mistakes={mistakes}>
              {(control) => <input {...control} type="url" value={url} maxlength={500} required dir="ltr" placeholder="https://" />}
            </Field>
            <button class="btn solid" type="submit">
              {t.addYes}
            </button>
          </form>
        )}
      </Part>
      <Part id="how" title={t.how} what={t.howWhat}>
        <ul class="plain">
          {t.rules.map((rule) => (
            <li>{rule}</li>
          ))}
        </ul>
      </Part>
    </SharingPage>,
    mistakes.length > 0 ? 422 : 200,
  )
}

const Secret = ({ t, secret, texts }: { t: Messages['webhooks']; secret: string; texts: Messages }) => (
  <div class="done" role="status">
    <h3>{t.secret}</h3>
    <p>{t.secretWhat}</p>
    <div class="actions">
      <code id="new-secret" class="secret" dir="ltr">
        {secret}
      </code>
      <CopyButton of="new-secret" label={texts.settingsPage.copy} done={texts.settingsPage.copied} />
    </div>
  </div>
)

const Tested = ({ t, told }: { t: Messages['webhooks']; told: Told }) => (
  <p class={told.ok ? 'done' : 'state err small'} role="status">
    {told.ok ? t.testArrived(told.status) : failureText(t, told)}
  </p>
)

const failureText = (t: Messages['webhooks'], { code, status }: { code: WebhookFailure; status: number | null }): string =>
  code === 'status' ? t.failures.status(status ?? 0) : t.failures[code]

function MessageTable(props: { t: Messages['webhooks']; f: Format; hook: WebhookView; roundName: (topic: string) => string }) {
  const { t, f, hook } = props
  if (hook.messages.length === 0) return <p class="note">{t.none}</p>
  return (
    <Scroll label={t.messages}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t.about}</th>
            <th scope="col">{t.state}</th>
            <th scope="col" class="num">
              {t.attempts}
            </th>
          </tr>
        </thead>
        <tbody>
          {hook.messages.map((message) => (
            <tr>
              <th scope="row">{props.roundName(message.topic)}</th>
              <td>
                {message.state === 'sent' && message.sentAt ? t.states.sent(f.moment(message.sentAt)) : null}
                {message.state === 'sending' ? t.states.sending : null}
                {message.state === 'waiting' ? t.states.waiting(f.moment(message.dueAt)) : null}
                {message.state === 'failed' ? t.states.failed : null}
                {message.error ? <p class="note">{failureText(t, readWebhookFailure(message.error))}</p> : null}
                {message.state === 'failed' ? (
                  <form method="post" action={`${path}/${hook.id}/messages/${message.id}/retry`}>
                    <button class="btn" type="submit">
                      {t.again}
                    </button>
                  </form>
                ) : null}
              </td>
              <td class="num">{f.number(message.attempts)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

const hostOf = (url: string): string => URL.parse(url)?.host ?? url
