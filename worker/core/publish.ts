/** From ballots to what everybody may read: the only way from one to the other. */

import { isolated } from './audit'
import type { Answer } from './ballot'
import { betweenSides } from './between-sides'
import { noAnswers, size } from './favourability'
import { maskContacts, maskNames } from './names'
import { discloseAll, figuresOf, isHidden, type Measured, nameOf } from './node-figures'
import { openLinkNodes } from './open-links'
import { randomFrom, shuffledWith } from './random'
import { comparedSides, subtreeCounts } from './reporting-tree'
import type { NodeFigures, NodeResult, RoundResult } from './result'
import { type FrozenRound, isTermItem, type Theme } from './round'
import { methodVersion } from './score'
import { total } from './statistics'
import { childrenOf, type Publication, protect, restrict } from './suppression'
import { type Tally, tally, voicesOf } from './tally'
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
}

/**
 * The result of a round: every figure of it, for pages, API, files and print, has passed here. Nodes are suppressed by
 * respondents, then every item, headline and definition again by the people who answered it; themes, gaps, terms and the
 * score's inputs are made of what is published and of nothing else. See docs/decisions/014-suppression.md.
 *
 * The side of a ballot is the side of its cohort's node; nodes of side `other` are shown and are in no score. The order
 * of ballots and comments changes nothing: the same ones make the same bytes.
 *
 * @throws Error where fewer than k people could be worked out after all
 */
export function publish(input: PublishInput): RoundResult {
  const { round, frozen, cohorts } = input
  const { nodes, items, minimumGroupSize: k } = frozen
  const voices = voicesOf(input.ballots, new Map(cohorts.map(({ cohort, nodeId }) => [cohort, nodeId])))
  const counted = tally(nodes, items, voices)
  const status = publishedNodes(frozen, counted.ballots)
  const published = restrict(nodes, (id) => status.get(id) === 'published')
  const disclosures = discloseAll(frozen, published, counted)
  const measured: Measured = {
    items,
    tally: counted,
    disclosures,
    invited: subtreeCounts(nodes, new Map(cohorts.map(({ nodeId, invited }) => [nodeId, invited]))),
  }
  const results = new Map(published.map((node) => [node.id, figuresOf(node, measured)]))
  refuseIsolating(frozen, counted, results)
  const { gaps, statements, terms, vignettes, numbers, inputs } = betweenSides(measured, nodes, results, voices)
  const root = results.get(nodes[0]?.id ?? '')
  const open = openLinkNodes(frozen)
  const result: RoundResult = {
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
      const shown = results.get(node.id) ?? { ...nameOf(node), hidden: state === 'published' ? 'too-few' : state }
      return open.has(node.id) ? { ...shown, openLink: true } : shown
    }),
    gaps,
    statements,
    terms,
    vignettes,
    numbers,
    asked: statementsByTheme(frozen),
    audit: auditOf(cohorts, input.ballots),
    comments: [],
    inputs,
  }
  return { ...result, ...(root && readable(input, root.n, roomBeside(result))) }
}

function statementsByTheme({ items }: FrozenRound): Partial<Record<Theme, string[]>> {
  const asked: Partial<Record<Theme, string[]>> = {}
  for (const item of items) if (item.kind === 'agreement') asked[item.theme] = [...(asked[item.theme] ?? []), item.id]
  return asked
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
      isTermItem(item) ? total(counted.definitions.get(item.id)?.get(id) ?? []) : size(counted.items.get(item.id)?.get(id) ?? noAnswers)
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

// ── Comments ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const respondentsForComments = 10
export const commentersForComments = 3

/**
 * Only for everybody together: without a group, a time, an order, a name, an address or a number to call. Sorted, then
 * shuffled by the round: an order that says nothing of when they came, and is the same whenever they are published.
 *
 * @param room UTF-8 bytes that they may take
 */
function readable(
  { round, comments, names, inputsHash }: PublishInput,
  n: number,
  room: number,
): Pick<RoundResult, 'comments' | 'commentsLeftOut'> {
  const texts = comments.map(({ text }) => cleanLine(text)).filter((text) => text !== '')
  if (n < respondentsForComments || texts.length < commentersForComments) return { comments: [] }
  const masked = texts.map((text) => maskNames(maskContacts(text), names)).toSorted()
  const shown = fitting(shuffledWith(randomFrom(`comments ${round.id} ${inputsHash}`), masked), room)
  return { comments: shown, ...(shown.length < masked.length && { commentsLeftOut: masked.length - shown.length }) }
}

/** A result is one row of the database, and a row takes 2 MB: more could never be stored, and the round never be closed. */
const mostBytes = 1_900_000

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length

const roomBeside = (result: RoundResult): number => mostBytes - bytesOf(result)

/** The first of them; where they are shuffled, those that chance picks. */
function fitting(texts: readonly string[], room: number): string[] {
  let left = room
  const tooMany = texts.findIndex((text) => {
    left -= bytesOf(text) + 1
    return left < 0
  })
  return texts.slice(0, tooMany === -1 ? texts.length : tooMany)
}
