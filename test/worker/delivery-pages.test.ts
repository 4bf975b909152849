/** Settings of delivery, the progress on a round's page, the outbox and the page that stops messages. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { locales } from '../../worker/i18n'
import { queueDeliveries } from '../../worker/services/deliveries'
import { changeDelivery } from '../../worker/services/delivery-settings'
import { createRound } from '../../worker/services/rounds'
import { stopLinkFor } from '../../worker/services/stopping'
import { adminClient, adminHeaders, fetchWorker, keyHeaders, services } from './client'
import { anOpenRound, anOrganisation, collect } from './factories'
import { changedRows, dump } from './tables'

const smtp = {
  host: 'smtp.acme.example',
  port: '587',
  security: 'starttls',
  user: 'survey',
  from: 'survey@acme.example',
  fromName: 'Acme',
  replyTo: '',
}
const form = (values: Record<string, string>, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams(values),
  headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
})
const page = async (path: string, headers: Record<string, string>, init: RequestInit = {}) => {
  const response = await fetchWorker(path, { ...init, headers: { ...headers, ...(init.headers as Record<string, string>) } })
  // A nonce is another in every answer, and addresses may break.
  const text = (await response.text()).replaceAll(/nonce="[^"]*"|<wbr\/?>/g, '')
  return { status: response.status, headers: response.headers, text }
}

describe('the settings of delivery', () => {
  it('take a mail server and a password, show everything but the password, and keep it while nothing is typed', async () => {
    const admin = await adminHeaders()
    const values = { ...smtp, first: 'email', password: 'correct horse battery', slackToken: '', slackWebhook: '' }
    const saved = await page('/settings/delivery', admin, form(values))
    expect([saved.status, saved.headers.get('location')]).toEqual([303, '/settings/delivery?done=saved'])
    await page('/settings/delivery', admin, form({ ...values, password: '', fromName: 'Acme Ltd' }))
    const shown = await page('/settings/delivery', admin)
    expect(shown.text).toContain('value="smtp.acme.example"')
    expect(shown.text).toContain('value="Acme Ltd"')
    const everywhere = [
      shown.text,
      (await page('/settings', admin)).text,
      (await page('/api/v1/settings', admin)).text,
      (await page('/api/v1/delivery', admin)).text,
    ]
    for (const text of everywhere) expect(text).not.toMatch(/correct horse|v1\.[\w-]{16}/)
    expect(JSON.parse(everywhere[3] as string)).toMatchObject({ has: { password: true, slackToken: false }, channels: ['email'] })
    await page('/settings/delivery', admin, form({ ...values, password: '', 'forget-password': 'yes' }))
    expect((await page('/api/v1/delivery', admin)).text).toContain('"password":false')
  })

  it('come back filled in where they cannot be used, with each reason beside its field, and without the password', async () => {
    const admin = await adminHeaders()
    const values = {
      ...smtp,
      host: '10.0.0.5',
      from: 'nobody',
      password: 'correct horse',
      slackToken: 'xoxp-1',
      slackWebhook: 'https://evil.example/',
    }
    const before = await dump()
    const refused = await page('/settings/delivery', admin, form(values))
    expect(refused.status).toBe(422)
    for (const field of ['from', 'slackToken', 'slackWebhook']) expect(refused.text).toContain(`id="${field}-why"`)
    expect(refused.text).toContain('value="nobody"')
    expect(refused.text).not.toContain('correct horse')
    expect(changedRows({ settings: before.settings ?? [] }, { settings: (await dump()).settings ?? [] })).toEqual({})
  })

  it('name every field over the API, and refuse what nobody knows', async () => {
    const client = await adminClient()
    const answer = await client.delivery.$patch({
      json: { smtp: { host: 'smtp.acme.example', port: 465, security: 'none', user: '', from: 'nobody', fromName: '', replyTo: 'x' } },
    })
    const problem = (await answer.json()) as unknown as { errors: { pointer: string }[] }
    expect([answer.status as number, problem.errors.map(({ pointer }) => pointer)]).toEqual([
      422,
      ['#/smtp/security', '#/smtp/from', '#/smtp/replyTo'],
    ])
    expect(
      (
        await page(
          '/api/v1/delivery',
          { ...(await adminHeaders()), 'Content-Type': 'application/json' },
          { method: 'PATCH', body: '{"smtpHost":1}' },
        )
      ).status,
    ).toBe(422)
    expect((await page('/settings/delivery', await keyHeaders('reader'))).status).toBe(403)
  })

  it('say before a test what is missing', async () => {
    const admin = await adminHeaders()
    const none = await page('/settings/delivery/tests', admin, form({ way: 'email', address: 'ann@acme.example' }))
    expect(none.status).toBe(422)
    await changeDelivery(services(), { smtp })
    const wrong = await page('/settings/delivery/tests', admin, form({ way: 'email', address: 'ann' }))
    expect([wrong.status, wrong.text.includes('id="address-why"'), wrong.text.includes('value="ann"')]).toEqual([422, true, true])
  })
})

describe('opening a round', () => {
  it('sends the invitations where there is a way to, and shows the links where that is asked for', async () => {
    await anOrganisation()
    const round = await createRound(services(), { period: '2026-11' })
    const admin = await adminHeaders()
    const without = await page(`/rounds/${round.id}`, admin)
    expect(without.text).not.toContain('name="deliver"')
    await changeDelivery(services(), { smtp })
    expect((await page(`/rounds/${round.id}`, admin)).text).toContain('name="deliver"')
    const opened = await page(`/rounds/${round.id}/opening`, admin, form({ deliver: 'yes' }))
    expect([opened.status, opened.headers.get('location')]).toEqual([303, `/rounds/${round.id}?done=queued`])
    expect((await dump()).deliveries).toHaveLength(12)
    expect((await page(`/rounds/${round.id}`, admin)).text).toContain('id="deliveries"')
  })
})

describe('the page of an open round', () => {
  it('names those whom an invitation could not reach, with why and what helps, and nobody who got a reminder', async () => {
    const { round, invitations } = await anOpenRound()
    const [failed, reminded, unlinked] = invitations
    await changeDelivery(services(), { smtp })
    await queueDeliveries(services(), round.id, 'invitation')
    await queueDeliveries(services(), round.id, 'reminder-1')
    await env.DB.exec("update deliveries set state = 'sent'")
    const fail = "update deliveries set state = 'failed', error = 'address-refused', reply = '550 unknown' where person_id = ? and kind = ?"
    await env.DB.prepare(fail).bind(failed?.personId, 'invitation').run()
    await env.DB.prepare(fail).bind(reminded?.personId, 'reminder-1').run()
    await env.DB.prepare(fail.replace('address-refused', 'no-link')).bind(unlinked?.personId, 'invitation').run()
    const { text } = await page(`/rounds/${round.id}`, await adminHeaders())
    expect(text).toContain(failed?.email)
    expect(text).toContain('550 unknown')
    expect(text).toContain(`/people/${failed?.personId}`)
    expect(text).not.toContain(reminded?.email)
    expect(text).toContain(unlinked?.email)
    expect(text).not.toContain(`/people/${unlinked?.personId}`) // nothing that can be pressed would help
    const reader = await page(`/rounds/${round.id}`, await keyHeaders('reader'))
    expect(reader.text).not.toContain(failed?.email)
  })

  it('gives out a new link after a second look, and ends the old one', async () => {
    const { round, invitations } = await anOpenRound()
    const [person] = invitations
    const admin = await adminHeaders()
    const path = `/rounds/${round.id}/links/${person?.personId}`
    const before = await dump()
    expect((await page(path, admin)).text).not.toContain('/s/')
    expect(changedRows({ i: before.invitations ?? [] }, { i: (await dump()).invitations ?? [] })).toEqual({})
    const { text } = await page(path, admin, form({}))
    const link = /id="link"[^>]*>\s*([^\s<]+)/.exec(text)?.[1] ?? ''
    await expect(collect(person?.url ?? '')).rejects.toThrow('invitation-unknown')
    await collect(link)
  })
})

describe('the outbox', () => {
  it('shows everybody’s invitation as it would have been sent, whether they answered or not', async () => {
    const { round, invitations } = await anOpenRound()
    const admin = await adminHeaders()
    const [person] = invitations
    const at = `/rounds/${round.id}/outbox`
    const list = await page(at, admin)
    for (const { email } of invitations) expect(list.text).toContain(email)
    const text = await page(`${at}/${person?.personId}`, admin)
    expect(text.text).toContain(person?.url.replaceAll('&', '&amp;'))
    const html = await page(`${at}/${person?.personId}/message.html`, admin)
    expect(html.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'unsafe-inline'.* sandbox$/)
    expect(html.text).toContain(person?.url)
    const file = await page(`${at}/${person?.personId}/message.eml`, admin)
    expect([file.headers.get('content-type'), file.headers.get('content-disposition')]).toEqual([
      'message/rfc822',
      'attachment; filename="invitation.eml"',
    ])
    expect(file.text).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
    await collect(person?.url ?? '')
    expect((await page(at, admin)).text).toBe(list.text)
    expect((await page(`${at}/${person?.personId}`, admin)).text).toBe(text.text)
  })

  it('is for administrators, and for as long as nothing else sends', async () => {
    const { round } = await anOpenRound()
    expect((await page(`/rounds/${round.id}/outbox`, await keyHeaders('reader'))).status).toBe(403)
    await changeDelivery(services(), { smtp })
    expect((await page(`/rounds/${round.id}/outbox`, await adminHeaders())).status).toBe(404)
  })
})

describe('the link that stops messages', () => {
  it('asks first, stops with one click, and can be taken back, in the language of the person', async () => {
    const { invitations } = await anOpenRound()
    const [person] = invitations
    for (const locale of locales) {
      await env.DB.prepare('update people set locale = ? where id = ?').bind(locale, person?.personId).run()
      const path = new URL(await stopLinkFor(services(), person?.personId ?? '')).pathname
      const asked = await page(path, {})
      expect([asked.status, asked.text.includes(`<html lang="${locale}"`)]).toEqual([200, true])
      expect(await stopped()).toBe(0)
      // As a mail program does: without Origin, without Sec-Fetch-Site.
      const clicked = await page(path, {}, form({ 'List-Unsubscribe': 'One-Click' }))
      expect([clicked.status, await stopped()]).toEqual([200, 1])
      await page(path, {}, form({}, { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' }))
      expect(await stopped()).toBe(1)
      await page(path, {}, form({ undo: 'yes' }, { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' }))
      expect(await stopped()).toBe(0)
    }
    await page(new URL(await stopLinkFor(services(), person?.personId ?? '')).pathname, {}, form({}))
    await collect(person?.url ?? '') // may still answer
  })

  it('is nobody else’s, and no other text opens it', async () => {
    const { invitations } = await anOpenRound()
    const path = new URL(await stopLinkFor(services(), invitations[0]?.personId ?? '')).pathname
    const other = path.replace(invitations[0]?.personId ?? '', invitations[1]?.personId ?? '')
    const wrong = [other, `${path}x`, path.slice(0, -1), '/stop/unknown', `/stop/${invitations[0]?.personId}.`]
    for (const one of wrong) expect([one, (await page(one, {})).status, (await page(one, {}, form({}))).status]).toEqual([one, 404, 404])
    expect(await stopped()).toBe(0)
  })
})

describe('a scanner that opens every link of a message a hundred times', () => {
  it('changes nothing in the database', async () => {
    const { round, invitations } = await anOpenRound()
    const admin = await adminHeaders()
    const [person] = invitations
    const { text } = await page(`/rounds/${round.id}/outbox/${person?.personId}/message.html`, admin)
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, link]) => new URL((link ?? '').replaceAll('&amp;', '&')))
    expect(links.map(({ pathname }) => pathname.split('/')[1])).toEqual(['s', 'stop'])
    const before = await dump()
    for (let turn = 0; turn < 100; turn++) {
      await Promise.all(
        links.flatMap(({ pathname, search }) =>
          ['GET', 'HEAD'].map(async (method) => expect((await fetchWorker(`${pathname}${search}`, { method })).status).toBe(200)),
        ),
      )
    }
    expect(await dump()).toEqual(before)
  }, 60_000)
})

const stopped = async () =>
  (await env.DB.prepare('select count(*) as n from people where mail_stopped_at is not null').first<{ n: number }>())?.n
