/** Why a message did not go out: whose fault it is, whether waiting helps, and what the other side said, without names. */
import { cleanLine } from './text'

export const failureCodes = [
  'address-malformed',
  'address-refused',
  'address-busy',
  'message-refused',
  'connection-lost',
  'timed-out',
  'unreachable',
  'tls',
  'sign-in-refused',
  'sender-refused',
  'server-busy',
  'not-a-mail-server',
  'slack-unknown',
  'slack-refused',
  'slack-token',
  'slack-webhook',
  'slack-busy',
  'slack-unreachable',
  'no-link',
  'no-public-address',
] as const

export type FailureCode = (typeof failureCodes)[number]

export interface Failure {
  code: FailureCode
  /** `server` ends the run: what holds for one message holds for the next one. */
  scope: 'person' | 'server'
  /** Waiting does not help: somebody has to change something. */
  lasting: boolean
  /** Nothing of this message can have arrived, and it was not looked at: it costs none of its attempts. */
  untouched?: boolean
  /** What the other side said, as it may be stored and shown. */
  reply: string | null
  /** It said when to come back. */
  retryAfterSeconds?: number
}

export const codeOf = (text: string | null): FailureCode | null => failureCodes.find((code) => code === text) ?? null

/** An SMTP error as clients report it: `during` which step, with the server's status where it answered. */
export interface SmtpError {
  during: 'connect' | 'sign-in' | 'send'
  /** `ETIMEDOUT`, `ETLS`, `EPROTOCOL`, `EAUTH`, `EENVELOPE` … */
  code: string | undefined
  /** 4xx and 5xx; undefined where no answer came. */
  status: number | undefined
  /** `MAIL FROM`, `RCPT TO`, `DATA` … */
  command: string | undefined
  reply: string | null
}

/**
 * RFC 5321's classes, by the step that was answered: a recipient is refused for a person, a password for everybody.
 *
 * @example smtpFailure({ during: 'send', code: 'EENVELOPE', status: 550, command: 'RCPT TO', reply: '550 No such user' }).code // 'address-refused'
 */
export function smtpFailure({ during, code, status, command, reply }: SmtpError): Failure {
  const server = (failure: FailureCode, lasting = false, untouched = true): Failure => ({
    code: failure,
    scope: 'server',
    lasting,
    untouched,
    reply,
  })
  const person = (failure: FailureCode, lasting: boolean): Failure => ({ code: failure, scope: 'person', lasting, reply })
  const refused = status !== undefined && status >= 500
  if (code === 'ETLS') return server('tls', true)
  if (during === 'connect') {
    if (code === 'ETIMEDOUT') return server('timed-out')
    if (status !== undefined) return server('server-busy')
    return code === 'EPROTOCOL' ? server('not-a-mail-server', true) : server('unreachable')
  }
  if (during === 'sign-in') return refused || code === 'EAUTH' ? server('sign-in-refused', true) : server('server-busy')
  if (status === 421) return server('server-busy', false, command === 'MAIL FROM')
  if (command === 'MAIL FROM' && status !== undefined) return refused ? server('sender-refused', true) : server('server-busy')
  if (command === 'RCPT TO' && status !== undefined) return refused ? person('address-refused', true) : person('address-busy', false)
  if (status !== undefined) return refused ? person('message-refused', true) : person('address-busy', false)
  if (code === 'EENVELOPE') return person('address-malformed', true)
  // From here on nobody knows whether it arrived: it is sent again, with the same link.
  return server(code === 'ETIMEDOUT' ? 'timed-out' : 'connection-lost', false, false)
}

/**
 * What a server said, on one line, without addresses, links or the parts of an address: it is stored and shown.
 *
 * @example redacted('550 5.1.1 <ann.lee@acme.example>: user ann.lee unknown', ['ann.lee@acme.example']) // '550 5.1.1 <…>: user … unknown'
 */
export function redacted(reply: string, addresses: readonly string[]): string {
  const known = addresses.flatMap((address) => [address, address.split('@')[0] ?? '']).filter((part) => part.length > 2)
  const hidden = known.reduce((text, part) => replaceAllIgnoringCase(text, part), cleanLine(reply))
  return hidden
    .replace(/https?:\/\/\S+/gi, '…')
    .replace(/[^\s<>()"',;:]+@[^\s<>()"',;:]+/g, '…')
    .slice(0, replyLimit)
}

const replyLimit = 200

function replaceAllIgnoringCase(text: string, part: string): string {
  return text.replace(new RegExp(part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'gi'), '…')
}

/** A message is tried so often before it counts as failed. */
export const mostAttempts = 8

/**
 * Minutes until the next attempt: 5, 10, 20, 40, then an hour, as mail servers expect of a first contact; at least what
 * the other side asked for.
 */
export function waitMinutes(attempts: number, retryAfterSeconds = 0): number {
  const usual = Math.min(5 * 2 ** Math.max(0, attempts - 1), 60)
  return Math.max(usual, Math.ceil(retryAfterSeconds / 60))
}

/**
 * Minutes until a server is tried again that could not be used `times` times in a row: 1, 2, 4 … 30; an hour where
 * somebody has to change something, so that a wrong password does not lock the account.
 */
export function troubleMinutes(times: number, { lasting, retryAfterSeconds = 0 }: Pick<Failure, 'lasting' | 'retryAfterSeconds'>): number {
  const usual = lasting ? 60 : Math.min(2 ** Math.max(0, times - 1), 30)
  return Math.max(usual, Math.ceil(retryAfterSeconds / 60))
}
