/** The tree that a round reports on, and the cohorts that answer: fixed from head-counts when a round opens. */
import type { FrozenRound, ReportingNode, Side } from './round'
import { childrenOf, postOrder, protect, restrict } from './suppression'

export interface ReportingTeam {
  id: string
  parentId: string | null
  name: string
  side: Side
}

/** The people of these teams answer together: a published node without its published descendants. */
export interface Cohort {
  nodeId: string
  teamIds: string[]
  invited: number
}

export interface ReportingTree {
  /** Parents before children; only nodes that may be published. */
  nodes: ReportingNode[]
  /** In the order of `nodes`; each has at least k invitees. */
  cohorts: Cohort[]
  merged: FrozenRound['merged'][number][]
  /** Teams of neither side whose few people would have cost the comparison of the sides: they are not invited. */
  notAsked: FrozenRound['notAsked'][number][]
}

/** The root that stands above all teams where no single team does. */
export const companyNode = 'company'
/** The node of a side that several topmost teams make up. */
export const sideNodes = { sales: 'side-sales', marketing: 'side-marketing' } as const
const sideNames = { sales: 'Sales', marketing: 'Marketing' } as const

/**
 * Puts one root above all teams and one node above each side, then merges upwards whatever could not be published:
 * teams under `k` invitees and teams that would give such a team away by subtraction. Every cohort then has at least k
 * invitees. Where a whole side cannot be published, no part of it is: a part must not be taken for the side. People of
 * neither side who are so few that a side would have to hide them are not invited: three people in the management would
 * otherwise cost everybody the score.
 *
 * `invitedByTeam` counts people directly in a team. A team below a sales or marketing team is of that side.
 *
 * @example
 * reportingTree({ organisationName: 'Acme', teams: [{ id: 's', parentId: null, name: 'Sales', side: 'sales' }], invitedByTeam: new Map([['s', 4]]), k: 5 })
 * // { tooFew: 4 }
 */
export function reportingTree(input: TreeInput): ReportingTree | { tooFew: number } {
  const everybody = treeOf(input)
  if ('tooFew' in everybody || comparesSides(everybody)) return everybody
  const outside = new Set(sidedTree(input.organisationName, input.teams).flatMap(({ id, side }) => (side === 'other' ? [id] : [])))
  const invitedByTeam = new Map([...input.invitedByTeam].map(([team, people]) => [team, outside.has(team) ? 0 : people]))
  const insiders = treeOf({ ...input, invitedByTeam })
  if ('tooFew' in insiders || !comparesSides(insiders)) return everybody
  const notAsked = input.teams
    .map(({ id, name }) => ({ teamId: id, name, people: outside.has(id) ? (input.invitedByTeam.get(id) ?? 0) : 0 }))
    .filter(({ people }) => people > 0)
  return { ...insiders, notAsked }
}

export interface TreeInput {
  organisationName: string
  teams: readonly ReportingTeam[]
  invitedByTeam: ReadonlyMap<string, number>
  k: number
}

const comparesSides = ({ nodes }: ReportingTree) => (['sales', 'marketing'] as const).every((side) => topmost(nodes, side).length > 0)

function treeOf(input: TreeInput): ReportingTree | { tooFew: number } {
  const { invitedByTeam, k } = input
  const tree = sidedTree(input.organisationName, input.teams)
  const invited = subtreeCounts(tree, invitedByTeam)
  const root = tree[0] as ReportingNode
  const total = invited.get(root.id) ?? 0
  if (total < k) return { tooFew: total }

  const nodes = publishable(tree, invited, k)
  const kept = new Set(nodes.map(({ id }) => id))
  const parentOf = new Map(tree.map(({ id, parentId }) => [id, parentId]))
  const nodeOf = (id: string): string => (kept.has(id) ? id : nodeOf(parentOf.get(id) ?? root.id))

  const teams = tree.filter(({ id }) => !isAdded(id))
  const cohorts = nodes
    .map(({ id }) => {
      const teamIds = teams.filter((team) => nodeOf(team.id) === id).map((team) => team.id)
      return { nodeId: id, teamIds, invited: teamIds.reduce((sum, team) => sum + (invitedByTeam.get(team) ?? 0), 0) }
    })
    .filter((cohort) => cohort.invited > 0)
  const merged = teams
    .filter(({ id }) => !kept.has(id) && (invited.get(id) ?? 0) > 0)
    .map(({ id, name }) => ({ teamId: id, name, nodeId: nodeOf(id) }))
  return { nodes, cohorts, merged, notAsked: [] }
}

const isAdded = (id: string) => id === companyNode || id === sideNodes.sales || id === sideNodes.marketing

/** All teams below one root and, where a side has several topmost teams, below one node of that side. */
function sidedTree(organisationName: string, teams: readonly ReportingTeam[]): ReportingNode[] {
  const known = new Map(teams.map((team) => [team.id, team]))
  const parentIdOf = (team: ReportingTeam) => (team.parentId !== null && known.has(team.parentId) ? team.parentId : null)
  const roots = teams.filter((team) => parentIdOf(team) === null)
  const only = roots.length === 1 && roots[0]?.side === 'other' ? roots[0] : undefined
  const rootId = only?.id ?? companyNode

  const sideOf = (team: ReportingTeam): Side => {
    const above = known.get(parentIdOf(team) ?? '')
    const inherited = above ? sideOf(above) : 'other'
    return inherited === 'other' ? team.side : inherited
  }
  const nodes: ReportingNode[] = teams.map((team) => ({
    id: team.id,
    parentId: team.id === rootId ? null : (parentIdOf(team) ?? rootId),
    name: team.name,
    side: sideOf(team),
  }))
  if (!only) nodes.push({ id: companyNode, parentId: null, name: organisationName, side: 'other' })

  for (const side of ['sales', 'marketing'] as const) {
    const tops = topmost(nodes, side)
    if (tops.length < 2) continue
    for (const top of tops) top.parentId = sideNodes[side]
    nodes.push({ id: sideNodes[side], parentId: rootId, name: sideNames[side], side })
  }
  return parentsFirst(nodes)
}

/** The nodes of a side that have no node of that side above them. */
export function topmost<T extends ReportingNode>(nodes: readonly T[], side: Side): T[] {
  const sideOf = new Map(nodes.map((node) => [node.id, node.side]))
  return nodes.filter((node) => node.side === side && (node.parentId === null || sideOf.get(node.parentId) !== side))
}

/**
 * The two nodes that the score compares, where each has `k` people in it: what suppression leaves standing. None where
 * one of them cannot be shown, for then there is nothing to compare.
 */
export function comparedSides(nodes: readonly ReportingNode[], n: ReadonlyMap<string, number>, k: number): Set<string> {
  const tops = (['sales', 'marketing'] as const).map((side) => topmost(nodes, side)[0]?.id)
  return new Set(tops.every((id) => id !== undefined && (n.get(id) ?? 0) >= k) ? (tops as string[]) : [])
}

function publishable(tree: readonly ReportingNode[], invited: ReadonlyMap<string, number>, k: number): ReportingNode[] {
  const status = protect(tree, invited, k)
  const lost = (['sales', 'marketing'] as const).flatMap((side) => topmost(tree, side)).filter((top) => status.get(top.id) !== 'published')
  const below = new Set(lost.flatMap((top) => descendants(tree, top.id)))
  if (![...below].some((id) => status.get(id) === 'published')) return restrict(tree, (id) => status.get(id) === 'published')
  return publishable(
    restrict(tree, (id) => !below.has(id)),
    invited,
    k,
  )
}

function descendants(tree: readonly ReportingNode[], id: string): string[] {
  const children = childrenOf(tree)
  const below = (node: string): string[] => (children.get(node) ?? []).flatMap((child) => [child, ...below(child)])
  return below(id)
}

/** People of each node and of everything below it. */
export function subtreeCounts(
  tree: readonly { id: string; parentId: string | null }[],
  own: ReadonlyMap<string, number>,
): Map<string, number> {
  const parentOf = new Map(tree.map(({ id, parentId }) => [id, parentId]))
  const counts = new Map(tree.map(({ id }) => [id, own.get(id) ?? 0]))
  for (const id of postOrder(tree)) {
    const parent = parentOf.get(id)
    if (parent != null) counts.set(parent, (counts.get(parent) ?? 0) + (counts.get(id) ?? 0))
  }
  return counts
}

/** Depth first, siblings in the order given. */
function parentsFirst(nodes: readonly ReportingNode[]): ReportingNode[] {
  const children = childrenOf(nodes)
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const walk = (id: string): ReportingNode[] => {
    const node = byId.get(id)
    return node ? [node, ...(children.get(id) ?? []).flatMap(walk)] : []
  }
  return (children.get(null) ?? []).flatMap(walk)
}
