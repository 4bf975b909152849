/** The messages of a round, from words and facts: plain text and HTML of the same content. No image, no tracking. */
import { action, escaped, list, type MailTo, mailFrame, mailStyles, paragraph } from './mail-frame'

export type MessageKind = 'invitation' | 'reminder-1' | 'reminder-2'

/** What sentences may mention, as it is written in the language of the message. */
export interface MessageFacts {
  /** Of whom is asked; empty where it is not known. */
  name: string
  organisation: string
  /** About how long answering takes. */
  minutes: number
  /** How many questions, in figures. */
  questions: string
  /** The day on which the round closes, in words; null where nobody planned one. */
  until: string | null
  /** Fewest answers that a result stands for, in figures. */
  minimum: string
}

type Sentence = string | ((facts: MessageFacts) => string)

/** The section `email` of a language. */
export interface MessageWords {
  subject: Readonly<Record<MessageKind, (facts: MessageFacts) => string>>
  greeting: (facts: MessageFacts) => string
  lead: Readonly<Record<MessageKind, (facts: MessageFacts) => string>>
  takes: (facts: MessageFacts) => string
  until: (facts: MessageFacts) => string
  open: string
  own: string
  who: string
  promises: Readonly<Record<string, Sentence>>
  key: string
  keyWhat: string
  why: (facts: MessageFacts) => string
  stop: string
  stopKeeps: string
}

export interface Composed {
  subject: string
  text: string
  html: string
}

/**
 * One message.
 *
 * @param to.fingerprint of the round's list of keys, hex
 * @param to.link the personal link, `to.stopLink` the one that ends messages to this person
 */
export function composeEmail(
  words: MessageWords,
  kind: MessageKind,
  facts: MessageFacts,
  to: MailTo & { link: string; stopLink: string; fingerprint: string; product: string },
): Composed {
  const subject = words.subject[kind](facts)
  const apart = { ...facts, name: isolated(facts.name, to.direction), organisation: isolated(facts.organisation, to.direction) }
  const said = (sentence: Sentence) => (typeof sentence === 'string' ? sentence : sentence(apart))
  const parts = {
    greeting: words.greeting(apart),
    lead: words.lead[kind](apart),
    takes: [words.takes(apart), facts.until === null ? '' : words.until(apart)].filter(Boolean).join(' '),
    promises: Object.values(words.promises).map(said),
    fingerprint: inFours(to.fingerprint),
    why: words.why(apart),
  }
  return { subject, text: textOf(words, parts, to), html: htmlOf(words, parts, to, subject) }
}

/** Hex in groups of four, as people compare it. */
export const inFours = (hex: string): string => hex.replace(/.{4}(?=.)/g, '$& ')

/** Whole minutes of so many seconds, at least one: half a minute more is another one. */
export const minutesOf = (seconds: number): number => Math.max(1, Math.round(seconds / 60))

interface Parts {
  greeting: string
  lead: string
  takes: string
  promises: readonly string[]
  fingerprint: string
  why: string
}

type To = Parameters<typeof composeEmail>[3]

function textOf(words: MessageWords, parts: Parts, { link, stopLink }: To): string {
  return [
    parts.greeting,
    parts.lead,
    parts.takes,
    `${words.open}:\n${link}`,
    words.own,
    `${words.who}\n${parts.promises.map((promise) => `- ${promise}`).join('\n')}`,
    `${words.key}: ${parts.fingerprint}\n${words.keyWhat}`,
    `${parts.why}\n${words.stop}: ${stopLink}\n${words.stopKeeps}`,
    '',
  ].join('\n\n')
}

const styles = {
  head: 'margin:28px 0 8px;font-size:16px;font-weight:600',
  code: 'font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px;word-break:break-word',
} as const

function htmlOf(words: MessageWords, parts: Parts, to: To, subject: string): string {
  const head = (text: string) => `<h2 style="${styles.head}">${escaped(text)}</h2>`
  return mailFrame(to, {
    subject,
    product: to.product,
    heading: 'h1',
    body: [
      paragraph(parts.greeting),
      paragraph(parts.lead),
      paragraph(parts.takes),
      action(words.open, to.link),
      paragraph(words.own),
      head(words.who),
      list(parts.promises),
      head(words.key),
      `<p style="${mailStyles.paragraph}"><code dir="ltr" style="${styles.code}">${parts.fingerprint}</code></p>`,
      paragraph(words.keyWhat),
      `<p style="${mailStyles.foot}">${escaped(parts.why)}<br><a href="${escaped(to.stopLink)}" style="color:inherit">${escaped(words.stop)}</a>. ${escaped(words.stopKeeps)}</p>`,
    ],
  })
}

/** A name that runs the other way than the sentence is kept apart from it; in a sentence of its own direction nothing is added. */
function isolated(text: string, direction: 'ltr' | 'rtl'): string {
  const runsOtherWay =
    direction === 'rtl' ? /\p{Script=Latin}|\p{Script=Thai}/u.test(text) : /\p{Script=Arabic}|\p{Script=Hebrew}/u.test(text)
  return runsOtherWay ? `\u2068${text}\u2069` : text
}
