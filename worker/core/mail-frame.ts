/**
 * What every mail has in common: a document in the direction of its language, which loads nothing and runs nothing. Styles
 * stand on the elements, because many mailboxes drop style sheets; no colours that a dark mailbox could not turn.
 */

export interface MailTo {
  locale: string
  direction: 'ltr' | 'rtl'
}

export const mailStyles = {
  paragraph: 'margin:0 0 16px',
  list: 'margin:0 0 16px;padding-inline-start:20px',
  item: 'margin:0 0 6px',
  action: 'margin:24px 0',
  button:
    'display:inline-block;padding:12px 24px;border:1px solid #858d98;border-radius:5px;background:#12161c;color:#ffffff;font-weight:600;text-decoration:none',
  foot: 'margin:28px 0 0;padding-top:16px;border-top:1px solid #c9ced5;font-size:13px',
} as const

const sheet =
  'margin:0 auto;padding:24px 20px 32px;font-family:-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Noto Sans,Noto Sans Arabic,Noto Sans Thai,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.6'

/** The whole document. `product` stands on top, as the heading where the body has none; `body` is markup. */
export function mailFrame(
  { locale, direction }: MailTo,
  { subject, product, body, heading = 'p' }: { subject: string; product: string; body: readonly string[]; heading?: 'h1' | 'p' },
): string {
  return `<!doctype html>
<html lang="${locale}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(subject)}</title>
</head>
<body style="margin:0;padding:0">
<div role="main" lang="${locale}" dir="${direction}" style="max-width:620px;${sheet}">
<${heading} style="margin:0 0 24px;font-size:14px;font-weight:600"><span style="border-inline-start:2px solid #858d98;padding-inline-start:12px">${escaped(product)}</span></${heading}>
${body.filter(Boolean).join('\n')}
</div>
</body>
</html>
`
}

export const paragraph = (text: string): string => `<p style="${mailStyles.paragraph}">${escaped(text)}</p>`

export const list = (items: readonly string[]): string =>
  items.length === 0
    ? ''
    : `<ul style="${mailStyles.list}">\n${items.map((item) => `<li style="${mailStyles.item}">${escaped(item)}</li>`).join('\n')}\n</ul>`

/** The one thing to do about it. */
export const action = (text: string, link: string): string =>
  `<p style="${mailStyles.action}"><a href="${escaped(link)}" style="${mailStyles.button}">${escaped(text)}</a></p>`

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
