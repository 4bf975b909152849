/** From ballots to what everybody may read: the only way from one to the other. */

import type { Answer } from './ballot'
import { type Counts, compare, totalCounts } from './favourability'
import { classesOf, coarseEstimate, commonClass, type Disclosure, disclose, estimateOf, figureAt, isUnanimous, outward } from './figures'
import { adjustedP } from './multiplicity'
import { topmost } from './reporting-tree'
import type { DefinitionFigure, Figure, Hidden, NodeFigures, NodeResult, RoundResult, ScoreInputs, TermAgreement, ThemeGap } from './result'
import type { FrozenRound, Item, ReportingNode, Theme } from './round'
import { methodVersion } from './score'
import { type BySide, scoreInputs, sides, type TermSource, type ThemeSource } from './score-inputs'
import { total } from './statistics'
import { childrenOf, protect, restrict, type TreeNode } from './suppression'
import { type Measure, type Tally, tally, themeItems, type Voice, voicesOf } from './tally'
import { cleanLine } from './text'

export interface PublishInput {
  round: { id: string; number: number; period: string }
  frozen: FrozenRound
  /** `issued`: how many links a ballot was collected with. */
  cohorts: readonly { cohort: string; nodeId: string; invited: number; issued: number }[]
  ballots: readonly { cohort: string; answers: readonly Answer[] }[]
  comments: readonly { cohort: string; text: string }[]
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
  const status = protect(nodes, counted.ballots, k)
  const published = restrict(nodes, (id) => status.get(id) === 'published')
  const disclosures = discloseAll(published, k, counted)
  const measured: Measured = { items, tally: counted, disclosures, invited: invitedBelow(nodes, cohorts) }

  const results = new Map(published.map((node) => [node.id, figuresOf(node, measured)]))
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
    comments: root ? readable(input.comments, root.n, input.shuffle) : [],
    inputs,
  }
}

/** More ballots than links were collected: somebody else than this server signed one. */
function auditOf(cohorts: PublishInput['cohorts'], ballots: PublishInput['ballots']): RoundResult['audit'] {
  const cast = new Map<string, number>()
  for (const { cohort } of ballots) cast.set(cohort, (cast.get(cohort) ?? 0) + 1)
  const exceeded = cohorts.filter(({ cohort, issued }) => (cast.get(cohort) ?? 0) > issued).map(({ nodeId }) => nodeId)
  return { passed: exceeded.length === 0, exceeded }
}

interface Measured {
  items: readonly Item[]
  tally: Tally
  disclosures: Disclosures
  invited: ReadonlyMap<string, number>
}

// ── Nodes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Disclosures {
  themes: ReadonlyMap<Theme, Disclosure>
  items: ReadonlyMap<string, Disclosure>
  definitions: ReadonlyMap<string, Disclosure>
}

function discloseAll(nodes: readonly TreeNode[], k: number, { themes, items, definitions }: Tally): Disclosures {
  const ofMeasure = (measure: Measure) =>
    disclose(nodes, k, new Map([...measure].map(([id, { n }]) => [id, n])), (id) => {
      const spread = measure.get(id)
      return spread ? classesOf(spread.alike) : []
    })
  const ofOptions = (counts: ReadonlyMap<string, readonly number[]>) =>
    disclose(nodes, k, new Map([...counts].map(([id, options]) => [id, total(options)])), (id) => counts.get(id) ?? [])
  return {
    themes: new Map([...themes].map(([theme, measure]) => [theme, ofMeasure(measure)])),
    items: new Map([...items].map(([id, measure]) => [id, ofMeasure(measure)])),
    definitions: new Map([...definitions].map(([id, counts]) => [id, ofOptions(counts)])),
  }
}

const nameOf = ({ id, parentId, name, side }: ReportingNode) => ({ id, parentId, name, side })

function figuresOf(node: ReportingNode, measured: Measured): NodeFigures {
  const { items, tally: counted, disclosures } = measured
  const { id } = node
  const invited = measured.invited.get(id) ?? 0
  const itemFigure = (item: Item): Figure | Hidden => {
    const measure = counted.items.get(item.id)
    const disclosure = disclosures.items.get(item.id)
    if (!measure || !disclosure) return { hidden: 'too-few' }
    const classes = disclosure.broken.has(id) ? { ...(measure.get(id)?.alike as Counts) } : null
    return figureAt(id, measure, disclosure, { scale: item.kind === 'headline' ? 'net' : 'favourability', items: 1, invited, classes })
  }
  const agreement = items.filter((item) => item.kind === 'agreement')
  const itemFigures = new Map(agreement.map((item) => [item.id, itemFigure(item)]))
  const themeFigure = (theme: Theme, measure: Measure): Figure | Hidden => {
    const own = themeItems(items, theme)
    const classes = own.map((item) => classesIn(itemFigures.get(item.id)))
    return figureAt(id, measure, disclosures.themes.get(theme) as Disclosure, {
      scale: 'favourability',
      items: own.length,
      invited,
      // The sum of what its items say and not a class more: the difference could be a hidden item's.
      classes: classes.every((counts) => counts !== null) ? totalCounts(classes) : null,
    })
  }
  const said = [...itemFigures.values()].map(classesIn).filter((counts) => counts !== null)
  const headline = items.find((item) => item.kind === 'headline')
  return {
    ...nameOf(node),
    invited,
    n: counted.ballots.get(id) ?? 0,
    headline: headline ? itemFigure(headline) : { hidden: 'too-few' },
    themes: Object.fromEntries([...counted.themes].map(([theme, measure]) => [theme, themeFigure(theme, measure)])),
    items: Object.fromEntries(itemFigures),
    definitions: Object.fromEntries(
      items.flatMap((item) => (item.kind === 'definition' ? [[item.id, definitionFigure(id, item, measured)]] : [])),
    ),
    classes: said.length > 0 ? totalCounts(said) : null,
  }
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

function themeSource(theme: Theme, { items, tally: counted, disclosures }: Measured, at: BySide<NodeFigures>): ThemeSource[] {
  if (sides.some((side) => isHidden(at[side].themes[theme]))) return []
  const own = themeItems(items, theme)
  const compared = own.filter((item) => sides.every((side) => !isHidden(at[side].items[item.id])))
  if (compared.length === 0) return []
  const measure = counted.themes.get(theme) as Measure
  const common = (side: keyof typeof at) => commonClass(measure.get(at[side].id) as NonNullable<ReturnType<Measure['get']>>)
  return [
    {
      theme,
      items: own.map((item) => items.indexOf(item)),
      compared: compared.map((item) => items.indexOf(item)),
      common: { sales: common('sales'), marketing: common('marketing') },
      withClasses: sides.filter((side) => classesIn(at[side].themes[theme]) !== null),
      coarse: sides.some((side) => !disclosures.themes.get(theme)?.exact.has(at[side].id)),
    },
  ]
}

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
function gapsOf(sources: readonly ThemeSource[], { tally: counted }: Measured, at: BySide<NodeFigures>, inputs: ScoreInputs): ThemeGap[] {
  const gaps = sources.flatMap((source, index) => {
    if (source.common.sales || source.common.marketing) return []
    const { sales, marketing, distance } = inputs.themes[index] as ScoreInputs['themes'][number]
    const measure = counted.themes.get(source.theme) as Measure
    const estimate = (side: keyof typeof at, value: number) => {
      const spread = measure.get(at[side].id) as NonNullable<ReturnType<Measure['get']>>
      return source.coarse ? coarseEstimate(value / 50 - 1, spread.n) : estimateOf(spread, source.items.length)
    }
    const { interval, p } = compare(estimate('marketing', marketing), estimate('sales', sales))
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

/** Only for everybody together: without a group, a time, an order, an address or a number to call. */
function readable(comments: PublishInput['comments'], n: number, shuffle: PublishInput['shuffle']): string[] {
  const texts = comments.map(({ text }) => cleanLine(text)).filter((text) => text !== '')
  if (n < respondentsForComments || texts.length < commentersForComments) return []
  return shuffle(texts.map((text) => withoutContacts(text)))
}

const withoutContacts = (text: string) =>
  text.replace(address, '•••').replace(digits, (found) => (found.replace(/\D/g, '').length >= 9 ? '•••' : found))
const address = /[^\s@<>(),;:]+@[^\s@<>(),;:]+\.[^\s@<>(),;:]+/gu
const digits = /\+?\d[\d\s().-]{7,}\d/gu
