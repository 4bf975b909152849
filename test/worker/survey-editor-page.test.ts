import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { defaultPlan } from '../../worker/core/survey-plan'
import { database } from '../../worker/db/client'
import { locales, messagesOf } from '../../worker/i18n'
import { addStatement, changeStatement } from '../../worker/services/own-statements'
import { createRound } from '../../worker/services/rounds'
import { changeSurvey, readSurvey } from '../../worker/services/survey'
import { changeTerm } from '../../worker/services/term-answers'
import { adminHeaders, fetchWorker, services } from './client'
import { anOrganisation, answer, closeNow, openAnother, sameAnswers } from './factories'
import { changedRows, dump } from './tables'

let headers: Record<string, string>
beforeEach(async () => {
  headers = await adminHeaders()
})

const db = () => database(env.DB)
const t = messagesOf('en').surveyPage
const get = async (path: string) => {
  const response = await fetchWorker(path, { headers })
  const html = await response.text()
  return {
    status: response.status,
    location: response.headers.get('location') ?? '',
    html,
    text: textIn(html.slice(html.indexOf('<main'))),
  }
}
const post = async (path: string, fields: Record<string, string>) => {
  const response = await fetchWorker(path, { method: 'POST', headers, body: new URLSearchParams(fields) })
  const html = await response.text()
  return {
    status: response.status,
    location: response.headers.get('location') ?? '',
    html,
    text: textIn(html.slice(html.indexOf('<main'))),
  }
}
const textIn = (html: string) =>
  html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&quot;', '"')
/** The ids of the statements in the draft that an address describes, in order. */
const itemsAt = (address: string) => new URL(address, 'http://x').searchParams.get('items')?.split('.') ?? []
const fieldsOf = (ids: readonly string[], more: Record<string, string> = {}) => ({
  items: ids.join('.'),
  definitions: '2',
  cases: '1',
  comment: 'yes',
  version: '1',
  ...more,
})
const draft = (ids: readonly string[], more: Record<string, string> = {}) => `/survey?${new URLSearchParams(fieldsOf(ids, more))}`
const standard = defaultPlan.items.map(({ id }) => id)
const statement = { theme: 'goals', texts: { en: 'We know what the other team is measured on.', ms: 'Kami tahu.' } } as const

describe('the page of the survey', () => {
  it('shows the coming round in its order, how many questions and how long, and where each comes from', async () => {
    const { text, html } = await get('/survey')
    expect(text).toContain(t.next('1', 18, 'about 2 min 10 s'))
    expect(text).toContain(t.standard)
    const rows = [...html.matchAll(/<li id="item-([\w-]+)">/g)].map(([, id]) => id)
    expect(rows).toEqual([
      ...standard.slice(0, 14),
      'definition-sla',
      'definition-lead-type',
      expect.stringMatching(/^vignette-/),
      'headline',
    ])
    // All of them take turns, and a round asks three: none of it is “asked”.
    expect(text).toContain('Definitions 41, all in use')
    expect((await get(draft(standard, { cases: '0' }))).text).toMatch(/Definitions [1-3]?\d of 41 in use/)
    expect(text).toContain('Hand-off and follow-up · Plumbline’s own wording, about what was measured in: LeanData')
  })

  it('moves, takes out and adds by buttons, in the address alone', async () => {
    const before = await dump()
    const up = await get(draft(standard, { do: 'up.goals-2' }))
    expect([up.status, itemsAt(up.location).slice(0, 3)]).toEqual([303, ['goals-2', 'goals-1', 'lead-quality-1']])
    const down = await get(draft(standard, { do: 'down.goals-1' }))
    expect(itemsAt(down.location)).toEqual(itemsAt(up.location))
    const out = await get(draft(standard, { do: 'remove.goals-1', optional: 'goals-2' }))
    expect(itemsAt(out.location)).toEqual(standard.slice(1))
    const back = await get(out.location.replace('at=', 'do=add.goals-1&was='))
    expect(itemsAt(back.location)).toEqual(['goals-2', 'goals-1', ...standard.slice(2)])
    const later = await get(draft(standard, { do: 'later.goals' }))
    expect(itemsAt(later.location)).toEqual([...standard.slice(2, 4), ...standard.slice(0, 2), ...standard.slice(4)])
    expect((await get(later.location)).text).toContain(t.movedTo('Shared goals', '2', '7'))
    expect(new URL(back.location, 'http://x').searchParams.get('optional')).toBe('goals-2')
    const shown = await get(up.location)
    expect(shown.text).toContain(t.draft)
    expect(shown.text).toContain(t.movedTo('The two teams plan the quarter together.', '1', '15'))
    expect(shown.html).toMatch(/value="down\.goals-2"[^>]*autofocus/)
    const { sessions: _, ...changed } = changedRows(before, await dump())
    expect(changed).toEqual({})
  })

  it('asks once more, says what changes and what follows, and decides it', async () => {
    const ids = [...standard.slice(4, 14), 'lead-quality-2', 'lead-quality-1']
    const look = await get(draft(ids, { do: 'look', optional: 'messaging-1', definitions: '1', comment: 'no' }))
    expect(look.location).toMatch(/^\/survey\/review\?/)
    const { html, text } = await get(look.location)
    for (const row of [
      'Sales and marketing are measured on targets that fit together. Asked Not asked',
      `All in all, how well do sales and marketing work as one team? ${t.isAsked} ${t.notAsked}`,
      `Most leads that marketing hands over are worth a salesperson’s time. ${t.place('3')} ${t.place('12')}`,
      `Customers hear the same story from marketing and from sales. ${t.required} ${t.optional}`,
      `${t.definitions} Two One`,
      `${t.comment} Yes No`,
      `${t.questions} 18 14`,
      t.noTheme('Shared goals'),
      t.noHeadline,
    ])
      expect(text).toContain(row)
    expect(text).not.toContain(t.otherTheme('Lead quality'))
    const sent = Object.fromEntries(
      [...html.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    )
    expect((await readSurvey(db())).plan.version).toBe(1)
    expect(await post('/survey', sent)).toMatchObject({ status: 303, location: '/survey?done=saved' })
    const { plan } = await readSurvey(db())
    expect(plan).toMatchObject({ version: 2, definitions: 1, cases: 1, comment: false })
    expect(plan.items.map(({ id }) => id)).toEqual(ids)
    expect(plan.items.filter(({ optional }) => optional).map(({ id }) => id)).toEqual(['messaging-1'])
  })

  it('shows the second look again where somebody else decided meanwhile, against what holds now', async () => {
    await changeSurvey(services(), 1, { comment: false })
    const again = await post('/survey', fieldsOf(standard.slice(1)))
    expect([again.status, again.location.startsWith('/survey/review?')]).toEqual([303, true])
    expect((await readSurvey(db())).plan.version).toBe(2)
    const { text, html } = await get(again.location)
    expect(text).toContain(`${t.comment} No Yes`)
    expect(html).toContain('name="version" value="2"')
  })

  it.each([
    ['too few', ['goals-1', 'headline'], t.tooFew('8', '5')],
    ['too many', [...standard, 'own-x'], t.unknown],
    ['one twice', [...standard.slice(1), 'goals-2'], t.double('The two teams plan the quarter together.')],
  ])('comes back as it was with %s, and says what to change', async (_, ids, reason) => {
    const { status, html, text } = await get(draft(ids).replace('/survey?', '/survey/review?'))
    expect(status).toBe(422)
    expect(text).toContain(reason)
    const kept = /name="items" value="([^"]*)"/.exec(html)?.[1]?.split('.')
    expect(kept?.toSorted()).toEqual([...ids].toSorted())
  })

  it('goes back to the default after a second look', async () => {
    await changeSurvey(services(), 1, { items: defaultPlan.items.slice(1), cases: 0 })
    const { html } = await get('/survey')
    const address = /href="([^"]*)">Back to the default survey/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const review = await get(address)
    expect(review.text).toContain('Sales and marketing are measured on targets that fit together. Not asked Asked')
    await post('/survey', Object.fromEntries(new URL(address, 'http://x').searchParams))
    expect((await readSurvey(db())).plan).toEqual({ ...defaultPlan, version: 3 })
  })

  it('names every missing translation on top, with the way to it', async () => {
    const { id } = await addStatement(services(), statement)
    await changeSurvey(services(), 1, { items: [{ id }, ...defaultPlan.items.slice(2)] })
    await changeTerm(services(), 'icp', 0, { options: [{ id: 'problem' }, { texts: { en: 'By gut feeling' } }], official: null })
    const { text, html } = await get('/survey')
    expect(text).toContain(t.missing(5))
    expect(html).toMatch(new RegExp(`<a href="/survey/statements/${id}"><bdi>We know what[^<]*</bdi></a>: Thai, Arabic`))
    expect(html).toMatch(/<a href="\/survey\/terms\/icp"><bdi>Ideal customer profile<\/bdi><\/a>: Thai, Malay, Arabic/)
    await changeStatement(services(), id, 2, { theme: 'goals', texts: { ...statement.texts, th: 'เรารู้', ar: 'نعرف' } })
    expect((await get('/survey')).text).toContain(t.missing(3))
  })

  it('is not for readers, and not for nobody', async () => {
    headers = {}
    for (const path of ['/survey', '/survey/review', '/survey/preview', '/survey/terms', '/survey/terms/sla', '/survey/statements/new'])
      expect([path, (await get(path)).location]).toEqual([path, '/sign-in'])
    expect((await post('/survey', fieldsOf(standard.slice(1)))).status).not.toBe(200)
    expect((await readSurvey(db())).plan.version).toBe(1)
  })
})

describe('a statement of one’s own', () => {
  const form = (texts: Record<string, string>, more: Record<string, string> = {}) => ({
    theme: 'goals',
    version: '0',
    draft: '',
    ...texts,
    ...more,
  })

  it('is written in each language, and put into the draft that one came from', async () => {
    const from = new URLSearchParams(fieldsOf(standard.slice(2))).toString()
    const page = await get(`/survey/statements/new?${from}`)
    expect(page.html).toMatch(/<textarea id="ar"[^>]*lang="ar"[^>]*dir="rtl"/)
    const { status, location } = await post('/survey/statements', form({ en: 'We agree.', th: 'เราเห็นตรงกัน' }, { draft: from }))
    const [made] = (await readSurvey(db())).items
    expect(made?.texts).toEqual({ en: 'We agree.', th: 'เราเห็นตรงกัน' })
    expect([status, itemsAt(location)]).toEqual([303, [...standard.slice(2, 14), made?.id, 'headline']])
    expect((await readSurvey(db())).plan.version).toBe(1)
  })

  it.each([
    ['nothing in the language of the organisation', { th: 'เราเห็นตรงกัน' }, 'en', t.statement.missing('English')],
    ['too long a text', { en: 'We agree.', ms: 'x'.repeat(161) }, 'ms', t.statement.tooLong('160')],
    ['the words of ours', { en: 'The two teams plan the quarter together.' }, 'en', t.statement.taken],
    ['a theme that is none', { en: 'We agree.', theme: 'price' }, 'theme', t.statement.themeWrong],
  ])('comes back filled in with %s', async (_, texts, field, reason) => {
    const { status, html } = await post('/survey/statements', form(texts))
    expect(status).toBe(422)
    expect(html).toContain(`href="#${field}"`)
    expect(html).toMatch(new RegExp(`id="${field}-why"[^>]*>(<svg[\\s\\S]*?</svg>)?${reason.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}<`))
    for (const [language, text] of Object.entries(texts)) {
      if (language !== 'theme') expect(html).toMatch(new RegExp(`<textarea id="${language}"[^>]*>\\s*${text}`))
    }
    expect((await readSurvey(db())).items).toEqual([])
  })

  it('is translated, replaced, put away and taken back', async () => {
    const { id } = await addStatement(services(), statement)
    const translated = await post(`/survey/statements/${id}`, form({ ...statement.texts, th: 'เรารู้' }, { version: '2' }))
    expect(translated.location).toBe('/survey?done=translated')
    const stale = await post(`/survey/statements/${id}`, form({ en: 'Something else.' }, { version: '2' }))
    expect([stale.status, stale.text.includes(t.statement.again), stale.html.includes('เรารู้')]).toEqual([409, true, true])
    const replaced = await post(`/survey/statements/${id}`, form({ en: 'Something else.' }, { version: '3' }))
    expect(replaced.location).toBe('/survey?done=replaced')
    const [next] = (await readSurvey(db())).items
    expect((await post(`/survey/statements/${next?.id}/removal`, {})).location).toBe('/survey?done=away')
    expect((await post(`/survey/statements/${id}/restoration`, {})).location).toBe('/survey?done=back')
    expect((await readSurvey(db())).items.map((one) => one.id)).toEqual([id])
    expect((await get(`/survey/statements/${next?.id}`)).status).toBe(404)
  })

  it('is not put away while it is asked', async () => {
    const { id } = await addStatement(services(), statement)
    await changeSurvey(services(), 1, { items: [{ id }, ...defaultPlan.items.slice(2)] })
    expect((await post(`/survey/statements/${id}/removal`, {})).location).toBe('/survey?done=asked')
    expect((await get('/survey?done=asked')).text).toContain(t.stillAsked)
  })
})

describe('the answers of a term', () => {
  const row = (at: number, id: string, texts: Record<string, string> = {}) => ({
    [`id-${at}`]: id,
    ...Object.fromEntries(Object.entries(texts).map(([language, text]) => [`text-${at}-${language}`, text])),
  })

  it('stand in a list with the round that asks each term next', async () => {
    await changeTerm(services(), 'persona', 0, { options: null, official: 'interviews' })
    const { text } = await get('/survey/terms')
    expect(text).toContain(
      `Service level agreement What do sales and marketing owe each other here, and where is it agreed? ${t.terms.ours('5')} ${t.terms.none} Round 1`,
    )
    expect(text).toContain(`${t.terms.ours('5')} A portrait drawn from interviews with buyers Round 3`)
  })

  it('are put together by buttons, and saved as a whole', async () => {
    const start = {
      version: '0',
      count: '3',
      official: '2',
      ...row(0, 'with-numbers'),
      ...row(1, 'spoken'),
      ...row(2, '', { en: 'In the CRM' }),
    }
    const up = await post('/survey/terms/sla', { ...start, do: 'up.2' })
    expect(up.html).toMatch(/id="text-1-en"[^>]*value="In the CRM"/)
    expect(up.html).toMatch(/name="official" value="1" checked/)
    const more = await post('/survey/terms/sla', { ...start, do: 'more' })
    expect(more.html).toMatch(/id="text-3-en"[^>]*autofocus/)
    const less = await post('/survey/terms/sla', { ...start, do: 'remove.0' })
    expect(less.html).toMatch(/name="official" value="1" checked/)
    const use = await post('/survey/terms/sla', { ...start, do: 'use.0.none' })
    expect(use.html).toContain('name="id-3" value="none"')
    expect((await readSurvey(db())).terms[0]?.version).toBe(0)
    expect((await post('/survey/terms/sla', { ...start, do: 'save' })).location).toBe('/survey/terms?done=saved')
    const [sla] = (await readSurvey(db())).terms
    expect([sla?.options?.map(({ texts }) => texts.en), sla?.official]).toEqual([
      [undefined, undefined, 'In the CRM'],
      sla?.options?.[2]?.id,
    ])
  })

  it.each([
    ['one answer', { count: '1', ...row(0, 'spoken') }, 'answers', t.terms.few('2')],
    ['an answer twice', { count: '2', ...row(0, 'spoken'), ...row(1, 'spoken') }, 'answer-1', t.terms.twice],
    [
      'the same words',
      { count: '2', ...row(0, 'spoken'), ...row(1, '', { en: 'It was talked about and never written down' }) },
      'text-1-en',
      t.statement.taken,
    ],
    ['the agreed one gone', { count: '2', official: '5', ...row(0, 'spoken'), ...row(1, 'none') }, 'official-none', t.terms.officialGone],
    [
      'no words of the organisation’s language',
      { count: '2', ...row(0, 'spoken'), ...row(1, '', { th: 'ใน CRM' }) },
      'text-1-en',
      t.statement.missing('English'),
    ],
  ])('come back filled in with %s', async (_, fields, field, reason) => {
    const { status, html, text } = await post('/survey/terms/sla', { version: '0', official: '', do: 'save', ...fields })
    expect(status).toBe(422)
    expect(html).toContain(`href="#${field}"`)
    expect(html).toContain(`id="${field}"`)
    expect(text).toContain(reason)
    expect((await readSurvey(db())).terms[0]?.version).toBe(0)
  })

  it('are shown as they are now where somebody else changed them', async () => {
    await changeTerm(services(), 'sla', 0, { options: null, official: 'spoken' })
    const { status, text, html } = await post('/survey/terms/sla', {
      version: '0',
      count: '2',
      official: '',
      do: 'save',
      ...row(0, 'spoken'),
      ...row(1, 'none'),
    })
    expect([status, text.includes(t.terms.again)]).toEqual([409, true])
    expect(html).toContain('name="version" value="1"')
    expect((await get('/survey/terms/price')).status).toBe(404)
  })
})

describe('the preview', () => {
  it.each(locales)('shows the coming questions in %s, and nothing that could be sent', async (locale) => {
    const { html, status } = await get(`/survey/preview?lang=${locale}`)
    const texts = messagesOf(locale)
    expect(status).toBe(200)
    expect(html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}"`)
    expect(html).toContain(texts.surveyPage.preview.mark)
    expect(html).toContain(texts.items['goals-1'])
    expect(html.match(/<fieldset/g)).toHaveLength(18)
    expect(html).not.toMatch(/<script|action=|method="post"|data-round/)
  })

  it('shows a text that is not translated in the language of the organisation, marked as such', async () => {
    const { id } = await addStatement(services(), statement)
    await changeSurvey(services(), 1, { items: [{ id }, ...defaultPlan.items.slice(2)] })
    const arabic = (await get('/survey/preview?lang=ar')).html
    expect(arabic).toMatch(/<span lang="en" dir="ltr">\s*We know what the other team is measured on\.\s*<\/span>/)
    expect(arabic).toContain(messagesOf('ar').survey.untranslated)
    expect((await get('/survey/preview?lang=ms')).html).not.toContain(messagesOf('ms').survey.untranslated)
  })

  it('shows a draft before it is decided, and leaves the language of the other pages alone', async () => {
    const response = await fetchWorker(draft(standard.slice(2), { lang: 'th' }).replace('/survey?', '/survey/preview?'), { headers })
    const html = await response.text()
    expect(html.match(/<fieldset/g)).toHaveLength(16)
    expect(html).toContain(messagesOf('th').surveyPage.preview.draft('1'))
    expect(response.headers.get('set-cookie')).toBeNull()
  })
})

it('an own statement and an agreed answer are asked, answered and named in the result', async () => {
  await anOrganisation()
  const { id } = await addStatement(services(), statement)
  await changeSurvey(services(), 1, { items: [{ id }, ...defaultPlan.items.slice(2)] })
  await changeTerm(services(), 'sla', 0, { options: [{ texts: { en: 'In <b>the</b> CRM' } }, { id: 'none' }], official: 0 })
  const open = await openAnother()
  const survey = await (await fetchWorker(`/s/${open.round.id}?lang=ms`)).text()
  expect(survey).toContain('Kami tahu.')
  const { items } = JSON.parse((await env.DB.prepare('select frozen from rounds').first<string>('frozen')) ?? '') as {
    items: typeof open.items
  }
  for (const { url } of open.invitations) await answer(url, sameAnswers(items, 4))
  await closeNow(services(), open.round.id)
  const { text } = await get(`/rounds/${open.round.id}`)
  expect(text).toContain('We know what the other team is measured on.')
  expect(text).toContain(`12 In &lt;b&gt;the&lt;/b&gt; CRM ${messagesOf('en').roundsPage.official}`)
})

it('the page before an opening says what will be asked, and how many translations it lacks', async () => {
  await anOrganisation()
  const { id } = await addStatement(services(), statement)
  await changeSurvey(services(), 1, { items: [{ id }, ...defaultPlan.items.slice(2, 14)], definitions: 1, comment: false })
  const round = await createRound(services(), { period: '2026-11' })
  const { text, html } = await get(`/rounds/${round.id}`)
  expect(text).toContain('The questions: 13 statements, 1 case, what these mean here: Service level agreement.')
  expect(text).toContain(t.missing(2))
  expect(html).toContain('href="/survey/preview?lang=en"')
})

describe.each(locales)('every page of the survey in %s', (locale) => {
  it('has no gaps in its texts and no inline styles', async () => {
    const { id } = await addStatement(services(), statement)
    for (const path of [
      '/survey?',
      `${draft(standard.slice(1), { at: 'up.goals-2' })}&`,
      `${draft(standard.slice(1)).replace('/survey?', '/survey/review?')}&`,
      `${draft(['goals-1', 'own-nothing']).replace('/survey?', '/survey/review?')}&`,
      '/survey/statements/new?',
      `/survey/statements/${id}?`,
      '/survey/terms?',
      '/survey/terms/lead-score?',
    ]) {
      const { html, status } = await get(`${path}lang=${locale}`)
      expect([path, status]).toEqual([path, path.includes('own-nothing') ? 422 : 200])
      expect(html).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}"`)
      expect(html).not.toMatch(/ style=|undefined|\bNaN\b|\[object|=&gt;/)
    }
  })
})
