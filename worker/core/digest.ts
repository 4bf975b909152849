/** The digest: to whom and when, what it looks like, and how a message of it is put together. */
import { addDays, dayOf, momentOf, weekdayOf } from './calendar'
import { readEmail } from './email'
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
 * Addresses as somebody typed them, one a line or parted by commas, each once.
 *
 * @example readRecipients('Ann@acme.example, nobody') // { recipients: ['ann@acme.example'], wrong: ['nobody'] }
 */
export function readRecipients(text: string): { recipients: string[]; wrong: string[] } {
  const typed = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map((one) => ({ one, email: readEmail(one) }))
  return {
    recipients: [...new Set(typed.flatMap(({ email }) => email ?? []))],
    wrong: typed.flatMap(({ one, email }) => (email ? [] : [one])),
  }
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
export interface DigestParts {
  locale: string
  direction: 'ltr' | 'rtl'
  product: string
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

const textOf = ({ title, cause, score, points, chart, open, link, why }: DigestParts): string =>
  `${[
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
  page: 'margin:0;padding:0',
  sheet:
    'max-width:640px;margin:0 auto;padding:24px 20px 32px;font-family:-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Noto Sans,Noto Sans Arabic,Noto Sans Thai,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.6',
  brand: 'margin:0 0 24px;font-size:14px;font-weight:600',
  line: 'border-inline-start:2px solid #858d98;padding-inline-start:12px',
  title: 'margin:0 0 8px;font-size:24px;line-height:1.3;font-weight:600',
  paragraph: 'margin:0 0 16px',
  list: 'margin:0 0 24px;padding-inline-start:20px',
  item: 'margin:0 0 6px',
  // White behind it: it is drawn for paper, whatever a mail program does to colours.
  image: 'display:block;width:100%;max-width:600px;height:auto;border:0;background:#ffffff',
  caption: 'margin:-8px 0 24px;font-size:13px',
  action: 'margin:24px 0',
  button:
    'display:inline-block;padding:12px 24px;border:1px solid #858d98;border-radius:5px;background:#12161c;color:#ffffff;font-weight:600;text-decoration:none',
  foot: 'margin:28px 0 0;padding-top:16px;border-top:1px solid #c9ced5;font-size:13px',
} as const

function htmlOf(parts: DigestParts, subject: string, imageAddress: string | null): string {
  const { locale, direction, chart, link } = parts
  const list = (items: readonly string[]) =>
    items.length === 0
      ? ''
      : `<ul style="${styles.list}">\n${items.map((item) => `<li style="${styles.item}">${escaped(item)}</li>`).join('\n')}\n</ul>`
  const image =
    chart && imageAddress
      ? `<p style="${styles.paragraph}"><img src="${escaped(imageAddress)}" width="600" height="280" alt="${escaped(chart.alt)}" style="${styles.image}"></p>
<p style="${styles.caption}">${escaped(chart.caption)}</p>`
      : ''
  const action = link
    ? `<p style="${styles.action}"><a href="${escaped(link)}" style="${styles.button}">${escaped(parts.open)}</a></p>`
    : ''
  return `<!doctype html>
<html lang="${locale}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(subject)}</title>
</head>
<body style="${styles.page}">
<div role="main" lang="${locale}" dir="${direction}" style="${styles.sheet}">
<p style="${styles.brand}"><span style="${styles.line}">${escaped(parts.product)}</span></p>
<h1 style="${styles.title}">${escaped(parts.title)}</h1>
<p style="${styles.paragraph}">${escaped(parts.cause)}</p>
${list(parts.score)}
${image}
${list(parts.points)}
${action}
<p style="${styles.foot}">${escaped(parts.why)}</p>
</div>
</body>
</html>
`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
