/** How messages leave: what an administrator may set, checked field by field. */

import { readEmail } from './email'
import type { FieldError } from './errors'
import { type HostProblem, hostProblem, type Security, securities } from './mail-host'
import { cleanLine } from './text'

export const channels = ['email', 'slack'] as const
/** A way to one person. */
export type Channel = (typeof channels)[number]

export interface SmtpSettings {
  host: string
  port: number
  security: Security
  /** Empty where the server asks for none. */
  user: string
  /** The address that messages come from. */
  from: string
  fromName: string
  /** Empty where answers go to `from`. */
  replyTo: string
}

/** Everything but the secrets. */
export interface DeliverySettings {
  /** Which way is tried first; the other one follows where it cannot reach a person. */
  first: Channel
  /** Null where no mail is sent. */
  smtp: SmtpSettings | null
}

export const secretNames = ['password', 'slackToken', 'slackWebhook'] as const
/** Written, sealed, and never shown again. */
export type SecretName = (typeof secretNames)[number]

export const defaultDelivery: DeliverySettings = { first: 'email', smtp: null }

export const smtpFields = ['host', 'port', 'security', 'user', 'from', 'fromName', 'replyTo'] as const
export type SmtpField = (typeof smtpFields)[number]

export type SmtpProblem = HostProblem | 'missing' | 'too-long' | 'not-an-address'

/** What is wrong with each field of a mail server, by field; an empty host means none, and nothing is wrong with it. */
export function smtpProblems(
  values: Readonly<Record<SmtpField, string>>,
  options: { privateNetwork: boolean },
): { smtp: SmtpSettings | null; problems: Partial<Record<SmtpField, SmtpProblem>> } {
  const host = values.host.trim().toLowerCase()
  if (host === '') return { smtp: null, problems: {} }
  const problems: Partial<Record<SmtpField, SmtpProblem>> = {}
  const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : 0
  const security = securities.find((known) => known === values.security)
  if (port < 1 || port > 65535) problems.port = 'malformed'
  if (!security) problems.security = 'malformed'
  const wrong = hostProblem({ host, port, security: security ?? 'tls' }, options)
  if (wrong === 'port' || wrong === 'port-25') problems.port ??= wrong
  else if (wrong === 'unprotected') problems.security = wrong
  else if (wrong) problems.host = wrong
  const from = readEmail(values.from)
  if (!from) problems.from = values.from.trim() === '' ? 'missing' : 'not-an-address'
  const replyTo = values.replyTo.trim() === '' ? '' : readEmail(values.replyTo)
  if (replyTo === undefined) problems.replyTo = 'not-an-address'
  const [user, fromName] = [values.user.trim(), cleanLine(values.fromName)]
  if (user.length > longest) problems.user = 'too-long'
  if (fromName.length > longest) problems.fromName = 'too-long'
  return { smtp: { host, port, security: security ?? 'tls', user, from: from ?? '', fromName, replyTo: replyTo ?? '' }, problems }
}

const longest = 200

export type SecretProblem = 'malformed' | 'too-long'

/** What is wrong with a secret that was written, if anything. Slack's are known by how they begin; nothing else is ever called. */
export function secretProblem(name: SecretName, value: string): SecretProblem | undefined {
  if (value.length > 500) return 'too-long'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what would end a line of the protocol
  if (/[\0-\x1f\x7f]/.test(value)) return 'malformed'
  if (name === 'slackToken' && !/^xoxb-[A-Za-z0-9-]{10,}$/.test(value)) return 'malformed'
  if (name === 'slackWebhook' && !/^https:\/\/hooks\.slack\.com\/(services|triggers|workflows)\/[A-Za-z0-9/_-]+$/.test(value))
    return 'malformed'
  return undefined
}

/** The same for programs: a pointer and a sentence each. */
export const problemDetails: Readonly<Record<SmtpProblem, string>> = {
  malformed:
    'This cannot be used. A host is a name such as smtp.example.com, a port a number such as 465, the security tls, starttls or none.',
  missing: 'Give a value.',
  'too-long': 'Use at most 200 characters.',
  'not-an-address': 'Use an email address such as survey@example.com.',
  private: 'Use the public name of a mail server: addresses, and names of a local network, are not connected to from here.',
  unprotected: 'Use tls or starttls: without either, the password and every link could be read on the way.',
  port: 'Use 465 (tls) or 587 (starttls), or 2465, 2525 or 2587.',
  'port-25': 'Use 465 or 587: port 25 is closed to Workers.',
}

export const pointersOf = (problems: Partial<Record<SmtpField, SmtpProblem>>): FieldError[] =>
  Object.entries(problems).map(([field, problem]) => ({ pointer: `#/smtp/${field}`, detail: problemDetails[problem] }))
