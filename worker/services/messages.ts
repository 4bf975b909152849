/** What is written to one person about a round, in their language; the same text at every attempt. */
import { type Composed, composeEmail, type MessageFacts, type MessageKind, minutesOf } from '../core/message'
import { estimatedSeconds } from '../core/survey-plan'
import { cleanLine } from '../core/text'
import { findRound, listCohorts, type Round } from '../db/rounds'
import { readSettings, type Settings } from '../db/settings'
import { directionOf, isLocale, type Locale, messagesOf } from '../i18n'
import { formatOf } from '../i18n/format'
import type { ServiceContext } from './context'
import { keyListFingerprint, type LinkKey, linkSecret, linkTo, openLinkKey } from './links'
import { keyedHash, stopLinkFor } from './stopping'

/** What the messages of a round have in common: read once for many of them. */
export interface RoundMessages {
  round: Round
  settings: Settings
  key: LinkKey
  /** Of the round's list of keys, hex. */
  fingerprint: string
}

export interface Addressee {
  personId: string
  email: string
  name: string
  locale: string
}

export interface Message extends Composed {
  locale: Locale
  link: string
  stopLink: string
  /** Of this message, the same at every attempt; says nothing of whom it is for. */
  id: string
  /** The same content for a chat, which has no subject. */
  chat: string
}

/** Undefined where nobody can be written to about this round: it is not open, or was opened by an early version. */
export async function openMessages(context: ServiceContext, roundId: string): Promise<RoundMessages | undefined> {
  const { db } = context
  const [round, keys, settings] = await Promise.all([findRound(db, roundId), listCohorts(db, roundId), readSettings(db)])
  if (!round?.frozen || round.state !== 'open') return undefined
  const key = await openLinkKey(context, round)
  return key ? { round, settings, key, fingerprint: await keyListFingerprint(keys) } : undefined
}

/**
 * One message.
 *
 * @param to.cohort, to.generation of the invitation: its link is derived, whether it was used already or not
 */
export async function messageFor(
  context: ServiceContext,
  shared: RoundMessages,
  kind: MessageKind,
  to: Addressee & { cohort: string; generation: number },
): Promise<Message> {
  const { round, key, fingerprint } = shared
  const locale = isLocale(to.locale) ? to.locale : fallbackOf(shared.settings)
  const secret = await linkSecret(key, to.personId, to.generation)
  const link = linkTo(context, { roundId: round.id, locale, cohort: to.cohort, secret, fingerprint })
  const stopLink = await stopLinkFor(context, to.personId)
  const id = await keyedHash(context, 'message', `${round.id}|${to.personId}|${kind}|${to.generation}`)
  return { ...worded(shared, kind, locale, to.name, { link, stopLink }), locale, link, stopLink, id }
}

/** A message to nobody, to be looked at: with stand-ins where a name and the links would be. */
export function exampleMessage(
  { origin }: Pick<ServiceContext, 'origin'>,
  shared: RoundMessages,
  kind: MessageKind,
  locale: Locale,
): Composed {
  return worded(shared, kind, locale, '…', { link: `${origin}/s/…`, stopLink: `${origin}/stop/…` })
}

/** What a channel is told when a round opens: no link, for everybody in the channel reads it. */
export function announcementOf({ round, settings }: Pick<RoundMessages, 'round' | 'settings'>): string {
  const locale = fallbackOf(settings)
  return messagesOf(locale).email.announcement(factsOf(locale, { round, settings }, ''))
}

function worded(
  shared: RoundMessages,
  kind: MessageKind,
  locale: Locale,
  name: string,
  links: { link: string; stopLink: string },
): Composed & { chat: string } {
  const texts = messagesOf(locale)
  const facts = factsOf(locale, shared, name)
  const composed = composeEmail(texts.email, kind, facts, {
    locale,
    direction: directionOf(locale),
    ...links,
    fingerprint: shared.fingerprint,
    product: texts.layout.product,
  })
  const { email } = texts
  const chat = [
    email.lead[kind](facts),
    email.takes(facts),
    facts.until === null ? '' : email.until(facts),
    links.link,
    `${email.stop}: ${links.stopLink}`,
  ]
  return { ...composed, chat: chat.filter(Boolean).join('\n') }
}

function factsOf(locale: Locale, { round, settings }: Pick<RoundMessages, 'round' | 'settings'>, name: string): MessageFacts {
  const f = formatOf(locale, settings.timeZone)
  const items = round.frozen?.items ?? []
  return {
    name: cleanLine(name),
    organisation: cleanLine(settings.organisationName) || messagesOf(locale).email.yourOrganisation,
    minutes: minutesOf(estimatedSeconds(items)),
    questions: f.number(items.length),
    until: round.closesAt ? f.date(round.closesAt) : null,
    minimum: f.number(round.frozen?.minimumGroupSize ?? settings.minimumGroupSize),
  }
}

const fallbackOf = ({ locale }: Settings): Locale => (isLocale(locale) ? locale : 'en')
