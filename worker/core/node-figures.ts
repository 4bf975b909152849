/** What may be said of every node of a round, measure by measure. */
import { type Counts, noAnswers, totalCounts } from './favourability'
import { coarse, type Disclosure, disclose, discloseOptions, type ItemPart, itemFigure, openSpreads, themeFigure } from './figures'
import { comparedSides } from './reporting-tree'
import type { DefinitionFigure, Figure, Hidden, NodeFigures } from './result'
import { countedBy, type FrozenRound, type Item, isTermItem, type ReportingNode, type TermItem, type Theme } from './round'
import { total } from './statistics'
import type { TreeNode } from './suppression'
import { type Patterns, type Tally, themeItems } from './tally'
import { withinTeam } from './within-team'

/** A counted round, and what of it may be said. */
export interface Measured {
  items: readonly Item[]
  tally: Tally
  disclosures: Disclosures
  /** People of each whole subtree. */
  invited: ReadonlyMap<string, number>
}

export interface Disclosures {
  items: ReadonlyMap<string, Disclosure>
  definitions: ReadonlyMap<string, Disclosure>
  /** By theme: nodes where the spread of people over its items may be said. */
  spreads: ReadonlyMap<Theme, ReadonlySet<string>>
}

/** Decides for each measure again, by the people who answered it, within the nodes that are published. */
export function discloseAll(
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

export const nameOf = ({ id, parentId, name, side }: ReportingNode) => ({ id, parentId, name, side })

export function figuresOf(node: ReportingNode, measured: Measured): NodeFigures {
  const { items, tally: counted, disclosures } = measured
  const { id } = node
  const invited = measured.invited.get(id) ?? 0
  const parts = [...counted.themes.keys()].map((theme) => ({ theme, parts: partsOf(id, theme, measured) }))
  const itemFigures = themeItemFigures(id, parts, measured)
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
    definitions: Object.fromEntries(items.flatMap((item) => (isTermItem(item) ? [[item.id, definitionFigure(id, item, measured)]] : []))),
    classes: said.length > 0 ? totalCounts(said) : null,
  }
}

/** In the order of the page. */
function themeItemFigures(
  id: string,
  parts: readonly { theme: Theme; parts: readonly ItemPart[] }[],
  measured: Measured,
): NodeFigures['items'] {
  const { items } = measured
  const figures = new Map(
    parts.flatMap(({ theme, parts: own }) =>
      themeItems(items, theme).map((item, index) => [item.id, withAgreement(id, item, (own[index] as ItemPart).figure, measured)]),
    ),
  )
  return Object.fromEntries(items.flatMap((item) => (figures.has(item.id) ? [[item.id, figures.get(item.id) as Figure | Hidden]] : [])))
}

/**
 * Where the classes may be said, so may how far the single answers are from each other: it is of the same ten people or
 * more in every difference.
 */
function withAgreement(id: string, item: Item, figure: Figure | Hidden, { tally: counted }: Measured): Figure | Hidden {
  if (isHidden(figure)) return figure
  const found = figure.classes && withinTeam(counted.answers.get(item.id)?.get(id) ?? [])
  if (!found) return figure
  const { averageDeviation, agreement, twoCamps } = found
  return { ...figure, within: { averageDeviation: coarse(averageDeviation, 0.01), agreement, twoCamps } }
}

export const patternsAt = (id: string, theme: Theme, { tally: counted }: Measured): Patterns => counted.themes.get(theme)?.get(id) ?? []

/** The items of a theme as they are shown at a node. */
export function partsOf(id: string, theme: Theme, { items, tally: counted, disclosures, invited }: Measured): ItemPart[] {
  return themeItems(items, theme).map((item, position) => {
    const counts = counted.items.get(item.id)?.get(id) ?? noAnswers
    const disclosure = disclosures.items.get(item.id) as Disclosure
    const figure = itemFigure(id, counts, disclosure, { scale: 'favourability', invited: invited.get(id) ?? 0 })
    return { position, counts, figure, exact: disclosure.exact.has(id) }
  })
}

function headlineFigure(id: string, measured: Measured): Figure | Hidden {
  const { items, tally: counted, disclosures, invited } = measured
  const headline = items.find((item) => item.kind === 'headline')
  if (!headline) return { hidden: 'too-few' }
  const counts = counted.items.get(headline.id)?.get(id) ?? noAnswers
  const disclosure = disclosures.items.get(headline.id) as Disclosure
  return withAgreement(id, headline, itemFigure(id, counts, disclosure, { scale: 'net', invited: invited.get(id) ?? 0 }), measured)
}

export const isHidden = (figure: Figure | DefinitionFigure | Hidden | undefined): figure is Hidden | undefined =>
  figure === undefined || 'hidden' in figure

export const classesIn = (figure: Figure | Hidden | undefined): Counts | null => (isHidden(figure) ? null : figure.classes)

function definitionFigure(id: string, item: TermItem, { tally: counted, disclosures }: Measured): DefinitionFigure | Hidden {
  const disclosure = disclosures.definitions.get(item.id)
  const hidden = disclosure?.hidden.get(id)
  const counts = counted.definitions.get(item.id)?.get(id) ?? []
  if (hidden || !disclosure) return hidden ?? { hidden: 'too-few' }
  const options = disclosure.broken.has(id)
    ? Object.fromEntries(countedBy(item).map((name, index) => [name, counts[index] as number]))
    : null
  return { n: total(counts), options }
}
