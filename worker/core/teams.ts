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

/**
 * A team as it would be added: with its parent's side, unless the parent is `other` or there is none.
 *
 * @throws DomainError invalid-input, duplicate
 */
export function newTeam(
  teams: readonly Team[],
  input: { name: string; parentId: string | null; side?: Side | undefined },
): Omit<Team, 'id'> {
  const parent = parentOf(teams, input.parentId)
  if (depthOf(teams, parent) >= teamDepthLimit) throw invalid('#/parentId', `Teams go at most ${teamDepthLimit} levels deep.`)
  const inherited = parent && parent.side !== 'other' ? parent.side : undefined
  if (inherited && input.side && input.side !== inherited)
    throw invalid('#/side', `Teams below “${parent?.name}” are ${inherited}, as it is.`)
  const side = input.side ?? inherited ?? parent?.side
  if (!side) throw invalid('#/side', `Say the side: ${sides.join(', ')}.`)
  return { parentId: input.parentId, name: freeName(teams, input.name, input.parentId), side }
}

/**
 * The teams that differ after one is renamed, moved or given a side. Its side can be set where its parent is `other` or
 * missing; teams below it that had its old side follow, except towards `other`, below which every side may stand.
 *
 * @returns changed teams only, the named one first
 * @throws DomainError not-found, invalid-input, duplicate
 */
export function changedTeams(
  teams: readonly Team[],
  id: string,
  change: { name?: string | undefined; parentId?: string | null | undefined; side?: Side | undefined },
): Team[] {
  const before = teams.find((team) => team.id === id)
  if (!before) throw new DomainError('not-found', 'There is no such team.')
  const parentId = change.parentId === undefined ? before.parentId : change.parentId
  const parent = parentOf(teams, parentId)
  const below = subtree(teams, id)
  if (parent && below.includes(parent)) throw invalid('#/parentId', 'A team cannot stand below itself.')
  const height = Math.max(...below.map((team) => depthOf(teams, team))) - depthOf(teams, before) + 1
  if (parentId !== before.parentId && depthOf(teams, parent) + height > teamDepthLimit) {
    throw invalid('#/parentId', `Teams go at most ${teamDepthLimit} levels deep.`)
  }
  const inherited = parent && parent.side !== 'other' ? parent.side : undefined
  const side = change.side ?? (before.side === 'other' ? inherited : undefined) ?? before.side
  if (inherited && side !== inherited) {
    throw invalid(
      change.side ? '#/side' : '#/parentId',
      `Teams below “${parent?.name}” are ${inherited}. Send "side": "${inherited}" to change it.`,
    )
  }
  const name = change.name === undefined ? before.name : change.name
  const moved = { id, parentId, side, name: freeName(teams, name, parentId, id) }
  const after = below.map((team) => {
    if (team.id === id) return moved
    return side !== 'other' && team.side === before.side ? { ...team, side } : team
  })
  const stray = side === 'other' ? undefined : after.find((team) => team.side !== side && team.id !== id)
  if (stray) throw invalid('#/side', `“${stray.name}” below it is ${stray.side}. Move it away first.`)
  return after.filter((team, index) => !same(team, below[index]))
}

function parentOf(teams: readonly Team[], id: string | null): Team | undefined {
  if (id === null) return undefined
  const parent = teams.find((team) => team.id === id)
  if (!parent) throw invalid('#/parentId', 'There is no such team.')
  return parent
}

/** 1 for a topmost team, 0 for none. */
function depthOf(teams: readonly Team[], team: Team | undefined): number {
  let depth = 0
  for (let at = team; at; at = teams.find(({ id }) => id === at?.parentId)) depth += 1
  return depth
}

/** A team and all below it, parents first. */
function subtree(teams: readonly Team[], id: string): Team[] {
  const found = teams.filter((team) => team.id === id)
  for (const parent of found) found.push(...teams.filter((team) => team.parentId === parent.id))
  return found
}

/** The name as stored. Slashes are kept for the paths of an import. */
function freeName(teams: readonly Team[], text: string, parentId: string | null, except?: string): string {
  const name = cleanLine(text)
  if (!isVisible(name)) throw invalid('#/name', 'Give the team a name.')
  if (name.length > teamNameLimit) throw invalid('#/name', `Use at most ${teamNameLimit} characters.`)
  if (name.includes('/')) throw invalid('#/name', 'Use another character than a slash: it separates the levels of a path.')
  const taken = teams.some((team) => team.parentId === parentId && team.id !== except && nameKey(team.name) === nameKey(name))
  if (taken) throw new DomainError('duplicate', `There is a team “${name}” at this place already.`)
  return name
}

const invalid = (pointer: string, detail: string) => new DomainError('invalid-input', detail, [{ pointer, detail }])

const same = (a: Team, b: Team | undefined) => a.name === b?.name && a.parentId === b.parentId && a.side === b.side
