/** Why a source could not be read, and whether trying again can help. */

export const failureCodes = [
  // Somebody has to change something.
  'unauthorised', // 401: the key is not accepted
  'forbidden', // 403: the key lacks a right; `scope` names it where the vendor does
  'configuration', // the vendor refuses what we ask for: a field or stage that is not there (any more)
  'not-found', // 404
  'host-refused', // an address that may not be asked
  'redirect-refused', // it leads somewhere that may not be asked
  'not-a-table', // HTML or something else where a table was expected: not published, a sign-in page
  'columns-missing',
  'too-many-bad-rows',
  // Trying again can help.
  'rate-limited', // 429
  'quota-spent', // of the day: tomorrow
  'unavailable', // 408, 423, 5xx, no connection
  'timeout',
  'truncated', // the body ended early
  'not-json',
  'unexpected-shape', // JSON that is not what the vendor documents; `field` names where
  // Reading on would be wrong.
  'cursor-repeats',
  'too-many-pages',
  'too-many-results', // exactly the vendor's ceiling: there may be more that it does not tell of
  'too-large',
  'suspiciously-empty', // nothing, where there was something before
] as const
export type FailureCode = (typeof failureCodes)[number]

/** `soon`: with a growing pause. `next`: the next pull may succeed. `person`: somebody has to change something first. */
export type Remedy = 'soon' | 'next' | 'person'

const remedies: Readonly<Record<FailureCode, Remedy>> = {
  unauthorised: 'person',
  forbidden: 'person',
  configuration: 'person',
  'not-found': 'person',
  'host-refused': 'person',
  'redirect-refused': 'person',
  'not-a-table': 'person',
  'columns-missing': 'person',
  'too-many-bad-rows': 'next',
  'rate-limited': 'soon',
  'quota-spent': 'soon',
  unavailable: 'soon',
  timeout: 'soon',
  truncated: 'soon',
  'not-json': 'soon',
  'unexpected-shape': 'soon',
  'cursor-repeats': 'next',
  'too-many-pages': 'next',
  'too-many-results': 'next',
  'too-large': 'next',
  'suspiciously-empty': 'next',
}

export interface FailureFacts {
  /** HTTP status. */
  status?: number
  /** The right that is missing, as the vendor names it. */
  scope?: string
  /** A field, column, stage or address that it is about. */
  field?: string
  host?: string
  /** What the vendor says to be asked with. */
  correlationId?: string
  /** What the vendor said, at most 200 characters, without addresses and secrets. */
  reply?: string
  /** Columns that are missing. */
  columns?: string[]
  /** Columns that are there and that nothing uses: one of them may be the missing one under a new name. */
  extraColumns?: string[]
}

/**
 * Thrown by connectors, for the pipeline.
 *
 * @example throw new PullFailure('rate-limited', { status: 429 }, { waitSeconds: 10 })
 */
export class PullFailure extends Error {
  readonly code: FailureCode
  readonly facts: FailureFacts
  /** Seconds that the vendor asks to wait; null where it does not say. */
  readonly waitSeconds: number | null
  override name = 'PullFailure'

  constructor(code: FailureCode, facts: FailureFacts = {}, { waitSeconds = null }: { waitSeconds?: number | null } = {}) {
    super(code)
    this.code = code
    this.facts = facts
    this.waitSeconds = waitSeconds
  }

  get remedy(): Remedy {
    return remedies[this.code]
  }
}

/**
 * What was refused, where that is no failure of the connection; any other failure is one.
 *
 * @example const refused = await refusal(() => api.probe('calls'), ['forbidden'])
 */
export async function refusal(ask: () => Promise<unknown>, codes: readonly FailureCode[]): Promise<PullFailure | null> {
  try {
    await ask()
    return null
  } catch (error) {
    if (error instanceof PullFailure && codes.includes(error.code)) return error
    throw error
  }
}

/** What a vendor said, fit to be stored and shown: one line, short, without addresses of people and long secrets. */
export function quoted(text: string): string {
  return text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/[^\s@"'<>]+@[^\s@"'<>]+\.[^\s@"'<>]+/g, '…')
    .replace(/[A-Za-z0-9_\-.~+/=]{24,}/g, '…')
    .trim()
    .slice(0, 200)
}
