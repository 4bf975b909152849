/** The digest: to whom and when, what it looks like, and how a message of it is put together. */
import { addDays, dayOf, momentOf, weekdayOf } from './calendar'
import { readEmail } from './email'
import { DomainError, type FieldError } from './errors'
import { action, escaped, list, type MailTo, mailFrame, mailStyles, paragraph } from './mail-frame'
import type { Composed } from './message'

export const rhythms = ['off', 'round', 'week'] as const
export type Rhythm = (typeof rhythms)[number]

export interface DigestSettings {
  /** `round`: after each round; `week`: on Monday morning, where something is new. */
  rhythm: Rhythm
  /** Addresses as `readEmail` spells them. */
  recipients: string[]
  /** Whether it is posted to the channel of the Slack webhook. */
  slack: boolean
  /** Since when, in milliseconds since 1970: what was published before is no news. */
  since: number
}

export const noDigest: DigestSettings = { rhythm: 'off', recipients: [], slack: false, since: 0 }
export const mostRecipients = 50

/**
 * Addresses as somebody typed them, one a line or parted by commas.
 *
 * @example splitRecipients('Ann@acme.example, nobody') // ['Ann@acme.example', 'nobody']
 */
export const splitRecipients = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean)

export type DigestChange = Omit<DigestSettings, 'since'>

/**
 * How it is to go out, with each address once, as `readEmail` spells it.
 *
 * @throws DomainError invalid-input, with a pointer for every address that is none
 * @example checkedDigest({ rhythm: 'round', recipients: ['Ann@acme.example'], slack: false }).recipients // ['ann@acme.example']
 */
export function checkedDigest({ rhythm, recipients, slack }: DigestChange): DigestChange {
  const read = recipients.map(readEmail)
  const errors: FieldError[] = []
  if (recipients.length > mostRecipients) errors.push({ pointer: '#/recipients', detail: `Use at most ${mostRecipients} addresses.` })
  else if (rhythm !== 'off' && recipients.length === 0 && !slack)
    errors.push({ pointer: '#/recipients', detail: 'Give an address, or choose the channel.' })
  else
    for (const [index, email] of read.entries())
      if (!email) errors.push({ pointer: `#/recipients/${index}`, detail: 'Use an email address such as ann.lee@example.com.' })
  if (errors.length > 0) throw new DomainError('invalid-input', 'Some values cannot be used.', errors)
  return { rhythm, recipients: [...new Set(read.flatMap((email) => email ?? []))], slack }
}

/** The hour of Monday, by the organisation's clock. */
const mondayHour = 7
/** A server that was down on Monday morning makes up for it until the end of Tuesday. */
const makeUpDays = 2

/**
 * The Monday whose digest is due now; null between them.
 *
 * @param since a digest that was turned on later in the week begins with the next
 * @example weekDue(new Date('2026-11-30T01:00:00Z'), 'Asia/Bangkok', 0) // '2026-11-30': it is eight there
 */
export function weekDue(now: Date, timeZone: string, since: number): string | null {
  const today = dayOf(now, timeZone)
  const monday = addDays(today, -((weekdayOf(today) + 6) % 7))
  const [year = 0, month = 0, day = 0] = monday.split('-').map(Number)
  const due = momentOf({ year, month, day, hour: mondayHour, minute: 0, second: 0 }, timeZone).getTime()
  const isDue = now.getTime() >= due && today < addDays(monday, makeUpDays) && since <= due
  return isDue ? monday : null
}

/** What a message says, ready to be printed. */
export interface DigestParts extends MailTo {
  product: string
  /** That none of it happened; empty where it did. */
  sample: string
  /** The finding, and what it came from. */
  title: string
  cause: string
  /** The score, how sure it is, and its changes with their verdicts; one a line. */
  score: readonly string[]
  /** What else was found: what divides, what got worse, what was missed. */
  points: readonly string[]
  /** What the chart shows, for those who do not see it, and how it is read. Null where there is nothing to draw. */
  chart: { alt: string; caption: string } | null
  open: string
  link: string | null
  why: string
}

/** As the picture is named in a mail. */
export const chartId = 'chart@plumbline'

/** @param imageAddress of the chart: `cid:` in a mail, `data:` where the message is looked at */
export function composeDigest(parts: DigestParts, subject: string, imageAddress: string | null): Composed {
  return { subject, text: textOf(parts), html: htmlOf(parts, subject, imageAddress) }
}

const textOf = ({ sample, title, cause, score, points, chart, open, link, why }: DigestParts): string =>
  `${[
    sample,
    title,
    cause,
    score.join('\n'),
    points.map((point) => `- ${point}`).join('\n'),
    chart?.alt ?? '',
    link ? `${open}:\n${link}` : '',
    why,
  ]
    .filter(Boolean)
    .join('\n\n')}\n`

const styles = {
  title: 'margin:0 0 8px;font-size:24px;line-height:1.3;font-weight:600',
  // White behind it: it is drawn for paper, whatever a mail program does to colours.
  image: 'display:block;width:100%;max-width:600px;height:auto;border:0;background:#ffffff',
  caption: 'margin:-8px 0 24px;font-size:13px',
} as const

function htmlOf(parts: DigestParts, subject: string, imageAddress: string | null): string {
  const { chart, link } = parts
  const image =
    chart && imageAddress
      ? `<p style="${mailStyles.paragraph}"><img src="${escaped(imageAddress)}" width="600" height="280" alt="${escaped(chart.alt)}" style="${styles.image}"></p>
<p style="${styles.caption}">${escaped(chart.caption)}</p>`
      : ''
  return mailFrame(parts, {
    subject,
    product: [parts.product, parts.sample].filter(Boolean).join(' · '),
    body: [
      `<h1 style="${styles.title}">${escaped(parts.title)}</h1>`,
      paragraph(parts.cause),
      list(parts.score),
      image,
      list(parts.points),
      link ? action(parts.open, link) : '',
      `<p style="${mailStyles.foot}">${escaped(parts.why)}</p>`,
    ],
  })
}
