/** The digest: what it says in every language, to whom and how often it goes, and that nobody gets it twice. */
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { Failure } from '../../worker/core/delivery-failure'
import { directionOf, locales, messagesOf } from '../../worker/i18n'
import type { Problem } from '../../worker/problem'
import type { ServiceContext } from '../../worker/services/context'
import type { Ways } from '../../worker/services/deliveries'
import { changeDelivery } from '../../worker/services/delivery-settings'
import {
  buildDigest,
  changeDigest,
  listDigests,
  mailOf,
  readDigest,
  runDigests,
  sendTestDigest,
  slackMessageOf,
} from '../../worker/services/digest'
import { listRounds } from '../../worker/services/rounds'
import { type Mail, rawMessage, type Sent } from '../../worker/services/smtp'
import { get, post, textAt } from './browsing'
import { adminClient, clientWith, fetchUrl, fetchWorker, keyHeaders, services } from './client'
import { anOrganisation } from './factories'
import { closeRound } from './scored-rounds'

const minute = 60_000
const smtp = {
  host: 'smtp.acme.example',
  port: '465',
  security: 'tls',
  user: '',
  from: 'plumbline@acme.example',
  fromName: 'Acme',
  replyTo: '',
}
const slackWebhook = 'https://hooks.slack.com/services/T0/B0/x'

/** A mail server and a Slack; what they are handed is kept. */
function aPost(answer: (mail: Mail) => Failure | undefined = () => undefined) {
  const mails: Mail[] = []
  const posts: { url: string; body: { text: string; blocks: { type: string; image_url?: string; alt_text?: string }[] } }[] = []
  const ways: Ways = {
    mail: async () => ({
      send: async (mail): Promise<Sent> => {
        mails.push(mail)
        const failure = answer(mail)
        return failure ? { ok: false, failure } : { ok: true, reply: '' }
      },
      close: () => {},
    }),
    fetch: async (url, init) => {
      posts.push({ url: String(url), body: JSON.parse(String(init?.body)) })
      return new Response('ok')
    },
  }
  return { mails, posts, ways }
}

const at = (minutes: number) => services(new Date(Date.now() + minutes * minute))

/** Rounds 1 to 3 with a score each, an event with a hostile name and a comment. */
async function threeRounds() {
  await closeRound(1, '2026-08')
  await closeRound(2, '2026-09', [6, 4, 4])
  await closeRound(3, '2026-10', [2, 4, 8])
  await env.DB.batch([
    env.DB.prepare(
      `update scores set body = json_set(body, '$.value', 58 + number, '$.interval', json('{"low":56,"high":64}'), '$.weightPresent', 1)`,
    ),
    env.DB.prepare("update results set body = json_set(body, '$.comments', json_array('a secret remark'))"),
    env.DB.prepare("insert into events (id, day, name, created_at) values ('e', '2026-09-15', '<b>SLA</b>\u202e signed', 0)"),
  ])
}

/** Ann reads Thai; everybody else gets the organisation's language. */
async function subscribed(rhythm: 'round' | 'week', slack = false) {
  await anOrganisation()
  await env.DB.prepare("update people set email = 'ann@acme.example', locale = 'th' where id = (select id from people limit 1)").run()
  await changeDelivery(services(), { smtp, secrets: slack ? { slackWebhook } : {} })
  await changeDigest(at(-5), { rhythm, recipients: ['ann@acme.example', 'board@acme.example'], slack })
}

describe('what the digest says', () => {
  it('is what the overview says, in every language, and nothing of comments', async () => {
    await threeRounds()
    for (const locale of locales) {
      const digest = await buildDigest(services(), locale)
      if (!digest) throw new Error('no digest')
      const { html, text, subject } = mailOf(digest)
      const title = /<h1>(.*?)<\/h1>/.exec(await textAt(`/overview?lang=${locale}`))?.[1] ?? 'none'
      expect(html).toContain(`>${title}</h1>`)
      expect(html).toContain(`<html lang="${locale}" dir="${directionOf(locale)}">`)
      expect(html).toMatch(/<img src="cid:chart@plumbline"[^>]* alt="[^"]{10,}"/)
      expect(html).toContain('href="http://127.0.0.1:8787/overview?round=3"')
      expect(html).toContain('&lt;b&gt;SLA&lt;/b&gt; signed')
      for (const body of [html, text]) {
        expect(body).toMatch(/61\.0/)
        expect(body).not.toMatch(/a secret remark|\u202e|undefined|\bNaN\b|\[object/)
      }
      expect(text).toContain(messagesOf(locale).digest.open)
      expect(subject).not.toMatch(/[\r\n]/)
      expect([...(digest.image?.subarray(1, 4) ?? [])]).toEqual([...'PNG'].map((letter) => letter.charCodeAt(0)))
    }
  })

  it('names its round in what it says, where its axis begins, and which limits are drawn', async () => {
    await threeRounds()
    const said = async () => {
      const { parts, subject } = (await buildDigest(services(), 'en')) ?? {}
      return { first: parts?.score[0] ?? '', caption: parts?.chart?.caption ?? '', sample: parts?.sample, subject }
    }
    const three = await said()
    expect(three.first).toMatch(/^Round 3, October 2026: .*61\.0/)
    expect(three.caption).toMatch(/The axis starts at [1-9]0\./)
    expect(three.caption).not.toMatch(/Dashed|Dotted|diamond/)
    await env.DB.prepare(`update scores set body = json_set(body, '$.interval', json('{"low":0,"high":64}'))`).run()
    expect((await said()).caption).not.toContain('The axis starts')
    for (const number of [4, 5, 6]) await closeRound(number, `2027-0${number}`)
    await env.DB.prepare('delete from events').run()
    await env.DB.prepare(`update scores set body = json_set(body, '$.value', 58 + number, '$.weightPresent', 1)`).run()
    const six = await said()
    expect(six.caption).toContain('Dotted: normal range of fewer than twelve rounds.')
    expect(six.caption).not.toContain('Dashed')
    expect([six.sample, six.subject?.includes('Sample data')]).toEqual(['', false])
  })

  it('says of the sample that it is one, on every way', async () => {
    await threeRounds()
    await env.DB.prepare('insert into settings (key, value) values (?, ?)')
      .bind('sample', JSON.stringify({ state: 'loaded', step: 9, startedAt: 0, claimedAt: null }))
      .run()
    for (const locale of locales) {
      const digest = await buildDigest(services(), locale)
      if (!digest) throw new Error('no digest')
      const { html, text, subject } = mailOf(digest)
      const slack = await slackMessageOf(services(), digest)
      const shown = [html.replace(/<title>.*<\/title>/, ''), text, subject, slack.text, JSON.stringify(slack.blocks)]
      expect(shown.every((one) => one.includes(messagesOf(locale).layout.sampleData))).toBe(true)
    }
  })

  it('carries its picture inside the mail, where the text says what it shows', async () => {
    await threeRounds()
    const { mails, ways } = aPost()
    await changeDelivery(services(), { smtp })
    await sendTestDigest(services(), 'me@acme.example', 'en', ways)
    const [mail] = mails as [Mail]
    const raw = String(await rawMessage(mail, { from: smtp.from, fromName: '', replyTo: '' }))
    expect(raw).toMatch(/multipart\/related/)
    expect(raw).toMatch(/Content-Id: <chart@plumbline>/i)
    expect(raw).toMatch(/Content-Type: image\/png/)
    expect(raw).toContain('iVBORw0KGgo')
    expect(mail.text).toContain('Line from 59 in August 2026 to 61 in October 2026.')
  })

  it('says that there is nothing to tell before a round has closed', async () => {
    expect(await buildDigest(services(), 'en')).toBeNull()
    expect((await get('/settings/digest/message.html')).status).toBe(404)
    await changeDelivery(services(), { smtp })
    expect((await post('/settings/digest/tests', { address: 'me@acme.example' })).status).toBe(422)
  })
})

describe('after a round', () => {
  it('goes once to everybody on the list, in their language, whoever runs at the same time', async () => {
    await subscribed('round')
    await threeRounds()
    const { mails, ways } = aPost()
    const sent = await Promise.all([runDigests(at(1), ways), runDigests(at(1), ways)])
    await runDigests(at(10), ways)
    expect([sent[0] + sent[1], mails.length]).toEqual([6, 6]) // three rounds, two people
    const toAnn = mails.filter(({ to }) => to.address === 'ann@acme.example')
    expect(toAnn.every(({ html }) => html.includes('<html lang="th"'))).toBe(true)
    expect(mails.filter(({ html }) => html.includes('<html lang="en"'))).toHaveLength(3)
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(6)
    expect(mails.every(({ images }) => images?.length === 1)).toBe(true)
  })

  it('is not sent of what was published before it was turned on, nor by the sample, nor to who was taken off the list', async () => {
    await threeRounds()
    const { mails, ways } = aPost()
    await subscribed('round')
    await changeDigest(at(5), { rhythm: 'week', recipients: ['ann@acme.example'], slack: false })
    await changeDigest(at(5), { rhythm: 'round', recipients: ['ann@acme.example', 'board@acme.example'], slack: false })
    expect(await runDigests(at(6), ways)).toBe(0)
    await env.DB.prepare('update results set published_at = ?')
      .bind(Date.now() + 7 * minute)
      .run()
    await env.DB.prepare('insert into settings (key, value) values (?, ?)')
      .bind('sample', JSON.stringify({ state: 'loaded', step: 9, startedAt: 0, claimedAt: null }))
      .run()
    expect(await runDigests(at(8), ways)).toBe(0)
    await env.DB.prepare("delete from settings where key = 'sample'").run()
    const busy = aPost(() => ({ code: 'address-busy', scope: 'person', lasting: false, reply: null }))
    await runDigests(at(8), busy.ways)
    await changeDigest(at(9), { rhythm: 'round', recipients: ['ann@acme.example'], slack: false })
    await runDigests(at(60), ways)
    expect(new Set(mails.map(({ to }) => to.address))).toEqual(new Set(['ann@acme.example']))
    expect(mails).toHaveLength(3)
  })

  it('is not sent again where nobody knows whether it arrived, until somebody asks for it', async () => {
    await subscribed('round')
    await closeRound(1, '2026-10')
    const lost: Failure = { code: 'connection-lost', scope: 'person', lasting: false, untouched: false, reply: null }
    const first = aPost(({ to }) => (to.address === 'ann@acme.example' ? lost : undefined))
    expect(await runDigests(at(1), first.ways)).toBe(1)
    // Another died while it was sending.
    await env.DB.prepare("update dispatches set state = 'sending', leased_until = 0 where target = 'board@acme.example'").run()
    const later = aPost()
    expect(await runDigests(at(30), later.ways)).toBe(0)
    expect([first.mails.length, later.mails.length]).toEqual([2, 0])
    expect((await listDigests(services())).map(({ state, error }) => [state, error])).toEqual([
      ['failed', 'unclear'],
      ['failed', 'unclear'],
    ])
    const page = await textAt('/settings/digest')
    expect(page).toContain(messagesOf('en').digest.failures.unclear)
    const action = /\/settings\/digest\/[\w-]+\/retry/.exec(page)?.[0] ?? ''
    expect((await post(action, {})).status).toBe(303)
    expect(await runDigests(at(31), later.ways)).toBe(1)
  })

  it('is tried again where the other side was busy, and not where it refuses the address', async () => {
    await subscribed('round')
    await closeRound(1, '2026-10')
    let isBusy = true
    const { mails, ways } = aPost(({ to }) => {
      if (to.address === 'board@acme.example') return { code: 'address-refused', scope: 'person', lasting: true, reply: '550' }
      return isBusy ? { code: 'address-busy', scope: 'person', lasting: false, reply: '450' } : undefined
    })
    expect(await runDigests(at(1), ways)).toBe(0)
    expect(await runDigests(at(2), ways)).toBe(0)
    expect(mails).toHaveLength(2)
    isBusy = false
    expect(await runDigests(at(10), ways)).toBe(1)
    expect(mails).toHaveLength(3)
    expect((await listDigests(services())).map(({ target, state }) => [target, state])).toEqual([
      ['ann@acme.example', 'sent'],
      ['board@acme.example', 'failed'],
    ])
  })

  it('waits while the mail server is known not to work, without using up its attempts', async () => {
    await subscribed('round')
    await closeRound(1, '2026-10')
    const down: Failure = { code: 'unreachable', scope: 'server', lasting: false, untouched: true, reply: null }
    const ways: Ways = { ...aPost().ways, mail: async () => down }
    await runDigests(at(1), ways)
    const states = await listDigests(services())
    expect(states.map(({ state, error }) => [state, error])).toEqual([
      ['waiting', 'unreachable'],
      ['waiting', 'unreachable'],
    ])
    expect(Math.min(...states.map(({ attempts }) => attempts))).toBe(0)
    const { mails, ways: up } = aPost()
    expect([await runDigests(at(20), up), mails.length]).toEqual([2, 2])
  })
})

describe('on Mondays', () => {
  const monday = new Date('2026-11-30T07:30:00Z')
  const weekly = (moment: Date): ServiceContext => services(moment)

  it('goes once, where something has changed in the week before, and not otherwise', async () => {
    await subscribed('week')
    await threeRounds()
    await env.DB.batch([
      env.DB.prepare("update settings set value = json_set(value, '$.since', 0) where key = 'digest'"),
      env.DB.prepare('update scores set computed_at = ?').bind(monday.getTime() - 2 * 24 * 60 * minute),
    ])
    const { mails, ways } = aPost()
    expect(await runDigests(weekly(new Date('2026-11-30T06:59:00Z')), ways)).toBe(0)
    expect(await runDigests(weekly(monday), ways)).toBe(2)
    expect(await runDigests(weekly(new Date(monday.getTime() + 60 * minute)), ways)).toBe(0)
    expect(await runDigests(weekly(new Date(monday.getTime() + 7 * 24 * 60 * minute)), ways)).toBe(0) // nothing new
    expect(mails.every(({ html }) => html.includes('overview?round=3'))).toBe(true)
  })
})

describe('in Slack', () => {
  it('has its picture by an address that is signed and ends; on this machine, none', async () => {
    await subscribed('round', true)
    await threeRounds()
    const { posts, ways } = aPost()
    await sendTestDigest(services(), 'slack', 'en', ways)
    expect(posts[0]?.url).toBe(slackWebhook)
    expect(posts[0]?.body.blocks.filter(({ type }) => type === 'image')).toEqual([])
    const digest = await buildDigest(services(), 'en')
    if (!digest) throw new Error('no digest')
    const https = { ...services(), origin: 'https://plumbline.example.com' }
    const { blocks = [] } = await slackMessageOf(https, digest)
    const image = blocks.find((block) => (block as { type: string }).type === 'image') as { image_url: string; alt_text: string }
    expect(image.alt_text.length).toBeGreaterThan(10)
    const { pathname } = new URL(image.image_url)
    const answer = await fetchWorker(pathname)
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('set-cookie')]).toEqual([200, 'image/png', null])
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(digest.image)
    const [, , token = ''] = pathname.split('/')
    const [id, expiry, signature] = token.split('.')
    const wrong = [`x${id}.${expiry}.${signature}`, `${id}.zzzzzz.${signature}`, `${id}.${expiry}.${'A'.repeat(43)}`, `${id}.${expiry}`]
    for (const one of wrong) expect([one, (await fetchWorker(`/shared/${one}/chart.png`)).status]).toEqual([one, 404])
    expect((await fetchWorker(`/shared/${token}`)).status).toBe(404) // a picture, and no page
    expect((await fetchUrl(`http://127.0.0.1:8787/shared/${token}/other.png`)).status).toBe(404)
    expect(await slackMessageOf({ ...https, now: new Date(0) }, digest).then(({ text }) => text)).toContain(digest.parts.title)
  })

  it('goes to the channel once a round', async () => {
    await subscribed('round', true)
    await closeRound(1, '2026-10')
    const { posts, mails, ways } = aPost()
    expect(await runDigests(at(1), ways)).toBe(3)
    expect(await runDigests(at(2), ways)).toBe(0)
    expect([posts.length, mails.length]).toEqual([1, 2])
  })
})

describe('the page of the digest', () => {
  it('takes addresses, comes back filled in where they are refused, and shows what would be sent', async () => {
    await closeRound(1, '2026-10')
    const refused = await post('/settings/digest', { rhythm: 'week', recipients: 'ann@acme.example\n<b>nobody</b>' })
    const text = await refused.text()
    expect([refused.status, text.includes('id="recipients-why"'), text.includes('&lt;b&gt;nobody&lt;/b&gt;')]).toEqual([422, true, true])
    expect(text).toContain('<option value="week" selected="">')
    expect(text).toMatch(/id="recipients-why">.*?&lt;b&gt;nobody&lt;\/b&gt;/)
    expect((await post('/settings/digest', { rhythm: 'round', recipients: '' })).status).toBe(422)
    const many = Array.from({ length: 51 }, (_, index) => `p${index}@acme.example`).join('\n')
    expect((await post('/settings/digest', { rhythm: 'round', recipients: many })).status).toBe(422)
    expect((await post('/settings/digest', { rhythm: 'round', recipients: 'Ann@acme.example' })).status).toBe(303)
    const page = await textAt('/settings/digest')
    expect(page).toContain('ann@acme.example</textarea>')
    expect(page).toContain(messagesOf('en').digest.noWay)
    const preview = await get('/settings/digest/message.html?language=ar')
    const html = await preview.text()
    expect(html).toContain('<html lang="ar" dir="rtl">')
    expect(preview.headers.get('content-security-policy')).toContain('img-src data:')
    expect(preview.headers.get('set-cookie')).toBeNull()
    expect((await fetchWorker('/settings/digest', { headers: await keyHeaders('reader') })).status).toBe(403)
  })
})

describe('the digest over the API', () => {
  it('is set as a whole, with each address once, and says what nothing reaches yet', async () => {
    const client = await adminClient()
    expect(await (await client.digest.$get()).json()).toEqual({ rhythm: 'off', recipients: [], slack: false, unreachable: [] })
    const set = await client.digest.$put({
      json: { rhythm: 'week', recipients: ['Ann@acme.example', ' ann@acme.example '], slack: true },
    })
    const stored = { rhythm: 'week', recipients: ['ann@acme.example'], slack: true }
    expect([set.status, await set.json()]).toEqual([200, { ...stored, unreachable: ['recipients', 'slack'] }])
    expect(await textAt('/settings/digest')).toContain('ann@acme.example</textarea>')
    await changeDelivery(services(), { smtp, secrets: { slackWebhook } })
    const answer = await (await client.digest.$get()).text()
    expect(JSON.parse(answer)).toEqual({ ...stored, unreachable: [] })
    expect(answer).not.toContain('hooks.slack.com')
  })

  it.each<[string, object, string[]]>([
    ['nothing', {}, ['#/rhythm', '#/recipients', '#/slack']],
    [
      'another rhythm, a text and a word',
      { rhythm: 'daily', recipients: 'ann@acme.example', slack: 'yes' },
      ['#/rhythm', '#/recipients', '#/slack'],
    ],
    ['what is no address', { rhythm: 'off', recipients: ['ann@acme.example', '<b>', 7], slack: false }, ['#/recipients/2']],
    [
      'addresses that are none',
      { rhythm: 'off', recipients: ['ann@acme.example', '<b>', 'a\nb@acme.example'], slack: false },
      ['#/recipients/1', '#/recipients/2'],
    ],
    ['nobody', { rhythm: 'week', recipients: [], slack: false }, ['#/recipients']],
    [
      'too many',
      { rhythm: 'week', recipients: Array.from({ length: 51 }, (_, n) => `p${n}@acme.example`), slack: false },
      ['#/recipients'],
    ],
    ['a field that nobody knows', { rhythm: 'off', recipients: [], slack: false, since: 0 }, ['#/since']],
  ])('names the field of %s, and changes nothing', async (_, json, pointers) => {
    const client = await adminClient()
    await client.digest.$put({ json: { rhythm: 'week', recipients: ['ann@acme.example'], slack: false } })
    const refused = await client.digest.$put({ json: json as Parameters<typeof client.digest.$put>[0]['json'] })
    const problem = (await refused.json()) as unknown as Problem
    expect([refused.status as number, problem.errors?.map(({ pointer }) => pointer)]).toEqual([422, pointers])
    expect(problem.errors?.every(({ detail }) => detail.length > 10)).toBe(true)
    expect((await readDigest(services().db)).recipients).toEqual(['ann@acme.example'])
  })

  it('shows the same message as the page, and sends a test of it', async () => {
    const client = await adminClient()
    expect((await client.digest.preview.$get({ query: {} })).status).toBe(404)
    await closeRound(1, '2026-10')
    const preview = await (await client.digest.preview.$get({ query: { lang: 'ar' } })).json()
    expect(preview.html).toBe(await textAt('/settings/digest/message.html?language=ar'))
    expect(preview.subject.length).toBeGreaterThan(10)
    const tested = async (to: string) => {
      const answer = await client.digest.tests.$post({ json: { to } })
      const body = (await answer.json()) as { sent?: boolean; code?: string; errors?: { pointer: string }[] }
      return body.errors?.map(({ pointer }) => pointer) ?? [body.sent, body.code]
    }
    expect([await tested('<b>'), await tested('me@acme.example'), await tested('slack')]).toEqual([['#/to'], ['#/to'], ['#/to']])
    await changeDelivery(services(), { secrets: { slackWebhook } })
    const statuses = [200, 403]
    // Made where it is asked for: another request may not read an answer.
    const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('', { status: statuses.shift() ?? 500 }))
    expect([await tested('slack'), await tested('slack')]).toEqual([
      [true, null],
      [false, 'slack-webhook'],
    ])
    expect(asked.mock.calls.map(([url]) => url)).toEqual([slackWebhook, slackWebhook])
    asked.mockRestore()
  })

  it('lists what went out as the page does, and sends what failed again', async () => {
    await subscribed('round')
    await closeRound(1, '2026-10')
    await runDigests(
      at(1),
      aPost(({ to }) =>
        to.address.startsWith('ann') ? { code: 'address-refused', scope: 'person', lasting: true, reply: '550' } : undefined,
      ).ways,
    )
    const client = await adminClient()
    const { items } = await (await client.digest.messages.$get()).json()
    expect(items.map(({ to, state, code, week, attempts }) => [to, state, code, week, attempts])).toEqual([
      ['ann@acme.example', 'failed', 'address-refused', null, 1],
      ['board@acme.example', 'sent', null, null, 1],
    ])
    const [round] = await listRounds(services().db, { limit: 1 })
    expect(items.map(({ roundId }) => roundId)).toEqual([round?.id, round?.id])
    const again = (id = '') => client.digest.messages[':id'].attempts.$post({ param: { id } })
    const queued = await again(items[0]?.id)
    expect([queued.status, await queued.json()]).toMatchObject([202, { state: 'waiting', attempts: 0, dueAt: expect.any(String) }])
    expect([(await again(items[0]?.id)).status, (await again(items[1]?.id)).status]).toEqual([404, 404]) // one waits, one arrived
    expect(await runDigests(at(2), aPost().ways)).toBe(1)
  })

  it('is for administrators', async () => {
    const reader = clientWith(await keyHeaders('reader'))
    expect([(await reader.digest.$get()).status, (await reader.digest.messages.$get()).status]).toEqual([403, 403])
  })
})
