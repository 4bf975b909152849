import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Item, Term } from '../../worker/core/round'
import { itemsOfRound } from '../../worker/core/survey-plan'
import { database } from '../../worker/db/client'
import { people, results, rounds, settings, teams } from '../../worker/db/schema'
import { locales, messagesOf } from '../../worker/i18n'
import { type Answers, resultOf, times } from '../core/rounds'
import { adminHeaders, fetchWorker } from './client'

const t = messagesOf('en')
const db = () => database(env.DB)

async function page(path = '/definitions'): Promise<{ status: number; html: string; text: string }> {
  const response = await fetchWorker(path, { headers: await adminHeaders() })
  const html = await response.text()
  const body = html.slice(html.indexOf('<main'))
  return { status: response.status, html, text: body.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ') }
}

type Chosen = Partial<Record<Term, readonly number[]>>

/** Ballots by how many of a side chose each answer of each term. */
function peopleWho(chosen: Chosen, people: number): Answers[] {
  const ballots = times(people, { goals: 4 })
  return ballots.map((ballot, index) => ({
    ...ballot,
    ...Object.fromEntries(
      (Object.entries(chosen) as [Term, readonly number[]][]).map(([term, counts]) => {
        const options = counts.flatMap((count, option) => Array.from({ length: count }, () => option))
        return [`definition-${term}`, options[index] ?? null]
      }),
    ),
  }))
}

interface Seeded {
  sales: Chosen
  marketing: Chosen
  items?: readonly Item[]
  people?: [sales: number, marketing: number]
}

/** A closed round with what it asked and published. */
async function closed(number: number, { sales, marketing, items = itemsOfRound(number), people: [s, m] = [30, 20] }: Seeded) {
  const result = resultOf(
    [
      { id: 'sales', side: 'sales', people: peopleWho(sales, s) },
      { id: 'marketing', side: 'marketing', people: peopleWho(marketing, m) },
    ],
    { items, number },
  )
  const period = `2026-${String(number).padStart(2, '0')}`
  const body = { ...result, period }
  await db().batch([
    db().insert(rounds).values({ id: result.roundId, number, period, state: 'closed', frozen: { items } }),
    db().insert(results).values({ roundId: result.roundId, methodVersion: '2', inputsHash: 'hash', body, publishedAt: new Date() }),
  ])
}

const charts = (html: string) =>
  [...html.matchAll(/<figure id="([^"]*)"[^>]*data-chart="([^"]*)"/g)].map(([, id = '', json = '']) => ({
    id,
    spec: JSON.parse(
      json.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    ),
  }))

/** Sales and marketing mean the same by SLA and something else each by lead type. */
const first: Seeded = {
  sales: { sla: [28, 1, 1], 'lead-type': [26, 4] },
  marketing: { sla: [19, 1], 'lead-type': [2, 18] },
}

describe('before a round has closed', () => {
  it('says what will be here, and when each term is asked', async () => {
    const { text, html } = await page()
    expect(text).toContain(t.definitionsPage.empty.turns)
    expect(html).toMatch(/<li id="sla".*?Asked next in round 1\./s)
  })

  it('asks for people first, and for a round once there is somebody to ask', async () => {
    const { empty } = t.overview
    expect((await page()).html).toMatch(
      new RegExp(`<strong>${empty.people.replace('?', '\\?')}</strong>.*?<a class="btn" href="/people">`, 's'),
    )
    await db().batch([
      db().insert(teams).values({ id: 'desk', name: 'Desk', side: 'sales', position: 0 }),
      db().insert(people).values({ id: 'ann', teamId: 'desk', email: 'ann@example.org', name: 'Ann', locale: 'en' }),
    ])
    expect((await page()).html).toMatch(new RegExp(`<strong>${empty.round}</strong>.*?<a class="btn" href="/rounds">`, 's'))
  })
})

describe('with rounds', () => {
  it('says what is agreed and what is not, lowest first, and that one round has nothing to compare with', async () => {
    await closed(1, first)
    const { text, html } = await page()
    expect(text).toContain('Teams agree on “service level agreement”, not on “lead type”')
    expect(text).toContain(t.definitionsPage.index.nothing)
    const { open, grey } = t.definitionsPage.figure
    for (const undrawn of [open, grey]) expect(text).not.toContain(undrawn)
    const [terms, ...answers] = charts(html)
    expect(terms?.spec.rows.map(({ label, verdict }: { label: string; verdict?: object }) => [label, verdict])).toEqual([
      ['Lead type', { signal: true, text: t.definitionsPage.figure.differ }],
      ['Service level agreement', undefined],
    ])
    expect(answers.map(({ id }) => id)).toEqual(['lead-type', 'sla'])
    expect(answers[0]?.spec.rows[0]).toMatchObject({ sales: { text: '87' }, marketing: { text: '10' }, strong: true })
    // A term that nobody was asked about has its place, too.
    expect(html).toMatch(/<li id="icp".*?Not asked yet\. Asked next in round 2\./s)
  })

  it('compares a term with the last time it was asked, and the index like for like', async () => {
    await closed(1, first)
    await closed(6, { ...first, marketing: { sla: [19, 1], 'lead-type': [19, 1] } })
    const { text } = await page()
    expect(text).toContain('“Lead type” gained most between the last two times it was asked')
    for (const said of [t.definitionsPage.figure.rose, t.definitionsPage.figure.open]) expect(text).toContain(said)
    expect(text).toContain('Both sides mostly mean the same by all 2 terms')
    expect((await page('/definitions?round=1')).text).toContain('not on “lead type”')
  })

  it('says of a term both that the top answers differ and that it lost agreement', async () => {
    await closed(1, { ...first, marketing: { sla: [19, 1], 'lead-type': [19, 1] } })
    await closed(6, first)
    const { differ, fell } = t.definitionsPage.figure
    const rows: { label: string; verdict?: { text: string } }[] = charts((await page()).html)[0]?.spec.rows
    expect(rows.find(({ label }) => label === 'Lead type')?.verdict?.text).toBe(`${differ} · ${fell}`)
  })

  it('keeps an old term with its age, outside the index', async () => {
    await closed(1, first)
    await closed(7, { sales: { icp: [28, 2] }, marketing: { icp: [18, 2] }, items: itemsOfRound(2) })
    const { text, html } = await page()
    expect(text).toContain(t.definitionsPage.term.old(6))
    expect(text).toContain(t.definitionsPage.index.madeOf(1, '7', '7'))
    const rows: { label: string; marks: { look: string }[] }[] = charts(html)[0]?.spec.rows
    expect(rows.find(({ label }) => label === 'Lead type')?.marks.map(({ look }) => look)).toEqual(['before'])
  })
})

describe('privacy', () => {
  it('leaves no count of a side of fewer than ten anywhere in the page', async () => {
    await closed(1, {
      sales: { sla: [28, 1, 1] },
      marketing: { sla: [3, 4] },
      people: [30, 7],
    })
    const { html, text } = await page()
    expect(text).toContain(t.definitionsPage.term.unsaid['under-ten'](t.sides.marketing))
    const sla = charts(html).find(({ id }) => id === 'sla')
    expect(sla?.spec.rows.every(({ marketing }: { marketing: unknown }) => marketing === null)).toBe(true)
    expect(html).not.toMatch(/\b(57|42\.\d+|57\.\d+)\b/)
  })

  it('shows a term that cannot be published as hidden, without a number', async () => {
    await closed(1, { sales: { sla: [28, 1, 1] }, marketing: { sla: [2, 1] } })
    const { html, text } = await page()
    expect(charts(html)).toEqual([])
    expect(html).toMatch(/<li id="sla" class="veiled">.*?hidden: too few answers/s)
    expect(text).toContain(`${t.definitionsPage.index.none} ${t.overview.pillars.missing['one-side'].why}`)
    // a story was asked in that round, and is hidden, too
    expect(html.slice(html.indexOf('id="stories"'))).toContain(`<div class="state small hatch"><div><strong>${t.overview.sides.missing}`)
    expect(text).not.toContain(t.definitionsPage.stories.nobody)
    expect(html).toMatch(/<b class="none">–<\/b>/)
  })
})

describe('the organisation’s own answers', () => {
  const hostile = '</figure><script>alert(1)</script>"=cmd|\u202e'
  const items = itemsOfRound(1).map(
    (item): Item =>
      item.id === 'definition-sla' && item.kind === 'definition'
        ? {
            ...item,
            options: ['own-1', 'own-2', 'unsure'],
            optionTexts: { 'own-1': { en: hostile }, 'own-2': { ms: 'Tiada' } },
            official: 'own-1',
          }
        : item,
  )

  it('are shown literally in the drawing and in the table, with the agreed one marked', async () => {
    await closed(1, { sales: { sla: [20, 10] }, marketing: { sla: [15, 5] }, items })
    const { html } = await page()
    expect(html).not.toContain('<script>alert(1)')
    const sla = charts(html).find(({ id }) => id === 'sla')
    expect(sla?.spec.rows[0].label).toBe(`\u2068${hostile}\u2069 ${t.roundsPage.official}`)
    expect(html).toContain('<span lang="ms" dir="ltr">Tiada</span>')
    expect(html).toContain(t.definitionsPage.term.agreed)
    expect(html).toContain('/survey/terms/sla')
  })

  it('make another question of it: answers that were not offered before are not compared', async () => {
    await closed(1, first)
    await closed(6, { sales: { sla: [20, 10] }, marketing: { sla: [15, 5] }, items })
    expect((await page()).text).toContain(t.definitionsPage.term.unlike['other-answers'])
  })
})

describe('an address', () => {
  it('of a round that has not closed is not found, and one that is no number is refused beside its field', async () => {
    await closed(1, first)
    await db().insert(rounds).values({ id: 'r2', number: 2, period: '2026-02', state: 'scheduled' })
    expect((await page('/definitions?round=2')).status).toBe(404)
    expect((await page('/definitions?round=99')).status).toBe(404)
    const refused = await page('/definitions?round=1e0')
    expect(refused.status).toBe(422)
    expect(refused.text).toContain(t.explore.asked.whole)
  })
})

describe('other languages', () => {
  it('say everything in their own words', async () => {
    await db().insert(settings).values({ key: 'locale', value: 'en' }).onConflictDoNothing()
    await closed(1, first)
    await closed(6, { ...first, marketing: { sla: [19, 1], 'lead-type': [19, 1] } })
    for (const lang of locales.filter((locale) => locale !== 'en')) {
      const { text, status } = await page(`/definitions?lang=${lang}`)
      expect(status).toBe(200)
      expect(text).toContain(messagesOf(lang).definitionsPage.answers.title)
      expect(text).not.toMatch(/undefined|\[object|\bNaN\b/)
    }
  })
})

describe('the API', () => {
  it('gives all terms in one answer', async () => {
    await closed(1, first)
    const response = await fetchWorker('/api/v1/definitions', { headers: await adminHeaders() })
    const body = await response.json<{
      round: { number: number }
      index: { terms: number }
      terms: { term: string; reading: string | null }[]
    }>()
    expect(body).toMatchObject({ round: { number: 1 }, index: { terms: 2 } })
    expect(body.terms).toHaveLength(10)
    expect(body.terms[0]).toMatchObject({ term: 'lead-type', reading: 'rival' })
    expect((await fetchWorker('/api/v1/definitions?round=7', { headers: await adminHeaders() })).status).toBe(404)
    expect((await fetchWorker('/api/v1/definitions?round=x', { headers: await adminHeaders() })).status).toBe(422)
  })
})
