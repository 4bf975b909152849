/** Every rule of the product that can say no, by name. `problem.ts` gives each a status and a title. */
export type DomainErrorCode =
  | 'not-found'
  | 'invalid-input'
  | 'round-not-scheduled'
  | 'round-not-open'
  | 'round-closed'
  | 'round-not-closed'
  | 'another-round-open'
  | 'too-few-people'
  | 'too-many-groups'
  | 'invitation-unknown'
  | 'invitation-used'
  | 'team-link-full'
  | 'team-link-busy'
  | 'ballot-invalid'
  | 'ballot-signature'
  | 'ballot-box-full'
  | 'ballots-unavailable'
  | 'too-many-bad-rows'
  | 'columns-missing'
  | 'pull-overtaken'
  | 'source-not-pushed'
  | 'idempotency-key-reused'
  | 'too-many-rows'
  | 'source-not-pulled'
  | 'source-not-active'
  | 'source-not-uploaded'
  | 'source-unreadable'
  | 'survey-overtaken'
  | 'item-asked'
  | 'everybody-missing'
  | 'team-not-empty'
  | 'tree-changed'
  | 'duplicate'
  | 'sign-in-link-spent'
  | 'clause-ended'
  | 'clause-changed'
  | 'clause-judged'
  | 'sample-not-empty'
  | 'sample-loading'

/** One thing wrong in what was sent: where, and what would be right. */
export interface FieldError {
  /** JSON pointer into the body (`#/answers/3`), or `query/name`, `path/name`, `line 7, column "email"`. */
  pointer: string
  detail: string
}

/**
 * A rule said no. Thrown by services, rendered once at the edge.
 *
 * @example throw new DomainError('round-closed', 'This round closed on 30 October.')
 */
export class DomainError extends Error {
  readonly code: DomainErrorCode
  readonly errors: readonly FieldError[] | undefined
  override name = 'DomainError'

  constructor(code: DomainErrorCode, detail: string, errors?: readonly FieldError[]) {
    super(detail)
    this.code = code
    this.errors = errors
  }
}
