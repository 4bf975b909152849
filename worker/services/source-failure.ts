/** Why a source could not be read, in words. */
import type { PullFailure } from '../connectors/failure'
import { DomainError } from '../core/errors'
import { type Locale, messagesOf } from '../i18n'

/**
 * A source that was asked while somebody waits for the answer, and could not be read: a problem whose `detail` and `fix` say
 * it in English; pages say it in the reader's language by `failure`.
 */
export class UnreadableSourceError extends DomainError {
  readonly failure: PullFailure
  readonly fix: string

  constructor(failure: PullFailure) {
    const { detail, fix } = failureWords('en', failure)
    super('source-unreadable', detail)
    this.failure = failure
    this.fix = fix
  }
}

/** What went wrong, and what to do about it. */
export function failureWords(locale: Locale, { code, facts }: Pick<PullFailure, 'code' | 'facts'>): { detail: string; fix: string } {
  const { detail, fix } = messagesOf(locale).pulling.failures[code]
  return { detail: detail(facts), fix }
}
