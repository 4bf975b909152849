import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { parseTable } from '../../worker/core/csv'
import type { Figure, Hidden, Interval, NodeResult, PublicResult, TermAgreement, VignetteAgreement } from '../../worker/core/result'
import { isUnshown } from '../../worker/core/round-change'
import { caseBank } from '../../worker/core/survey-bank'
import { people, teams } from '../../worker/db/schema'
import { messagesOf } from '../../worker/i18n'
import { formatOf } from '../../worker/i18n/format'
import { closeRound } from '../../worker/services/closing'
import { newId } from '../../worker/services/context'
import type { Finding } from '../../worker/services/findings'
import { type Participation, participation } from '../../worker/services/participation'
import type { RoundChanges, Stories } from '../../worker/services/results'
import { createRound } from '../../worker/services/rounds'
import { changeSurvey } from '../../worker/services/survey'
import { changeTerm } from '../../worker/services/term-answers'
import { adminHeaders, fetchWorker, keyHeaders, services } from './client'
import { anOpenRound, anOrganisation, answer, type OpenRound, openAnother, sameAnswers, type TeamSpec } from './factories'

const t = messagesOf('en')
const f = formatOf('en', 'UTC')

/** What everybody in a team answers: an agreement each, in the order of its people. */
type Script = Record<string, { agreements: readonly number[]; comments?: readonly string[] }>

async function answerAs({ invitations, items }: OpenRound, script: Script): Promise<void> {
  for (const [team, { agreements, comments = [] }] of Object.entries(script)) {
    const links = invitations.filter(({ email }) => email.replace(/\d.*/, '') === team)
    for (const [index, agreement] of agreements.entries()) {
      await answer(links[index]?.url ?? '', sameAnswers(items, agreement, (index + 3) % 11, index % 3), comments[index] ?? null)
    }
  }
}

interface Seen {
  page: string
  result: PublicResult
  csv: string
  changes: RoundChanges
}

/** A closed round as each of its readers gets it. */
async function see(id: string): Promise<Seen> {
  const headers = await adminHeaders()
  const get = async (path: string) => {
    const response = await fetchWorker(path, { headers })
    expect([path, response.status]).toEqual([path, 200])
    return response.text()
  }
  return {
    page: await get(`/rounds/${id}?lang=en&team=all`),
    result: JSON.parse(await get(`/api/v1/rounds/${id}/result`)) as PublicResult,
    csv: await get(`/api/v1/rounds/${id}/result.csv`),
    changes: JSON.parse(await get(`/api/v1/rounds/${id}/changes`)) as RoundChanges,
  }
}

// ── Every number of each, by what it measures ───────────────────────────────────────────────────────────────────────

type Numbers = Record<string, number[]>

/** As many digits as the page shows. */
const said = (text: string) =>
  [...text.matchAll(/[−+-]?\d[\d,]*(?:\.\d+)?/g)].map(([number]) => Number(number.replace('−', '-').replace(/[+,]/g, '')))
const whole = (value: number | null | undefined) => (value == null ? [] : said(f.number(value)))
const tenths = (value: number | null | undefined) => (value == null ? [] : said(f.number(value, 1)))
const hundredths = (value: number | null | undefined) => (value == null ? [] : said(f.number(value, 2)))
const percent = (share: number | null | undefined) => (share == null ? [] : said(f.percent(share)))
/** Less than a tenth of a percent is said to be less. */
const chance = (p: number) => said(f.percent(Math.max(p, 0.001), 1))
const ends = (interval: Interval | null, digits: typeof whole = whole) => [...digits(interval?.low), ...digits(interval?.high)]

function ofFigure(figure: Figure | Hidden): number[] {
  if ('hidden' in figure) return []
  const { n, value, interval, ifAllAnswered, classes, within } = figure
  return [n, ...whole(value), ...ends(interval), ...ends(ifAllAnswered), ...ofClasses(classes), ...hundredths(within?.averageDeviation)]
}
const ofClasses = (classes: Figure['classes']) => (classes ? [classes.promoters, classes.passives, classes.critics] : [])

function numbersOfResult(result: PublicResult): Numbers {
  const numbers: Numbers = { round: [...(result.n === null ? [] : [result.n, result.invited]), result.minimumGroupSize] }
  for (const node of result.nodes) {
    if ('hidden' in node) continue
    numbers[`${node.name}: group`] = [node.n, node.invited]
    if (node.classes) numbers[`${node.name}: ${t.roundsPage.allStatements}`] = ofClasses(node.classes)
    numbers[`${node.name}: ${t.roundsPage.overall}`] = ofFigure(node.headline)
    for (const [key, figure] of [...Object.entries(node.themes), ...Object.entries(node.items)]) {
      numbers[`${node.name}: ${nameOf(key)}`] = ofFigure(figure)
    }
    for (const [key, figure] of Object.entries(node.definitions)) {
      const options = 'hidden' in figure ? [] : Object.values(figure.options ?? {}).filter((count) => count > 0)
      numbers[`${node.name}: ${nameOf(key)}`] = 'hidden' in figure ? [] : [figure.n, ...options]
    }
  }
  for (const gap of [...result.gaps, ...(result.statements ?? [])]) {
    numbers[`sides: ${nameOf('theme' in gap ? gap.theme : gap.itemId)}`] = [
      ...whole(gap.sales),
      ...whole(gap.marketing),
      ...tenths(gap.gap),
      ...ends(gap.interval, tenths),
      ...said(f.number(gap.distance, 2)),
      ...chance(gap.p),
    ]
  }
  for (const term of result.terms) numbers[`sides: ${t.terms[term.term]}`] = [...ofTerm(term), ...ofWritten(term)]
  for (const story of result.vignettes ?? []) numbers[`sides: ${nameOf(story.itemId)}`] = ofTerm(story)
  for (const number of result.numbers ?? []) {
    const { itemId, unit, medianSales, medianMarketing, distance } = number
    numbers[`sides: ${nameOf(itemId)} (${t.vignettes.units[unit]})`] = [
      ...ofTerm(number),
      ...[medianSales, medianMarketing, distance].flatMap(whole),
    ]
  }
  return numbers
}

const ofTerm = ({ between, interval, withinSales, withinMarketing, divide, divideInterval, nSales, nMarketing }: VignetteAgreement) => [
  ...percent(between),
  ...ends(interval, percent),
  ...[withinSales, withinMarketing, divide].flatMap(percent),
  ...ends(divideInterval ?? null, percent),
  nSales,
  nMarketing,
]

const ofWritten = ({ written }: TermAgreement) =>
  [written?.sales, written?.marketing].flatMap((side) => (side ? [...percent(side.share), ...ends(side.interval, percent)] : []))

function nameOf(key: string): string {
  const item = (t.items as Record<string, unknown>)[key]
  if (typeof item === 'string') return item
  return t.themes[key as keyof typeof t.themes] ?? t.terms[key.replace('definition-', '') as keyof typeof t.terms]
}

/** The same shape out of the table: each row back into what it was made of. */
function numbersOfCsv(csv: string): Numbers {
  const { header, rows } = parseTable(csv)
  const numbers: Numbers = { round: [] }
  for (const { cells } of rows) {
    const row = Object.fromEntries(header.map((name, index) => [name, cells[index] ?? '']))
    const cell = (name: string) => (row[name] ? Number(row[name]) : null)
    const all = (names: string[], digits: typeof whole) => names.flatMap((name) => digits(cell(name)))
    const figure = () => [
      ...all(['n', 'value', 'low', 'high', 'if_all_low', 'if_all_high', 'promoters', 'passives', 'critics'], whole),
      ...all(['average_deviation'], hundredths),
    ]
    const { kind = '', group = '', key = '' } = row
    if (kind === 'round' && key === 'participation' && row.n) numbers.round?.push(...all(['n', 'invited'], whole))
    if (kind === 'round' && key === 'minimum-group-size') numbers.round?.push(...whole(cell('value')))
    if (kind === 'group' && !row.hidden) {
      numbers[`${group}: group`] = all(['n', 'invited'], whole)
      if (row.promoters) numbers[`${group}: ${t.roundsPage.allStatements}`] = all(['promoters', 'passives', 'critics'], whole)
    }
    if (kind === 'headline') numbers[`${group}: ${t.roundsPage.overall}`] = figure()
    if (['theme', 'item', 'definition'].includes(kind)) numbers[`${group}: ${nameOf(key)}`] = figure()
    if (kind === 'option' && row.count !== '0') numbers[`${group}: ${nameOf(key)}`]?.push(Number(row.count))
    if (kind === 'gap' || kind === 'statement-gap') {
      const ratios = [...said(f.number(cell('distance') ?? 0, 2)), ...chance(cell('p') ?? 0)]
      numbers[`sides: ${nameOf(key)}`] = [...all(['sales', 'marketing'], whole), ...all(['value', 'low', 'high'], tenths), ...ratios]
    }
    if (kind === 'term' || kind === 'vignette' || kind === 'number') {
      const shares = all(['value', 'low', 'high', 'within_sales', 'within_marketing', 'divide', 'divide_low', 'divide_high'], percent)
      const written = ['written_sales', 'written_sales_low', 'written_sales_high'].flatMap((name) => [
        name,
        name.replace('sales', 'marketing'),
      ])
      const unit = row.unit ? ` (${t.vignettes.units[row.unit as keyof typeof t.vignettes.units]})` : ''
      const medians = row.unit ? all(['median_sales', 'median_marketing', 'distance'], whole) : []
      const name = kind === 'term' ? nameOf(`definition-${key}`) : `${nameOf(key)}${unit}`
      numbers[`sides: ${name}`] = [...shares, ...all(['n_sales', 'n_marketing'], whole), ...all(written, percent), ...medians]
    }
  }
  return numbers
}

const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replace(/\s+/g, ' ')
    .trim()

/** Every section of the page by its anchor. */
function sectionsOf(page: string): Map<string, string> {
  const sections = page.split(/<section class="sec/).slice(1)
  return new Map(sections.map((section) => [/^[^>]* id="(\w+)"/.exec(section)?.[1] ?? '', section]))
}

/** The tables of each group that is shown, by its name; and below them what changed in it. */
function groupsOf(page: string): { name: string; figures: string; since: string }[] {
  const articles = (sectionsOf(page).get('groups') ?? '').split('<article').slice(1)
  return articles.map((article) => {
    const [figures = '', since = ''] = article.split('<div class="since">')
    return {
      name: textOf(/<bdi>(.*?)<\/bdi>/s.exec(article)?.[1] ?? ''),
      figures,
      since: since.split('<div class="hidden-groups">')[0] ?? '',
    }
  })
}

/** Rows of every table in some HTML: the name, and the rest as text. A reason why something is hidden is no number. */
const rowsOf = (html: string) =>
  [...html.matchAll(/<tr>\s*<th scope="row"[^>]*>(.*?)<\/th>(.*?)<\/tr>/gs)].map(
    ([, name = '', cells = '']) =>
      [textOf(name), textOf(cells.replace(/<td class="hatch".*?<\/td>|<span class="band">.*?<\/span>/gs, ''))] as const,
  )

function numbersOfPage(page: string): Numbers {
  const sections = sectionsOf(page)
  const counted = /(\d+) of (\d+) people answered/.exec(page)?.slice(1).map(Number) ?? []
  const minimum = rowsOf(sections.get('made') ?? '').flatMap(([name, text]) => (name === t.roundsPage.facts.minimum ? said(text) : []))
  const numbers: Numbers = { round: [...counted, ...minimum] }
  for (const { name, figures } of groupsOf(page)) {
    numbers[`${name}: group`] = said(textOf(/<p class="note">(.*?)<\/p>/s.exec(figures)?.[1] ?? ''))
    for (const [row, cells] of rowsOf(figures)) {
      const options = cells.replace(t.roundsPage.optionsFrom('10'), '').replace(/(\d+) [^\d]*/g, '$1 ')
      const isAboutTerm = [...Object.values<string>(t.terms), ...caseBank.map(({ id }) => nameOf(id))].includes(row)
      numbers[`${name}: ${row}`] = said(isAboutTerm ? options : cells)
    }
  }
  for (const section of ['themes', 'terms', 'stories'].map((id) => sections.get(id))) {
    // What each side chose stands with the group, too.
    const compared = (section ?? '').replace(/<ul>.*?<\/ul>|<tr>(?:(?!<\/tr>).)*class="hatch".*?<\/tr>/gs, '')
    for (const [row, cells] of rowsOf(compared)) numbers[`sides: ${row}`] = said(cells)
  }
  return numbers
}

/** As the page says it everywhere: of the two figures in tenths, which the explorer prints. */
const moved = ({ from, to }: { from: number; to: number }) => tenths((Math.round(to * 10) - Math.round(from * 10)) / 10)

function numbersOfChanges({ nodes }: RoundChanges): Numbers {
  const numbers: Numbers = {}
  for (const node of nodes) {
    if (isUnshown(node)) continue
    const measures = [['headline', node.headline] as const, ...Object.entries(node.themes), ...Object.entries(node.items)]
    for (const [key, change] of measures) {
      const name = key === 'headline' ? t.roundsPage.overall : nameOf(key)
      numbers[`${node.name}: ${name}`] = isUnshown(change)
        ? []
        : [...whole(change.from), ...whole(change.to), ...moved(change), ...ends(change.interval, tenths), ...chance(change.p)]
    }
  }
  return numbers
}

function changesOfPage(page: string): Numbers {
  const numbers: Numbers = {}
  for (const { name, since } of groupsOf(page)) for (const [row, cells] of rowsOf(since)) numbers[`${name}: ${row}`] = said(cells)
  return numbers
}

/** Numbers of one measure as a set: in which order they stand is each reader's own. */
const asSets = (numbers: Numbers) =>
  Object.fromEntries(Object.entries(numbers).map(([key, list]) => [key, [...list].sort((a, b) => a - b)]))

function expectTheSame({ page, result, csv, changes }: Seen): void {
  const told = asSets(numbersOfResult(result))
  expect(asSets(numbersOfPage(page))).toEqual(told)
  expect(asSets(numbersOfCsv(csv))).toEqual(told)
  expect(asSets(changesOfPage(page))).toEqual(asSets(numbersOfChanges(changes)))
}

/** Of a hidden group: its name and why, and nothing else anywhere. */
function expectNothingOf(name: string, { page, result, csv }: Seen): void {
  const node = result.nodes.find((one) => one.name === name) as NodeResult
  expect(Object.keys(node).sort()).toEqual(['hidden', 'id', 'name', 'parentId', 'side'])
  const { header, rows } = parseTable(csv)
  const about = rows.filter(({ cells }) => cells[header.indexOf('group')] === name)
  expect(about.map(({ cells }) => cells.filter((cell) => cell !== ''))).toEqual([
    ['group', node.id, name, node.side, 'hidden' in node ? node.hidden : ''],
  ])
  expect(groupsOf(page).map((group) => group.name)).not.toContain(name)
  const why = t.roundsPage.hidden['hidden' in node ? node.hidden : 'too-few']('5')
  const lines = [...page.matchAll(/<li>(.*?)<\/li>/gs)].map(([, line = '']) => textOf(line))
  const said = lines
    .find((line) => line.startsWith(`${why}: `))
    ?.slice(why.length + 2)
    .split(' · ')
  expect(said).toContain(name)
}

const hiddenIn = ({ nodes }: PublicResult) => nodes.filter((node) => 'hidden' in node).map(({ name }) => name)

/** Groups of which a count was shown while the round was open, with their counts. */
const counted = (shown: readonly Participation[]) =>
  Object.fromEntries(shown.flatMap(({ nodeId, answered }) => (answered ? [[nodeId, answered]] : [])))
const published = ({ nodes }: PublicResult) => Object.fromEntries(nodes.flatMap((node) => ('hidden' in node ? [] : [[node.id, node.n]])))

// ── What is shown ───────────────────────────────────────────────────────────────────────────────────────────────────

describe('page, API and table of a closed round', () => {
  it('say the same of 9 people in two teams: the company, and nothing of 6 and 3', async () => {
    const round = await anOpenRound([
      { name: 'Sales', side: 'sales', people: 6 },
      { name: 'Marketing', side: 'marketing', people: 3 },
    ])
    expect(new Set(round.invitations.map(({ group }) => group))).toEqual(new Set(['Acme']))
    await answerAs(round, { sales: { agreements: [5, 5, 4, 3, 2, 1], comments: ['Only here.'] }, marketing: { agreements: [1, 2, 3] } })
    const before = await participation(services().db, round.round.id)
    expect(before).toEqual([{ nodeId: 'company', parentId: null, group: 'Acme', side: 'other', invited: 9, answered: 9 }])
    await closeRound(services(), round.round.id)
    const seen = await see(round.round.id)
    expectTheSame(seen)
    expect(seen.result.nodes.map(({ id }) => id)).toEqual(['company'])
    expect([seen.result.gaps, seen.result.terms, seen.result.comments]).toEqual([[], [], []])
    for (const text of [seen.page, seen.csv, JSON.stringify(seen.result)]) expect(text).not.toContain('Only here.')
    expect(seen.changes).toEqual({ roundId: round.round.id, since: null, nodes: [] })
    expect(seen.page).not.toContain('What changed since')
  })

  it('say the same of a side that answered too little, and nothing of it', async () => {
    const round = await anOpenRound([
      { name: 'Field', side: 'sales', people: 7 },
      { name: 'Brand', side: 'marketing', people: 7 },
    ])
    await answerAs(round, { field: { agreements: [5, 5, 4, 3, 2, 1] }, brand: { agreements: [1, 2, 3] } })
    const before = await participation(services().db, round.round.id)
    expect(before.map(({ group, answered }) => [group, answered])).toEqual([
      ['Acme', 9],
      ['Field', null],
      ['Brand', null],
    ])
    await closeRound(services(), round.round.id)
    const seen = await see(round.round.id)
    expectTheSame(seen)
    expect(hiddenIn(seen.result)).toEqual(['Field', 'Brand'])
    for (const name of hiddenIn(seen.result)) expectNothingOf(name, seen)
    expect(counted(before)).toEqual(published(seen.result))
    expect(seen.page).toContain(t.overview.sides.missing)
  })

  it('say the same where the company gives way to its two sides', async () => {
    const round = await anOpenRound([
      { name: 'Field', side: 'sales', people: 6 },
      { name: 'Brand', side: 'marketing', people: 6 },
      { name: 'Office', side: 'other', people: 5 },
    ])
    await answerAs(round, {
      field: { agreements: [5, 5, 4, 3, 2, 1] },
      brand: { agreements: [1, 2, 3, 3, 4, 4], comments: ['One.', 'Two.', 'Three.'] },
      office: { agreements: [3, 3] },
    })
    const before = await participation(services().db, round.round.id)
    const headers = await adminHeaders()
    const view = await (await fetchWorker(`/api/v1/rounds/${round.round.id}`, { headers })).json<{ answered: number | null }>()
    expect(view.answered).toBeNull()
    await closeRound(services(), round.round.id)
    const seen = await see(round.round.id)
    expectTheSame(seen)
    expect(hiddenIn(seen.result)).toEqual(['Acme', 'Office'])
    for (const name of hiddenIn(seen.result)) expectNothingOf(name, seen)
    expect([seen.result.n, seen.result.comments]).toEqual([null, []])
    expect(counted(before)).toEqual(published(seen.result))
    expect(seen.page).toContain('The figures of everybody together are hidden')
    // Without a choice, the first group that is shown.
    const asItComes = await (await fetchWorker(`/rounds/${round.round.id}?lang=en`, { headers })).text()
    expect(groupsOf(asItComes).map(({ name }) => name)).toEqual(['Field'])
  })

  it('say the same of a round with every story and number, and how alike they were judged', { timeout: 120_000 }, async () => {
    await anOrganisation([
      { name: 'Field', side: 'sales', people: 11 },
      { name: 'Brand', side: 'marketing', people: 10 },
    ])
    await changeSurvey(services(), 1, { cases: 'all' })
    await changeTerm(services(), 'sla', 0, { options: null, official: 'with-numbers' })
    const round = await openAnother()
    for (const [index, { email, url }] of round.invitations.entries()) {
      const isSales = email.startsWith('field')
      const answers = round.items.map((item, place) => {
        if (item.kind === 'number') return isSales ? 2 + (index % 3) : 20 + (index % 5)
        if (item.kind === 'vignette') return place % 3 === 0 ? Number(isSales) : place % 2
        return item.kind === 'definition' ? index % 2 : 4
      })
      await answer(url, answers)
    }
    await closeRound(services(), round.round.id)
    const seen = await see(round.round.id)
    expectTheSame(seen)
    const { vignettes = [], numbers = [], terms } = seen.result
    expect([vignettes.length, numbers.length]).toEqual([28, 3])
    expect(numbers.find(({ itemId }) => itemId === 'number-attempts')).toMatchObject({ medianSales: 3, medianMarketing: 22 })
    expect(terms.find(({ term }) => term === 'sla')?.written).toMatchObject({ option: 'with-numbers', sales: { share: 6 / 11 } })

    const { stories } = seen.result as PublicResult & { stories: Stories }
    expect(stories.round).toMatchObject({ stories: 20, missing: null })
    expect(stories.standing).toEqual(stories.round)
    expect(seen.page).toContain(t.vignettes.alike.said(f.percent(stories.round.pooled ?? Number.NaN)))
    const { header, rows } = parseTable(seen.csv)
    const told = rows.find(({ cells }) => cells[0] === 'stories')?.cells ?? []
    expect([told[header.indexOf('count')], Number(told[header.indexOf('value')])]).toEqual(['20', stories.round.pooled])
    // The furthest apart gives the section its title, and the API a finding.
    const { findings } = seen.result as PublicResult & { findings: Finding[] }
    const divides = findings.find(({ about }) => about === 'cases')
    expect(textOf(/<h2>(Sales and marketing judge.*?)<\/h2>/s.exec(seen.page)?.[1] ?? '')).toBe(divides?.text)
  })

  it('say the same of a unanimous team, a comment in a team of 8, and a joiner', { timeout: 120_000 }, async () => {
    const specs: TeamSpec[] = [
      { name: 'Field', side: 'sales', people: 6, parent: 'Sales' },
      { name: 'Desk', side: 'sales', people: 12, parent: 'Sales' },
      { name: 'Brand', side: 'marketing', people: 8 },
    ]
    await anOrganisation([{ name: 'Sales', side: 'sales', people: 0 }, ...specs])
    const first = await openAnother()
    await answerAs(first, {
      field: { agreements: [5, 5, 5, 5, 4, 4] },
      desk: { agreements: [1, 1, 1, 2, 2, 3, 2, 1, 1, 2, 3, 1] },
      brand: { agreements: [5, 4, 3, 3, 2, 1, 3, 4], comments: ['The one comment of the eight.'] },
    })
    const before = await participation(services().db, first.round.id)
    await closeRound(services(), first.round.id)
    const one = await see(first.round.id)
    expectTheSame(one)
    expect(counted(before)).toEqual(published(one.result))

    const field = one.result.nodes.find(({ name }) => name === 'Field') as Extract<NodeResult, { n: number }>
    expect(field.themes.goals).toMatchObject({ n: 6, value: null, interval: null, classes: null, band: 'very-high' })
    expect(numbersOfPage(one.page)['Field: Shared goals']).toEqual([6])
    // Sales − Desk would be Field, who all say the same.
    expect(one.result.nodes.find(({ name }) => name === 'Desk')).toMatchObject({ themes: { goals: { hidden: 'protects-smaller' } } })
    const { header, rows } = parseTable(one.csv)
    const bands = rows.filter(({ cells }) => cells[header.indexOf('group')] === 'Field' && cells[0] === 'item')
    expect(bands).toHaveLength(14)
    for (const { cells } of bands) expect(cells.filter((cell) => cell !== '').slice(-2)).toEqual(['6', 'very-high'])

    for (const text of [one.page, one.csv, JSON.stringify(one.result)]) expect(text).not.toContain('comment of the eight')
    expect(textOf(sectionsOf(one.page).get('comments') ?? '')).toContain(t.roundsPage.commentsNone)
    expect(rows.some(({ cells }) => cells[0] === 'comment')).toBe(false)

    const { db } = services()
    await db.insert(people).values({ id: newId(services()), email: 'brand9@acme.example', name: 'Brand 9', locale: 'en', teamId: 'brand' })
    const second = await openAnother()
    await answerAs(second, {
      field: { agreements: [5, 3, 1, 5, 4, 2] },
      desk: { agreements: [5, 5, 5, 4, 4, 4, 5, 5, 4, 5, 5, 4] },
      brand: { agreements: [5, 4, 3, 3, 2, 1, 3, 4, 4], comments: ['First.', 'Second.', 'Third.'] },
    })
    await closeRound(services(), second.round.id)
    const two = await see(second.round.id)
    expectTheSame(two)

    expect([...two.result.comments].sort()).toEqual(['First.', 'Second.', 'Third.'])
    const comments = textOf(sectionsOf(two.page).get('comments') ?? '')
    const csv = parseTable(two.csv)
    const table = csv.rows.filter(({ cells }) => cells[0] === 'comment').map(({ cells }) => cells.filter((cell) => cell !== ''))
    expect(table).toEqual(two.result.comments.map((text) => ['comment', text]))
    expect(comments).toContain(two.result.comments.join(' '))

    expect(two.changes.since).toEqual({ roundId: first.round.id, number: 1, period: '2026-11' })
    const change = (name: string) => two.changes.nodes.find((node) => node.name === name)
    expect(change('Brand')).toMatchObject({ hidden: 'membership' })
    expect(change('Acme')).toMatchObject({ population: 'few', moved: null })
    expect(change('Sales')).toMatchObject({ population: 'same', themes: { goals: { verdict: 'signal' } } })
    for (const name of ['Field', 'Desk']) {
      expect(change(name)).toMatchObject({ population: 'same', themes: { goals: { hidden: 'not-published' } } })
    }
    const changes = sectionsOf(two.page).get('changes') ?? ''
    expect(textOf(changes)).toContain('What changed since round 1, November 2026')
    expect(textOf(changes)).toContain(`${t.roundsPage.changes.hidden.membership} Brand`)
    expect(groupsOf(two.page).find(({ name }) => name === 'Acme')?.since).toContain(t.roundsPage.changes.few)
    expect(textOf(changes)).not.toMatch(/no change(?! can be detected)/i)
    // Signals and nothing else, the largest first.
    const signals = changes.split('<tr>').slice(2).map(textOf)
    expect(signals.length).toBeGreaterThan(0)
    for (const row of signals) expect(row).toMatch(/Signal( |$)/)
    expect(JSON.stringify(two.changes)).not.toMatch(/joined|left|personId/)
  })
})

describe('what joins and leaves between two rounds', () => {
  const stored = async (id: string) =>
    JSON.parse((await env.DB.prepare('select frozen from rounds where id = ?').bind(id).first<{ frozen: string }>())?.frozen ?? '{}')
  const rosterOf = async () => (await env.DB.prepare('select round_id, person_id from roster').all<{ round_id: string }>()).results

  it('is counted by group at the opening, and the roster is the latest round’s', async () => {
    const first = await anOpenRound()
    expect((await stored(first.round.id)).membership).toBeUndefined()
    expect((await rosterOf()).length).toBe(12)
    await closeRound(services(), first.round.id)
    const { db } = services()
    await db.insert(people).values({ id: 'new', email: 'sales7@acme.example', name: 'New', locale: 'en', teamId: 'sales' })
    await env.DB.prepare("update people set team_id = 'sales' where email = 'marketing1@acme.example'").run()
    await env.DB.prepare("delete from people where email = 'sales1@acme.example'").run()
    const second = await openAnother()
    expect((await stored(second.round.id)).membership).toEqual({
      company: { joined: 1, left: 1 },
      sales: { joined: 2, left: 1 },
      marketing: { joined: 0, left: 1 },
    })
    const roster = await rosterOf()
    expect([roster.length, new Set(roster.map(({ round_id }) => round_id))]).toEqual([12, new Set([second.round.id])])
  })

  it('is unknown of a group that is new', async () => {
    const first = await anOpenRound()
    await closeRound(services(), first.round.id)
    await services().db.insert(teams).values({ id: 'partners', name: 'Partners', side: 'other', parentId: null, position: 3 })
    await env.DB.prepare(
      "insert into people (id, email, name, locale, team_id) select 'p' || value, 'p' || value || '@acme.example', 'P', 'en', 'partners' from json_each('[1,2,3,4,5]')",
    ).run()
    const second = await openAnother()
    expect((await stored(second.round.id)).membership).toMatchObject({ partners: null, company: { joined: 5, left: 0 } })
  })

  it('is written with the opening or not at all', async () => {
    await anOrganisation()
    const { id } = await createRound(services(), { period: '2026-11' })
    await env.DB.prepare("create trigger crash before insert on roster begin select raise(abort, 'power cut'); end").run()
    await expect(openAnother()).rejects.toThrow()
    await env.DB.prepare('drop trigger crash').run()
    expect([(await rosterOf()).length, (await stored(id)).nodes]).toEqual([0, undefined])
  })
})

describe('the table of a result', () => {
  it('is a file that a spreadsheet reads as text, whatever a group is called', async () => {
    const round = await anOpenRound([{ name: '=cmd()', side: 'sales', people: 6 }])
    await answerAs(round, { '=cmd()': { agreements: [1, 2, 3, 4, 5, 5] } })
    await closeRound(services(), round.round.id)
    const response = await fetchWorker(`/api/v1/rounds/${round.round.id}/result.csv`, { headers: await keyHeaders('reader') })
    expect([response.status, response.headers.get('content-type'), response.headers.get('content-disposition')]).toEqual([
      200,
      'text/csv; charset=utf-8',
      'attachment; filename="round-1-result.csv"',
    ])
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    const text = new TextDecoder().decode(bytes)
    expect(text).toContain("'=cmd()")
    expect(text).not.toMatch(/(^|[,"])=cmd/m)
  })

  it.each(['result.csv', 'changes'])('answers 404, 409 and 403 like the result: %s', async (name) => {
    const headers = await adminHeaders()
    expect((await fetchWorker(`/api/v1/rounds/nowhere/${name}`, { headers })).status).toBe(404)
    const { id } = await createRound(services(), { period: '2026-11' })
    expect((await fetchWorker(`/api/v1/rounds/${id}/${name}`, { headers })).status).toBe(409)
    expect((await fetchWorker(`/api/v1/rounds/${id}/${name}`, { headers: await keyHeaders('importer') })).status).toBe(403)
  })
})

describe('the audit of ballots against links', () => {
  const closedWith = async (audit: string) => {
    const round = await anOpenRound()
    await closeRound(services(), round.round.id)
    await env.DB.prepare(`update results set body = ${audit}`).run()
    return see(round.round.id)
  }

  it('says that no group has more ballots than links', async () => {
    const { page, result, csv } = await closedWith('body')
    expect(result.audit).toEqual({ passed: true, exceeded: [] })
    expect(page).toContain(t.roundsPage.audit.passed)
    expect(page).not.toContain('role="alert"')
    expect(csv).toMatch(/^audit,,,,passed,/m)
  })

  it('warns of the groups that have, and of what it means', async () => {
    const { page, csv } = await closedWith(`json_set(body, '$.audit', json('{"passed":false,"exceeded":["sales"]}'))`)
    expect(page).toContain(t.roundsPage.audit.exceeded('\u2068Sales\u2069'))
    expect(page).toContain(t.roundsPage.audit.exceededWhat)
    expect(csv).toMatch(/^audit,sales,Sales,sales,exceeded,/m)
  })

  it('says of an older result that nobody looked', async () => {
    const { page, result, csv } = await closedWith(`json_remove(body, '$.audit')`)
    expect(result.audit).toBeNull()
    expect(page).toContain(t.roundsPage.audit.unchecked)
    expect(csv).not.toMatch(/^audit/m)
  })
})
