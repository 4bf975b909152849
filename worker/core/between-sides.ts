/** What sales and marketing say of each other's questions: gaps, terms, and what the score takes from them. */
import { numericDefinition, writtenAgreement } from './definitions'
import { correctedDistance, distance, nullOf } from './distance'
import { compare, estimate, favourability, netShare } from './favourability'
import { coarseEstimate, commonClass, type ItemPart, isUnanimous, outward, sharedClass, shownParts, spreadOf } from './figures'
import { adjustedP } from './multiplicity'
import { classesIn, isHidden, type Measured, partsOf, patternsAt } from './node-figures'
import { topmost } from './reporting-tree'
import type {
  Interval,
  NodeFigures,
  NumberAgreement,
  ScoreInputs,
  StatementGap,
  TermAgreement,
  ThemeGap,
  VignetteAgreement,
} from './result'
import { countedBy, type Item, isTermItem, type ReportingNode, type TermItem, type Theme } from './round'
import { type BySide, bySide, scoreInputs, sides, type TermSource, type ThemeSource, termAgreement } from './score-inputs'
import { total } from './statistics'
import { peopleWho, themeItems, type Voice } from './tally'

/** Of the topmost node of each side; nothing where one of them is not published. */
export function betweenSides(
  measured: Measured,
  nodes: readonly ReportingNode[],
  results: ReadonlyMap<string, NodeFigures>,
  voices: readonly Voice[],
): {
  gaps: ThemeGap[]
  statements: StatementGap[]
  terms: TermAgreement[]
  vignettes: VignetteAgreement[]
  numbers: NumberAgreement[]
  inputs: ScoreInputs
} {
  // The tree has at most one topmost node a side, and it is the whole side (reporting-tree.ts).
  const at = bySide((side) => results.get(topmost(nodes, side)[0]?.id ?? ''))
  const asked = {
    themes: [...measured.tally.themes.keys()],
    terms: measured.items.flatMap((item) => (item.kind === 'definition' ? [item.term] : [])),
  }
  if (!at.sales || !at.marketing) {
    const inputs = { ...nothing(results.size === 0 ? 'no-answers' : 'one-side'), asked }
    return { gaps: [], statements: [], terms: [], vignettes: [], numbers: [], inputs }
  }
  const shown = { sales: at.sales, marketing: at.marketing }
  const sideOf = new Map(nodes.map(({ id, side }) => [id, side]))
  const themes = asked.themes.flatMap((theme) => themeSource(theme, measured, shown))
  const sources = measured.items.flatMap((item, index) => (isTermItem(item) ? termSource(item, index, measured, shown) : []))
  const voicesAt = bySide((side) => voices.filter(({ nodeId }) => sideOf.get(nodeId) === side))
  const terms = sources.filter(({ item }) => item.kind === 'definition')
  const scored = scoreInputs({ items: measured.items, voices: voicesAt, themes, terms })
  return {
    gaps: gapsOf(themes, measured, shown, scored.inputs),
    statements: statementGaps(measured, shown),
    terms: scored.terms.map((term, index) => ({ ...term, ...writtenOf(terms[index] as TermSource, shown) })),
    vignettes: sources.flatMap((source) => (source.item.kind === 'vignette' ? [termAgreement(source, voicesAt)] : [])),
    numbers: sources.flatMap((source) =>
      source.item.kind === 'number'
        ? [{ ...termAgreement(source, voicesAt), unit: source.item.unit, ...inUnits(source.item, measured, shown) }]
        : [],
    ),
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

function termSource(item: TermItem, index: number, { tally: counted, disclosures }: Measured, at: BySide<NodeFigures>): TermSource[] {
  if (sides.some((side) => isHidden(at[side].definitions[item.id]))) return []
  const counts = (side: keyof typeof at) => counted.definitions.get(item.id)?.get(at[side].id) ?? []
  const common = (side: keyof typeof at) =>
    isUnanimous(total(counts(side)), counts(side)) ? counts(side).indexOf(Math.max(...counts(side))) : null
  return [
    {
      item,
      position: index,
      common: bySide(common),
      small: sides.filter((side) => !disclosures.definitions.get(item.id)?.exact.has(at[side].id)),
    },
  ]
}

/** Made of the published options alone. */
function writtenOf({ item }: TermSource, at: BySide<NodeFigures>): Pick<TermAgreement, 'written'> {
  if (item.kind !== 'definition' || item.official === undefined) return {}
  const place = countedBy(item).indexOf(item.official)
  const share = (side: keyof typeof at) => {
    const counts = optionsAt(at[side], item)
    return counts && writtenAgreement(counts, place)
  }
  return { written: { option: item.official, sales: share('sales'), marketing: share('marketing') } }
}

/** How many chose each option or gave a number of each band, where that is said. */
function optionsAt({ definitions }: NodeFigures, item: TermItem): number[] | null {
  const figure = definitions[item.id]
  if (isHidden(figure) || !figure.options) return null
  const { options } = figure
  return countedBy(item).map((name) => options[name] as number)
}

/** Only where both sides say their bands: then at least ten people are behind each number, and behind every difference. */
function inUnits(
  item: TermItem,
  { tally: counted }: Measured,
  at: BySide<NodeFigures>,
): Pick<NumberAgreement, 'medianSales' | 'medianMarketing' | 'distance'> {
  const values = (side: keyof typeof at) =>
    (counted.answers.get(item.id)?.get(at[side].id) ?? []).flatMap((people, value) => new Array<number>(people).fill(value))
  const isOpen = sides.every((side) => optionsAt(at[side], item) !== null)
  const found = isOpen ? numericDefinition(values('sales'), values('marketing')) : null
  return {
    medianSales: found && Math.round(found.medianSales),
    medianMarketing: found && Math.round(found.medianMarketing),
    distance: found && Math.round(found.distance),
  }
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
