/**
 * The messages of a round, from words and facts: plain text and HTML of the same content. No image, no tracking, no
 * colours that a dark mailbox could not turn; styles stand on the elements, because many mailboxes drop style sheets.
 */

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
  to: { locale: string; direction: 'ltr' | 'rtl'; link: string; stopLink: string; fingerprint: string; product: string },
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
  page: 'margin:0;padding:0',
  sheet:
    'max-width:600px;margin:0 auto;padding:24px 20px 32px;font-family:-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Noto Sans,Noto Sans Arabic,Noto Sans Thai,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.6',
  brand: 'margin:0 0 24px;font-size:14px;font-weight:600',
  line: 'border-inline-start:2px solid #858d98;padding-inline-start:12px',
  paragraph: 'margin:0 0 16px',
  action: 'margin:24px 0',
  button:
    'display:inline-block;padding:12px 24px;border:1px solid #858d98;border-radius:5px;background:#12161c;color:#ffffff;font-weight:600;text-decoration:none',
  head: 'margin:28px 0 8px;font-size:16px;font-weight:600',
  list: 'margin:0 0 16px;padding-inline-start:20px',
  item: 'margin:0 0 6px',
  code: 'font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px;word-break:break-word',
  foot: 'margin:28px 0 0;padding-top:16px;border-top:1px solid #c9ced5;font-size:13px',
} as const

function htmlOf(words: MessageWords, parts: Parts, to: To, subject: string): string {
  const p = (text: string) => `<p style="${styles.paragraph}">${escaped(text)}</p>`
  const link = escaped(to.link)
  return `<!doctype html>
<html lang="${to.locale}" dir="${to.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(subject)}</title>
</head>
<body style="${styles.page}">
<div role="main" lang="${to.locale}" dir="${to.direction}" style="${styles.sheet}">
<h1 style="${styles.brand}"><span style="${styles.line}">${escaped(to.product)}</span></h1>
${p(parts.greeting)}
${p(parts.lead)}
${p(parts.takes)}
<p style="${styles.action}"><a href="${link}" style="${styles.button}">${escaped(words.open)}</a></p>
${p(words.own)}
<h2 style="${styles.head}">${escaped(words.who)}</h2>
<ul style="${styles.list}">
${parts.promises.map((promise) => `<li style="${styles.item}">${escaped(promise)}</li>`).join('\n')}
</ul>
<h2 style="${styles.head}">${escaped(words.key)}</h2>
<p style="${styles.paragraph}"><code dir="ltr" style="${styles.code}">${parts.fingerprint}</code></p>
${p(words.keyWhat)}
<p style="${styles.foot}">${escaped(parts.why)}<br><a href="${escaped(to.stopLink)}" style="color:inherit">${escaped(words.stop)}</a>. ${escaped(words.stopKeeps)}</p>
</div>
</body>
</html>
`
}

/** A name that runs the other way than the sentence is kept apart from it; in a sentence of its own direction nothing is added. */
function isolated(text: string, direction: 'ltr' | 'rtl'): string {
  const runsOtherWay =
    direction === 'rtl' ? /\p{Script=Latin}|\p{Script=Thai}/u.test(text) : /\p{Script=Arabic}|\p{Script=Hebrew}/u.test(text)
  return runsOtherWay ? `\u2068${text}\u2069` : text
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
