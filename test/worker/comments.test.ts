import { describe, expect, it } from 'vitest'
import { closeRound } from '../../worker/services/closing'
import { getResult } from '../../worker/services/results'
import { adminHeaders, fetchWorker, services } from './client'
import { anOpenRound, answer, cast, collect, sameAnswers } from './factories'

/** What somebody may try; `shown` is all that is left of it. */
const hostile = [
  { text: '\u202eyaw siht daer\u202c and on', shown: 'yaw siht daer and on' },
  { text: 'end of isolation \u2069\u2066\u2068 here', shown: 'end of isolation here' },
  { text: 'bell \x07 escape \x1b[31m', shown: 'bell escape [31m' },
  { text: `zalgo h${'\u0335\u0321\u0489'.repeat(60)}e comes`, shown: `zalgo h${'\u0335\u0321\u0489'.repeat(60)}e comes`.normalize('NFC') },
  { text: `${'long'.repeat(190)}`, shown: 'long'.repeat(190) },
  { text: '<script>alert(1)</script><img src=x onerror=alert(2)>', shown: '<script>alert(1)</script><img src=x onerror=alert(2)>' },
  { text: '=cmd|"/c calc"!A1', shown: '=cmd|"/c calc"!A1' },
  { text: '"><b hidden>{{7*7}}</b>', shown: '"><b hidden>{{7*7}}</b>' },
]
const specs = [
  { name: 'Sales', side: 'sales', people: 6 },
  { name: 'Marketing', side: 'marketing', people: 6 },
] as const

describe('hostile comments', () => {
  it('are cleaned where they could turn or hide text, and are text everywhere', async () => {
    const { round, invitations, items } = await anOpenRound(specs)
    for (const [index, { url }] of invitations.entries()) await answer(url, sameAnswers(items, 4), hostile[index]?.text ?? null)
    await closeRound(services(), round.id)
    const { comments } = await getResult(services().db, round.id)
    expect([...comments].sort()).toEqual(hostile.map(({ shown }) => shown).sort())
    const html = await (await fetchWorker(`/rounds/${round.id}`, { headers: await adminHeaders() })).text()
    // Elsewhere the page itself keeps names apart with such marks.
    const [shown = ''] = /<section[^>]* id="comments".*?<\/section>/s.exec(html) ?? []
    expect(shown).toContain('and on')
    expect(shown).not.toMatch(/(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u)
    expect(html).not.toMatch(/<img src=x|<script>alert|<b hidden/)
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  it('have a limit in bytes, and one that is too long consumes nothing', async () => {
    const { invitations, items } = await anOpenRound(specs)
    const sealed = await collect(invitations[0]?.url ?? '')
    const refused = { 413: `a${'\u0301'.repeat(10_000)}`, 422: 'a'.repeat(801) }
    for (const [status, text] of Object.entries(refused))
      expect((await cast(sealed, sameAnswers(items, 4), text)).status).toBe(Number(status))
    expect((await cast(sealed, sameAnswers(items, 4), 'nul \0')).status).toBe(422)
    expect((await cast(sealed, sameAnswers(items, 4), 'short')).status).toBe(201)
  })
})

describe('a comment that names people', () => {
  it('is published without the names of the roster, without addresses, and otherwise as it was written', async () => {
    const { round, invitations, items } = await anOpenRound(specs)
    const texts = ['sales 1 decides alone.', 'Ask marketing 2, or lee@acme.example.', 'Sales and Marketing should meet.']
    for (const [index, { url }] of invitations.entries()) await answer(url, sameAnswers(items, 4), texts[index] ?? null)
    await closeRound(services(), round.id)
    const { comments } = await getResult(services().db, round.id)
    expect([...comments].sort()).toEqual(['Ask •••, or •••', 'Sales and Marketing should meet.', '••• decides alone.'])
  })
})
