import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { app } from '../../worker/app'
import { settings } from '../../worker/db/schema'
import { directionOf, locales, messagesOf, type PrivacyFacts } from '../../worker/i18n'
import { adminHeaders, fetchWorker, origin, services } from './client'
import { anOpenRound } from './factories'

const page = async (query = '', headers: Record<string, string> = {}, path = '/privacy') => {
  const response = await fetchWorker(path + query, { headers })
  const policy = response.headers.get('content-security-policy')
  return { status: response.status, cookie: response.headers.get('set-cookie'), policy, html: await response.text() }
}

/** As they hold in an organisation that set nothing. */
const defaults: PrivacyFacts = { minimum: 5, mixMinutes: null, commentMonths: 24, inactivePeopleDays: 180, importErrorDays: 90 }

describe('the page of promises', () => {
  it('is the same bytes for everybody, signed in or not, and sets no cookie', async () => {
    const stranger = await page('?lang=en')
    const { Cookie = '' } = await adminHeaders()
    const administrator = await page('?lang=en', { Cookie: `${Cookie}; lang=ar`, 'Accept-Language': 'th' })
    expect([stranger.status, stranger.cookie, administrator.cookie]).toEqual([200, null, null])
    expect(administrator.html).toBe(stranger.html)
  })

  it.each(locales)('says all of it in %s', async (locale) => {
    const { html } = await page(`?lang=${locale}`)
    expect(html).toContain(`<html lang="${locale}" dir="${directionOf(locale)}">`)
    const text = html
      .replace(/<[^>]+>/g, ' ')
      .replaceAll('&#39;', "'")
      .replaceAll('&quot;', '"')
      .replace(/\s+/g, ' ')
    const { link: _, ...shown } = messagesOf(locale).privacy
    for (const sentence of sentencesOf(shown, defaults)) expect(text).toContain(sentence.replace(/\s+/g, ' '))
    expect(html).not.toMatch(/undefined|\bNaN\b|\[object|=&gt;/)
  })

  it('follows the browser where the address names no language, and no cookie', async () => {
    const { html } = await page('', { 'Accept-Language': 'ms-MY,ms;q=0.9,en;q=0.5', Cookie: 'lang=ar' })
    expect(html).toContain('<html lang="ms" dir="ltr">')
  })

  it('says the numbers of the organisation that hold today', async () => {
    await services()
      .db.insert(settings)
      .values([
        { key: 'minimumGroupSize', value: 8 },
        { key: 'retention', value: { commentMonths: 7, inactivePeopleDays: 31, importErrorDays: 1 } },
      ])
    const { html } = await page('?lang=en')
    const { leaders, kept } = messagesOf('en').privacy
    const facts = { ...defaults, minimum: 8, commentMonths: 7, inactivePeopleDays: 31, importErrorDays: 1 }
    expect(html).toContain(leaders.list.minimum(facts))
    expect(html).toContain('Results start at 8 answers.')
    expect(html).toContain('<td>7 months</td>')
    expect(html).toContain(kept.rows.people.howLong(facts))
    expect(html).toContain('<td>1 day</td>')
  })

  it('says for how long a ballot may wait where the deployment mixes them, and that it does not where it does not', async () => {
    const mixing = { ...env, BALLOT_DELAY: '90', BALLOT_QUEUE: { send: () => Promise.reject(new Error('not here')) } }
    const mixed = await (await app.request(`${origin}/privacy?lang=en`, {}, mixing)).text()
    expect(mixed).toContain('a random time of up to 90 minutes')
    const plain = (await page('?lang=en')).html
    expect(plain).toContain('This server does not mix ballots')
  })

  it('keeps the rules of the policy and loads no script: it works wherever HTML does', async () => {
    const { html, policy } = await page()
    expect(html).not.toMatch(/ style=|<script|<link rel="stylesheet"/)
    const sheets = [...html.matchAll(/<style>(.*?)<\/style>/gs)].map(([, text = '']) => text)
    expect(sheets).toHaveLength(2)
    for (const text of sheets) {
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
      expect(policy).toContain(`'sha256-${btoa(String.fromCharCode(...digest))}'`)
    }
  })

  it('is marked while the organisation is the sample', async () => {
    expect((await page()).html).not.toContain(messagesOf('en').layout.sampleData)
    await services()
      .db.insert(settings)
      .values({ key: 'sample', value: { state: 'loaded', step: 9 } })
    expect((await page()).html).toContain(messagesOf('en').layout.sampleData)
  })
})

describe('the way to it', () => {
  it.each(['en', 'ar'] as const)('is on the survey, in %s', async (locale) => {
    const { round } = await anOpenRound()
    const { html } = await page(`?lang=${locale}`, {}, `/s/${round.id}`)
    expect([...html.matchAll(/href="([^"]+)"/g)].map(([, address]) => address)).toContain(`/privacy?lang=${locale}`)
  })

  it.each(['overview', 'rounds', 'people', 'sources', 'settings'])('is below %s of the dashboard', async (section) => {
    const { html } = await page('?lang=th', await adminHeaders(), `/${section}`)
    expect(html).toContain(`<a href="/privacy?lang=th">${messagesOf('th').privacy.link}</a>`)
  })
})

/** Every text of a section of the messages, with these numbers filled in. */
function sentencesOf(section: unknown, facts: PrivacyFacts): string[] {
  if (typeof section === 'string') return [section]
  if (typeof section === 'function') return [section(facts) as string]
  return Object.values(section as object).flatMap((part) => sentencesOf(part, facts))
}
