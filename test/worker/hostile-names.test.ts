import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { type Deal, hashed, type Lead, noRows, type StageEvent, type Touch } from '../../worker/core/facts'
import type { NodeResult } from '../../worker/core/result'
import { cleanLine } from '../../worker/core/text'
import { claimFactRevision, readFactRevision, writeFacts } from '../../worker/db/facts'
import { agreedActions, events, ownMetrics, settings, sources, teams } from '../../worker/db/schema'
import { addClause } from '../../worker/services/clauses'
import { changeDelivery } from '../../worker/services/delivery-settings'
import { buildDigest, mailOf } from '../../worker/services/digest'
import { messageFor, openMessages } from '../../worker/services/messages'
import { recomputeKpis } from '../../worker/services/recompute'
import type { Mail, Sent } from '../../worker/services/smtp'
import { sendSourceAlerts } from '../../worker/services/source-alerts'
import { get } from './browsing'
import { services } from './client'
import { anOpenRound } from './factories'
import { publishRound, teamsOf } from './published-rounds'
import { closeRound } from './scored-rounds'

/** What people call things, and what a table, a page and a spreadsheet make of it if they are careless. */
const names = {
  formula: '=HYPERLINK("http://evil.example","x")',
  at: "@SUM(1+1)*cmd|' /C calc'!A0",
  tag: '<img src=x onerror=alert(1)>"><script>alert(2)</script>',
  turned: '\u202etxt.exe\u202c \u2066end',
  long: 'W'.repeat(200),
} as const
const all = Object.values(names)

/** As an attribute or a text is written; what is looked for behind it is what a browser would read. */
const read = (text: string) =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

async function anOrganisationOfNames() {
  const context = services()
  const { db } = context
  for (let number = 1; number <= 2; number++) {
    await publishRound(number, teamsOf(number, [4, 4, 4]), (result) => {
      result.nodes.forEach((node: NodeResult, index) => {
        node.name = all[index % all.length] as string
      })
      result.comments = [...all]
    })
  }
  await db.insert(settings).values({ key: 'organisationName', value: names.tag })
  await db.batch([
    ...all.map((name, position) => db.insert(teams).values({ id: `t${position}`, name, side: 'sales', position })),
    ...all.map((name, index) =>
      db
        .insert(events)
        .values({ id: `event-${index}`.padEnd(22, '0'), name, day: `2026-02-0${index + 1}`, author: name, createdAt: new Date() }),
    ),
    ...all.map((name, index) =>
      db.insert(ownMetrics).values({ key: `own-m${index}`, name, unit: 'points', better: 'higher', createdAt: new Date() }),
    ),
    ...all.map((name, index) =>
      db
        .insert(sources)
        .values({ id: `s${index}`, kind: 'csv', name, settings: {}, createdAt: new Date(0), lastSuccessAt: new Date('2026-03-01') }),
    ),
    ...all.map((name, index) =>
      db
        .insert(agreedActions)
        .values({ id: `a${index}`, roundId: 'r2', text: name, salesOwner: name, marketingOwner: name, createdAt: new Date() }),
    ),
  ] as never)
  const lead = (name: string, index: number) =>
    hashed<Lead>({ externalId: `l${index}`, createdDay: '2026-01-10', createdAt: null, channel: name, leadType: name, stage: name })
  const stage = (name: string, index: number) =>
    hashed<StageEvent>({
      externalId: `e${index}`,
      leadId: `l${index}`,
      what: 'returned',
      stage: 'mql',
      reason: name,
      day: '2026-01-12',
      at: null,
    })
  const deal = (name: string, index: number) =>
    hashed<Deal>({
      externalId: `d${index}`,
      leadId: `l${index}`,
      customerId: `c${index}`,
      createdDay: '2026-01-10',
      createdAt: null,
      closedDay: '2026-01-20',
      closedAt: null,
      state: 'won',
      stage: name,
      amountMinor: 100_00,
      currency: 'USD',
      channel: name,
    })
  const touch = (name: string, index: number) =>
    hashed<Touch>({ externalId: `t${index}`, leadId: `l${index}`, customerId: null, day: '2026-01-11', at: null, channel: name })
  const rows = { ...noRows(), lead: all.map(lead), stage: all.map(stage), deal: all.map(deal), touch: all.map(touch) }
  const revision = await readFactRevision(db)
  await env.DB.batch([...claimFactRevision(db, revision), ...writeFacts(db, 's0', rows)])
  await addClause(
    services(new Date('2026-02-02T12:00:00Z')),
    {
      kind: 'reported',
      side: 'sales',
      name: names.tag.slice(0, 100),
      unit: 'count',
      target: 5,
      due: { every: 'week', weekday: 1, time: '09:00' },
      onHoliday: 'as-is',
    },
    '2026-01-05',
  )
  await recomputeKpis(context)
}

const pages = [
  '/overview',
  '/kpis',
  '/kpis?by=channel',
  '/kpis/metrics/own-m2',
  '/kpis/metrics/won_revenue?by=channel',
  '/kpis/funnel',
  '/kpis/sla',
  '/kpis/attribution',
  '/definitions',
  '/rounds',
  '/rounds/r2',
  '/rounds/r2/comparison',
  '/explore',
  '/explore?team=ae',
  '/explore/pillars/perception?team=ae',
  '/explore/themes/goals',
  '/explore/themes/goals?team=ae',
  '/explore/items/headline',
  '/explore/kpis/own-m2',
  '/explore/kpis/own-m3',
  '/events',
  '/settings',
  '/people',
  '/people/teams',
  '/sources',
  ...all.flatMap((_, index) => [`/sources/s${index}`, `/events/${`event-${index}`.padEnd(22, '0')}`]),
]
const files = ['/api/v1/rounds/r2/result.csv', '/kpis/metrics/won_revenue.csv?by=channel', '/explore/kpis/own-m0.csv']

describe('names that somebody made up to do harm', () => {
  it('stand as they are on every page, in every chart and in every file', async () => {
    await anOrganisationOfNames()
    const wrong: string[] = []
    let shown = 0
    for (const path of pages) {
      const response = await get(path)
      const html = await response.text()
      const say = (what: string) => wrong.push(`${path}: ${what}`)
      if (response.status !== 200) say(String(response.status))
      if (/<img|<script>|onerror=alert\(1\)>|"><script/.test(html)) say('a tag of a name')
      for (const [, spec = ''] of html.matchAll(/ data-chart="([^"]*)"/g)) {
        try {
          JSON.parse(read(spec))
        } catch {
          say('a chart that cannot be read')
        }
      }
      // A mark that turns the text after it must end with the name: inside of <bdi>, or between marks that keep it apart.
      for (const { index } of html.matchAll(/\u202e/g)) {
        const before = html.slice(Math.max(0, index - 400), index)
        const isApart =
          before.lastIndexOf('\u2068') > before.lastIndexOf('\u2069') || before.lastIndexOf('<bdi>') > before.lastIndexOf('</bdi>')
        const isInField = /<(input|option|textarea)[^<]*$/.test(before)
        if (!isApart && !isInField) say(`not kept apart: …${before.slice(-60)}`)
      }
      if (all.some((name) => read(html).includes(name.slice(0, 20)))) shown++
    }
    for (const path of files) {
      const text = await (await get(path)).text()
      if (/(^|[,\r\n])"?[=@+\t]/m.test(text)) wrong.push(`${path}: a formula`)
    }
    expect(wrong).toEqual([])
    expect(shown).toBeGreaterThan(28)
  })

  it('stand as they are in invitations, digests and alerts, and change no picture', async () => {
    for (const number of [1, 2, 3]) await closeRound(number, `2026-0${number}`)
    await env.DB.batch([
      env.DB.prepare("update scores set body = json_set(body, '$.value', 58 + number, '$.weightPresent', 1)"),
      env.DB.prepare("insert into events (id, day, name, created_at) values ('e', '2026-02-15', 'SLA', 0)"),
    ])
    const { round } = await anOpenRound()
    const { db } = services()
    const plain = (await buildDigest(services(), 'en'))?.image
    expect(plain?.length).toBeGreaterThan(1_000)
    await changeDelivery(services(), {
      smtp: { host: 'smtp.b.example', port: '465', security: 'tls', user: '', from: 'p@b.example', fromName: '', replyTo: '' },
    })
    for (const name of all) {
      await env.DB.batch([
        env.DB.prepare("update settings set value = ? where key = 'organisationName'").bind(JSON.stringify(name)),
        env.DB.prepare('update events set name = ?').bind(name),
        env.DB.prepare('update people set name = ?').bind(name),
      ])
      await db.delete(sources)
      await db
        .insert(sources)
        .values({ id: 's', kind: 'csv', name, settings: {}, ownerEmail: 'a@b.example', createdAt: new Date(0), lastSuccessAt: new Date(0) })
      const shared = await openMessages(services(), round.id)
      const digest = await buildDigest(services(), 'ar')
      if (!shared || !digest) throw new Error('nothing is sent')
      expect(digest.image).toEqual(plain)
      const alerts: Mail[] = []
      const send = async (mail: Mail): Promise<Sent> => {
        alerts.push(mail)
        return { ok: true, reply: '' }
      }
      await sendSourceAlerts(services(), { mail: async () => ({ send, close: () => {} }), fetch })
      const to = { personId: 'p', email: 'p@b.example', locale: 'ar', cohort: 'c1', generation: 0 }
      const sent = [await messageFor(services(), shared, 'invitation', { ...to, name }), mailOf(digest), ...alerts]
      expect(sent).toHaveLength(3)
      for (const { subject, text, html } of sent) {
        expect(subject).not.toMatch(/[\r\n\u202a-\u202e]/)
        expect(html.replaceAll(/<img src="cid:chart@plumbline"[^>]*>/g, '')).not.toMatch(/<(img|script)\b|onerror=alert\(1\)>/)
        expect(read(html)).toContain(cleanLine(name))
        for (const body of [text, html]) {
          expect(body.replaceAll(/\u2068[^\u2069]*\u2069/g, '')).not.toMatch(/[\u202a-\u202e]/)
        }
      }
    }
  })
})
