/** Messages of an open round: trying again, a new link to hand over, and the outbox where nothing is set up that sends. */
import { type Context, Hono } from 'hono'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { readSettings } from '../db/settings'
import { directionOf, messagesOf } from '../i18n'
import { formatOf, isolate } from '../i18n/format'
import { handOverLink, retryInvitations } from '../services/deliveries'
import { outboxFile, readOutbox, readOutboxMessage } from '../services/outbox'
import { getPerson } from '../services/people'
import { getRound } from '../services/rounds'
import { CopyButton } from './components/copy'
import { EmailAddress } from './components/email-address'
import { Scroll } from './components/scroll'
import { permit } from './failure'
import { chosenIn, id } from './query'
import { showInRounds } from './round-frame'

export const roundDeliveryPages = new Hono<AppEnv>()
  .post('/:id/deliveries/attempts', permit('rounds:write'), async (c) => {
    const id = c.req.param('id')
    const { person } = await c.req.parseBody()
    await retryInvitations(c.var.services, id, typeof person === 'string' ? person : undefined)
    return c.redirect(`/rounds/${id}#deliveries`, 303)
  })
  .get('/:id/links/:personId', permit('rounds:write'), (c) => newLinkPage(c, c.req.param('id'), c.req.param('personId')))
  .post('/:id/links/:personId', permit('rounds:write'), async (c) => {
    const { id, personId } = c.req.param()
    return newLinkPage(c, id, personId, await handOverLink(c.var.services, id, personId))
  })
  .get('/:id/outbox', permit('rounds:write'), (c) => outboxPage(c, c.req.param('id')))
  .get('/:id/outbox/:personId', permit('rounds:write'), (c) => messagePage(c, c.req.param('id'), c.req.param('personId')))
  .get('/:id/outbox/:personId/message.html', permit('rounds:write'), async (c) => {
    const { id, personId } = c.req.param()
    const { html } = await readOutboxMessage(c.var.services, id, personId)
    c.set('isLetter', true)
    return c.body(html, 200, { 'Content-Type': 'text/html; charset=utf-8' })
  })
  .get('/:id/outbox/:personId/message.eml', permit('rounds:write'), async (c) => {
    const { id, personId } = c.req.param()
    const message = await readOutboxMessage(c.var.services, id, personId)
    return c.body(new Uint8Array(await outboxFile(c.var.services, message)), 200, {
      'Content-Type': 'message/rfc822',
      'Content-Disposition': 'attachment; filename="invitation.eml"',
    })
  })

const show = async (c: Context<AppEnv>, page: { title: string; path: string; body: HtmlEscapedString | Promise<HtmlEscapedString> }) =>
  showInRounds(c, { settings: await readSettings(c.var.services.db) }, page)

async function newLinkPage(c: Context<AppEnv>, roundId: string, personId: string, link?: string) {
  const { db } = c.var.services
  const [round, person] = await Promise.all([getRound(db, roundId), getPerson(db, personId)])
  if (round.state !== 'open') throw new DomainError('not-found', 'No round like that is open.')
  const texts = messagesOf(c.var.locale)
  const t = texts.delivery.handOver
  const back = `/rounds/${roundId}#deliveries`
  return show(c, {
    title: t.title(isolate(person.name)),
    path: `/rounds/${roundId}/links/${personId}`,
    body: (
      <>
        <div class="pagehead">
          <h1>{t.title(isolate(person.name))}</h1>
          <p class="sub">{link ? t.what : t.confirm}</p>
        </div>
        {link ? (
          <div class="pile">
            <p>
              <code id="link" class="secret" dir="ltr">
                {link}
              </code>
            </p>
            <div class="actions">
              <CopyButton of="link" label={texts.roundsPage.copy} done={texts.roundsPage.copied} />
              <a class="btn" href={back}>
                {t.back}
              </a>
            </div>
          </div>
        ) : (
          <form class="form" method="post" action={`/rounds/${roundId}/links/${personId}`}>
            <div class="actions">
              <button class="btn danger" type="submit">
                {t.yes}
              </button>
              <a class="btn" href={back}>
                {t.no}
              </a>
            </div>
          </form>
        )}
      </>
    ),
  })
}

async function outboxPage(c: Context<AppEnv>, roundId: string) {
  const { services, locale } = c.var
  const [round, settings] = await Promise.all([getRound(services.db, roundId), readSettings(services.db)])
  const outbox = await readOutbox(services, roundId, chosenIn(c, { after: id() }).after, locale)
  const texts = messagesOf(locale)
  const t = texts.delivery.outbox
  const f = formatOf(locale, settings.timeZone)
  const title = t.title(texts.roundsPage.name(f.number(round.number), f.period(round.period)))
  const path = `/rounds/${roundId}/outbox`
  return show(c, {
    title,
    path,
    body: (
      <>
        <div class="pagehead">
          <h1>{title}</h1>
          <p class="sub">{t.sub}</p>
        </div>
        <section class="sec tight pile">
          <div class="title">
            <h2>{t.invitations}</h2>
            <p class="what">{t.invitationsWhat}</p>
          </div>
          <Scroll label={t.invitations}>
            <table class="data outbox">
              <thead>
                <tr>
                  <th scope="col">{t.person}</th>
                  <th scope="col">{t.to}</th>
                  <th scope="col">
                    <span class="vh">{t.look}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {outbox.people.map(({ personId, name, email }) => (
                  <tr>
                    <th scope="row">
                      <bdi>{name}</bdi>
                    </th>
                    <td>
                      <EmailAddress email={email} />
                    </td>
                    <td class="nowrap">
                      <a href={`${path}/${personId}`} aria-label={`${t.look}: ${name}`}>
                        {t.look}
                      </a>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          {outbox.next ? (
            <p>
              <a href={`${path}?after=${outbox.next}`}>{t.more}</a>
            </p>
          ) : null}
        </section>
        <section class="sec tight pile">
          <div class="title">
            <h2>{t.reminders}</h2>
            <p class="what">{t.remindersWhat}</p>
          </div>
          {outbox.reminders.map(({ message }) => (
            <details>
              <summary>
                <bdi>{message.subject}</bdi>
              </summary>
              <pre class="letter" dir="auto">
                {message.text}
              </pre>
            </details>
          ))}
        </section>
        <p>
          <a class="btn" href={`/rounds/${roundId}`}>
            {texts.delivery.handOver.back}
          </a>
        </p>
      </>
    ),
  })
}

async function messagePage(c: Context<AppEnv>, roundId: string, personId: string) {
  const message = await readOutboxMessage(c.var.services, roundId, personId)
  const texts = messagesOf(c.var.locale)
  const t = texts.delivery.outbox
  const path = `/rounds/${roundId}/outbox`
  return show(c, {
    title: message.subject,
    path: `${path}/${personId}`,
    body: (
      <>
        <div class="pagehead">
          <h1>
            <bdi>{message.subject}</bdi>
          </h1>
          <p class="sub">
            {t.to}: <bdi>{message.to.name}</bdi> <bdi>{`<${message.to.address}>`}</bdi>
          </p>
        </div>
        <section class="sec tight pile">
          <div class="actions">
            <a class="btn" href={`${path}/${personId}/message.html`} target="_blank" rel="noopener">
              {t.html}
            </a>
            <a class="btn" href={`${path}/${personId}/message.eml`} download>
              {t.file}
            </a>
            <a class="btn" href={path}>
              {texts.delivery.progress.toOutbox}
            </a>
          </div>
          <div class="title">
            <h2>{t.text}</h2>
          </div>
          <pre class="letter" lang={message.locale} dir={directionOf(message.locale)}>
            {message.text}
          </pre>
        </section>
      </>
    ),
  })
}
