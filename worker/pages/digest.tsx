/** The digest: when it goes out and to whom, what it looks like, a test, and what became of the latest ones. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AppEnv } from '../context'
import { codeOf } from '../core/delivery-failure'
import { type DigestChange, rhythms, splitRecipients } from '../core/digest'
import { readEmail } from '../core/email'
import { DomainError } from '../core/errors'
import { cleanLine } from '../core/text'
import { topicOf } from '../db/dispatches'
import { readSettings } from '../db/settings'
import { localeNames, locales, type Messages, messagesOf } from '../i18n'
import { type Format, formatOf, isolate } from '../i18n/format'
import { getDelivery } from '../services/delivery-settings'
import { changeDigest, getDigest, isPublic, listDigests, previewDigest, retryDigest, sendTestDigest, slackTarget } from '../services/digest'
import { listRounds } from '../services/rounds'
import type { Sent } from '../services/smtp'
import { Field, type Mistake } from './components/field'
import { Part } from './components/part'
import { Scroll } from './components/scroll'
import { SharingPage } from './components/sharing-parts'
import { goneAnyway, permit } from './failure'
import { chosenIn, language } from './query'

const path = '/settings/digest'

export const digestPages = new Hono<AppEnv>()
  .use(bodyLimit({ maxSize: 64 * 1024 }))
  .get('/', permit('settings:write'), (c) => digestPage(c))
  .post('/', permit('settings:write'), async (c) => {
    const body = await c.req.parseBody()
    const values = {
      rhythm: rhythms.find((known) => known === body.rhythm) ?? 'off',
      recipients: typeof body.recipients === 'string' ? body.recipients : '',
      slack: body.slack === 'yes',
    }
    const typed = splitRecipients(values.recipients)
    try {
      await changeDigest(c.var.services, { ...values, recipients: typed })
      return c.redirect(`${path}?done=saved`, 303)
    } catch (error) {
      if (!(error instanceof DomainError && error.errors)) throw error
      const { digest: t, sourceSetup } = messagesOf(c.var.locale)
      const wrong = error.errors.flatMap(({ pointer }) => typed[Number(pointer.split('/')[2])] ?? [])
      const named = wrong.length > 0 ? wrong.slice(0, 5) : [String(typed.length)]
      const shown = named.map((one) => isolate(cleanLine(one).slice(0, 80))).join(sourceSetup.comma)
      const reason = typed.length > 0 ? t.recipientsWrong(shown) : t.recipientsNone
      return digestPage(c, { values, mistakes: [{ field: 'recipients', reason }] })
    }
  })
  .get('/message.html', permit('settings:write'), async (c) => {
    const chosen = chosenIn(c, { language: language() })
    const { html } = await previewDigest(c.var.services, chosen.language ?? c.var.locale)
    c.set('isLetter', true)
    return c.html(html)
  })
  .post('/tests', permit('settings:write'), async (c) => {
    const body = await c.req.parseBody()
    const address = body.to === slackTarget ? slackTarget : cleanLine(typeof body.address === 'string' ? body.address : '')
    try {
      return digestPage(c, { test: { address, sent: await sendTestDigest(c.var.services, address, c.var.locale) } })
    } catch (error) {
      if (!(error instanceof DomainError && (error.errors || error.code === 'not-found'))) throw error
      const t = messagesOf(c.var.locale).digest
      const isReadable = address === slackTarget || readEmail(address)
      const reason = !isReadable ? t.testAddressWrong : error.errors ? t.testNoWay : t.previewNone
      return digestPage(c, { test: { address }, mistakes: [{ field: 'address', reason }] })
    }
  })
  .post('/:id/retry', permit('settings:write'), async (c) => {
    await retryDigest(c.var.services, c.req.param('id')).catch(goneAnyway)
    return c.redirect(`${path}?done=queued`, 303)
  })

interface Shown {
  values?: Omit<DigestChange, 'recipients'> & { recipients: string }
  mistakes?: readonly Mistake[]
  test?: { address: string; sent?: Sent }
}

async function digestPage(c: Context<AppEnv>, { values, mistakes = [], test }: Shown = {}) {
  const { services, locale } = c.var
  const [settings, stored, delivery, rounds] = await Promise.all([
    readSettings(services.db),
    getDigest(services.db),
    getDelivery(services.db),
    listRounds(services.db, { limit: 50 }),
  ])
  const texts = messagesOf(locale)
  const t = texts.digest
  const f = formatOf(locale, settings.timeZone)
  const form = values ?? { ...stored, recipients: stored.recipients.join('\n') }
  const done = Object.entries(t.done).find(([what]) => what === c.req.query('done'))
  return c.html(
    <SharingPage
      c={c}
      shown="digest"
      t={t}
      sampleNote={t.sampleSendsNothing}
      sample={settings.sample !== null}
      mistakes={mistakes}
      done={done?.[1]}
    >
      <Part id="when" title={t.when} what={t.whenWhat}>
        {stored.unreachable.length > 0 ? (
          <div class="state err small" role="alert">
            <p>{t.noWay}</p>
            <a class="btn" href="/settings/delivery">
              {t.toDelivery}
            </a>
          </div>
        ) : null}
        <form class="form" method="post" action={path} novalidate>
          <Field name="rhythm" label={t.rhythm} mistakes={mistakes}>
            {(control) => (
              <select {...control} class="pick">
                {rhythms.map((rhythm) => (
                  <option value={rhythm} selected={rhythm === form.rhythm}>
                    {t.rhythms[rhythm]}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field name="recipients" label={t.recipients} hint={t.recipientsHint} mistakes={mistakes}>
            {(control) => (
              <textarea {...control} rows={5} dir="ltr" spellcheck={false}>
                {form.recipients}
              </textarea>
            )}
          </Field>
          {delivery.has.slackWebhook || form.slack ? (
            <div class="field">
              <label>
                <input type="checkbox" name="slack" value="yes" checked={form.slack} /> {t.slack}
              </label>
              {isPublic(services.origin) ? null : <p class="hint">{t.noImage}</p>}
            </div>
          ) : null}
          <button class="btn solid" type="submit">
            {t.save}
          </button>
        </form>
      </Part>
      <Part id="preview" title={t.preview} what={t.previewWhat}>
        {rounds.some(({ state }) => state === 'closed') ? (
          <ul class="inline">
            {locales.map((each) => (
              <li>
                <a href={`${path}/message.html?language=${each}`}>{t.previewOpen(localeNames[each])}</a>
              </li>
            ))}
          </ul>
        ) : (
          <p class="note">{t.previewNone}</p>
        )}
      </Part>
      <Part id="test" title={t.test} what={t.testWhat}>
        {test?.sent ? <TestResult texts={texts} sent={test.sent} /> : null}
        <form class="form" method="post" action={`${path}/tests#test`} novalidate>
          <Field name="address" label={t.testAddress} mistakes={mistakes}>
            {(control) => <input {...control} type="email" dir="ltr" value={test && test.address !== slackTarget ? test.address : ''} />}
          </Field>
          <div class="actions">
            <button class="btn" type="submit">
              {t.testYes}
            </button>
            {delivery.has.slackWebhook ? (
              <button class="btn" type="submit" name="to" value={slackTarget}>
                {t.testChannel}
              </button>
            ) : null}
          </div>
        </form>
      </Part>
      <Part id="sent" title={t.sent} what={t.sentWhat}>
        <SentTable texts={texts} f={f} rows={await listDigests(services)} rounds={rounds} />
      </Part>
    </SharingPage>,
    mistakes.length > 0 ? 422 : 200,
  )
}

function TestResult({ texts, sent }: { texts: Messages; sent: Sent }) {
  const { delivery, digest } = texts
  if (sent.ok)
    return (
      <p class="done" role="status">
        {digest.testSent}
      </p>
    )
  const { what, fix } = delivery.failures[sent.failure.code]
  return (
    <div class="state err small" role="alert">
      <p>
        {what} {fix}
      </p>
      {sent.failure.reply ? <p class="note">{delivery.answered(isolate(sent.failure.reply))}</p> : null}
    </div>
  )
}

function SentTable(props: {
  texts: Messages
  f: Format
  rows: Awaited<ReturnType<typeof listDigests>>
  rounds: readonly { id: string; number: number; period: string }[]
}) {
  const { texts, f, rows, rounds } = props
  const t = texts.digest
  const { states } = texts.webhooks
  if (rows.length === 0) return <p class="note">{t.none}</p>
  const about = (topic: string) => {
    const { roundId, week } = topicOf(topic)
    if (week) return t.week(f.day(week))
    const round = rounds.find(({ id }) => id === roundId)
    return round ? texts.roundsPage.name(f.number(round.number), f.period(round.period)) : texts.webhooks.olderRound
  }
  const why = (error: string) => {
    const code = codeOf(error)
    if (code) return texts.delivery.failures[code].what
    return Object.entries(t.failures).find(([known]) => known === error)?.[1] ?? ''
  }
  return (
    <Scroll label={t.sent}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t.to}</th>
            <th scope="col">{t.about}</th>
            <th scope="col">{texts.webhooks.state}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              <th scope="row">{row.target === slackTarget ? t.channel : <bdi>{row.target}</bdi>}</th>
              <td>{about(row.topic)}</td>
              <td>
                {row.state === 'sent' && row.sentAt ? states.sent(f.moment(row.sentAt)) : null}
                {row.state === 'sending' ? states.sending : null}
                {row.state === 'waiting' ? states.waiting(f.moment(row.dueAt)) : null}
                {row.state === 'failed' ? states.failed : null}
                {row.error ? <p class="note">{why(row.error)}</p> : null}
                {row.state === 'failed' ? (
                  <form method="post" action={`${path}/${row.id}/retry`}>
                    <button class="btn" type="submit">
                      {t.again}
                    </button>
                  </form>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
