/** What sales and marketing say of each other's questions: gaps, terms, and what the score takes from them. */
import { correctedDistance, distance, nullOf } from './distance'
import { compare, estimate, favourability, netShare } from './favourability'
import { coarseEstimate, commonClass, type ItemPart, isUnanimous, outward, sharedClass, shownParts, spreadOf } from './figures'
import { adjustedP } from './multiplicity'
import { classesIn, isHidden, type Measured, partsOf, patternsAt } from './node-figures'
import { topmost } from './reporting-tree'
import type { Interval, NodeFigures, ScoreInputs, StatementGap, TermAgreement, ThemeGap } from './result'
import type { Item, ReportingNode, Theme } from './round'
import { type BySide, bySide, scoreInputs, sides, type TermSource, type ThemeSource } from './score-inputs'
import { total } from './statistics'
import { peopleWho, themeItems, type Voice } from './tally'

/** Of the topmost node of each side; nothing where one of them is not published. */
export function betweenSides(
  measured: Measured,
  nodes: readonly ReportingNode[],
  results: ReadonlyMap<string, NodeFigures>,
  voices: readonly Voice[],
): { gaps: ThemeGap[]; statements: StatementGap[]; terms: TermAgreement[]; inputs: ScoreInputs } {
  // The tree has at most one topmost node a side, and it is the whole side (reporting-tree.ts).
  const at = bySide((side) => results.get(topmost(nodes, side)[0]?.id ?? ''))
  const asked = {
    themes: [...measured.tally.themes.keys()],
    terms: measured.items.flatMap((item) => (item.kind === 'definition' ? [item.term] : [])),
  }
  if (!at.sales || !at.marketing) {
    return { gaps: [], statements: [], terms: [], inputs: { ...nothing(results.size === 0 ? 'no-answers' : 'one-side'), asked } }
  }
  const shown = { sales: at.sales, marketing: at.marketing }
  const sideOf = new Map(nodes.map(({ id, side }) => [id, side]))
  const themes = asked.themes.flatMap((theme) => themeSource(theme, measured, shown))
  const terms = measured.items.flatMap((item, index) => (item.kind === 'definition' ? termSource(item, index, measured, shown) : []))
  const scored = scoreInputs({
    items: measured.items,
    voices: bySide((side) => voices.filter(({ nodeId }) => sideOf.get(nodeId) === side)),
    themes,
    terms,
  })
  return {
    gaps: gapsOf(themes, measured, shown, scored.inputs),
    statements: statementGaps(measured, shown),
    terms: scored.terms,
    inputs: { ...scored.inputs, asked },
  }
}

const nothing = (missing: 'one-side' | 'no-answers'): ScoreInputs => ({
  themes: [],
  terms: [],
  uncertainty: [],
  termsVariance: 0,
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
      common: bySide(common),
      small: sides.filter((side) => !disclosures.definitions.get(item.id)?.exact.has(at[side].id)),
    },
  ]
}

/** One a theme that both sides publish with a value; where one side is coarse, all of the gap is. */
function gapsOf(sources: readonly ThemeSource[], measured: Measured, at: BySide<NodeFigures>, inputs: ScoreInputs): ThemeGap[] {
  const gaps = sources.flatMap((source, index) => {
    const parts = partsAtSides(source.theme, measured, at)
    if (sides.some((side) => sharedClass(parts[side]) !== null)) return []
    const { sales, marketing, distance: apart } = inputs.themes[index] as ScoreInputs['themes'][number]
    const positions = parts.sales.map(({ position }) => position)
    const estimateAt = (side: keyof typeof at, value: number) => {
      const patterns = patternsAt(at[side].id, source.theme, measured)
      const theta = value / 50 - 1
      if (source.coarse || !source.open) return coarseEstimate(theta, peopleWho(patterns, positions))
      return positions.length === 1 ? estimate((parts[side][0] as ItemPart).counts) : spreadOf(patterns, positions, theta)
    }
    const { interval, p } = compare(estimateAt('marketing', marketing), estimateAt('sales', sales))
    const gap = sales - marketing
    const covering = covered(interval, gap)
    return [{ theme: source.theme, sales, marketing, gap, interval: source.coarse ? outward(covering, 5) : covering, distance: apart, p }]
  })
  const adjusted = adjustedP(gaps.map(({ p }) => p))
  return gaps.map((gap, index) => ({ ...gap, p: adjusted[index] as number }))
}

/** Shrunken estimates of two sides far apart can leave the raw gap just outside: it belongs in. */
const covered = ({ low, high }: Interval, gap: number): Interval => ({ low: Math.min(50 * low, gap), high: Math.max(50 * high, gap) })

/** Made of the published classes alone; their chance is exact, which needs one statement at a time. */
function statementGaps({ items }: Measured, at: BySide<NodeFigures>): StatementGap[] {
  const found = items.flatMap((item): StatementGap[] => {
    const [sales, marketing] = sides.map((side) => (item.kind === 'agreement' ? classesIn(at[side].items[item.id]) : null))
    const chance = sales && marketing && nullOf(sales, marketing)
    if (!sales || !marketing || !chance) return []
    const levels = { sales: favourability(netShare(sales) as number), marketing: favourability(netShare(marketing) as number) }
    const gap = levels.sales - levels.marketing
    const apart = correctedDistance([(distance(sales, marketing) as number) ** 2 - chance.meanSquare])
    const { interval } = compare(estimate(marketing), estimate(sales))
    return [{ itemId: item.id, ...levels, gap, interval: covered(interval, gap), distance: apart, p: chance.p }]
  })
  const adjusted = adjustedP(found.map(({ p }) => p))
  return found.map((one, index) => ({ ...one, p: adjusted[index] as number }))
}
