import { describe, expect, it } from 'vitest'
import { failureCodes, PullFailure } from '../../worker/connectors/failure'
import type { Failure } from '../../worker/core/delivery-failure'
import { locales, messagesOf } from '../../worker/i18n'
import type { Ways } from '../../worker/services/deliveries'
import { changeDelivery, readDelivery } from '../../worker/services/delivery-settings'
import { pauseSource, startPull } from '../../worker/services/pulling'
import type { Mail, Sent } from '../../worker/services/smtp'
import { sendSourceAlerts } from '../../worker/services/source-alerts'
import { fetchWorker, services } from './client'
import { aFake, all, aSource, minutes, one, pageByPage, start, tick } from './fake-source'

const smtp = {
  host: 'smtp.acme.example',
  port: '465',
  security: 'tls',
  user: '',
  from: 'plumbline@acme.example',
  fromName: '',
  replyTo: '',
}

/** What the mail server answers; what it was handed is kept. */
function aPost(answer: () => Failure | undefined = () => undefined) {
  const mails: Mail[] = []
  const ways: Ways = {
    mail: async () => ({
      send: async (mail): Promise<Sent> => {
        mails.push(mail)
        const failure = answer()
        return failure ? { ok: false, failure } : { ok: true, reply: '' }
      },
      close: () => {},
    }),
    fetch: () => Promise.reject(new Error('Nothing is asked of Slack here.')),
  }
  return { mails, ways }
}

const failing = (code: 'unauthorised' | 'cursor-repeats') => () => {
  throw new PullFailure(code, { status: 401, reply: 'told-by-the-vendor', host: 'crm.example.com' })
}
const alertedAt = async () => (await one<{ at: number | null }>('select alerted_at as at from sources'))?.at
const owner = 'ann@acme.example'

describe('the owner of a source', () => {
  it('is written to once when it stops, and once when it works again', async () => {
    await changeDelivery(services(), { smtp })
    const id = await aSource({ ownerEmail: owner, name: 'CRM <of sales>' })
    const fake = aFake(failing('unauthorised'))
    const { mails, ways } = aPost()
    await tick(fake, start)
    await Promise.all([1, 2, 3].map(() => sendSourceAlerts(services(minutes(1)), ways)))
    await sendSourceAlerts(services(minutes(60)), ways)
    expect(mails.map(({ to, subject }) => [to.address, subject])).toEqual([[owner, 'CRM <of sales> has stopped']])
    expect(mails[0]?.text).toContain(
      'The source does not accept the key. Make a new key at the source and enter it in the settings of this source.',
    )
    expect(mails[0]?.text).toContain(`http://127.0.0.1:8787/sources/${id}`)
    expect(mails[0]?.html).toContain('CRM &lt;of sales&gt;')
    expect(JSON.stringify(mails)).not.toContain('told-by-the-vendor')

    // Tried again in vain: no news. Then it is mended.
    await startPull(services(minutes(70)), id)
    await sendSourceAlerts(services(minutes(70)), ways)
    await tick(fake, minutes(70))
    await sendSourceAlerts(services(minutes(71)), ways)
    expect(mails).toHaveLength(1)
    fake.answer = pageByPage('a')
    await startPull(services(minutes(80)), id)
    await tick(fake, minutes(80))
    await Promise.all([1, 2].map(() => sendSourceAlerts(services(minutes(81)), ways)))
    expect(mails.map(({ subject }) => subject)).toEqual(['CRM <of sales> has stopped', 'CRM <of sales> works again'])
    fake.answer = failing('unauthorised')
    await tick(fake, minutes(140))
    await sendSourceAlerts(services(minutes(141)), ways)
    expect(mails).toHaveLength(3)
  })

  it('is written to at the third failed pull, not before, and not at the fourth', async () => {
    await changeDelivery(services(), { smtp })
    await aSource({ ownerEmail: owner })
    const fake = aFake(failing('cursor-repeats'))
    const { mails, ways } = aPost()
    const told: number[] = []
    for (let hour = 0; hour < 8; hour += 1) {
      await tick(fake, minutes(hour * 60))
      await sendSourceAlerts(services(minutes(hour * 60 + 1)), ways)
      told.push(mails.length)
    }
    expect(told).toEqual([0, 0, 1, 1, 1, 1, 1, 1])
    expect(mails[0]?.subject).toBe('CRM keeps failing')
  })

  it('is written to when nothing came for twice as long as expected: of files too', async () => {
    await changeDelivery(services(), { smtp })
    await aSource({ ownerEmail: owner, kind: 'csv', everyMinutes: null, expectedEveryDays: 7, lastSuccessAt: start })
    const { mails, ways } = aPost()
    const day = 1_440
    for (const days of [6, 8, 13, 15, 16, 60]) await sendSourceAlerts(services(minutes(days * day)), ways)
    expect(mails.map(({ subject, text }) => [subject, text.includes('15 days')])).toEqual([['No new data from CRM', true]])
    await all(`update sources set last_success_at = ${minutes(61 * day).getTime()}`)
    await sendSourceAlerts(services(minutes(61 * day)), ways)
    expect(mails.at(-1)?.subject).toBe('CRM works again')
  })

  it('of a source that was paused, is being set up or belongs to nobody is left alone', async () => {
    await changeDelivery(services(), { smtp })
    const old = { lastSuccessAt: new Date(0) }
    const id = await aSource({ ownerEmail: owner, ...old })
    await aSource({ ownerEmail: owner, state: 'draft', ...old })
    await aSource({ ownerEmail: null, ...old })
    await pauseSource(services(), id)
    const { mails, ways } = aPost()
    expect(await sendSourceAlerts(services(start), ways)).toBe(0)
    expect(mails).toEqual([])
  })

  it('is written to later where nothing is set up that sends, or where the server is away', async () => {
    await aSource({ ownerEmail: owner })
    await tick(aFake(failing('unauthorised')), start)
    const away = aPost(() => ({ code: 'unreachable', scope: 'server', lasting: false, untouched: true, reply: null }))
    await sendSourceAlerts(services(minutes(1)), away.ways)
    expect([away.mails.length, await alertedAt()]).toEqual([0, null])
    await changeDelivery(services(), { smtp })
    await sendSourceAlerts(services(minutes(2)), away.ways)
    expect([away.mails.length, await alertedAt()]).toEqual([1, null])
    expect((await readDelivery(services().db)).troubles.email).toMatchObject({ code: 'unreachable', times: 1 })
    const { mails, ways } = aPost()
    await sendSourceAlerts(services(minutes(2)), ways) // the server is left alone for a while
    expect(mails).toEqual([])
    await sendSourceAlerts(services(minutes(60)), ways)
    expect([mails.length, await alertedAt()]).toEqual([1, minutes(60).getTime()])
  })

  it('is not written to twice where nobody knows whether the first message arrived', async () => {
    await changeDelivery(services(), { smtp })
    await aSource({ ownerEmail: owner })
    await tick(aFake(failing('unauthorised')), start)
    const { mails, ways } = aPost(() => ({ code: 'timed-out', scope: 'server', lasting: false, reply: null }))
    for (const at of [1, 60, 600]) await sendSourceAlerts(services(minutes(at)), ways)
    expect(mails).toHaveLength(1)
  })

  it('is written to in their own language, by Slack where that comes first', async () => {
    await changeDelivery(services(), { smtp, first: 'slack', secrets: { slackToken: 'xoxb-0123456789' } })
    await all("insert into teams (id, name, side) values ('t', 'Sales', 'sales')")
    await all(`insert into people (id, email, name, locale, team_id) values ('p', '${owner}', 'Ann', 'th', 't')`)
    await aSource({ ownerEmail: owner })
    await tick(aFake(failing('unauthorised')), start)
    const posted: string[] = []
    const ways: Ways = {
      ...aPost().ways,
      fetch: async (_, init) => {
        posted.push(String(init?.body))
        return Response.json({ ok: true, user: { id: 'U1' }, channel: { id: 'D1' } })
      },
    }
    expect(await sendSourceAlerts(services(minutes(1)), ways)).toBe(1)
    expect(posted.at(-1)).toContain('แหล่งข้อมูลไม่ยอมรับกุญแจ')
  })
})

describe('every failure', () => {
  it.each(locales)('has words in %s, with and without what is known of it', (locale) => {
    const { failures } = messagesOf(locale).pulling
    expect(Object.keys(failures).sort()).toEqual([...failureCodes].sort())
    const facts = { status: 503, scope: 'crm.read', field: 'deal', host: 'crm.example.com', columns: ['id', 'created'] }
    const said = failureCodes.flatMap((code) => [failures[code].detail({}), failures[code].detail(facts), failures[code].fix])
    expect(said.filter((text) => text.trim() === '' || /undefined|null/.test(text))).toEqual([])
    expect(failures.forbidden.detail(facts)).toContain('crm.read')
    expect(failures['columns-missing'].detail(facts)).toContain('created')
  })
})

describe('/readyz', () => {
  it('names an overdue source without calling the server unready', async () => {
    const ready = async () => {
      const response = await fetchWorker('/readyz')
      return [response.status, (await response.json<{ warnings: string[] }>()).warnings]
    }
    const now = Date.now()
    const days = (count: number) => new Date(now - count * 86_400_000)
    await aSource({ expectedEveryDays: 3, lastSuccessAt: days(5) })
    await aSource({ state: 'draft' })
    await aSource({ state: 'paused', lastSuccessAt: days(100) })
    expect(await ready()).toEqual([200, []])
    await aSource({ expectedEveryDays: 3, lastSuccessAt: days(7) })
    expect(await ready()).toEqual([200, ['source-overdue']])
    await all('delete from sources')
    await aSource({ state: 'stopped', lastSuccessAt: days(0) })
    expect(await ready()).toEqual([200, ['source-overdue']])
  })
})
