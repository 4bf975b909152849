/**
 * What the published numbers of a round are sums of. Each is checked against the ballots, so that what is attacked is
 * what is published: a number that is something else throws. Nothing of suppression is used here; rounded values count
 * as exact, for under ten people a step of 5 leaves one value only.
 *
 * Hidden variables of a person: for each item i of a theme the mark `i` (−1, 0, 1), its square `i²`, products `i·j`, and the
 * answer itself (`i=4`); for an item about a term one variable an option or a band; for a number also the number itself and
 * whether it is at most the median; and, to count people, that they answered at all.
 */
import { definitionAgreement } from '../../worker/core/definitions'
import { correctedDistance, excess } from '../../worker/core/distance'
import { compare, type Estimate, estimate, ifAllAnswered, intervalOf, standardError, themeEstimate } from '../../worker/core/favourability'
import type { PublishInput } from '../../worker/core/publish'
import type {
  DefinitionFigure,
  Figure,
  Hidden,
  Interval,
  NodeFigures,
  NumberAgreement,
  RoundResult,
  ThemeGap,
} from '../../worker/core/result'
import { type Item, isTermItem, type TermItem } from '../../worker/core/round'
import type { Cell, Group, Reading, Topic, Weights } from './attack'

/** A person as the attacker sees them, and their answers. */
export interface Person {
  /** The node they answered with in each round of the same answers; null where they were not asked. */
  homes: readonly (string | null)[]
  answers: readonly (number | null)[]
}

/** A result without what only the score needs. */
export type Published = Omit<RoundResult, 'inputs'>

/** One tree over the people, and what was published of it. `at` is the index of the tree in `homes`. */
export interface Publication {
  at: number
  frozen: PublishInput['frozen']
  result: Published
}

export interface Sources {
  people: readonly Person[]
  publications: readonly Publication[]
}

/** Those who cast a ballot in a round, by the node of their cohort. */
export const peopleOf = ({ cohorts, ballots }: PublishInput): Person[] =>
  ballots.flatMap(({ cohort, answers }) => {
    const home = cohorts.find((one) => one.cohort === cohort)?.nodeId
    return home === undefined ? [] : [{ homes: [home], answers }]
  })

/**
 * Everything that was published, by what it is about.
 *
 * @param asPersonMeans reads a theme as if it were the mean of its people's own means, which no ballot is checked for
 */
export function topicsOf(sources: Sources, asPersonMeans = false): Topic[] {
  const items = sources.publications[0]?.frozen.items ?? []
  const themes = [...new Set(items.flatMap((item) => (item.kind === 'agreement' ? [item.theme] : [])))]
  const places = sources.publications.map((publication) => placesOf(publication))
  const context: Context = { ...sources, places, counted: [], asPersonMeans }
  const said = [
    ...themes.map((theme) =>
      themeTopic(
        context,
        theme,
        positionsOf(items, (item) => item.kind === 'agreement' && item.theme === theme),
      ),
    ),
    ...positionsOf(items, (item) => item.kind === 'headline').map((position) => headlineTopic(context, position)),
    ...positionsOf(items, isTermItem).map((position) => termTopic(context, position)),
  ]
  return [...said, countTopic(context)]
}

interface Context extends Sources {
  places: readonly Places[]
  /** How many people answered something, wherever that was said. */
  counted: Counted[]
  asPersonMeans: boolean
}

interface Counted {
  what: string
  where: Where
  n: number
  answered: (person: Person) => boolean
}

/** A node of a publication. */
interface Where {
  publication: Publication
  node: string
}

const groupOf = (measure: string, { publication: { at }, node }: Where): Group => ({ measure, at, node })

const positionsOf = (items: readonly Item[], keep: (item: Item) => boolean) =>
  [...items.keys()].filter((index) => keep(items[index] as Item))

// ── Places ──────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Places {
  shown: readonly NodeFigures[]
  /** Whether a home is in the subtree of a node. */
  below: (home: string | null | undefined, node: string) => boolean
  sides: { sales: NodeFigures; marketing: NodeFigures } | null
}

function placesOf({ frozen, result }: Publication): Places {
  const parents = new Map(frozen.nodes.map(({ id, parentId }) => [id, parentId]))
  const sideOf = new Map(frozen.nodes.map(({ id, side }) => [id, side]))
  const path = (id: string | null | undefined): string[] => (id == null ? [] : [id, ...path(parents.get(id))])
  const above = new Map(frozen.nodes.map(({ id }) => [id, new Set(path(id))]))
  const below: Places['below'] = (home, node) => home != null && above.get(home)?.has(node) === true
  const shown = result.nodes.flatMap((node) => ('hidden' in node ? [] : [node]))
  const top = (side: 'sales' | 'marketing') => shown.find((node) => node.side === side && sideOf.get(parents.get(node.id) ?? '') !== side)
  const [sales, marketing] = [top('sales'), top('marketing')]
  return { shown, below, sides: sales && marketing ? { sales, marketing } : null }
}

const inside = ({ places }: Context, { publication: { at }, node }: Where, homes: Person['homes']) =>
  (places[at] as Places).below(homes[at], node)

/** Whether a person is below the node of a group. */
export function isInside({ publications }: Sources, { at, node }: Group, { homes }: Person): boolean {
  const nodes = publications[at]?.frozen.nodes ?? []
  const isBelow = (id: string | null | undefined): boolean =>
    id != null && (id === node || isBelow(nodes.find((one) => one.id === id)?.parentId))
  return isBelow(homes[at])
}

const everywhere = ({ publications, places }: Context): { where: Where; node: NodeFigures }[] =>
  publications.flatMap((publication) =>
    (places[publication.at] as Places).shown.map((node) => ({ where: { publication, node: node.id }, node })),
  )

// ── Sums over people ────────────────────────────────────────────────────────────────────────────────────────────────

/** What the attacker does not know of a person, by variable. */
type Hiddens = Record<string, number>

interface Members extends Cell {
  homes: Person['homes']
  answered: string
  /** Sums over them. */
  hidden: Hiddens
}

/** People of one topic, in cells of one home and the same skips. */
class Sums {
  readonly cells: Members[] = []
  private readonly readings: Reading[] = []
  private readonly byNode = new Map<string, readonly [number, Members][]>()
  private readonly context: Context

  constructor(context: Context, of: (person: Person) => { answered: string; hidden: Hiddens } | null) {
    this.context = context
    const byKey = new Map<string, Members>()
    for (const person of context.people) {
      const own = of(person)
      if (!own) continue
      const key = cellKey(person, own.answered)
      const cell = byKey.get(key) ?? { key, people: 0, homes: person.homes, answered: own.answered, hidden: {} }
      if (!byKey.has(key)) this.cells.push(cell)
      byKey.set(key, cell)
      cell.people++
      for (const [variable, value] of Object.entries(own.hidden)) cell.hidden[variable] = (cell.hidden[variable] ?? 0) + value
    }
  }

  /** The cells of a node, with their indexes. */
  at(where: Where): readonly [number, Members][] {
    const key = `${where.publication.at}/${where.node}`
    const known = this.byNode.get(key)
    if (known) return known
    const found = [...this.cells.entries()].filter(([, { homes }]) => inside(this.context, where, homes))
    this.byNode.set(key, found)
    return found
  }

  /** The weights of a sum over a node, by how a person's skips weigh each variable, and what it comes to. */
  over(where: Where, weigh: (answered: string) => Hiddens): Sum {
    const weights = new Map<string, [number, number][]>()
    let truth = 0
    for (const [index, { answered, hidden }] of this.at(where)) {
      for (const [variable, weight] of Object.entries(weigh(answered))) {
        const cells = weights.get(variable)
        if (cells) cells.push([index, weight])
        else weights.set(variable, [[index, weight]])
        truth += weight * (hidden[variable] ?? 0)
      }
    }
    return { weights, truth }
  }

  say(says: string, { weights }: Sum, needs: Reading['needs']) {
    this.readings.push({ says, weights, needs })
  }

  topic = (name: string): Topic => ({ name, cells: this.cells, readings: this.readings })
}

/** Of the cell that a person is in, on one topic. */
export const cellKey = ({ homes }: Person, answered: string): string => `${homes.join('/')} ${answered}`

interface Sum {
  weights: Weights
  truth: number
}

/** Of sums that have no variable of a cell in common. */
function plus(sums: readonly Sum[], factors: readonly number[] = sums.map(() => 1)): Sum {
  const weights = new Map<string, (readonly [number, number])[]>()
  for (const [index, sum] of sums.entries()) {
    const factor = factors[index] as number
    for (const [variable, cells] of sum.weights) {
      const scaled = cells.map(([cell, weight]): [number, number] => [cell, factor * weight])
      weights.set(variable, [...(weights.get(variable) ?? []), ...scaled])
    }
  }
  return { weights, truth: sums.reduce((truth, sum, index) => truth + (factors[index] as number) * sum.truth, 0) }
}

// ── Themes, their items, the headline ───────────────────────────────────────────────────────────────────────────────

/** −1, 0 or 1: agreement 1–5, headline 0–10. */
function markOf(item: Item, answer: number | null | undefined): number | null {
  if (answer == null) return null
  const [passive, promoter] = item.kind === 'headline' ? [7, 9] : [3, 4]
  return answer >= promoter ? 1 : answer >= passive ? 0 : -1
}

/** Items that are put together: a theme, or the headline by itself. */
interface Questions {
  context: Context
  sums: Sums
  items: readonly Item[]
  /** Of each item, in a ballot. */
  positions: readonly number[]
  /** Denominator of every weight of a person's mean squared. */
  common: number
  /** What has been counted already. */
  counts: Map<string, Counts>
}

function questionsOf(context: Context, positions: readonly number[]): Questions {
  const all = context.publications[0]?.frozen.items ?? []
  const items = positions.map((position) => all[position] as Item)
  const marks = (person: Person) => items.map((item, index) => markOf(item, person.answers[positions[index] as number]))
  const sums = new Sums(context, (person) => {
    const own = marks(person)
    if (own.every((mark) => mark === null)) return null
    const hidden: Hiddens = {}
    for (const [i, a] of own.entries()) {
      if (a === null) continue
      hidden[`${i}=${person.answers[positions[i] as number]}`] = 1
      hidden[i] = a
      hidden[`${i}²`] = a * a
      for (const [j, b] of own.entries()) if (j > i && b !== null) hidden[`${i}·${j}`] = a * b
    }
    return { answered: own.map((mark) => (mark === null ? '-' : 'x')).join(''), hidden }
  })
  return { context, sums, items, positions, common: items.length === 3 ? 36 : items.length ** 2, counts: new Map() }
}

const answers = (answered: string, item: number) => answered[item] === 'x'

const marksOf = ({ sums }: Questions, where: Where, item: number) =>
  sums.over(where, (answered): Hiddens => (answers(answered, item) ? { [item]: 1 } : {}))
const squaresOf = ({ sums }: Questions, where: Where, item: number) =>
  sums.over(where, (answered): Hiddens => (answers(answered, item) ? { [`${item}²`]: 1 } : {}))

/** Σ m, times `common`. */
const meansOf = ({ sums, common }: Questions, where: Where, own: readonly number[]): Sum =>
  sums.over(where, (answered) => {
    const given = own.filter((item) => answers(answered, item))
    return Object.fromEntries(given.map((i) => [i, common / given.length]))
  })

/** Σ m², with m the mean of a person's marks on these items; times `common`. */
function meanSquares({ sums, common }: Questions, where: Where, own: readonly number[]): Sum {
  return sums.over(where, (answered) => {
    const given = own.filter((item) => answers(answered, item))
    const weight = common / given.length ** 2
    const pairs = given.flatMap((i) => given.flatMap((j) => (j > i ? [[`${i}·${j}`, 2 * weight]] : [])))
    return Object.fromEntries([...given.map((i) => [`${i}²`, weight]), ...pairs])
  })
}

const answeredAny =
  ({ positions }: Questions, own: readonly number[]) =>
  (person: Person) =>
    own.some((item) => person.answers[positions[item] as number] != null)

const answeredBy = ({ sums }: Questions, where: Where, own: readonly number[]): number =>
  sums.at(where).reduce((n, [, { answered, people }]) => (own.some((item) => answers(answered, item)) ? n + people : n), 0)

interface Counts {
  critics: number
  passives: number
  promoters: number
}

function countsOf({ counts, sums }: Questions, where: Where, item: number): Counts {
  const key = `${where.publication.at}/${where.node}/${item}`
  const known = counts.get(key)
  if (known) return known
  const found = { n: 0, sum: 0, squares: 0 }
  for (const [, { answered, people, hidden }] of sums.at(where)) {
    if (!answers(answered, item)) continue
    found.n += people
    found.sum += hidden[item] ?? 0
    found.squares += hidden[`${item}²`] ?? 0
  }
  const { n, sum, squares } = found
  const counted = { critics: (squares - sum) / 2, passives: n - squares, promoters: (squares + sum) / 2 }
  counts.set(key, counted)
  return counted
}

const sizeOf = ({ critics, passives, promoters }: Counts) => critics + passives + promoters

/** The class of all, or all but one, of fewer than ten. */
export function common(counts: Counts): keyof Counts | null {
  const n = sizeOf(counts)
  const names = ['critics', 'passives', 'promoters'] as const
  return n > 0 && n < 10 ? (names.find((name) => counts[name] >= n - 1) ?? null) : null
}

const bandOf = { critics: 'very-low', passives: 'middle', promoters: 'very-high' } as const
const markOfClass = { critics: -1, passives: 0, promoters: 1 } as const

const needsOf = (questions: Questions, where: Where, own: readonly number[]) =>
  own.map((item) => groupOf((questions.items[item] as Item).id, where))

/** Reads an item's figure at a node. */
function readItem(questions: Questions, where: Where, item: number, figure: Figure): void {
  const { context, sums } = questions
  const { id, kind } = questions.items[item] as Item
  const says = `${id} at ${where.node}`
  const needs = needsOf(questions, where, [item])
  const counts = countsOf(questions, where, item)
  const n = sizeOf(counts)
  context.counted.push({ what: id, where, n: figure.n, answered: answeredAny(questions, [item]) })
  if (figure.band !== null) {
    checkBand(says, figure, [counts])
    return
  }
  const scale = kind === 'headline' ? net : favourability
  const marks = marksOf(questions, where, item)
  checkValue(says, figure.value, marks.truth / n, scale)
  sums.say(`${says}: value`, marks, needs)
  if (figure.classes) {
    check(sameCounts(figure.classes, counts), `${says}: classes`)
    sums.say(`${says}: classes`, squaresOf(questions, where, item), needs)
  }
  readWithin(questions, where, item, figure)
  const about = { says, figure, n, theta: marks.truth / n, invited: invitedAt(where), scale }
  if (checkSpread(about, () => estimate(counts))) sums.say(`${says}: interval`, squaresOf(questions, where, item), needs)
}

/**
 * Agreement within a group follows from how many gave each answer. The attacker is given those numbers themselves, which is
 * more than was published.
 */
function readWithin(questions: Questions, where: Where, item: number, { classes, within }: Figure): void {
  const { id, kind } = questions.items[item] as Item
  const says = `${id} at ${where.node}`
  check((within === undefined) === (classes === null), `${says}: agreement where its classes are`)
  if (!within) return
  const points = kind === 'headline' ? Array.from({ length: 11 }, (_, point) => point) : [1, 2, 3, 4, 5]
  const sums = points.map((point) =>
    questions.sums.over(where, (answered): Hiddens => (answers(answered, item) ? { [`${item}=${point}`]: 1 } : {})),
  )
  const n = sums.reduce((all, { truth }) => all + truth, 0)
  const mean = sums.reduce((all, { truth }, index) => all + truth * (points[index] as number), 0) / n
  const deviation = sums.reduce((all, { truth }, index) => all + truth * Math.abs((points[index] as number) - mean), 0) / n
  check(Math.abs(within.averageDeviation - deviation) < 0.005 + 1e-9, `${says}: average deviation`)
  for (const [index, sum] of sums.entries())
    questions.sums.say(`${says}: who answered ${points[index]}`, sum, needsOf(questions, where, [item]))
}

/** Reads a theme's figure at a node: its items that are shown there together, a band as if all were of its class. */
function readTheme(questions: Questions, where: Where, theme: string, node: NodeFigures): void {
  const { context, sums, items } = questions
  const figure = node.themes[theme as keyof typeof node.themes]
  const own = shownAt(questions, node)
  const says = `${theme} at ${where.node}`
  check(figure !== undefined && isShown(figure) === own.length > 0, `${says}: shown where one of its items is`)
  if (!isShown(figure)) return
  if (own.length === 1) {
    const [only] = own as [number]
    const { within: _, ...item } = node.items[(items[only] as Item).id] as Figure
    check(JSON.stringify(figure) === JSON.stringify(item), `${says}: its only item`)
    return
  }
  const counts = own.map((item) => countsOf(questions, where, item))
  const n = answeredBy(questions, where, own)
  context.counted.push({ what: `${theme} ${own}`, where, n: figure.n, answered: answeredAny(questions, own) })
  if (figure.band !== null) {
    checkBand(says, figure, counts)
    return
  }
  const needs = needsOf(questions, where, own)
  const { sum, theta } = pooled(questions, where, own)
  checkValue(says, figure.value, theta, favourability)
  sums.say(`${says}: value`, context.asPersonMeans ? meansOf(questions, where, own) : sum, needs)
  if (figure.classes) {
    check(sameCounts(figure.classes, totalOf(counts)), `${says}: classes`)
    sums.say(`${says}: classes`, plus(own.map((item) => squaresOf(questions, where, item))), needs)
  }
  const squares = () => meanSquares(questions, where, own)
  const spread = () => themeEstimate({ n, sum: theta * n, squares: squares().truth / questions.common }, own.length)
  if (checkSpread({ says, figure, n, theta, invited: invitedAt(where), scale: favourability }, spread)) {
    sums.say(`${says}: interval`, squares(), [...needs, groupOf(`spread ${theme}`, where)])
  }
}

const shownAt = ({ items }: Questions, node: NodeFigures): number[] =>
  [...items.keys()].filter((index) => isShown(node.items[(items[index] as Item).id]))

function pooled(questions: Questions, where: Where, own: readonly number[]): { sum: Sum; theta: number } {
  const counts = own.map((item) => countsOf(questions, where, item))
  const n = counts.reduce((count, one) => count + sizeOf(one), 0)
  const open = own.filter((_, index) => common(counts[index] as Counts) === null)
  const sum = plus(open.map((item) => marksOf(questions, where, item)))
  const banded = counts.reduce((marks, one) => {
    const name = common(one)
    return name ? marks + sizeOf(one) * markOfClass[name] : marks
  }, 0)
  return { sum, theta: (sum.truth + banded) / n }
}

function themeTopic(context: Context, theme: string, positions: readonly number[]): Topic {
  const questions = questionsOf(context, positions)
  for (const { where, node } of everywhere(context)) {
    for (const [item, { id }] of questions.items.entries()) {
      const figure = node.items[id]
      if (isShown(figure)) readItem(questions, where, item, figure)
    }
    readTheme(questions, where, theme, node)
    checkAllClasses(where, node)
  }
  for (const publication of context.publications) readGap(questions, publication, theme)
  return questions.sums.topic(theme)
}

function headlineTopic(context: Context, position: number): Topic {
  const questions = questionsOf(context, [position])
  for (const { where, node } of everywhere(context)) if (isShown(node.headline)) readItem(questions, where, 0, node.headline)
  return questions.sums.topic('headline')
}

/** "How people answered" is the sum of what the items say and no class more. */
function checkAllClasses(where: Where, node: NodeFigures): void {
  const said = Object.values(node.items).flatMap((figure) => (isShown(figure) && figure.classes ? [figure.classes] : []))
  check(
    said.length === 0 ? node.classes === null : node.classes !== null && sameCounts(node.classes, totalOf(said)),
    `all classes at ${where.node}`,
  )
}

/** Reads what is said of both sides on a theme. */
/** Statements between the sides follow from classes that both sides publish, so they say nothing that is not read there. */
function checkStatements({ result }: Publication, sides: Record<'sales' | 'marketing', NodeFigures>): void {
  const classesAt = (side: 'sales' | 'marketing', id: string) => {
    const figure = sides[side].items[id]
    return isShown(figure) ? figure.classes : null
  }
  for (const { itemId } of result.statements ?? []) {
    check(
      classesAt('sales', itemId) !== null && classesAt('marketing', itemId) !== null,
      `${itemId} between the sides: where both say their classes`,
    )
  }
}

function readGap(questions: Questions, publication: Publication, theme: string): void {
  const { context, sums } = questions
  const gap = publication.result.gaps.find((one) => one.theme === theme)
  if (!gap) return
  const { sides } = context.places[publication.at] as Places
  if (!sides) throw new Error('a gap without both sides')
  checkStatements(publication, sides)
  const own = shownAt(questions, sides.sales).filter((item) => shownAt(questions, sides.marketing).includes(item))
  const at = (side: 'sales' | 'marketing') => {
    const where = { publication, node: sides[side].id }
    const { sum, theta } = pooled(questions, where, own)
    checkValue(`gap on ${theme}: ${side}`, gap[side], theta, favourability)
    sums.say(`gap on ${theme}: ${side}`, sum, needsOf(questions, where, own))
    return { where, n: answeredBy(questions, where, own), theta: gap[side] / 50 - 1 }
  }
  const [sales, marketing] = [at('sales'), at('marketing')]
  const both = [sales, marketing] as const
  check(close(gap.gap, gap.sales - gap.marketing), `gap on ${theme}`)

  const expected = (estimates: readonly Estimate[]) => {
    const { interval } = compare(estimates[1] as Estimate, estimates[0] as Estimate)
    return { low: Math.min(50 * interval.low, gap.gap), high: Math.max(50 * interval.high, gap.gap) }
  }
  const wide = expected(both.map(({ theta, n }) => widest(theta, n)))
  if (!sameInterval(gap.interval, wide) && !sameInterval(gap.interval, outward(wide, 5))) {
    const squares = both.map(({ where }) => meanSquares(questions, where, own))
    const spread = both.map(({ theta, n }, index) =>
      themeEstimate({ n, sum: theta * n, squares: (squares[index] as Sum).truth / questions.common }, own.length),
    )
    check(sameInterval(gap.interval, expected(spread)), `gap on ${theme}: interval`)
    const needs = both.flatMap(({ where }) => [...needsOf(questions, where, own), groupOf(`spread ${theme}`, where)])
    // The square of the standard error: each side's squares over the square of its people, counted with three more.
    sums.say(`gap on ${theme}: interval`, plus(squares, [(marketing.n + 3) ** 2, (sales.n + 3) ** 2]), needs)
  }
  readDistance(questions, gap, both, own, sides)
}

/** A distance is made of the classes of both sides where these are said, and of the two values that the gap shows where not. */
function readDistance(
  questions: Questions,
  { theme, sales, marketing, distance }: ThemeGap,
  both: readonly { n: number; where: Where }[],
  own: readonly number[],
  nodes: { sales: NodeFigures; marketing: NodeFigures },
): void {
  const isBroken = own.every((item) =>
    [nodes.sales, nodes.marketing].every((node) => {
      const figure = node.items[(questions.items[item] as Item).id]
      return isShown(figure) && figure.classes !== null
    }),
  )
  const [ofSales, ofMarketing] = both as [{ n: number; where: Where }, { n: number; where: Where }]
  if (!isBroken) {
    const chance = (value: number, n: number) => standardError(widest(value / 50 - 1, n)) ** 2
    const excessOf = ((sales - marketing) / 50) ** 2 - chance(sales, ofSales.n) - chance(marketing, ofMarketing.n)
    check(isRounded(distance, Math.sqrt(Math.max(0, excessOf)), 0.1), `gap on ${theme}: distance ${distance}, by values alone`)
    return
  }
  const between = excess()
  const counts = ({ where }: { where: Where }, item: number) => countsOf(questions, where, item)
  const found = correctedDistance(
    own.flatMap((item) => between({ sales: counts(ofSales, item), marketing: counts(ofMarketing, item) }) ?? []),
  )
  check(close(distance, found), `gap on ${theme}: distance ${distance}, and ${found} it is`)
}

// ── Terms ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** The names that an item's answers are published under, and which of them an answer is. */
function optionsOf(item: TermItem): { options: string[]; of: (answer: number | null | undefined) => number | null } {
  if (item.kind === 'number') {
    const options = item.bands.map(String)
    return { options, of: (answer) => (answer == null ? null : item.bands.filter((from) => from <= answer).length - 1) }
  }
  const options = item.options.slice(0, -1)
  return { options, of: (answer) => (answer == null || answer >= options.length ? null : answer) }
}

function termTopic(context: Context, position: number): Topic {
  const item = context.publications[0]?.frozen.items[position]
  if (!item || !isTermItem(item)) throw new Error('nothing about a term')
  const { options, of } = optionsOf(item)
  const chosen = (person: Person) => of(person.answers[position])
  const medians = item.kind === 'number' ? mediansOf(context, item) : []
  const sums = new Sums(context, (person) => {
    const option = chosen(person)
    if (option === null) return null
    const answer = person.answers[position] as number
    const ofNumber = Object.fromEntries(medians.map((median) => [`option at most ${median}`, answer <= median ? 1 : 0]))
    return { answered: 'x', hidden: { [`option ${option}`]: 1, ...(item.kind === 'number' && { 'option value': answer }), ...ofNumber } }
  })
  const number = (where: Where, option: number) => sums.over(where, () => ({ [`option ${option}`]: 1 }))
  const needs = (where: Where) => [groupOf(item.id, where)]
  const count = (where: Where, n: number) => context.counted.push({ what: item.id, where, n, answered: (one) => chosen(one) !== null })

  for (const { where, node } of everywhere(context)) {
    const figure = node.definitions[item.id]
    if (!isShown(figure)) continue
    count(where, figure.n)
    if (!figure.options) continue
    for (const [option, name] of options.entries()) {
      const sum = number(where, option)
      check(figure.options[name] === sum.truth, `${item.id} at ${where.node}: ${name}`)
      sums.say(`${item.id} at ${where.node}: ${name}`, sum, needs(where))
    }
  }
  for (const publication of context.publications) {
    const { terms, vignettes = [], numbers = [] } = publication.result
    const term = [...terms, ...vignettes, ...numbers].find(({ itemId }) => itemId === item.id)
    const sides = (context.places[publication.at] as Places).sides
    if (!term || !sides) continue
    const wheres = [sides.sales, sides.marketing].map(({ id }) => ({ publication, node: id }))
    count(wheres[0] as Where, term.nSales)
    count(wheres[1] as Where, term.nMarketing)
    const counts = wheres.map((where) => options.map((_, option) => number(where, option).truth))
    const isBroken = [sides.sales, sides.marketing].map((node) => {
      const figure = node.definitions[item.id]
      return isShown(figure) && figure.options !== null
    })
    const alike = counts.map(commonOption)
    const seen = counts.map((own, side) => (alike[side] === null ? own : own.map((_, option) => (option === alike[side] ? sizes(own) : 0))))
    const truth = definitionAgreement(seen[0] as number[], seen[1] as number[])?.between ?? Number.NaN
    check(close(term.between, truth) || isRounded(term.between, truth, 0.05), `${item.id}: between`)
    check(isBroken[0] === true || term.withinSales === null, `${item.id}: within sales`)
    check(isBroken[1] === true || term.withinMarketing === null, `${item.id}: within marketing`)
    // Two things that are not known, multiplied, are no sum; with the options of one side said, it is one over the other.
    for (const [side, other] of [
      [0, 1],
      [1, 0],
    ] as const) {
      if (!isBroken[side] || isBroken[other] || alike[other] !== null) continue
      const known = counts[side] as number[]
      const sum = sums.over(wheres[other] as Where, () => Object.fromEntries(known.map((people, option) => [`option ${option}`, people])))
      sums.say(`${item.id}: between`, sum, wheres.flatMap(needs))
    }
    const inUnits = numbers.find(({ itemId }) => itemId === item.id)
    if (inUnits) readUnits(sums, inUnits, { context, position, wheres, sizes: counts.map(sizes), needs: wheres.flatMap(needs) })
  }
  return sums.topic(item.id)
}

/** Every median that was published of a number, of whichever side and round. */
const mediansOf = ({ publications }: Context, { id }: TermItem): number[] => {
  const said = publications.flatMap(({ result }) => (result.numbers ?? []).filter(({ itemId }) => itemId === id))
  const medians = said.flatMap(({ medianSales, medianMarketing }) => [medianSales, medianMarketing])
  return [...new Set(medians.filter((median) => median !== null))]
}

/**
 * What is said in the unit of a number is no sum, so the attacker is handed more: how many of a side are at or under its
 * median, and both sides' totals against each other, which a distance is where one side is above the other throughout.
 */
function readUnits(
  sums: Sums,
  { itemId, medianSales, medianMarketing, distance }: NumberAgreement,
  about: { context: Context; position: number; wheres: readonly Where[]; sizes: readonly number[]; needs: readonly Group[] },
): void {
  const { context, position, wheres, sizes: people, needs } = about
  const values = wheres.map((where) =>
    context.people.filter(({ homes }) => inside(context, where, homes)).flatMap(({ answers }) => answers[position] ?? []),
  ) as [number[], number[]]
  for (const [side, median] of [medianSales, medianMarketing].entries()) {
    if (median === null) continue
    const inOrder = (values[side] as number[]).toSorted((a, b) => a - b)
    const middle = inOrder.length / 2
    const truth = ((inOrder[Math.ceil(middle) - 1] as number) + (inOrder[Math.floor(middle)] as number)) / 2
    check(isRounded(median, truth, 1), `${itemId}: median ${median}, and ${truth} it is`)
    const sum = sums.over(wheres[side] as Where, () => ({ [`option at most ${median}`]: 1 }))
    sums.say(`${itemId}: median`, sum, needs)
  }
  if (distance === null) return
  const under = (own: readonly number[], value: number) => own.filter((one) => one <= value).length / own.length
  const truth = Array.from({ length: 256 }, (_, value) => Math.abs(under(values[0], value) - under(values[1], value))).reduce(
    (a, b) => a + b,
  )
  check(isRounded(distance, truth, 1), `${itemId}: distance ${distance}, and ${truth} it is`)
  const totals = wheres.map((where) => sums.over(where, () => ({ 'option value': 1 })))
  sums.say(`${itemId}: distance`, plus(totals, [people[1] as number, -(people[0] as number)]), needs)
}

const sizes = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0)

function commonOption(counts: readonly number[]): number | null {
  const n = sizes(counts)
  const most = Math.max(...counts)
  return n > 0 && n < 10 && most >= n - 1 ? counts.indexOf(most) : null
}

// ── How many ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Who answered is hidden here: counts of people over those who cast a ballot. */
function countTopic(context: Context): Topic {
  for (const { where, node } of everywhere(context)) context.counted.push({ what: 'ballots', where, n: node.n, answered: () => true })
  const answered = new Map(context.counted.map((one) => [one.what, one.answered]))
  const sums = new Sums(context, (person) => {
    const hidden: Hiddens = {}
    for (const [what, of] of answered) hidden[what] = of(person) ? 1 : 0
    return { answered: '', hidden }
  })
  const known = new Set<string>()
  for (const { what, where, n } of context.counted) {
    const says = `people who answered ${what} at ${where.publication.at} ${where.node}`
    const sum = sums.over(where, () => ({ [what]: 1 }))
    check(sum.truth === n, `${says}: ${n}, and ${sum.truth} they are`)
    if (!known.has(says)) sums.say(says, sum, [groupOf('ballots', where)])
    known.add(says)
  }
  return sums.topic('how many answered')
}

// ── Checks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`not what it should be: ${what}`)
}

export const isShown = <T extends Figure | DefinitionFigure>(figure: T | Hidden | undefined): figure is T =>
  figure !== undefined && !('hidden' in figure)

const close = (a: number, b: number) => Math.abs(a - b) < 1e-9
/** To a whole step, one of the nearest. */
const isRounded = (value: number, exact: number, step: number) =>
  close(value, step * Math.round(value / step)) && Math.abs(value - exact) < step / 2 + 1e-9
const sameInterval = (a: Interval | null, b: Interval) => a !== null && close(a.low, b.low) && close(a.high, b.high)
const sameCounts = (a: Counts, b: Counts) => a.critics === b.critics && a.passives === b.passives && a.promoters === b.promoters

const totalOf = (all: readonly Counts[]): Counts =>
  all.reduce(
    (sum, { critics, passives, promoters }) => ({
      critics: sum.critics + critics,
      passives: sum.passives + passives,
      promoters: sum.promoters + promoters,
    }),
    { critics: 0, passives: 0, promoters: 0 },
  )

interface Scale {
  on: (theta: number) => number
  off: (value: number) => number
}

const favourability: Scale = { on: (theta) => 50 * (1 + theta), off: (value) => value / 50 - 1 }
const net: Scale = { on: (theta) => 100 * theta, off: (value) => value / 100 }

/** A value is the exact one or the rounded one. */
function checkValue(says: string, value: number | null, theta: number, { on }: Scale): void {
  if (value === null) throw new Error(`neither a value nor a band: ${says}`)
  check(close(value, on(theta)) || isRounded(value, on(theta), 5), `${says}: value ${value}, and ${on(theta)} it is`)
}

function checkBand(says: string, { value, interval, ifAllAnswered: all, classes, band }: Figure, counts: readonly Counts[]): void {
  const names = new Set(counts.map(common))
  const [name] = names
  check(names.size === 1 && name != null && band === bandOf[name], `${says}: band`)
  check(value === null && interval === null && all === null && classes === null, `${says}: a band alone`)
}

const widest = (theta: number, n: number) => themeEstimate({ n, sum: theta * n, squares: n }, 1)

const outward = ({ low, high }: Interval, step: number): Interval => ({
  low: step * Math.floor(low / step + 1e-9),
  high: step * Math.ceil(high / step - 1e-9),
})

const onScale = ({ on }: Scale, { low, high }: Interval): Interval => ({ low: on(low), high: on(high) })

const invitedAt = ({ publication, node }: Where): number => {
  const found = publication.result.nodes.find(({ id }) => id === node)
  return found && !('hidden' in found) ? found.invited : 0
}

/**
 * Whether a figure's intervals say more than its value and its people do: then they are made of `spread`, and nothing
 * else will do.
 */
function checkSpread(
  about: { says: string; figure: Figure; n: number; theta: number; invited: number; scale: Scale },
  spreadOf: () => Estimate,
): boolean {
  const { says, figure, n, theta, invited, scale } = about
  const value = figure.value as number
  const ofValue = onScale(scale, intervalOf(widest(scale.off(value), n)))
  const isWide = sameInterval(figure.interval, ofValue) || sameInterval(figure.interval, outward(ofValue, 1))
  if (isWide && figure.ifAllAnswered === null) return false
  const spread = spreadOf()
  check(isWide || sameInterval(figure.interval, onScale(scale, intervalOf(spread))), `${says}: interval`)
  check(
    figure.ifAllAnswered === null ||
      sameInterval(figure.ifAllAnswered, onScale(scale, ifAllAnswered(spread, { sum: theta * n, answered: n, invited }))),
    `${says}: interval had all answered`,
  )
  return true
}
