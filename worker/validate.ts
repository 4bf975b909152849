import type { MiddlewareHandler, ValidationTargets } from 'hono'
import { matchedRoutes } from 'hono/route'
import { findTargetHandler } from 'hono/utils/handler'
import { uniqueSymbol, validator } from 'hono-openapi'
import { type Node, type ParseError, parseTree } from 'jsonc-parser'
import type * as z from 'zod'
import type { AppEnv } from './context'
import type { FieldError } from './core/errors'
import { fieldErrors, pointerOf } from './core/issues'
import { problem } from './problem'

type Target = 'json' | 'query' | 'param' | 'header'

/**
 * Checks one part of a request against a strict schema: one 422 that names every field, nothing passed on otherwise.
 * Use `z.strictObject`, so that unknown fields are named too.
 *
 * @example .post('/', allow('people:write'), valid('json', NewTeam), async (c) => …c.req.valid('json'))
 */
export function valid<T extends Target & keyof ValidationTargets, S extends z.ZodType>(target: T, schema: S) {
  return validator<S, T, AppEnv, string>(target, schema, (result, c) => {
    if (target === 'json' && !isJson(c.req.header('content-type'))) {
      return problem(c, 'unsupported-media-type', 'Send the body as application/json.')
    }
    if (target === 'query') {
      const repeated = Object.entries(c.req.queries()).filter(([, values]) => values.length > 1)
      if (repeated.length > 0) {
        return problem(
          c,
          'invalid-input',
          'Some values cannot be used.',
          repeated.map(([name]) => ({ pointer: `query/${name}`, detail: 'Give this parameter once.' })),
        )
      }
    }
    if (!result.success) {
      return problem(
        c,
        'invalid-input',
        'Some values cannot be used.',
        fieldErrors(roots[target], result.error as readonly z.core.$ZodIssue[]),
      )
    }
    return undefined
  })
}

/** A parameter that the route does not know is refused rather than ignored, also where it knows none. */
export const knownQuery: MiddlewareHandler<AppEnv> = async (c, next) => {
  const names = Object.keys(c.req.queries())
  const own = matchedRoutes(c).filter(({ method }) => method !== 'ALL')
  // What `valid` checks, its schema names; what nobody answers is for the router to say.
  if (names.length === 0 || own.length === 0 || own.some(({ handler }) => checksQuery(findTargetHandler(handler)))) return next()
  const unknown = { code: 'unrecognized_keys', message: '', keys: names }
  return problem(c, 'invalid-input', 'Some values cannot be used.', fieldErrors(roots.query, [unknown]))
}

const checksQuery = (handler: object) => uniqueSymbol in handler && (handler[uniqueSymbol] as { target?: Target }).target === 'query'

/** Where each part of a request begins in a pointer. */
const roots = { json: '#', query: 'query', param: 'path', header: 'header' } as const satisfies Record<Target, string>

const isJson = (contentType: string | undefined) => /^application\/json(\s*;\s*charset=utf-8)?$/i.test(contentType ?? '')

/**
 * Refuses JSON that two readers could understand differently, before any schema sees it: duplicate keys, `__proto__`,
 * NUL, lone surrogates (D1 would store another text than was checked).
 */
export const strictJson: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (!isJson(c.req.header('content-type'))) return next()
  const text = await c.req.text()
  if (text === '') return next() // a route that needs a body says so itself
  const syntax: ParseError[] = []
  const tree = parseTree(text, syntax, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false })
  if (!tree || syntax.length > 0) return problem(c, 'malformed', 'The body is not valid JSON.')
  const errors: FieldError[] = []
  inspect(tree, '#', 0, errors)
  if (errors.length > 0) return problem(c, 'invalid-input', 'Some values cannot be used.', errors.slice(0, 50))
  return next()
}

/** For a route that takes no body: none, or an empty object. What somebody meant to say must not be ignored. */
export const noBody: MiddlewareHandler<AppEnv> = async (c, next) => {
  const text = await c.req.text()
  if (text === '') return next()
  if (!isJson(c.req.header('content-type'))) return problem(c, 'unsupported-media-type', 'Send no body.')
  const body: unknown = JSON.parse(text)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return problem(c, 'malformed', 'Send no body.')
  const fields = Object.keys(body).map((key) => ({ pointer: pointerOf('#', [key]), detail: 'This field is not known here; remove it.' }))
  return fields.length > 0 ? problem(c, 'invalid-input', 'Some values cannot be used.', fields) : next()
}

const maximumDepth = 20

function inspect(node: Node, pointer: string, depth: number, errors: FieldError[]): void {
  if (depth > maximumDepth) {
    errors.push({ pointer, detail: `Nest at most ${maximumDepth} levels deep.` })
    return
  }
  if (node.type === 'string') inspectText(node.value as string, pointer, errors)
  if (node.type === 'array') {
    for (const [index, child] of (node.children ?? []).entries()) inspect(child, `${pointer}/${index}`, depth + 1, errors)
  }
  if (node.type === 'object') {
    const seen = new Set<string>()
    for (const property of node.children ?? []) {
      const key = String(property.children?.[0]?.value ?? '')
      const at = `${pointer}/${key.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (seen.has(key)) errors.push({ pointer: at, detail: 'Give this field once.' })
      if (key === '__proto__' || key === 'constructor' || key === 'prototype')
        errors.push({ pointer: at, detail: 'This field is not known here; remove it.' })
      seen.add(key)
      inspectText(key, at, errors)
      const value = property.children?.[1]
      if (value) inspect(value, at, depth + 1, errors)
    }
  }
}

function inspectText(text: string, pointer: string, errors: FieldError[]): void {
  if (text.includes('\0')) errors.push({ pointer, detail: 'Remove the NUL character.' })
  if (!text.isWellFormed()) errors.push({ pointer, detail: 'Remove the half character (lone surrogate).' })
}
