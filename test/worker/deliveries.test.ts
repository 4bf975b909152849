import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { type Failure, mostAttempts } from '../../worker/core/delivery-failure'
import { claimDelivery } from '../../worker/db/deliveries'
import { settings } from '../../worker/db/schema'
import { closeRound } from '../../worker/services/closing'
import type { ServiceContext } from '../../worker/services/context'
import {
  deliveryProgress,
  handOverLink,
  queueDeliveries,
  retryInvitations,
  runDeliveries,
  type Ways,
} from '../../worker/services/deliveries'
import { changeDelivery, readDelivery } from '../../worker/services/delivery-settings'
import { updatePerson } from '../../worker/services/people'
import type { Mail, Sent } from '../../worker/services/smtp'
import { services } from './client'
import { anOpenRound, collect, partsOf } from './factories'

const smtp = {
  host: 'smtp.acme.example',
  port: '465',
  security: 'tls',
  user: '',
  from: 'survey@acme.example',
  fromName: 'Acme',
  replyTo: '',
}
const aRefusal: Failure = { code: 'address-refused', scope: 'person', lasting: true, reply: '550 no such user' }
const aBusyMailbox: Failure = { code: 'address-busy', scope: 'person', lasting: false, reply: '451 later' }
const aLostConnection: Failure = { code: 'connection-lost', scope: 'server', lasting: false, untouched: false, reply: null }
const noServer: Failure = { code: 'unreachable', scope: 'server', lasting: false, untouched: true, reply: null }

/** A mail server's answers, message by message; what it was handed is kept. */
function aPost(answer: (mail: Mail, index: number) => Failure | undefined = () => undefined) {
  const mails: Mail[] = []
  const sessions = { opened: 0, closed: 0 }
  const ways: Ways = {
    mail: async () => {
      sessions.opened++
      return {
        send: async (mail): Promise<Sent> => {
          mails.push(mail)
          const failure = answer(mail, mails.length - 1)
          return failure ? { ok: false, failure } : { ok: true, reply: '250 ok' }
        },
        close: () => void sessions.closed++,
      }
    },
    fetch: () => Promise.reject(new Error('Nothing is asked of Slack here.')),
  }
  return { mails, sessions, ways }
}

const at = (minutes: number): ServiceContext => services(new Date(start.getTime() + minutes * 60_000))
const start = new Date('2026-11-02T08:00:00Z')

/** A round of twelve people whose invitations wait for a mail server that is set up. */
async function aQueuedRound() {
  const open = await anOpenRound()
  await changeDelivery(at(0), { smtp })
  await queueDeliveries(at(0), open.round.id, 'invitation')
  return open
}

const states = async () => {
  const { results } = await env.DB.prepare('select state, count(*) as n from deliveries group by state').all<{ state: string; n: number }>()
  return Object.fromEntries(results.map(({ state, n }) => [state, n]))
}

const linkIn = (mail: Mail | undefined) => /https?:\/\/\S+\/s\/\S+/.exec(mail?.text ?? '')?.[0] ?? ''
const queued = async () =>
  (await env.DB.prepare('select person_id as id from deliveries').all<{ id: string }>()).results.map(({ id }) => id)

describe('an address that was corrected', () => {
  it('is written to, whether its person has answered or not: only the link of who has not works', async () => {
    const { invitations } = await aQueuedRound()
    const [answered, waiting] = invitations
    if (!answered || !waiting) throw new Error('nobody is invited')
    await runDeliveries(at(1), aPost().ways)
    await collect(answered.url)
    const { mails, ways } = aPost((_, index) => (index < 2 ? aBusyMailbox : undefined))
    for (const again of [1, 2]) {
      for (const { personId } of [answered, waiting]) await updatePerson(at(2), personId, { email: `${again}${personId}@acme.example` })
      if (again === 1) expect(await runDeliveries(at(2), ways)).toEqual({ sent: 0 })
      expect(await runDeliveries(at(60), ways)).toEqual({ sent: 2 })
    }
    expect(await states()).toEqual({ sent: 12 })
    const linksOf = ({ personId }: { personId: string }) =>
      mails
        .slice(2)
        .filter(({ to }) => to.address.endsWith(`${personId.toLowerCase()}@acme.example`))
        .map(linkIn)
    expect([new Set(linksOf(answered)).size, new Set(linksOf(waiting)).size]).toEqual([2, 2])
    for (const link of [...linksOf(answered), linksOf(waiting)[0] ?? '']) await expect(collect(link)).rejects.toThrow('answered 404')
    await collect(linksOf(waiting)[1] ?? '')
  })
})

describe('who is written to', () => {
  it('is everybody who is invited, has not collected a ballot and did not ask to be left alone', async () => {
    const { round, invitations } = await anOpenRound()
    const [collected, stopped, gone, ...others] = invitations
    await collect(collected?.url ?? '')
    await env.DB.prepare('update people set mail_stopped_at = 1 where id = ?').bind(stopped?.personId).run()
    await env.DB.prepare('update people set deactivated_at = 1 where id = ?').bind(gone?.personId).run()
    for (const _ of [1, 2]) await queueDeliveries(services(), round.id, 'reminder-1')
    expect((await queued()).toSorted()).toEqual(others.map(({ personId }) => personId).toSorted())
  })

  it('are invited in a number that does not tell how many have answered', async () => {
    const { round, invitations } = await anOpenRound()
    await collect(invitations[0]?.url ?? '')
    await queueDeliveries(services(), round.id, 'invitation')
    expect(await deliveryProgress(services().db, round.id)).toMatchObject({ waiting: 12 })
    const { mails, ways } = aPost()
    await changeDelivery(services(), { smtp })
    await runDeliveries(services(), ways)
    expect([mails.length, await deliveryProgress(services().db, round.id)]).toMatchObject([11, { sent: 12 }])
  })

  it('is nobody once the round is closing', async () => {
    const { round } = await anOpenRound()
    await env.DB.prepare('update rounds set closing_at = 1').run()
    await queueDeliveries(services(), round.id, 'reminder-1')
    expect(await queued()).toEqual([])
  })

  it('is asked again at the moment of sending', async () => {
    const { invitations } = await aQueuedRound()
    const [collected, stopped, gone, deleted, ...others] = invitations
    await collect(collected?.url ?? '')
    await env.DB.prepare('update people set mail_stopped_at = 1 where id = ?').bind(stopped?.personId).run()
    await env.DB.prepare('update people set deactivated_at = 1 where id = ?').bind(gone?.personId).run()
    await env.DB.prepare('delete from people where id = ?').bind(deleted?.personId).run()
    const { mails, ways } = aPost()
    await runDeliveries(at(1), ways)
    expect(mails.map(({ to }) => to.address).toSorted()).toEqual(others.map(({ email }) => email).toSorted())
    expect(await states()).toEqual({ sent: 12 })
  })

  it('is nobody any more while the round closes', async () => {
    await aQueuedRound()
    await env.DB.prepare('update rounds set closing_at = 1').run()
    const { mails, ways } = aPost()
    await runDeliveries(at(1), ways)
    expect(mails).toEqual([])
  })
})

describe('a run', () => {
  it('sends everybody their own link over one connection, and once', async () => {
    const { invitations } = await aQueuedRound()
    const { mails, sessions, ways } = aPost()
    expect(await runDeliveries(at(1), ways)).toEqual({ sent: 12 })
    expect(await runDeliveries(at(2), ways)).toEqual({ sent: 0 })
    expect(sessions).toEqual({ opened: 1, closed: 1 })
    expect(Object.fromEntries(mails.map((mail) => [mail.to.address, linkIn(mail)]))).toEqual(
      Object.fromEntries(invitations.map(({ email, url }) => [email, url])),
    )
  })

  it('tries a busy mailbox again later, ever more seldom, and gives up in the end', async () => {
    await aQueuedRound()
    const { mails, ways } = aPost((mail) => (mail.to.address === 'sales1@acme.example' ? aBusyMailbox : undefined))
    const attempts = () => mails.filter(({ to }) => to.address === 'sales1@acme.example').length
    const tried: number[] = []
    // Once in 256 times, chance adds nothing, and the attempt is made a minute before.
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length)).map((byte) => byte || 1)
    for (let minute = 1; minute < 600; minute += minute < 90 ? 1 : 10) {
      const before = attempts()
      await runDeliveries({ ...at(minute), random }, ways)
      if (attempts() > before) tried.push(minute)
    }
    expect(tried.slice(0, 5)).toEqual([1, 7, 18, 39, 80]) // 5, 10, 20 and 40 minutes, and at most half a minute by chance
    expect(tried).toHaveLength(mostAttempts)
    expect(await states()).toEqual({ sent: 11, failed: 1 })
    expect(
      new Set(mails.filter(({ to }) => to.address === 'sales1@acme.example').map((mail) => `${linkIn(mail)} ${mail.messageId}`)).size,
    ).toBe(1)
  }, 60_000)

  it('gives up at once on an address that is refused, and says so of invitations only', async () => {
    const { round } = await aQueuedRound()
    await queueDeliveries(at(0), round.id, 'reminder-1')
    const { ways } = aPost((mail) => (mail.to.address === 'sales1@acme.example' ? aRefusal : undefined))
    await runDeliveries(at(1), ways)
    expect(await states()).toEqual({ sent: 22, failed: 2 })
    const progress = await deliveryProgress(at(1).db, round.id)
    expect(progress).toMatchObject({ sent: 11, waiting: 0, failed: 1, trouble: null })
    expect(progress?.failures).toMatchObject([{ name: 'Sales 1', code: 'address-refused', reply: '550 no such user' }])
  })

  it('stops where the server is away, comes back later and costs nobody an attempt', async () => {
    const { round } = await aQueuedRound()
    const away: Ways = { ...aPost().ways, mail: async () => noServer }
    for (let minute = 1; minute < 300; minute += 5) await runDeliveries(at(minute), away)
    expect(await states()).toEqual({ waiting: 12 })
    const { trouble } = (await deliveryProgress(at(300).db, round.id)) ?? {}
    expect(trouble).toMatchObject({ code: 'unreachable', since: at(1).now.toISOString() })
    expect(trouble?.times).toBeLessThan(20)
    const { ways } = aPost()
    expect(await runDeliveries(at(340), ways)).toEqual({ sent: 12 })
    expect((await readDelivery(at(340).db)).troubles).toEqual({})
  })

  it('sends again, with the same link and the same id, what may have arrived', async () => {
    await aQueuedRound()
    const first = aPost((_, index) => (index === 3 ? aLostConnection : undefined))
    await runDeliveries(at(1), first.ways)
    expect(await states()).toEqual({ sent: 3, waiting: 9 })
    const second = aPost()
    await runDeliveries(at(9), second.ways)
    expect(await states()).toEqual({ sent: 12 })
    const lost = first.mails[3]
    const again = second.mails.find(({ to }) => to.address === lost?.to.address)
    expect([linkIn(again), again?.messageId]).toEqual([linkIn(lost), lost?.messageId])
  })

  it('takes over what somebody took and did not finish, but not before its lease is over', async () => {
    await aQueuedRound()
    const taken = await claimDelivery(at(0).db, at(0).now, 4 * 60_000)
    const early = aPost()
    await runDeliveries(at(1), early.ways)
    expect(early.mails).toHaveLength(11)
    const late = aPost()
    await runDeliveries(at(5), late.ways)
    expect(late.mails).toHaveLength(1)
    expect(taken?.person?.email).toBe(late.mails[0]?.to.address)
  })

  it('takes the next of 20,000 messages as fast as the next of a few', async () => {
    const { round } = await aQueuedRound()
    const add = async (count: number) => {
      const rows = 'with recursive n(i) as (select 1 union all select i + 1 from n where i < ?2) insert into deliveries'
      const row = "?1, 'p' || ?2 || '-' || i, 'invitation', 'waiting', 0, 1, null, 0, null, null"
      await env.DB.prepare(`${rows} select ${row} from n`).bind(round.id, count).run()
      const began = Date.now()
      for (let turn = 0; turn < 100; turn++) await claimDelivery(at(1).db, at(1).now, 60_000)
      return Date.now() - began
    }
    const few = await add(200)
    expect(await add(20_000)).toBeLessThan(3 * few + 500) // a look at all of them would take some 30 ms each time
  })

  it('lets two of them at once send every message once', async () => {
    await aQueuedRound()
    const { mails, ways } = aPost()
    await Promise.all([runDeliveries(at(1), ways), runDeliveries(at(1), ways), runDeliveries(at(1), ways)])
    expect(mails.map(({ to }) => to.address).toSorted()).toHaveLength(12)
    expect(new Set(mails.map(({ to }) => to.address)).size).toBe(12)
  })

  it('does nothing while no way is set up, and everything once one is', async () => {
    const { round } = await anOpenRound()
    await queueDeliveries(at(0), round.id, 'invitation')
    const { mails, ways } = aPost()
    await runDeliveries(at(1), ways)
    expect([mails.length, await states()]).toEqual([0, { waiting: 12 }])
    await changeDelivery(at(2), { smtp })
    await runDeliveries(at(3), ways)
    expect(mails).toHaveLength(12)
  })
})

describe('trying again', () => {
  it('never makes a second link that works', async () => {
    const { round, invitations } = await aQueuedRound()
    const [person] = invitations
    const { mails, ways } = aPost((mail, index) => (mail.to.address === person?.email && index < 24 ? aRefusal : undefined))
    for (const minute of [1, 2, 3]) {
      await retryInvitations(at(minute), round.id)
      await runDeliveries(at(minute), ways)
    }
    const sent = mails.filter(({ to }) => to.address === person?.email).map(linkIn)
    expect(sent.length).toBeGreaterThan(2)
    expect(new Set(sent)).toEqual(new Set([person?.url]))
    const handed = await handOverLink(at(4), round.id, person?.personId ?? '')
    expect(handed).not.toBe(person?.url)
    await expect(collect(person?.url ?? '')).rejects.toThrow('invitation-unknown')
    await collect(handed)
    const { results } = await env.DB.prepare('select * from invitations where person_id = ?').bind(person?.personId).all()
    expect(results).toHaveLength(1)
  })

  it('tells nobody whether somebody whose invitation was refused has answered since', async () => {
    const { round, invitations } = await aQueuedRound()
    const [answered, silent] = invitations
    const refused = new Set([answered?.email, silent?.email])
    const { ways } = aPost((mail) => (refused.has(mail.to.address) ? aRefusal : undefined))
    await runDeliveries(at(1), ways)
    await collect(answered?.url ?? '')
    await retryInvitations(at(2), round.id)
    const waiting = await deliveryProgress(at(2).db, round.id)
    await runDeliveries(at(3), ways)
    const tried = await deliveryProgress(at(3).db, round.id)
    expect([waiting?.waiting, tried?.failed, tried?.failures.map(({ code }) => code)]).toEqual([
      2,
      2,
      ['address-refused', 'address-refused'],
    ])
    const links = await Promise.all([answered, silent].map((person) => handOverLink(at(4), round.id, person?.personId ?? '')))
    const shapes = links.map((link) => ({ ...partsOf(link), cohort: '', invitation: partsOf(link).invitation.length }))
    expect(shapes[0]).toEqual(shapes[1])
    expect(await deliveryProgress(at(4).db, round.id)).toMatchObject({ sent: 12, failed: 0 })
  })
})

describe('what is stored of it', () => {
  it('are secrets that only this deployment can open, and that no answer repeats', async () => {
    await changeDelivery(at(0), { smtp, secrets: { password: 'correct horse', slackToken: 'xoxb-1234567890-abcdef' } })
    const stored = JSON.stringify(await at(0).db.select().from(settings))
    expect(stored).toContain('"password":"v1.')
    expect(stored).not.toMatch(/correct horse|xoxb-1234567890/)
  })

  it('goes when the round closes', async () => {
    const { round } = await aQueuedRound()
    await runDeliveries(at(1), aPost().ways)
    await closeRound(at(2), round.id)
    expect(await states()).toEqual({})
  })
})

describe('Slack', () => {
  const token = 'xoxb-1234567890-abcdef'
  const webhook = 'https://hooks.slack.com/services/T0/B0/xyz'
  /** Answers by the last part of the address; what was asked is kept. */
  const aSlack = (answers: Record<string, () => Response>) => {
    const asked: { url: string; body: string }[] = []
    const fetch: Ways['fetch'] = async (url, init) => {
      asked.push({ url: String(url), body: String(init?.body) })
      const answer = Object.entries(answers).find(([name]) => String(url).endsWith(name))?.[1]
      return answer ? answer() : Response.json({ ok: true, user: { id: 'U1' }, channel: { id: 'D1' } })
    }
    return { asked, fetch }
  }
  const unknown = () => Response.json({ ok: false, error: 'users_not_found' })

  it('writes to everybody alone, with their own link, where it comes first', async () => {
    const { invitations } = await aQueuedRound()
    await changeDelivery(at(0), { first: 'slack', secrets: { slackToken: token } })
    const { asked, fetch } = aSlack({})
    const { mails, ways } = aPost()
    await runDeliveries(at(1), { ...ways, fetch })
    const posted = asked.filter(({ url }) => url.endsWith('chat.postMessage')).map(({ body }) => JSON.parse(body) as { text: string })
    expect(mails).toEqual([])
    expect(invitations.filter(({ url }) => !posted.some(({ text }) => text.includes(url)))).toEqual([])
    expect(new Set(asked.map(({ url }) => new URL(url).origin))).toEqual(new Set(['https://slack.com']))
  })

  it('leaves those to mail whom it does not know, and keeps them waiting while mail is away', async () => {
    await aQueuedRound()
    await changeDelivery(at(0), { first: 'slack', secrets: { slackToken: token } })
    const { fetch } = aSlack({ 'users.lookupByEmail': unknown })
    await runDeliveries(at(1), { mail: async () => noServer, fetch })
    expect(await states()).toEqual({ waiting: 12 })
    const { mails, ways } = aPost()
    await runDeliveries(at(10), { ...ways, fetch })
    expect([mails.length, await states()]).toEqual([12, { sent: 12 }])
  })

  it('is asked nothing any more once it does not know the token, until somebody changes it', async () => {
    const { round } = await aQueuedRound()
    await changeDelivery(at(0), { first: 'slack', smtp: null, secrets: { slackToken: token } })
    const stale = aSlack({ 'users.lookupByEmail': () => Response.json({ ok: false, error: 'token_revoked' }) })
    for (const minute of [1, 100, 10_000]) await runDeliveries(at(minute), { ...aPost().ways, fetch: stale.fetch })
    expect(stale.asked).toHaveLength(1)
    expect(await deliveryProgress(at(1).db, round.id)).toMatchObject({ waiting: 12, trouble: { code: 'slack-token', retryAt: null } })
    await changeDelivery(at(10_001), { secrets: { slackToken: `${token}2` } })
    expect(await runDeliveries(at(10_002), { ...aPost().ways, fetch: aSlack({}).fetch })).toEqual({ sent: 12 })
  })

  it('waits as long as Slack asks', async () => {
    await aQueuedRound()
    await changeDelivery(at(0), { first: 'slack', smtp: null, secrets: { slackToken: token } })
    const busy = aSlack({ 'chat.postMessage': () => new Response('', { status: 429, headers: { 'Retry-After': '1200' } }) })
    for (const minute of [1, 5, 20]) await runDeliveries(at(minute), { ...aPost().ways, fetch: busy.fetch })
    expect(busy.asked.filter(({ url }) => url.endsWith('chat.postMessage'))).toHaveLength(1)
    expect(await runDeliveries(at(22), { ...aPost().ways, fetch: aSlack({}).fetch })).toEqual({ sent: 12 })
  })

  it('tells a channel once that a round has opened, without a link, and again only where nothing was taken', async () => {
    const { invitations } = await anOpenRound()
    await changeDelivery(services(), { secrets: { slackWebhook: webhook } })
    const away = aSlack({ xyz: () => new Response('', { status: 503 }) })
    await runDeliveries(services(), { ...aPost().ways, fetch: away.fetch })
    const later = services(new Date(Date.now() + 120_000))
    const there = aSlack({ xyz: () => new Response('ok') })
    for (const _ of [1, 2, 3]) await runDeliveries(later, { ...aPost().ways, fetch: there.fetch })
    expect([away.asked.length, there.asked.map(({ url }) => url)]).toEqual([1, [webhook]])
    const text = there.asked[0]?.body ?? ''
    expect(text).not.toMatch(/\/s\/|#c\d/)
    expect(invitations.filter(({ url }) => text.includes(url))).toEqual([])
  })
})
