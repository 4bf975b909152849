import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { defaultRules } from '../../worker/core/scoring-rules'
import { database } from '../../worker/db/client'
import { readRules } from '../../worker/db/scoring-rules'
import { locales, messagesOf } from '../../worker/i18n'
import { addEvent, removeEvent } from '../../worker/services/events'
import { setRules } from '../../worker/services/scoring-rules'
import { adminHeaders, fetchWorker, services } from './client'
import { decided } from './factories'
import { closeRound, observe } from './scored-rounds'
import { changedRows, dump } from './tables'

let headers: Record<string, string>
beforeEach(async () => {
  headers = await adminHeaders()
})

const db = () => database(env.DB)
const t = messagesOf('en').scoring
const usual = { perception: '40', definitions: '15', process: '20', performance: '25', kappa: '0.25', baseline: '' }

const get = async (path: string) => {
  const response = await fetchWorker(path, { headers })
  const html = await response.text()
  return { status: response.status, location: response.headers.get('location'), html, text: textIn(html.slice(html.indexOf('<main'))) }
}
const textIn = (html: string) => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
const look = (fields: Record<string, string> = {}) => get(`/settings/score?${new URLSearchParams({ ...usual, ...fields })}`)
const decide = async (fields: Record<string, string>) => {
  const response = await fetchWorker('/settings/score', { method: 'POST', headers, body: new URLSearchParams({ ...usual, ...fields }) })
  return { status: response.status, location: response.headers.get('location'), html: await response.text() }
}
/** The fields that a second look would send, as a browser reads them. */
const sentBy = (html: string) =>
  Object.fromEntries([...html.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]))
const typedIn = (html: string, field: string) => new RegExp(`id="${field}"[^>]*value="([^"]*)"`).exec(html)?.[1]
const chosen = (html: string, field: string) =>
  /<option value="([^"]*)" selected=""/.exec(html.slice(html.indexOf(`<select id="${field}"`)))?.[1]
const rows = (html: string) =>
  [...html.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map(([, cell = '']) => textIn(cell).trim()),
  )

describe('the part of the settings about the score', () => {
  it('shows the rules that hold, and every version, newest first', async () => {
    expect((await get('/settings')).text).toContain(t.standard)
    await decided(db(), { goals: [{ metric: 'cac', target: 900, baseline: 1200, scale: 'linear' }] })
    const weights = { perception: 0.455, definitions: 0.145, process: 0.2, performance: 0.2 }
    await addEvent(services(), { day: '2026-06-15', name: '<b>SLA</b>' }).then(({ id }) =>
      setRules(services(new Date('2026-07-01T12:00:00Z')), { weights, kappa: 0, baselineEventId: id }),
    )
    const { html, text } = await get('/settings')
    expect(text).toContain(t.inForce('3', '1 July 2026'))
    expect(['perception', 'definitions', 'process', 'performance'].map((field) => typedIn(html, field))).toEqual([
      '45.5',
      '14.5',
      '20',
      '20',
    ])
    expect(chosen(html, 'kappa')).toBe('0')
    const versions = html.slice(html.indexOf(t.versions('3')), html.indexOf('id="retention"'))
    expect(rows(versions).slice(1)).toEqual([
      ['3 1 July 2026', '45.5%', '14.5%', '20%', '20%', '0', '1', 'Before 15 June 2026 &lt;b&gt;SLA&lt;/b&gt;'],
      ['2 1 January 2026', '40%', '15%', '20%', '25%', '¼', '1', t.firstSixShort],
      [`1 ${t.default}`, '40%', '15%', '20%', '25%', '¼', '0', t.firstSixShort],
    ])
  })

  it('keeps an event that was deleted since it was chosen as an option of its own', async () => {
    const { id } = await addEvent(services(), { day: '2026-06-15', name: 'SLA signed' })
    const other = await addEvent(services(), { day: '2026-06-16', name: 'SLA signed' })
    await setRules(services(), { baselineEventId: id })
    const before = await get('/settings')
    expect([chosen(before.html, 'baseline'), before.text.includes('(event deleted)')]).toEqual([id, false])
    await removeEvent(services(), id)
    const after = await get('/settings')
    expect([chosen(after.html, 'baseline'), after.text.includes('(event deleted)')]).toEqual(['kept', true])
    expect((await look({ baseline: 'kept' })).location).toBe('/settings?done=rulesSame')
    expect((await look({ baseline: id })).status).toBe(422)
    await decide({ baseline: 'kept', kappa: '0.5', version: '2' })
    expect(await readRules(db())).toMatchObject({ version: 3, kappa: 0.5, baseline: { day: '2026-06-15', name: 'SLA signed' } })
    await decide({ baseline: other.id, kappa: '0.5', version: '3' })
    expect((await readRules(db())).baseline?.day).toBe('2026-06-16')
  })

  it.each([
    ['perception', 'much', 'perception', t.weightWrong],
    ['definitions', '', 'definitions', t.weightWrong],
    ['process', '-20', 'process', t.weightWrong],
    ['process', '20.55', 'process', t.weightWrong],
    ['performance', '101', 'performance', t.weightWrong],
    ['process', '30', 'weights', t.sumWrong('110%')],
    ['process', '19.5', 'weights', t.sumWrong('99.5%')],
    ['kappa', '0.3', 'kappa', t.notListed],
    ['baseline', 'x', 'baseline', t.notListed],
  ])('gives %s back when it is %j, with the reason and what else was chosen', async (field, value, at, reason) => {
    const sent = { ...usual, kappa: '0.5', [field]: value }
    for (const { status, html } of [await look(sent), await decide({ ...sent, version: '1' })]) {
      expect(status).toBe(422)
      expect(html).toContain(`href="#${at}"`)
      expect(html).toMatch(new RegExp(`id="${at}-why"[^>]*>(<svg[\\s\\S]*?</svg>)?${reason.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}<`))
      expect(html).toMatch(
        new RegExp(`<[^>]*(id="${at}"[^>]*aria-describedby="[^"]*${at}-why|aria-describedby="[^"]*${at}-why[^>]*id="${at}")`),
      )
      for (const name of ['perception', 'definitions', 'process', 'performance'] as const) expect(typedIn(html, name)).toBe(sent[name])
      if (field !== 'kappa') expect(chosen(html, 'kappa')).toBe('0.5')
    }
    expect(await readRules(db())).toEqual(defaultRules)
  })

  it('says that nothing changed', async () => {
    expect(await look()).toMatchObject({ status: 303, location: '/settings?done=rulesSame' })
    expect(await look({ perception: '40,0', definitions: '15.0' })).toMatchObject({ status: 303, location: '/settings?done=rulesSame' })
    expect((await get('/settings?done=rulesSame')).text).toContain(t.same)
  })

  it('takes a weight that was left alone as it is, with all its decimals', async () => {
    const weights = { perception: 1 / 3, definitions: 1 / 3, process: 1 / 3, performance: 0 }
    await setRules(services(), { weights })
    const { html } = await get('/settings')
    const shown = Object.fromEntries(
      ['perception', 'definitions', 'process', 'performance'].map((field) => [field, typedIn(html, field) ?? '']),
    )
    expect((await look(shown)).location).toBe('/settings?done=rulesSame')
    await decide({ ...shown, kappa: '0', version: '2' })
    expect(await readRules(db())).toMatchObject({ version: 3, weights, kappa: 0 })
  })
})

describe('the second look', () => {
  it('shows what changes and the scores of the latest six rounds, and changes nothing', async () => {
    await decided(db(), { goals: [{ metric: 'cac', target: 500, baseline: 1000, scale: 'linear' }] })
    await observe('2026-02', 750)
    await observe('2026-08', 600)
    for (let number = 1; number <= 8; number++) await closeRound(number, `2026-0${number}`, [8 - number, 4, 2 + number])
    const before = await dump()
    const { status, html, text } = await look({ perception: '50,5', process: '9.5' })
    const { sessions: _, ...changed } = changedRows(before, await dump())
    expect([status, changed]).toEqual([200, {}])
    expect(text).toContain(t.confirmWhat)
    const after = await dump()
    await setRules(services(), { weights: { perception: 0.505, definitions: 0.15, process: 0.095, performance: 0.25 } })
    const shown = rows(html)
    expect(shown.slice(0, 3)).toEqual([
      [t.rule, t.now, t.later],
      ['Weight of Perception', '40%', '50.5%'],
      ['Weight of Process', '20%', '9.5%'],
    ])
    // newest first; as the rounds really are before and after
    const stored = (dumped: typeof before, revision: number) =>
      new Map(
        (dumped.scores as { number: number; revision: number; body: string }[])
          .filter((row) => row.revision === revision)
          .map((row) => [row.number, (JSON.parse(row.body) as { value: number | null }).value]),
      )
    const [old, now] = [stored(after, 1), stored(await dump(), 2)]
    const write = (value: number | null | undefined) => (value == null ? '–' : value.toFixed(1))
    const expected = [8, 7, 6, 5, 4, 3].map((number) => [write(old.get(number)), write(now.get(number))])
    expect(shown.slice(4).map(([, was, is]) => [was, is])).toEqual(expected)
    expect(expected.map(([was]) => was !== '–')).toEqual([true, false, false, false, true, true]) // KPIs of 5 to 7 are too old
    expect(expected.map(([, is]) => is !== '–')).toEqual([true, false, false, false, true, true])
    for (const [round, was = '', is = '', difference] of shown.slice(4)) {
      expect(round).toMatch(/^Round [3-8], \w+ 2026$/)
      const points = Number(is) - Number(was)
      expect(difference).toBe(was === '–' || is === '–' ? '–' : `${points > 0 ? '+' : points < 0 ? '−' : ''}${Math.abs(points).toFixed(1)}`)
    }
  })

  it('decides what it showed, and nothing else', async () => {
    await closeRound(1, '2026-06')
    const { html } = await look({ perception: '55', definitions: '20', process: '0', kappa: '0' })
    expect(await decide({ ...sentBy(html.slice(html.indexOf('<main'))) })).toMatchObject({
      status: 303,
      location: '/settings?done=rulesSaved',
    })
    expect(await readRules(db())).toEqual({
      ...defaultRules,
      version: 2,
      weights: { perception: 0.55, definitions: 0.2, process: 0, performance: 0.25 },
      kappa: 0,
    })
    expect((await get('/settings?done=rulesSaved')).text).toContain(t.saved)
  })

  it('is shown again where somebody else decided meanwhile', async () => {
    const { html } = await look({ kappa: '0' })
    const sent = sentBy(html.slice(html.indexOf('<main')))
    await setRules(services(), { weights: { perception: 0.5, definitions: 0.15, process: 0.1, performance: 0.25 } })
    const again = await decide(sent)
    expect([again.status, again.location?.startsWith('/settings/score?perception=40&')]).toEqual([303, true])
    expect((await readRules(db())).kappa).toBe(0.25)
    const { text, html: now } = await get(again.location ?? '')
    expect(text).toContain('Weight of Perception 50% 40%')
    expect(sentBy(now.slice(now.indexOf('<main'))).version).toBe('2')
  })

  it('says so where no round has a score, and where a round cannot be scored like that', async () => {
    expect((await look({ kappa: '0' })).text).toContain(t.noScores)
    const { roundId } = await closeRound(1, '2026-06')
    expect((await look({ kappa: '0' })).text).not.toContain(t.notScored)
    await env.DB.prepare("update results set body = json_set(body, '$.inputs.uncertainty', json('[]')) where round_id = ?")
      .bind(roundId)
      .run()
    const { text } = await look({ kappa: '0' })
    expect(text).toContain(t.notScored)
    expect(text).toContain('Round 1, June 2026 – – –')
  })

  it.each(locales)('is in %s, like the form, without inline styles or gaps in its texts', async (locale) => {
    const { id } = await addEvent(services(), { day: '2026-06-15', name: 'SLA signed' })
    await closeRound(1, '2026-06')
    await setRules(services(), { baselineEventId: id })
    const texts = messagesOf(locale).scoring
    for (const path of [
      '/settings?',
      `/settings/score?${new URLSearchParams({ ...usual, kappa: '0', process: '10', perception: '50' })}&`,
    ]) {
      const { status, html } = await get(`${path}lang=${locale}`)
      expect(status).toBe(200)
      expect(html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}"`)
      expect(html).not.toMatch(/ style=|undefined|\bNaN\b|\[object|=&gt;/)
      expect(html).toContain(path === '/settings?' ? texts.look : texts.confirm)
    }
    const { html } = await get(`/settings/score?${new URLSearchParams({ ...usual, process: '10', lang: locale })}`)
    expect(html).toContain(texts.sumWrong('90%').slice(0, 12))
  })

  it('is not for anybody who is not signed in', async () => {
    headers = {}
    expect((await look({ kappa: '0' })).location).toBe('/sign-in')
    expect((await decide({ kappa: '0', version: '1' })).status).not.toBe(200)
    expect(await readRules(db())).toEqual(defaultRules)
  })
})
