import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { FrozenRound } from '../../worker/core/round'
import { defaultPlan, type SurveyPlan } from '../../worker/core/survey-plan'
import { database } from '../../worker/db/client'
import { findRound } from '../../worker/db/rounds'
import { addStatement, changeStatement, putStatementAway, takeStatementBack } from '../../worker/services/own-statements'
import { createRound } from '../../worker/services/rounds'
import { changeSurvey, listSurveys, readSurvey } from '../../worker/services/survey'
import { changeTerm } from '../../worker/services/term-answers'
import { adminHeaders, fetchWorker, keyHeaders, origin, services } from './client'
import { anOrganisation, closeNow, openAnother } from './factories'

const db = () => database(env.DB)
const items = (...ids: string[]): SurveyPlan['items'] => ids.map((id) => ({ id }))
const eight = items('goals-1', 'goals-2', 'lead-quality-1', 'lead-quality-2', 'hand-off-1', 'hand-off-2', 'messaging-1', 'headline')
const errorsOf = async (action: Promise<unknown>) =>
  action.then(
    () => [],
    (error: { code: string; errors?: { pointer: string }[] }) => [error.code, ...(error.errors ?? []).map(({ pointer }) => pointer)],
  )
const frozenOf = async (id: string) => (await findRound(db(), id))?.frozen as FrozenRound
const idsOf = ({ items: asked }: Pick<FrozenRound, 'items'>) => asked.map(({ id }) => id)
const ours = { theme: 'goals', texts: { en: 'We know what the other team is measured on.' } } as const

describe('a decided survey', () => {
  it('is asked from the next round on, and the rounds before keep theirs', async () => {
    await anOrganisation()
    const first = await openAnother()
    await changeSurvey(services(), 1, { items: eight, definitions: 0, cases: 0, comment: false })
    expect(idsOf(await frozenOf(first.round.id))).toEqual(idsOf(first))
    await closeNow(services(), first.round.id)
    const second = await openAnother()
    const frozen = await frozenOf(second.round.id)
    expect([idsOf(frozen), frozen.comment]).toEqual([eight.map(({ id }) => id), false])
    expect((await frozenOf(first.round.id)).comment).toBe(true)
  })

  it('makes a version each time, and none where nothing changes', async () => {
    expect(await listSurveys(db())).toEqual([{ ...defaultPlan, since: null }])
    await changeSurvey(services(), 1, { comment: true, items: defaultPlan.items })
    await changeSurvey(services(new Date('2026-03-01T12:00:00Z')), 1, { items: eight, cases: 0 })
    await changeSurvey(services(new Date('2026-04-01T12:00:00Z')), 2, { comment: false })
    expect((await listSurveys(db())).map(({ version, since, comment }) => [version, since, comment])).toEqual([
      [3, '2026-04-01T12:00:00.000Z', false],
      [2, '2026-03-01T12:00:00.000Z', true],
      [1, null, true],
    ])
  })

  it('is not taken on a version that somebody else replaced, and of two at once one is', async () => {
    const both = await Promise.all([
      errorsOf(changeSurvey(services(), 1, { comment: false })),
      errorsOf(changeSurvey(services(), 1, { cases: 0 })),
    ])
    expect(both.toSorted()).toEqual([[], ['survey-overtaken']])
    expect(await errorsOf(changeSurvey(services(), 1, { items: eight }))).toEqual(['survey-overtaken'])
    expect((await readSurvey(db())).plan.version).toBe(2)
  })

  it.each([
    ['fewer than eight questions', { items: items('goals-1', 'headline'), definitions: 0, cases: 0 }, ['#/items']],
    ['a statement twice', { items: [...eight, { id: 'goals-1' }] }, ['#/items/8/id']],
    ['a statement that nobody knows', { items: [...eight.slice(1), { id: 'goals-9' }] }, ['#/items/7/id']],
    ['an own statement that is not there', { items: [...eight, { id: 'own-nothing' }] }, ['#/items/8/id']],
  ] as const)('is refused with %s', async (_, change, pointers) => {
    expect(await errorsOf(changeSurvey(services(), 1, change))).toEqual(['invalid-input', ...pointers])
    expect((await readSurvey(db())).plan).toEqual(defaultPlan)
  })

  it('is refused with more than eighteen questions', async () => {
    const one = await addStatement(services(), ours)
    expect(await errorsOf(changeSurvey(services(), 1, { items: [...defaultPlan.items, { id: one.id }] }))).toEqual([
      'invalid-input',
      '#/items',
    ])
  })
})

describe('a statement of the organisation’s own', () => {
  const asked = async () => {
    const one = await addStatement(services(), ours)
    await changeSurvey(services(), 1, { items: [{ id: one.id }, ...eight] })
    return one
  }

  it('is frozen with its words, whatever becomes of them', async () => {
    await anOrganisation()
    const one = await asked()
    const { round } = await openAnother()
    const item = { id: one.id, kind: 'agreement', theme: 'goals', texts: ours.texts }
    expect((await frozenOf(round.id)).items[0]).toEqual(item)
    await changeStatement(services(), one.id, 1, { theme: 'goals', texts: { en: 'Other words.' } })
    expect((await frozenOf(round.id)).items[0]).toEqual(item)
  })

  it('stays the one it was where only a translation is added', async () => {
    const one = await asked()
    const translated = await changeStatement(services(), one.id, 1, { theme: 'goals', texts: { ...ours.texts, ms: 'Kami tahu.' } })
    expect(translated).toMatchObject({ id: one.id, version: 2, missing: ['th', 'ar'] })
    expect((await readSurvey(db())).plan.version).toBe(2)
  })

  it.each([
    ['other words', { theme: 'goals', texts: { en: 'We know what the other team is paid for.' } }],
    ['another theme', { theme: 'metrics', texts: ours.texts }],
  ] as const)('becomes another one with %s, in the same place of the survey', async (_, change) => {
    const one = await asked()
    const next = await changeStatement(services(), one.id, 1, change)
    expect(next.id).not.toBe(one.id)
    const { plan, retired } = await readSurvey(db())
    expect([plan.version, plan.items[0]?.id, plan.items.length]).toEqual([3, next.id, 9])
    expect(retired.map(({ id }) => id)).toEqual([one.id])
  })

  it('is changed once by two at the same time', async () => {
    const one = await addStatement(services(), ours)
    const change = (words: string) => errorsOf(changeStatement(services(), one.id, 1, { theme: 'goals', texts: { en: words } }))
    expect((await Promise.all([change('One way.'), change('Another way.')])).toSorted()).toEqual([[], ['survey-overtaken']])
    expect((await readSurvey(db())).items).toHaveLength(1)
    const [left] = (await readSurvey(db())).items
    const translate = (ms: string) => changeStatement(services(), left?.id ?? '', 1, { theme: 'goals', texts: { ...left?.texts, ms } })
    await translate('Ya.')
    expect(await errorsOf(translate('Tidak.'))).toEqual(['survey-overtaken'])
  })

  it('is put away only while it is not asked, and comes back as what it was', async () => {
    const one = await asked()
    expect(await errorsOf(putStatementAway(services(), one.id))).toEqual(['item-asked'])
    await changeSurvey(services(), 2, { items: eight })
    await putStatementAway(services(), one.id)
    expect(await errorsOf(putStatementAway(services(), one.id))).toEqual(['not-found'])
    expect(await errorsOf(changeSurvey(services(), 3, { items: [{ id: one.id }, ...eight] }))).toEqual(['invalid-input', '#/items/0/id'])
    await takeStatementBack(services(), one.id)
    expect((await readSurvey(db())).items.map(({ id, texts }) => [id, texts])).toEqual([[one.id, ours.texts]])
  })

  it.each([
    ['no words', {}, ['#/texts/en']],
    ['none in the language of the organisation', { th: 'เราวางแผนด้วยกัน' }, ['#/texts/en']],
    ['nothing but space', { en: '  \n ' }, ['#/texts/en']],
    ['nothing to see', { en: '\u200b\u200d' }, ['#/texts/en']],
    ['161 characters', { en: 'x'.repeat(161) }, ['#/texts/en']],
    ['the words of the bank', { en: 'the two teams  plan the quarter together.' }, ['#/texts/en']],
    ['the words of another one', { en: 'Fine.', ar: 'نحن نعرف.' }, ['#/texts/ar']],
  ])('is refused with %s', async (_, texts, pointers) => {
    await addStatement(services(), { theme: 'goals', texts: { en: 'We know.', ar: 'نحن نعرف.' } })
    expect(await errorsOf(addStatement(services(), { theme: 'goals', texts }))).toEqual(['invalid-input', ...pointers])
  })

  it('is stored without control characters and without marks that turn its direction', async () => {
    const { texts } = await addStatement(services(), { theme: 'goals', texts: { en: 'We\u202e agree\u0007.\n', ar: '\u2067نتفق\u2069' } })
    expect(texts).toEqual({ en: 'We agree.', ar: 'نتفق' })
  })

  it('fits with 160 characters', async () => {
    expect((await addStatement(services(), { theme: 'goals', texts: { en: 'x'.repeat(160) } })).version).toBe(1)
  })
})

describe('the answers of a term', () => {
  const termOf = async (name: string) => (await readSurvey(db())).terms.find(({ term }) => term === name)
  const own = { texts: { en: 'In the CRM' } }

  it('are the bank’s until something is decided, with the agreed one among them', async () => {
    await changeTerm(services(), 'sla', 0, { options: null, official: 'with-numbers' })
    expect(await termOf('sla')).toMatchObject({ version: 1, options: null, official: 'with-numbers', missing: [] })
  })

  it('are frozen with the round, own words and agreed one too', async () => {
    await anOrganisation()
    const { options } = await changeTerm(services(), 'sla', 0, { options: [{ id: 'spoken' }, own], official: 1 })
    const id = options?.[1]?.id as string
    const { round } = await openAnother()
    const item = (await frozenOf(round.id)).items.find((one) => one.kind === 'definition' && one.term === 'sla')
    expect(item).toMatchObject({ options: ['spoken', id, 'unsure'], optionTexts: { [id]: own.texts }, official: id })
  })

  it('keep their ids: one that was taken out comes back, other words are another one, a translation is not', async () => {
    const { options } = await changeTerm(services(), 'sla', 0, { options: [{ id: 'spoken' }, own], official: null })
    const id = options?.[1]?.id as string
    const gone = await changeTerm(services(), 'sla', 1, { options: [{ id: 'spoken' }, { id: 'none' }], official: null })
    expect(gone.former.map((one) => one.id)).toEqual([id])
    const back = await changeTerm(services(), 'sla', 2, { options: [{ id: 'spoken' }, { id }], official: null })
    expect([back.options?.[1], back.former]).toEqual([{ id, ...own }, []])
    const typedAgain = await changeTerm(services(), 'sla', 3, {
      options: [{ id: 'spoken' }, { id, texts: { ...own.texts, ms: 'Dalam CRM' } }],
      official: null,
    })
    expect(typedAgain.options?.[1]?.id).toBe(id)
    const other = await changeTerm(services(), 'sla', 4, {
      options: [{ id: 'spoken' }, { id, texts: { en: 'In the contract' } }],
      official: null,
    })
    expect(other.options?.[1]?.id).not.toBe(id)
    expect(other.former.map((one) => one.id)).toEqual([id])
    const same = await changeTerm(services(), 'sla', 5, {
      options: [{ id: 'spoken' }, { texts: { ...own.texts, ms: 'Dalam CRM' } }],
      official: null,
    })
    expect(same.options?.[1]?.id).toBe(id)
  })

  it.each([
    ['one answer', { options: [{ id: 'spoken' }], official: null }, ['#/options']],
    ['eight answers', { options: Array.from({ length: 8 }, (_, n) => ({ texts: { en: `Answer ${n}` } })), official: null }, ['#/options']],
    ['an answer twice', { options: [{ id: 'spoken' }, { id: 'none' }, { id: 'spoken' }], official: null }, ['#/options/2']],
    [
      'the same words twice',
      { options: [own, { id: 'none' }, { texts: { en: 'in the  CRM' } }], official: null },
      ['#/options/2/texts/en'],
    ],
    ['words of ours', { options: [{ texts: { en: 'Nothing is agreed' } }, { id: 'none' }], official: null }, ['#/options/0/texts/en']],
    [
      '“not sure” in other hands',
      { options: [{ texts: { en: 'I’m not sure' } }, { id: 'none' }], official: null },
      ['#/options/0/texts/en'],
    ],
    ['“not sure” by its id', { options: [{ id: 'unsure' }, { id: 'none' }], official: null }, ['#/options/0/id', '#/options/0/texts/en']],
    ['an id that it never had', { options: [{ id: 'own-x', texts: own.texts }, { id: 'none' }], official: null }, ['#/options/0/id']],
    ['no words', { options: [{ texts: {} }, { id: 'none' }], official: null }, ['#/options/0/texts/en']],
    ['101 characters', { options: [{ texts: { en: 'x'.repeat(101) } }, { id: 'none' }], official: null }, ['#/options/0/texts/en']],
    ['an agreed one that is not asked', { options: [{ id: 'spoken' }, { id: 'none' }], official: 'with-numbers' }, ['#/official']],
    ['an agreed one beyond the last', { options: [{ id: 'spoken' }, { id: 'none' }], official: 2 }, ['#/official']],
  ])('are refused with %s', async (_, input, pointers) => {
    expect(await errorsOf(changeTerm(services(), 'sla', 0, input))).toEqual(['invalid-input', ...pointers])
    expect((await termOf('sla'))?.version).toBe(0)
  })

  it('are not taken on a version that somebody else replaced', async () => {
    await changeTerm(services(), 'sla', 0, { options: null, official: 'spoken' })
    expect(await errorsOf(changeTerm(services(), 'sla', 0, { options: null, official: 'none' }))).toEqual(['survey-overtaken'])
    const both = await Promise.all(
      ['none', 'spoken'].map((official) => errorsOf(changeTerm(services(), 'sla', 1, { options: null, official }))),
    )
    expect(both.toSorted()).toEqual([[], ['survey-overtaken']])
  })
})

describe('the API of the survey', () => {
  let headers: Record<string, string>
  beforeEach(async () => {
    headers = { ...(await adminHeaders()), Origin: origin, 'Content-Type': 'application/json' }
  })
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetchWorker(`/api/v1/survey${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: response.status === 204 ? {} : await response.json<Record<string, unknown>>() }
  }

  it('says what the next round asks, how long it takes, and which translations are missing', async () => {
    const made = await send('POST', '/statements', ours)
    expect(made).toMatchObject({ status: 201, body: { version: 1, missing: ['th', 'ms', 'ar'] } })
    const id = made.body.id as string
    expect(await send('PATCH', '', { version: 1, items: [{ id, optional: true }, ...eight], definitions: 1, cases: 0 })).toMatchObject({
      status: 200,
      body: { version: 2, definitions: 1, comment: true },
    })
    const { body } = await send('GET', '')
    expect(body).toMatchObject({
      version: 2,
      items: [{ id, optional: true }, ...eight],
      missing: ['th', 'ms', 'ar'].map((language) => ({ itemId: id, option: null, language })),
      next: { number: 1, seconds: expect.any(Number) },
    })
    expect((body.next as { items: unknown[] }).items).toHaveLength(10)
  })

  it('answers 409 where it was overtaken, and names the fields that are wrong', async () => {
    await send('PATCH', '', { version: 1, comment: false })
    expect(await send('PATCH', '', { version: 1, comment: true })).toMatchObject({
      status: 409,
      body: { type: '/problems/survey-overtaken' },
    })
    for (const [body, ...pointers] of [
      [{ comment: false }, '#/version'],
      [{ version: 2, items: [{ id: 'goals-1', required: true }] }, '#/items/0/required'],
      [{ version: 2, definitions: 3, cases: 'none' }, '#/definitions', '#/cases'],
      [{ version: 2, items: eight.slice(0, 2), definitions: 0, cases: 0 }, '#/items'],
    ] as const) {
      const { status, body: problem } = await send('PATCH', '', body)
      expect([status, (problem.errors as { pointer: string }[]).map(({ pointer }) => pointer)]).toEqual([422, pointers])
    }
  })

  it('writes, puts away and takes back statements, and decides answers', async () => {
    const { body } = await send('POST', '/statements', ours)
    const path = `/statements/${body.id}`
    expect((await send('PATCH', path, { version: 1, theme: 'goals', texts: { ...ours.texts, th: 'เรารู้' } })).body).toMatchObject({
      id: body.id,
      version: 2,
    })
    expect((await send('DELETE', path)).status).toBe(204)
    expect((await send('POST', `${path}/restoration`)).status).toBe(204)
    expect((await send('GET', '/statements')).body.items).toMatchObject([{ id: body.id, putAway: false }])
    expect((await send('PUT', '/terms/icp', { version: 0, options: null, official: 'problem' })).status).toBe(200)
    const { body: all } = await send('GET', '/terms')
    expect(
      (all.items as { term: string; official: string | null }[]).flatMap(({ term, official }) => (official ? [[term, official]] : [])),
    ).toEqual([['icp', 'problem']])
    expect((await send('PUT', '/terms/price', { version: 0, options: null, official: null })).status).toBe(422)
    expect((await send('POST', '/statements', { theme: 'goals', texts: { fr: 'Oui' } })).status).toBe(422)
  })

  it('tells readers what the ids of a result stand for, in every language that has the words', async () => {
    await anOrganisation()
    const { id } = await addStatement(services(), { theme: 'goals', texts: { ...ours.texts, ms: 'Kami tahu.' } })
    await changeSurvey(services(), 1, { items: [{ id }, ...eight] })
    const { options } = await changeTerm(services(), 'sla', 0, {
      options: [{ id: 'spoken' }, { texts: { en: 'In the CRM' } }],
      official: null,
    })
    const own = options?.[1]?.id as string
    const { round } = await openAnother()
    const response = await fetchWorker(`/api/v1/rounds/${round.id}/questions`, { headers: await keyHeaders('reader') })
    const { items } = await response.json<{
      items: { id: string; texts: object; optionTexts?: Record<string, Record<string, string>> }[]
    }>()
    expect(items[0]).toMatchObject({ id, kind: 'agreement', texts: { ...ours.texts, ms: 'Kami tahu.' } })
    expect(Object.keys(items[1]?.texts ?? {})).toEqual(['en', 'th', 'ms', 'ar'])
    const sla = items.find((item) => item.id === 'definition-sla')
    expect(sla?.optionTexts?.[own]).toEqual({ en: 'In the CRM' })
    expect(sla?.optionTexts?.unsure?.en).toBe('I’m not sure')
    const { id: next } = await createRound(services(), { period: '2026-12' })
    expect((await fetchWorker(`/api/v1/rounds/${next}/questions`, { headers })).status).toBe(409)
    expect((await fetchWorker('/api/v1/rounds/none/questions', { headers })).status).toBe(404)
  })
})
