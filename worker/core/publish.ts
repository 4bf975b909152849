/** From ballots to what everybody may read: the only way from one to the other. */

import { isolated } from './audit'
import type { Answer } from './ballot'
import { type Counts, compare, estimate, noAnswers, size, totalCounts } from './favourability'
import {
  coarseEstimate,
  commonClass,
  type Disclosure,
  disclose,
  discloseOptions,
  type ItemPart,
  isUnanimous,
  itemFigure,
  openSpreads,
  outward,
  sharedClass,
  shownParts,
  spreadOf,
  themeFigure,
} from './figures'
import { adjustedP } from './multiplicity'
import { findContacts, maskNames } from './names'
import { comparedSides, topmost } from './reporting-tree'
import type { DefinitionFigure, Figure, Hidden, NodeFigures, NodeResult, RoundResult, ScoreInputs, TermAgreement, ThemeGap } from './result'
import type { FrozenRound, Item, ReportingNode, Theme } from './round'
import { methodVersion } from './score'
import { type BySide, scoreInputs, sides, type TermSource, type ThemeSource } from './score-inputs'
import { total } from './statistics'
import { childrenOf, type Publication, protect, restrict, type TreeNode } from './suppression'
import { type Patterns, peopleWho, type Tally, tally, themeItems, type Voice, voicesOf } from './tally'
import { cleanLine } from './text'

export interface PublishInput {
  round: { id: string; number: number; period: string }
  frozen: FrozenRound
  /** `issued`: how many links a ballot was collected with. */
  cohorts: readonly { cohort: string; nodeId: string; invited: number; issued: number }[]
  ballots: readonly { cohort: string; answers: readonly Answer[] }[]
  comments: readonly { cohort: string; text: string }[]
  /** Of everybody who is known: what a comment must not repeat. */
  names: readonly string[]
  inputsHash: string
  /** Every order equally likely: the order of comments must say nothing. */
  shuffle: <T>(items: readonly T[]) => T[]
}

/**
 * The result of a round. Nodes are suppressed by respondents, then every theme, item, headline and definition again by
 * the people who answered it; gaps, terms and the score's inputs are made of published nodes only.
 *
 * The side of a ballot is the side of its cohort's node; nodes of side `other` are shown and are in no score. The order
 * of the ballots changes nothing.
 */
export function publish(input: PublishInput): RoundResult {
  const { round, frozen, cohorts } = input
  const { nodes, items, minimumGroupSize: k } = frozen
  const voices = voicesOf(input.ballots, new Map(cohorts.map(({ cohort, nodeId }) => [cohort, nodeId])))
  const counted = tally(nodes, items, voices)
  const status = publishedNodes(frozen, counted.ballots)
  const published = restrict(nodes, (id) => status.get(id) === 'published')
  const disclosures = discloseAll(frozen, published, counted)
  const measured: Measured = { items, tally: counted, disclosures, invited: invitedBelow(nodes, cohorts) }

  const results = new Map(published.map((node) => [node.id, figuresOf(node, measured)]))
  refuseIsolating(frozen, counted, results)
  const { gaps, terms, inputs } = betweenSides(measured, nodes, results, voices)
  const root = results.get(nodes[0]?.id ?? '')
  return {
    methodVersion,
    inputsHash: input.inputsHash,
    roundId: round.id,
    number: round.number,
    period: round.period,
    minimumGroupSize: k,
    invited: frozen.invited,
    n: root?.n ?? null,
    nodes: nodes.map((node): NodeResult => {
      const state = status.get(node.id) ?? 'too-few'
      return results.get(node.id) ?? { ...nameOf(node), hidden: state === 'published' ? 'too-few' : state }
    }),
    gaps,
    terms,
    audit: auditOf(cohorts, input.ballots),
    comments: root ? readable(input, root.n) : [],
    inputs,
  }
}

/**
 * The last check before anything is published, by another rule than those that decided: from no family of groups, all
 * groups of one measure together, can fewer than k people be worked out. That it never speaks up is what the tests are for.
 *
 * @throws Error where one could; then nothing is published
 */
function refuseIsolating(
  { nodes, items, minimumGroupSize: k }: FrozenRound,
  counted: Tally,
  results: ReadonlyMap<string, NodeFigures>,
): void {
  const children = childrenOf(nodes)
  const below = (id: string): string[] => [id, ...(children.get(id) ?? []).flatMap(below)]
  const groupOf = new Map(nodes.map(({ id }) => [id, new Set(below(id))]))
  const check = (people: (id: string) => number, isShown: (node: NodeFigures) => boolean) => {
    const own = (id: string) => people(id) - total((children.get(id) ?? []).map(people))
    const groups = [...results.values()].flatMap((node) => (isShown(node) ? [groupOf.get(node.id) as Set<string>] : []))
    const cells = nodes.map(({ id }) => ({ id, people: own(id) }))
    if (isolated(groups, cells, k) !== null) throw new Error('This publication would single out fewer people than the minimum group size.')
  }
  check(
    (id) => counted.ballots.get(id) ?? 0,
    () => true,
  )
  for (const item of items) {
    const figureOf = (node: NodeFigures) => (item.kind === 'headline' ? node.headline : (node.items[item.id] ?? node.definitions[item.id]))
    const peopleAt = (id: string) =>
      item.kind === 'definition'
        ? total(counted.definitions.get(item.id)?.get(id) ?? [])
        : size(counted.items.get(item.id)?.get(id) ?? noAnswers)
    check(peopleAt, (node) => !isHidden(figureOf(node)))
  }
}

/** More ballots than links were collected: somebody else than this server signed one. */
function auditOf(cohorts: PublishInput['cohorts'], ballots: PublishInput['ballots']): RoundResult['audit'] {
  const cast = new Map<string, number>()
  for (const { cohort } of ballots) cast.set(cohort, (cast.get(cohort) ?? 0) + 1)
  const exceeded = cohorts.filter(({ cohort, issued }) => (cast.get(cohort) ?? 0) > issued).map(({ nodeId }) => nodeId)
  return { passed: exceeded.length === 0, exceeded }
}

/** Which nodes of a round are shown, by ballots in each whole subtree: while it is open, and when it is published. */
export function publishedNodes(
  { nodes, minimumGroupSize: k }: Pick<FrozenRound, 'nodes' | 'minimumGroupSize'>,
  ballots: ReadonlyMap<string, number>,
): Map<string, Publication> {
  return protect(nodes, ballots, k, comparedSides(nodes, ballots, k))
}

interface Measured {
  items: readonly Item[]
  tally: Tally
  disclosures: Disclosures
  invited: ReadonlyMap<string, number>
}

// ── Nodes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Disclosures {
  items: ReadonlyMap<string, Disclosure>
  definitions: ReadonlyMap<string, Disclosure>
  /** By theme: nodes where the spread of people over its items may be said. */
  spreads: ReadonlyMap<Theme, ReadonlySet<string>>
}

function discloseAll(
  { nodes: all, items, minimumGroupSize: k }: FrozenRound,
  nodes: readonly TreeNode[],
  { themes, items: counts, definitions }: Tally,
): Disclosures {
  const kept = (people: ReadonlyMap<string, number>) => comparedSides(all, people, k)
  const ofItems = new Map(
    [...counts].map(([id, measure]) => [id, disclose(nodes, k, measure, kept(peopleIn(measure, (of) => Object.values(of))))]),
  )
  return {
    items: ofItems,
    definitions: new Map(
      [...definitions].map(([id, options]) => [id, discloseOptions(nodes, k, options, kept(peopleIn(options, (of) => of)))]),
    ),
    spreads: new Map(
      [...themes].map(([theme, patterns]) => {
        const own = themeItems(items, theme).map(({ id }) => ofItems.get(id) as Disclosure)
        return [theme, openSpreads(nodes, k, own, patterns, kept(peopleIn(patterns, (of) => of.map(({ people }) => people))))]
      }),
    ),
  }
}

const peopleIn = <T>(measure: ReadonlyMap<string, T>, counts: (of: T) => readonly number[]): Map<string, number> =>
  new Map([...measure].map(([id, of]) => [id, total(counts(of))]))

const nameOf = ({ id, parentId, name, side }: ReportingNode) => ({ id, parentId, name, side })

function figuresOf(node: ReportingNode, measured: Measured): NodeFigures {
  const { items, tally: counted, disclosures } = measured
  const { id } = node
  const invited = measured.invited.get(id) ?? 0
  const parts = [...counted.themes.keys()].map((theme) => ({ theme, parts: partsOf(id, theme, measured) }))
  const itemFigures = themeItemFigures(items, parts)
  const said = Object.values(itemFigures)
    .map(classesIn)
    .filter((counts) => counts !== null)
  return {
    ...nameOf(node),
    invited,
    n: counted.ballots.get(id) ?? 0,
    headline: headlineFigure(id, measured),
    themes: Object.fromEntries(
      parts.map(({ theme, parts: own }) => [
        theme,
        themeFigure(own, patternsAt(id, theme, measured), { spread: disclosures.spreads.get(theme)?.has(id) ?? false, invited }),
      ]),
    ),
    items: itemFigures,
    definitions: Object.fromEntries(
      items.flatMap((item) => (item.kind === 'definition' ? [[item.id, definitionFigure(id, item, measured)]] : [])),
    ),
    classes: said.length > 0 ? totalCounts(said) : null,
  }
}

/** In the order of the page. */
function themeItemFigures(items: readonly Item[], parts: readonly { theme: Theme; parts: readonly ItemPart[] }[]): NodeFigures['items'] {
  const figures = new Map(
    parts.flatMap(({ theme, parts: own }) => themeItems(items, theme).map(({ id }, index) => [id, (own[index] as ItemPart).figure])),
  )
  return Object.fromEntries(items.flatMap(({ id }) => (figures.has(id) ? [[id, figures.get(id) as Figure | Hidden]] : [])))
}

const patternsAt = (id: string, theme: Theme, { tally: counted }: Measured): Patterns => counted.themes.get(theme)?.get(id) ?? []

/** The items of a theme as they are shown at a node. */
function partsOf(id: string, theme: Theme, { items, tally: counted, disclosures, invited }: Measured): ItemPart[] {
  return themeItems(items, theme).map((item, position) => {
    const counts = counted.items.get(item.id)?.get(id) ?? noAnswers
    const disclosure = disclosures.items.get(item.id) as Disclosure
    const figure = itemFigure(id, counts, disclosure, { scale: 'favourability', invited: invited.get(id) ?? 0 })
    return { position, counts, figure, exact: disclosure.exact.has(id) }
  })
}

function headlineFigure(id: string, { items, tally: counted, disclosures, invited }: Measured): Figure | Hidden {
  const headline = items.find((item) => item.kind === 'headline')
  if (!headline) return { hidden: 'too-few' }
  const counts = counted.items.get(headline.id)?.get(id) ?? noAnswers
  return itemFigure(id, counts, disclosures.items.get(headline.id) as Disclosure, { scale: 'net', invited: invited.get(id) ?? 0 })
}

const isHidden = (figure: Figure | DefinitionFigure | Hidden | undefined): figure is Hidden | undefined =>
  figure === undefined || 'hidden' in figure

const classesIn = (figure: Figure | Hidden | undefined): Counts | null => (isHidden(figure) ? null : figure.classes)

function definitionFigure(
  id: string,
  item: Item & { kind: 'definition' },
  { tally: counted, disclosures }: Measured,
): DefinitionFigure | Hidden {
  const disclosure = disclosures.definitions.get(item.id)
  const hidden = disclosure?.hidden.get(id)
  const counts = counted.definitions.get(item.id)?.get(id) ?? []
  if (hidden || !disclosure) return hidden ?? { hidden: 'too-few' }
  const options = disclosure.broken.has(id)
    ? Object.fromEntries(counts.map((count, index) => [item.options[index] as string, count]))
    : null
  return { n: total(counts), options }
}

function invitedBelow(nodes: readonly TreeNode[], cohorts: PublishInput['cohorts']): Map<string, number> {
  const children = childrenOf(nodes)
  const own = new Map<string, number>()
  for (const { nodeId, invited } of cohorts) own.set(nodeId, (own.get(nodeId) ?? 0) + invited)
  const below = (id: string): number => (own.get(id) ?? 0) + total((children.get(id) ?? []).map(below))
  return new Map(nodes.map(({ id }) => [id, below(id)]))
}

// ── Sales and marketing ─────────────────────────────────────────────────────────────────────────────────────────────

function betweenSides(
  measured: Measured,
  nodes: readonly ReportingNode[],
  results: ReadonlyMap<string, NodeFigures>,
  voices: readonly Voice[],
): { gaps: ThemeGap[]; terms: TermAgreement[]; inputs: ScoreInputs } {
  // The tree has at most one topmost node a side, and it is the whole side (reporting-tree.ts).
  const at: BySide<NodeFigures | undefined> = {
    sales: results.get(topmost(nodes, 'sales')[0]?.id ?? ''),
    marketing: results.get(topmost(nodes, 'marketing')[0]?.id ?? ''),
  }
  if (!at.sales || !at.marketing) {
    return { gaps: [], terms: [], inputs: nothing(results.size === 0 ? 'no-answers' : 'one-side') }
  }
  const shown = { sales: at.sales, marketing: at.marketing }
  const sideOf = new Map(nodes.map(({ id, side }) => [id, side]))
  const themes = [...measured.tally.themes.keys()].flatMap((theme) => themeSource(theme, measured, shown))
  const terms = measured.items.flatMap((item, index) => (item.kind === 'definition' ? termSource(item, index, measured, shown) : []))
  const scored = scoreInputs({
    items: measured.items,
    voices: {
      sales: voices.filter(({ nodeId }) => sideOf.get(nodeId) === 'sales'),
      marketing: voices.filter(({ nodeId }) => sideOf.get(nodeId) === 'marketing'),
    },
    themes,
    terms,
  })
  return { gaps: gapsOf(themes, measured, shown, scored.inputs), terms: scored.terms, inputs: scored.inputs }
}

const nothing = (missing: 'one-side' | 'no-answers'): ScoreInputs => ({
  themes: [],
  terms: [],
  covariance: { perception: 0, terms: 0, both: 0 },
  degreesOfFreedom: 0,
  missing,
})

function themeSource(theme: Theme, measured: Measured, at: BySide<NodeFigures>): ThemeSource[] {
  const { items, disclosures } = measured
  const parts = partsAtSides(theme, measured, at)
  const [first] = parts.sales
  if (!first) return []
  const own = themeItems(items, theme)
  const isComplete = parts.sales.length === own.length
  const isCoarse = sides.some((side) => parts[side].some(({ exact }) => !exact))
  return [
    {
      theme,
      items: parts.sales.map(({ position }) => items.indexOf(own[position] as Item)),
      common: bySide((side) => parts[side].map(({ counts }) => commonClass(counts))),
      withClasses: isCoarse ? [] : sides.filter((side) => parts[side].every(({ figure }) => classesIn(figure) !== null)),
      coarse: isCoarse,
      open: sides.every((side) =>
        parts.sales.length === 1
          ? parts[side].every(({ figure }) => classesIn(figure) !== null)
          : isComplete && disclosures.spreads.get(theme)?.has(at[side].id),
      ),
    },
  ]
}

/** The items of a theme that both sides show. */
function partsAtSides(theme: Theme, measured: Measured, at: BySide<NodeFigures>): BySide<ItemPart[]> {
  const parts = bySide((side) => shownParts(partsOf(at[side].id, theme, measured)))
  const both = ({ position }: ItemPart) => sides.every((side) => parts[side].some((part) => part.position === position))
  return bySide((side) => parts[side].filter(both))
}

const bySide = <T>(of: (side: keyof BySide<T>) => T): BySide<T> => ({ sales: of('sales'), marketing: of('marketing') })

function termSource(
  item: Item & { kind: 'definition' },
  index: number,
  { tally: counted, disclosures }: Measured,
  at: BySide<NodeFigures>,
): TermSource[] {
  if (sides.some((side) => isHidden(at[side].definitions[item.id]))) return []
  const counts = (side: keyof typeof at) => counted.definitions.get(item.id)?.get(at[side].id) ?? []
  const common = (side: keyof typeof at) =>
    isUnanimous(total(counts(side)), counts(side)) ? counts(side).indexOf(Math.max(...counts(side))) : null
  return [
    {
      term: item.term,
      itemId: item.id,
      item: index,
      options: item.options.length - 1,
      common: { sales: common('sales'), marketing: common('marketing') },
      small: sides.filter((side) => !disclosures.definitions.get(item.id)?.exact.has(at[side].id)),
    },
  ]
}

/** One a theme that both sides publish with a value; where one side is coarse, all of the gap is. */
function gapsOf(sources: readonly ThemeSource[], measured: Measured, at: BySide<NodeFigures>, inputs: ScoreInputs): ThemeGap[] {
  const gaps = sources.flatMap((source, index) => {
    const parts = partsAtSides(source.theme, measured, at)
    if (sides.some((side) => sharedClass(parts[side]) !== null)) return []
    const { sales, marketing, distance } = inputs.themes[index] as ScoreInputs['themes'][number]
    const positions = parts.sales.map(({ position }) => position)
    const estimateAt = (side: keyof typeof at, value: number) => {
      const patterns = patternsAt(at[side].id, source.theme, measured)
      const theta = value / 50 - 1
      if (source.coarse || !source.open) return coarseEstimate(theta, peopleWho(patterns, positions))
      return positions.length === 1 ? estimate((parts[side][0] as ItemPart).counts) : spreadOf(patterns, positions, theta)
    }
    const { interval, p } = compare(estimateAt('marketing', marketing), estimateAt('sales', sales))
    const gap = sales - marketing
    // Shrunken estimates of two sides far apart can leave the raw gap just outside: it belongs in.
    const covering = { low: Math.min(50 * interval.low, gap), high: Math.max(50 * interval.high, gap) }
    return [{ theme: source.theme, sales, marketing, gap, interval: source.coarse ? outward(covering, 5) : covering, distance, p }]
  })
  const adjusted = adjustedP(gaps.map(({ p }) => p))
  return gaps.map((gap, index) => ({ ...gap, p: adjusted[index] as number }))
}

// ── Comments ────────────────────────────────────────────────────────────────────────────────────────────────────────

const respondentsForComments = 10
const commentersForComments = 3

/** Only for everybody together: without a group, a time, an order, a name, an address or a number to call. */
function readable({ comments, names, shuffle }: PublishInput, n: number): string[] {
  const texts = comments.map(({ text }) => cleanLine(text)).filter((text) => text !== '')
  if (n < respondentsForComments || texts.length < commentersForComments) return []
  return shuffle(texts.map((text) => maskNames(withoutContacts(text), names)))
}

const withoutContacts = (text: string) =>
  findContacts(text).reduceRight((masked, { start, end }) => `${masked.slice(0, start)}•••${masked.slice(end)}`, text)
