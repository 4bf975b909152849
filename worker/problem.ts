/**
 * RFC 9457 problem details: one shape for every failure on the API. Pages answer the same failures as HTML.
 */
import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { AppEnv } from './context'
import { DomainError, type DomainErrorCode, type FieldError } from './core/errors'
import { openLinkPeriod } from './core/open-links'
import { databaseMessage } from './db/client'
import { UnreadableSourceError } from './services/source-failure'

type EdgeCode =
  | 'malformed'
  | 'unsupported-media-type'
  | 'too-large'
  | 'method-not-allowed'
  | 'sign-in-required'
  | 'forbidden'
  | 'cross-site'
  | 'host-not-allowed'
  | 'internal'

export type ProblemCode = DomainErrorCode | EdgeCode

/** Status and constant title of each problem; a new code without an entry does not compile. */
export const problems = {
  'not-found': [404, 'There is nothing here'],
  'invalid-input': [422, 'Some values cannot be used'],
  'round-not-scheduled': [409, 'This round has already been opened'],
  'round-not-open': [409, 'This round is not open'],
  'round-closed': [409, 'This round has closed'],
  'round-not-closed': [409, 'This round has not closed yet'],
  'another-round-open': [409, 'Another round is open'],
  'too-few-people': [422, 'Too few people to keep anyone unrecognisable'],
  'too-many-groups': [422, 'Too many groups for one round'],
  'invitation-unknown': [404, 'This link is not valid'],
  'invitation-used': [409, 'This link was already used on another device'],
  'team-link-full': [409, 'Every ballot of this team has been collected'],
  'team-link-busy': [429, 'Too many are answering at once'],
  'ballot-invalid': [422, 'This ballot cannot be counted'],
  'ballot-signature': [403, 'The signature on this ballot does not verify'],
  'ballot-box-full': [409, 'Every ballot of this group has been cast'],
  'ballots-unavailable': [503, 'Ballots cannot be taken right now'],
  'too-many-bad-rows': [422, 'Too many rows have errors'],
  'columns-missing': [422, 'Columns are missing'],
  'pull-overtaken': [409, 'Another import was faster'],
  'source-not-pushed': [409, 'No rows are sent to this source'],
  'idempotency-key-reused': [409, 'This key was used for something else'],
  'too-many-rows': [413, 'Too many rows at once'],
  'source-not-pulled': [409, 'Nothing is fetched from this source'],
  'source-unreadable': [502, 'The source could not be read'],
  'source-not-uploaded': [409, 'No files are uploaded to this source'],
  'source-not-active': [409, 'This source is not active'],
  'survey-overtaken': [409, 'Somebody else changed the survey'],
  'clause-ended': [409, 'This clause has an end'],
  'clause-changed': [409, 'Somebody else changed this clause'],
  'clause-judged': [409, 'Due dates have been judged by this'],
  'item-asked': [409, 'This statement is asked'],
  'everybody-missing': [422, 'This would deactivate everybody'],
  'team-not-empty': [409, 'This team is not empty'],
  'tree-changed': [409, 'Teams were changed meanwhile'],
  duplicate: [409, 'This already exists'],
  'sign-in-link-spent': [403, 'This sign-in link has been used or has expired'],
  'sample-not-empty': [409, 'The sample needs an empty organisation'],
  'sample-loading': [409, 'The sample is being loaded'],
  malformed: [400, 'The request could not be read'],
  'unsupported-media-type': [415, 'This content type is not accepted here'],
  'too-large': [413, 'The request is too large'],
  'method-not-allowed': [405, 'This method is not available here'],
  'sign-in-required': [401, 'Sign in first'],
  forbidden: [403, 'Your role does not allow this'],
  'cross-site': [403, 'Requests from other sites are refused'],
  'host-not-allowed': [403, 'This address is not configured'],
  internal: [500, 'Something went wrong on our side'],
} as const satisfies Record<ProblemCode, readonly [ContentfulStatusCode, string]>

export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  errors?: readonly FieldError[]
  requestId?: string
  /** Of a source that could not be read: why, by name, and what to do about it. */
  code?: string
  fix?: string
}

/**
 * Answers with a problem. `c.json` rather than a bare `Response`, which would drop headers set earlier.
 *
 * @example return problem(c, 'round-closed', 'This round closed on 30 October.')
 */
export function problem(
  c: Context,
  code: ProblemCode,
  detail?: string,
  errors?: readonly FieldError[],
  more: Pick<Problem, 'code' | 'fix'> = {},
) {
  const [status, title] = problems[code]
  const requestId: unknown = c.get('requestId')
  const body: Problem = {
    type: `/problems/${code}`,
    title,
    status,
    ...(detail ? { detail } : {}),
    ...(errors?.length ? { errors } : {}),
    ...(typeof requestId === 'string' ? { requestId } : {}),
    ...more,
  }
  if (code === 'team-link-busy') c.header('Retry-After', String(openLinkPeriod))
  return c.json(body, status, { 'Content-Type': 'application/problem+json' })
}

/** One renderer for everything thrown below `/api`. Logs what failed, never what was sent. */
export const onApiError: ErrorHandler<AppEnv> = (error, c) => {
  if (error instanceof UnreadableSourceError) {
    return problem(c, error.code, error.message, undefined, { code: error.failure.code, fix: error.fix })
  }
  if (error instanceof DomainError) return problem(c, error.code, error.message, error.errors)
  if (error instanceof HTTPException) {
    if (error.status === 413) return problem(c, 'too-large')
    if (error.status === 400) return problem(c, 'malformed', 'The body is not valid JSON.')
    return problem(c, 'malformed')
  }
  logFailure(c, error)
  return problem(c, 'internal')
}

export const onApiNotFound: NotFoundHandler<AppEnv> = (c) => problem(c, 'not-found')

/** Method, kind of error, the function that threw and the database's own words; no URL, no body, no parameters. */
export function logFailure(c: Context, error: unknown): void {
  const [name, at] = error instanceof Error ? [error.name, throwerOf(error)] : ['unknown', null]
  const cause = databaseMessage(error)
  console.error(JSON.stringify({ event: 'failure', requestId: c.get('requestId'), method: c.req.method, error: name, at, cause }))
}

/** The stack begins with the message, which may repeat what was sent: only what stands behind it is looked at. */
function throwerOf({ stack = '', message }: Error): string | null {
  const start = stack.indexOf(message)
  return start < 0 ? null : (/\n\s+at (?:async )?([\w$.]+) \(/.exec(stack.slice(start + message.length))?.[1] ?? null)
}
