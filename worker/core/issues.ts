/** What a schema found wrong, as errors that name the field. */
import type { FieldError } from './errors'

/** One finding of a schema: `path` holds keys, or objects with the key in `key`. */
export interface Issue {
  readonly code?: string | undefined
  readonly path?: readonly unknown[] | undefined
  readonly message: string
  readonly keys?: readonly string[] | undefined
}

/**
 * @param root `#` for a body, `query` or `path` for the other parts of a request; `#/settings` for a part of a body
 * @example fieldErrors('#/settings', [{ path: ['timeZone'], message: 'Name a time zone.' }])
 *   // [{ pointer: '#/settings/timeZone', detail: 'Name a time zone.' }]
 */
export function fieldErrors(root: string, issues: readonly Issue[]): FieldError[] {
  return issues.flatMap(({ code, path = [], message, keys = [] }) =>
    code === 'unrecognized_keys'
      ? keys.map((key) => ({ pointer: pointerOf(root, [...path, key]), detail: 'This field is not known here; remove it.' }))
      : [{ pointer: pointerOf(root, path), detail: message }],
  )
}

/** @example pointerOf('#', ['a/b', 3]) // '#/a~1b/3' */
export function pointerOf(root: string, path: readonly unknown[]): string {
  const keys = path.map((part) => String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part))
  return [root, ...keys.map((key) => key.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/')
}
