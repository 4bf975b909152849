import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { commentsEndAt, longestRetention } from '../../worker/core/retention'
import { queueDispatches } from '../../worker/db/dispatches'
import { sources } from '../../worker/db/schema'
import { readSettings } from '../../worker/db/settings'
import { runJobs } from '../../worker/jobs'
import type { Problem } from '../../worker/problem'
import { createApiKey, createSignInLink, startSession } from '../../worker/services/access'
import { closeRound } from '../../worker/services/closing'
import { newId, sha256Hex } from '../../worker/services/context'
import { changeDigest, listDigests, readDigest } from '../../worker/services/digest'
import { deletePerson } from '../../worker/services/people'
import { countOverdue, deleteOverdue } from '../../worker/services/retention'
import { adminHeaders, fetchWorker, services } from './client'
import { anOpenRound, anOrganisation, answer, blindFor, cast, collect, openAnother, postJson, sameAnswers } from './factories'

const day = 86_400_000
const start = new Date('2026-01-31T16:00:00.000Z')
const moment = (milliseconds: number, from = start) => new Date(from.getTime() + milliseconds)

const rows = async <T = Record<string, unknown>>(query: string, ...values: unknown[]) =>
  (
    await env.DB.prepare(query)
      .bind(...values)
      .all<T>()
  ).results
const count = async (table: string) => (await rows<{ n: number }>(`select count(*) as n from ${table}`))[0]?.n ?? -1

/** Tables that nobody meant to delete from, as a hash: a difference would be pages of bytes. */
const snapshot = async (...tables: string[]) =>
  sha256Hex(JSON.stringify(await Promise.all(tables.map((table) => rows(`select * from ${table} order by 1, 2`)))))

/** A closed round that shows three comments; published now. */
async function aRoundWithComments() {
  const { round, invitations, items } = await anOpenRound()
  for (const [index, { url }] of invitations.entries()) await answer(url, sameAnswers(items, 4), index < 4 ? `Comment № ${index} 🌱` : null)
  await closeRound(services(), round.id)
  const [result] = await rows<{ body: string }>('select body from results')
  expect((JSON.parse(result?.body ?? '') as { comments: string[] }).comments).toHaveLength(4)
  return { round, body: result?.body ?? '' }
}

const published = (at: Date) => env.DB.prepare('update results set published_at = ?').bind(at.getTime()).run()

/** People who were deactivated then. */
const deactivate = (at: Date, where = 'true') =>
  env.DB.prepare(`update people set deactivated_at = ? where ${where}`).bind(at.getTime()).run()

/** A pull that ran then, with this many refused rows. */
async function aPullWithErrors(at: Date, errors: number) {
  const id = newId(services())
  await env.DB.batch([
    env.DB.prepare("insert into pulls (id, source_id, state, started_at, error) values (?, 's', 'failed', ?, 'too-many-bad-rows')").bind(
      id,
      at.getTime(),
    ),
    env.DB.prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?2)
       insert into pull_errors (pull_id, position, line, "column", value, code, detail, fix)
       select ?1, i, i, 'id', 'ann' || i || '@example.com', 'personal-id', 'd', 'f' from n`,
    ).bind(id, errors),
  ])
  return id
}

describe('what is overdue', () => {
  it('takes the comments out of a result once the term is over, and changes nothing else in it', async () => {
    const { body } = await aRoundWithComments()
    await published(start)
    const end = commentsEndAt(start, 24)
    expect(end.toISOString()).toBe('2028-01-31T16:00:00.000Z')
    const before = await snapshot('rounds', 'scores', 'people', 'teams', 'settings', 'cohorts', 'roster')

    expect(await deleteOverdue(services(moment(-1, end)))).toMatchObject({ results: 0, people: 0, importErrors: 0, more: false })
    expect((await rows<{ body: string }>('select body from results'))[0]?.body).toBe(body)

    expect(await deleteOverdue(services(end))).toMatchObject({ results: 1, people: 0, importErrors: 0, more: false })
    const [kept] = await rows<{ body: string; published_at: number }>('select * from results')
    expect(kept?.body).toBe(JSON.stringify({ ...(JSON.parse(body) as object), comments: [] }))
    expect(kept?.published_at).toBe(start.getTime())
    expect(await snapshot('rounds', 'scores', 'people', 'teams', 'settings', 'cohorts', 'roster')).toBe(before)

    expect(await deleteOverdue(services(end))).toMatchObject({ results: 0 })
  })

  it('says on the page of an old result that comments are deleted, whether there were any or not', async () => {
    const { round } = await aRoundWithComments()
    const page = async () => (await fetchWorker(`/rounds/${round.id}`, { headers: await adminHeaders() })).text()
    expect(await page()).toContain('Comment № 0')
    const old = new Date('2024-01-01T00:00:00.000Z')
    await published(old)
    await env.DB.prepare('update rounds set closed_at = ?').bind(old.getTime()).run()
    await deleteOverdue(services())
    const html = await page()
    expect(html).not.toContain('Comment №')
    expect(html).toContain('Comments are deleted 24 months after publication. If this round had any, they are gone.')
    expect(html).not.toContain('at least 10 ballots and 3 comments')
  })

  it('counts months by the calendar, and ends on the last day of a shorter one', async () => {
    await aRoundWithComments()
    await published(new Date('2026-08-31T16:00:00.000Z'))
    await env.DB.prepare(`insert into settings values ('retention', ?)`)
      .bind(JSON.stringify({ commentMonths: 6, inactivePeopleDays: 180, importErrorDays: 90 }))
      .run()
    expect(await deleteOverdue(services(new Date('2027-02-28T15:59:59.999Z')))).toMatchObject({ results: 0 })
    expect(await deleteOverdue(services(new Date('2027-02-28T16:00:00.000Z')))).toMatchObject({ results: 1 })
  })

  it('deletes people who were deactivated so long ago, and nobody else', async () => {
    await anOrganisation()
    await deactivate(start, "name = 'Sales 1'")
    await deactivate(moment(1), "name = 'Sales 2'")
    const now = moment(180 * day)
    expect(await deleteOverdue(services(moment(-1, now)))).toMatchObject({ people: 0 })
    expect(await deleteOverdue(services(now))).toMatchObject({ people: 1 })
    expect(await rows("select name from people where name in ('Sales 1', 'Sales 2')")).toEqual([{ name: 'Sales 2' }])
    expect(await count('people')).toBe(11)
  })

  it('deletes the rows that an import refused, and keeps what the import was', async () => {
    const old = await aPullWithErrors(start, 3)
    const young = await aPullWithErrors(moment(1), 2)
    const pulls = await snapshot('pulls')
    const now = moment(90 * day)
    expect(await deleteOverdue(services(moment(-1, now)))).toMatchObject({ importErrors: 0 })
    expect(await deleteOverdue(services(now))).toMatchObject({ importErrors: 3 })
    expect(await rows('select count(*) as n from pull_errors where pull_id = ?', old)).toEqual([{ n: 0 }])
    expect(await rows('select count(*) as n from pull_errors where pull_id = ?', young)).toEqual([{ n: 2 }])
    expect(await snapshot('pulls')).toBe(pulls)
  })

  it('deletes sessions and links a day after their end, and dead keys after thirty', async () => {
    const context = services(start)
    const link = await createSignInLink(context) // ends after 15 minutes
    await startSession(context, new URL(link.url).hash.slice(1)) // ends after 30 minutes
    await createSignInLink(context)
    await createApiKey(context, { name: 'expired', role: 'reader', expiresAt: start })
    await createApiKey(context, { name: 'alive', role: 'reader' })
    await createApiKey(context, { name: 'revoked', role: 'reader' })
    await env.DB.prepare("update api_keys set revoked_at = ? where name = 'revoked'").bind(start.getTime()).run()
    const left = async () => [await count('sessions'), await count('sign_in_links'), await count('api_keys')]

    await deleteOverdue(services(moment(day - 1)))
    expect(await left()).toEqual([1, 2, 3])
    await deleteOverdue(services(moment(day)))
    expect(await left()).toEqual([1, 1, 3])
    await deleteOverdue(services(moment(day + 15 * 60_000)))
    expect(await left()).toEqual([1, 0, 3])
    await deleteOverdue(services(moment(day + 30 * 60_000)))
    expect(await left()).toEqual([0, 0, 3])
    await deleteOverdue(services(moment(30 * day)))
    expect(await rows('select name from api_keys')).toEqual([{ name: 'alive' }])
  })

  it('is told before it goes', async () => {
    await aRoundWithComments()
    await published(start)
    await deactivate(start, "team_id = 'sales'")
    await aPullWithErrors(start, 7)
    const { retention } = await readSettings(services().db)
    expect(await countOverdue(services(moment(90 * day)), retention)).toEqual({ results: 0, people: 0, importErrors: 7 })
    expect(await countOverdue(services(moment(90 * day)), { commentMonths: 2, inactivePeopleDays: 90, importErrorDays: 91 })).toEqual({
      results: 1,
      people: 6,
      importErrors: 0,
    })
  })

  it('rewrites the file once when something personal went, and not for spent links', async () => {
    const scrub = vi.fn(async () => {})
    await createSignInLink(services(start))
    await deleteOverdue({ ...services(moment(200 * day)), scrub })
    expect(scrub).not.toHaveBeenCalled()
    await anOrganisation()
    await deactivate(start)
    await aPullWithErrors(start, 2)
    await deleteOverdue({ ...services(moment(200 * day)), scrub })
    expect(scrub).toHaveBeenCalledTimes(1)
  })
})

describe('terms over the API', () => {
  let headers: Record<string, string>
  beforeEach(async () => {
    headers = { ...(await adminHeaders()), 'Content-Type': 'application/json' }
  })
  const change = (body: unknown) => fetchWorker('/api/v1/settings', { method: 'PATCH', headers, body: JSON.stringify(body) })
  const pointers = async (response: Response) => (await response.json<Problem>()).errors

  it('stand in the settings, and become shorter', async () => {
    expect(await (await fetchWorker('/api/v1/settings', { headers })).json()).toMatchObject({ retention: longestRetention })
    const response = await change({ currency: 'EUR', retention: { commentMonths: 12 } })
    expect([response.status, await response.json()]).toEqual([
      200,
      expect.objectContaining({ currency: 'EUR', retention: { ...longestRetention, commentMonths: 12 } }),
    ])
    expect((await change({ retention: { importErrorDays: 1 } })).status).toBe(200)
    expect((await readSettings(services().db)).retention).toEqual({ commentMonths: 12, inactivePeopleDays: 180, importErrorDays: 1 })
  })

  it('never become longer, and a refused change changes nothing else either', async () => {
    expect(await pointers(await change({ retention: { commentMonths: 25 } }))).toEqual([
      { pointer: '#/retention/commentMonths', detail: 'Use at most 24: a term can only be made shorter.' },
    ])
    await change({ retention: { commentMonths: 12 } })
    const response = await change({ currency: 'EUR', retention: { commentMonths: 13, importErrorDays: 5 } })
    expect([response.status, await pointers(response)]).toEqual([
      422,
      [{ pointer: '#/retention/commentMonths', detail: 'Use a whole number from 1 to 12.' }],
    ])
    expect(await readSettings(services().db)).toMatchObject({ currency: 'USD', retention: { ...longestRetention, commentMonths: 12 } })
  })

  it.each([0, -1, 1.5, '6', null])('are whole numbers from 1, not %j', async (commentMonths) => {
    const response = await change({ retention: { commentMonths } })
    expect([response.status, (await pointers(response))?.map(({ pointer }) => pointer)]).toEqual([422, ['#/retention/commentMonths']])
  })

  it('stay at the shortest of changes at once', async () => {
    await Promise.all([6, 3, 9, 12].map((commentMonths) => change({ retention: { commentMonths } })))
    expect((await readSettings(services().db)).retention.commentMonths).toBe(3)
  })
})

describe('the job', () => {
  const later = moment(181 * day)
  const crowd = (size: number) =>
    env.DB.batch([
      env.DB.prepare("insert into teams (id, name, side) values ('t', 'T', 'sales')"),
      env.DB.prepare(
        `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
         insert into people select printf('%022d', i), i || '@e.org', 'P' || i, 'en', 't', ?, null from n`,
      ).bind(size, start.getTime()),
    ])

  it('deletes at most 500 of a kind in one run, and goes on at the next tick', async () => {
    await crowd(1200)
    await aPullWithErrors(start, 700)
    const left: number[][] = []
    for (let tick = 0; tick < 4; tick += 1) {
      await runJobs(services(moment(tick * 5 * 60_000, later)))
      left.push([await count('people'), await count('pull_errors')])
    }
    expect(left).toEqual([
      [700, 200],
      [200, 0],
      [0, 0],
      [0, 0],
    ])
  })

  it('looks once an hour when there is nothing more to delete', async () => {
    await crowd(1)
    await runJobs(services(later))
    expect(await count('people')).toBe(0)
    await env.DB.prepare("insert into people values ('late', 'late@e.org', 'Late', 'en', 't', ?, null)").bind(start.getTime()).run()
    await runJobs(services(moment(59 * 60_000, later)))
    expect(await count('people')).toBe(1)
    await runJobs(services(moment(60 * 60_000, later)))
    expect(await count('people')).toBe(0)
  })

  it('may run twice at once', async () => {
    await crowd(40)
    await aPullWithErrors(start, 40)
    const logged = vi.spyOn(console, 'error')
    await Promise.all([runJobs(services(later)), runJobs(services(later)), deleteOverdue(services(later)), deleteOverdue(services(later))])
    expect([await count('people'), await count('pull_errors'), logged.mock.calls]).toEqual([0, 0, []])
    logged.mockRestore()
  })

  it('leaves alone who came back before the deletion', async () => {
    await crowd(2)
    const context = services(later)
    const { db } = context
    // between reading who is due and deleting them
    const batch = db.batch.bind(db)
    let calls = 0
    Object.assign(db, {
      batch: async (statements: Parameters<typeof db.batch>[0]) => {
        const result = await batch(statements)
        calls += 1
        if (calls === 1) await env.DB.prepare('update people set deactivated_at = null where name = ?').bind('P1').run()
        return result
      },
    })
    await deleteOverdue(context)
    expect(await rows('select name from people')).toEqual([{ name: 'P1' }])
  })

  it('does not make health look late', async () => {
    await runJobs(services(new Date()))
    await env.DB.prepare("update heartbeats set at = 0 where job = 'retention'").run()
    expect((await fetchWorker('/readyz')).status).toBe(200)
  })
})

describe('deleting a person', () => {
  let headers: Record<string, string>
  beforeEach(async () => {
    headers = await adminHeaders()
  })
  const remove = (id: string) => fetchWorker(`/api/v1/people/${id}`, { method: 'DELETE', headers })
  const issue = async (url: string) => {
    const { request } = await blindFor(url)
    const response = await postJson('/api/v1/issuances', request)
    return [response.status, (await response.json<{ type: string }>()).type]
  }

  it('leaves no name and no address anywhere, and ends once', async () => {
    const { invitations, items } = await anOpenRound()
    const [person] = invitations
    await env.DB.prepare("update people set name = 'Zinaida Quux' where id = ?").bind(person?.personId).run()
    await answer(person?.url ?? '', sameAnswers(items, 4))
    const recipients = ['board@acme.example', person?.email ?? '']
    await changeDigest(services(), { rhythm: 'round', recipients, slack: false })
    const due = { kind: 'digest' as const, topic: 'round:x', dueAt: new Date(), createdAt: new Date() }
    await queueDispatches(
      services().db,
      recipients.map((target) => ({ ...due, id: target.slice(0, 5), target })),
    )
    for (const [id, ownerEmail] of recipients.entries())
      await services()
        .db.insert(sources)
        .values({ id: `s${id}`, kind: 'csv', name: 'CRM', settings: {}, ownerEmail, createdAt: new Date() })
    const traces = async () => {
      const tables = await rows<{ name: string }>(
        "select name from sqlite_master where type = 'table' and name not like '\\_cf%' escape '\\'",
      )
      const everything = JSON.stringify(await Promise.all(tables.map(({ name }) => rows(`select * from "${name}"`))))
      return [person?.personId ?? '?', person?.email ?? '?', 'Zinaida Quux'].map((trace) => everything.includes(trace))
    }
    expect(await traces()).toEqual([true, true, true])
    expect((await remove(person?.personId ?? '')).status).toBe(204)
    expect(await traces()).toEqual([false, false, false])
    expect((await readDigest(services().db)).recipients).toEqual(['board@acme.example'])
    expect(await rows('select owner_email from sources order by id')).toEqual([
      { owner_email: 'board@acme.example' },
      { owner_email: null },
    ])
    expect((await listDigests(services())).map(({ target }) => target)).toEqual(['board@acme.example'])
    expect((await remove(person?.personId ?? '')).status).toBe(404)
    expect(await count('people')).toBe(11)
  })

  it('needs the right to change people', async () => {
    expect((await fetchWorker('/api/v1/people/x', { method: 'DELETE' })).status).toBe(401)
  })

  it('ends a link that was not used, with a problem of its own, and changes no count of the round', async () => {
    const { round, invitations } = await anOpenRound()
    const [gone] = invitations
    const counts = async () => [
      await (await fetchWorker(`/api/v1/rounds/${round.id}`, { headers })).text(),
      await snapshot('cohorts', 'ballot_slots', 'comment_slots', 'rounds'),
    ]
    const before = await counts()
    expect((await remove(gone?.personId ?? '')).status).toBe(204)
    expect(await issue(gone?.url ?? '')).toEqual([404, '/problems/invitation-unknown'])
    expect(await count('invitations')).toBe(11)
    expect(await counts()).toEqual(before)
  })

  it('counts a ballot that was collected or cast before, and the audit passes', async () => {
    const { round, invitations, items } = await anOpenRound()
    const [collected, voted, ...others] = invitations
    const sealed = await collect(collected?.url ?? '')
    await answer(voted?.url ?? '', sameAnswers(items, 5))
    for (const id of [collected?.personId, voted?.personId]) expect((await remove(id ?? '')).status).toBe(204)
    const left = await rows<{ person_id: string }>('select person_id from invitations')
    expect(left).toHaveLength(12)
    expect(left.filter(({ person_id }) => person_id === collected?.personId || person_id === voted?.personId)).toEqual([])
    expect(new Set(left.map(({ person_id }) => person_id.length))).toEqual(new Set([22]))
    expect((await cast(sealed, sameAnswers(items, 5))).status).toBe(201)
    for (const { url } of others) await answer(url, sameAnswers(items, 5))
    const { result } = await closeRound(services(), round.id)
    expect(result?.n).toBe(12)
    expect(result?.audit).toEqual({ passed: true, exceeded: [] })
  })

  it('answers the same whether the link was used or not', async () => {
    const { invitations, items } = await anOpenRound()
    const [unused, used] = invitations
    await answer(used?.url ?? '', sameAnswers(items, 3))
    const [one, other] = [await remove(unused?.personId ?? ''), await remove(used?.personId ?? '')]
    expect([one.status, await one.text()]).toEqual([other.status, await other.text()])
  })

  it('changes no published result, no score and no page of one', async () => {
    const { round } = await aRoundWithComments()
    const paths = [`/api/v1/rounds/${round.id}/result`, `/api/v1/rounds/${round.id}`, '/api/v1/scores', `/rounds/${round.id}`, '/overview']
    const read = () =>
      Promise.all(
        paths.map(async (path) => {
          const response = await fetchWorker(path, { headers })
          return [path, response.status, (await response.text()).replaceAll(/nonce="[^"]*"/g, '')]
        }),
      )
    const before = await read()
    expect(before.map(([, status]) => status)).toEqual([200, 200, 200, 200, 200])
    const stored = await snapshot('results', 'scores', 'rounds')
    for (const { id } of await rows<{ id: string }>('select id from people limit 5')) expect((await remove(id)).status).toBe(204)
    expect(await read()).toEqual(before)
    expect(await snapshot('results', 'scores', 'rounds')).toBe(stored)
  })

  it('counts as one who left at the next opening, and is nobody in the roster until then', async () => {
    const { round } = await anOpenRound([
      { name: 'Sales', side: 'sales', people: 7 },
      { name: 'Marketing', side: 'marketing', people: 7 },
    ])
    const [person] = await rows<{ id: string }>("select id from people where name = 'Sales 1'")
    await remove(person?.id ?? '')
    const roster = (await rows<{ person_id: string }>('select person_id from roster')).map(({ person_id }) => person_id)
    expect([roster.length, roster.includes(person?.id ?? '')]).toEqual([14, false])
    await closeRound(services(), round.id)
    const next = await openAnother()
    const [frozen] = await rows<{ membership: string }>(
      "select json_extract(frozen, '$.membership') as membership from rounds where id = ?",
      next.round.id,
    )
    expect(JSON.parse(frozen?.membership ?? '')).toMatchObject({ sales: { joined: 0, left: 1 }, marketing: { joined: 0, left: 0 } })
  })

  it('stays done when the file could not be rewritten, and says so in the log without a name', async () => {
    await anOrganisation()
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const [person] = await rows<{ id: string }>("select id from people where name = 'Sales 1'")
    await deletePerson({ ...services(), scrub: () => Promise.reject(new Error('busy')) }, person?.id ?? '')
    expect(logged.mock.calls).toEqual([['{"event":"scrub-failed"}']])
    expect(await count('people')).toBe(11)
    logged.mockRestore()
  })

  it('keeps the address of nobody in the rows that it rewrites, whatever its length', async () => {
    await env.DB.batch([
      env.DB.prepare("insert into teams (id, name, side) values ('t', 'T', 'sales')"),
      ...['a@b', 'ü@ö', 'somebody.with.a.rather.long.address@example.com'].map((email, index) =>
        env.DB.prepare("insert into people values (?, ?, 'ชื่อ', 'th', 't', ?, null)").bind(`p${index}`, email, start.getTime()),
      ),
      env.DB.prepare(
        "create trigger watch before delete on people begin insert into settings values (old.id, json_quote(old.name || '|' || old.email)); end",
      ),
    ])
    await deleteOverdue(services(moment(200 * day)))
    expect(await rows("select key, value from settings where key like 'p_' order by key")).toEqual([
      { key: 'p0', value: '"000000000000|000"' },
      { key: 'p1', value: '"000000000000|00001"' },
      { key: 'p2', value: `"000000000000|${'2'.padStart(47, '0')}"` },
    ])
  })

  it('lets the deleted person come back as somebody new', async () => {
    await anOrganisation()
    const [before] = await rows<{ id: string; email: string }>("select id, email from people where name = 'Sales 1'")
    await remove(before?.id ?? '')
    const csv = `email,name,team,side,locale\n${before?.email},Sales 1,Sales,sales,en`
    const response = await fetchWorker('/api/v1/people/imports?dryRun=false&mode=partial', {
      method: 'POST',
      body: csv,
      headers: { ...headers, 'Content-Type': 'text/csv' },
    })
    expect(await response.json()).toMatchObject({ added: [{ email: before?.email }], reactivated: [] })
    const [again] = await rows<{ id: string }>('select id from people where email = ?', before?.email)
    expect(again?.id).not.toBe(before?.id)
  })
})
