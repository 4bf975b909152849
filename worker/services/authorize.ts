import type { Actor, Role } from './context'

/**
 * Everything that can be done through a session or a key. What respondents do needs neither and is not here: their
 * invitation is the right, and naming an actor would be the leak.
 */
export const actions = [
  'people:read',
  'people:write',
  'survey:read',
  'survey:write',
  'rounds:read',
  'rounds:write',
  'results:read',
  'comments:read',
  'sources:read',
  'sources:write',
  'pulls:write',
  'metrics:read',
  'metrics:write',
  'scores:read',
  'clauses:write',
  'events:write',
  'shares:write',
  'settings:read',
  'settings:write',
  'api-keys:write',
  'sample:write',
  'leaders:write',
  'sign-in-links:write',
] as const

export type Action = (typeof actions)[number]

/** Who may do what. What is not listed is denied. */
const allowed = {
  admin: new Set<Action>(actions.filter((action) => action !== 'sign-in-links:write')),
  reader: new Set<Action>(['results:read', 'comments:read', 'scores:read', 'metrics:read', 'rounds:read']),
  /** What was published, without what people wrote in their own words. */
  guest: new Set<Action>(['results:read', 'scores:read', 'metrics:read', 'rounds:read']),
  importer: new Set<Action>(['pulls:write']),
  operator: new Set<Action>(['sign-in-links:write', 'sample:write']),
} as const satisfies Record<Role, ReadonlySet<Action>>

/**
 * Whether this actor may do this. One table for pages, API and jobs; default deny.
 *
 * @example authorize({ kind: 'key', role: 'importer', id: 'k1' }, 'pulls:write') // true
 * @example authorize({ kind: 'nobody' }, 'results:read') // false
 */
export function authorize(actor: Actor, action: Action): boolean {
  return actor.kind !== 'nobody' && allowed[actor.role].has(action)
}
