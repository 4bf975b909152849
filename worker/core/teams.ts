/** Rules of the tree of teams: names are unique among siblings, sides are inherited, nothing is its own ancestor. */
import { DomainError } from './errors'
import type { Side } from './round'
import { cleanLine, isVisible, nameKey } from './text'

export const sides = ['sales', 'marketing', 'other'] as const satisfies readonly Side[]
export const teamNameLimit = 80
/** Levels below each other, the topmost included. */
export const teamDepthLimit = 8

export interface Team {
  id: string
  parentId: string | null
  name: string
  side: Side
}

/** What is to become of a team; what is left out stays. */
export interface TeamChange {
  name?: string | undefined
  parentId?: string | null | undefined
  side?: Side | undefined
  /** How many siblings stand before it; more than there are is last. */
  position?: number | undefined
}

/** What a change took away, and nothing else: enough to go back to it, whatever was changed since. */
export interface TeamStep {
  id: string
  name?: string | undefined
  place?: { parentId: string | null; position: number } | undefined
  /** Of this team and of those below it whose side followed. */
  sides: (readonly [id: string, side: Side])[]
}

/** A rule of the tree said no: `reason` and `facts` for whoever says it in another language. */
export class TreeError extends DomainError {
  readonly reason: TreeReason
  readonly facts: Record<string, string | number>

  constructor(
    code: 'not-found' | 'invalid-input' | 'duplicate' | 'tree-changed',
    reason: TreeReason,
    facts: TreeError['facts'],
    detail: string,
  ) {
    super(code, detail, code === 'not-found' || code === 'tree-changed' ? undefined : [{ pointer: `#/${fieldOf[reason]}`, detail }])
    this.reason = reason
    this.facts = facts
  }
}

const fieldOf = {
  'team-unknown': 'id',
  'tree-changed': 'id',
  'name-empty': 'name',
  'name-too-long': 'name',
  'name-slash': 'name',
  'name-taken': 'name',
  'parent-unknown': 'parentId',
  'parent-itself': 'parentId',
  'too-deep': 'parentId',
  'other-side': 'parentId',
  'side-missing': 'side',
  'side-inherited': 'side',
  'side-contradicted': 'side',
} as const

export type TreeReason = keyof typeof fieldOf
/** Which field of a form or of a body a reason is about. */
export const fieldOfReason = (reason: TreeReason) => fieldOf[reason]

/**
 * A team as it would be added: with its parent's side, unless the parent is `other` or there is none.
 *
 * @throws TreeError invalid-input, duplicate
 */
export function newTeam(
  teams: readonly Team[],
  input: { name: string; parentId: string | null; side?: Side | undefined },
): Omit<Team, 'id'> {
  const parent = parentOf(teams, input.parentId)
  if (depthOf(teams, parent) >= teamDepthLimit) throw tooDeep()
  const inherited = inheritedSide(parent)
  if (inherited && input.side && input.side !== inherited) throw sideInherited(parent, inherited)
  const side = input.side ?? inherited ?? parent?.side
  if (!side) throw new TreeError('invalid-input', 'side-missing', {}, `Say the side: ${sides.join(', ')}.`)
  return { parentId: input.parentId, name: freeName(teams, input.name, input.parentId), side }
}

/**
 * The whole tree after one team is renamed, moved or given a side. Its side can be set where its parent is `other` or
 * missing; teams below it that had its old side follow, except towards `other`, below which every side may stand.
 *
 * @param teams siblings in their order
 * @returns all of them, siblings in their new order
 * @throws TreeError not-found, invalid-input, duplicate
 * @example teamsAfter(teams, 'sdr', { parentId: 'sales', position: 0 })
 */
export function teamsAfter(teams: readonly Team[], id: string, change: TeamChange): Team[] {
  const before = teams.find((team) => team.id === id)
  if (!before) throw new TreeError('not-found', 'team-unknown', {}, 'There is no such team.')
  const parentId = change.parentId === undefined ? before.parentId : change.parentId
  const parent = parentOf(teams, parentId)
  const below = subtree(teams, id)
  if (parent && below.includes(parent)) {
    throw new TreeError('invalid-input', 'parent-itself', { team: before.name }, 'A team cannot stand below itself.')
  }
  const height = Math.max(...below.map((team) => depthOf(teams, team))) - depthOf(teams, before) + 1
  if (parentId !== before.parentId && depthOf(teams, parent) + height > teamDepthLimit) throw tooDeep()
  const inherited = inheritedSide(parent)
  const side = change.side ?? (before.side === 'other' ? inherited : undefined) ?? before.side
  if (inherited && side !== inherited) throw change.side ? sideInherited(parent, inherited) : otherSide(parent, inherited)
  const name = freeName(teams, change.name ?? before.name, parentId, id)
  const follows = new Set(below.filter((team) => team.id === id || (side !== 'other' && team.side === before.side)))
  const changed = teams.map((team) => (follows.has(team) ? { ...team, side, ...(team.id === id && { parentId, name }) } : team))
  const stray = side === 'other' ? undefined : subtree(changed, id).find((team) => team.side !== side)
  if (stray) {
    const facts = { team: stray.name, side: stray.side }
    throw new TreeError('invalid-input', 'side-contradicted', facts, `“${stray.name}” below it is ${stray.side}. Move it away first.`)
  }
  const stays = parentId === before.parentId && change.position === undefined
  return stays ? changed : placed(changed, id, change.position ?? Number.POSITIVE_INFINITY)
}

/** What of a team's change would have to be undone. */
export function stepBack(before: readonly Team[], after: readonly Team[], id: string): TeamStep {
  const now = new Map(after.map((team) => [team.id, team]))
  const [was, is] = [placeOf(before, id), placeOf(after, id)]
  const name = before.find((team) => team.id === id)?.name
  return {
    id,
    ...(name !== now.get(id)?.name && { name }),
    ...((was.parentId !== is.parentId || was.position !== is.position) && { place: was }),
    sides: before.flatMap((team) => (now.get(team.id)?.side === team.side ? [] : [[team.id, team.side] as const])),
  }
}

/**
 * The whole tree with one change taken back. Whatever else was changed since stays.
 *
 * @throws TreeError tree-changed: what would come of it is no tree any more
 */
export function teamsBefore(teams: readonly Team[], step: TeamStep): Team[] {
  const former = new Map(step.sides)
  const restored = teams.map((team) => ({
    ...team,
    side: former.get(team.id) ?? team.side,
    ...(team.id === step.id && step.name !== undefined && { name: step.name }),
    ...(team.id === step.id && step.place && { parentId: step.place.parentId }),
  }))
  const ids = new Set(teams.map(({ id }) => id))
  if (!ids.has(step.id) || step.sides.some(([id]) => !ids.has(id)) || !isTree(restored)) {
    const detail = 'Teams were changed since, and this does not fit to them any more.'
    throw new TreeError('tree-changed', 'tree-changed', {}, detail)
  }
  return step.place ? placed(restored, step.id, step.place.position) : restored
}

/**
 * What has to be stored of a change: teams that differ, and every sibling of an order that differs.
 *
 * @returns each with its place among its siblings, which is stored where `ordered` says so
 */
export function changedRows(before: readonly Team[], after: readonly Team[]): { team: Team; position: number | undefined }[] {
  const known = new Map(before.map((team) => [team.id, team]))
  const [orderBefore, orderAfter] = [before, after].map((teams) => Map.groupBy(teams, (team) => team.parentId))
  return [...(orderAfter ?? [])].flatMap(([parentId, siblings]) => {
    const ids = new Set(siblings.map(({ id }) => id))
    const old = orderBefore?.get(parentId)?.filter(({ id }) => ids.has(id)) ?? []
    const sameOrder = siblings.every(({ id }, index) => id === old[index]?.id)
    return siblings.flatMap((team, position) =>
      sameOrder && same(team, known.get(team.id)) ? [] : [{ team, position: sameOrder ? undefined : position }],
    )
  })
}

/** Every rule of the tree at once: for what was not made by a single change of ours. */
export function isTree(teams: readonly Team[]): boolean {
  const byId = new Map(teams.map((team) => [team.id, team]))
  const names = new Set(teams.map((team) => `${team.parentId} ${nameKey(team.name)}`))
  return (
    names.size === teams.length &&
    teams.every((team) => {
      const parent = team.parentId === null ? undefined : byId.get(team.parentId)
      if (team.parentId !== null && !parent) return false
      if (depthOf(teams, team) > teamDepthLimit) return false
      return (inheritedSide(parent) ?? team.side) === team.side
    })
  )
}

/** A team and all below it, parents first. */
export function subtree(teams: readonly Team[], id: string): Team[] {
  const found = teams.filter((team) => team.id === id)
  for (const parent of found) found.push(...teams.filter((team) => team.parentId === parent.id))
  return found
}

/** The same teams, with this one behind so many of its siblings. */
function placed(teams: readonly Team[], id: string, position: number): Team[] {
  const team = teams.find((candidate) => candidate.id === id) as Team
  const others = teams.filter((candidate) => candidate.id !== id)
  const siblings = others.filter(({ parentId }) => parentId === team.parentId)
  const next = siblings[position]
  const at = next ? others.indexOf(next) : others.length
  return others.toSpliced(at, 0, team)
}

function placeOf(teams: readonly Team[], id: string): { parentId: string | null; position: number } {
  const parentId = teams.find((team) => team.id === id)?.parentId ?? null
  return { parentId, position: teams.filter((team) => team.parentId === parentId).findIndex((team) => team.id === id) }
}

/** The side that a team below this one must have; none below `other` and at the top. */
const inheritedSide = (parent: Team | undefined) => (parent && parent.side !== 'other' ? parent.side : undefined)

function parentOf(teams: readonly Team[], id: string | null): Team | undefined {
  if (id === null) return undefined
  const parent = teams.find((team) => team.id === id)
  if (!parent) throw new TreeError('invalid-input', 'parent-unknown', {}, 'There is no such team.')
  return parent
}

/** 1 for a topmost team, 0 for none; more than the limit for one that stands below itself. */
function depthOf(teams: readonly Team[], team: Team | undefined): number {
  let depth = 0
  for (let at = team; at && depth <= teamDepthLimit; at = teams.find(({ id }) => id === at?.parentId)) depth += 1
  return depth
}

/** The name as stored. Slashes are kept for the paths of an import. */
function freeName(teams: readonly Team[], text: string, parentId: string | null, except?: string): string {
  const name = cleanLine(text)
  const refuse = (reason: TreeReason, detail: string) => new TreeError('invalid-input', reason, { limit: teamNameLimit }, detail)
  if (!isVisible(name)) throw refuse('name-empty', 'Give the team a name.')
  if (name.length > teamNameLimit) throw refuse('name-too-long', `Use at most ${teamNameLimit} characters.`)
  if (name.includes('/')) throw refuse('name-slash', 'Use another character than a slash: it separates the levels of a path.')
  const taken = teams.some((team) => team.parentId === parentId && team.id !== except && nameKey(team.name) === nameKey(name))
  if (taken) throw new TreeError('duplicate', 'name-taken', { name }, `There is a team “${name}” at this place already.`)
  return name
}

const tooDeep = () =>
  new TreeError('invalid-input', 'too-deep', { limit: teamDepthLimit }, `Teams go at most ${teamDepthLimit} levels deep.`)

function sideInherited(parent: Team | undefined, side: Side): TreeError {
  const facts = { team: parent?.name ?? '', side }
  return new TreeError('invalid-input', 'side-inherited', facts, `Teams below “${facts.team}” are ${side}, as it is.`)
}

function otherSide(parent: Team | undefined, side: Side): TreeError {
  const facts = { team: parent?.name ?? '', side }
  return new TreeError(
    'invalid-input',
    'other-side',
    facts,
    `Teams below “${facts.team}” are ${side}. Send "side": "${side}" to change it.`,
  )
}

const same = (a: Team, b: Team | undefined) => a.name === b?.name && a.parentId === b.parentId && a.side === b.side
