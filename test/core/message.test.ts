/** Messages as people read them, in every language. */
import { describe, expect, it } from 'vitest'
import { composeEmail, type MessageFacts, type MessageKind, minutesOf } from '../../worker/core/message'
import { directionOf, locales, messagesOf } from '../../worker/i18n'

const facts: MessageFacts = {
  name: 'Zoë <b>Lee</b>',
  organisation: 'Acme & "Söhne"',
  minutes: 2,
  questions: '17',
  until: '30 October 2026',
  minimum: '5',
}
const to = {
  link: 'https://plumb.example/s/r1?lang=en#c1.secret.fingerprint',
  stopLink: 'https://plumb.example/stop/p1.code',
  fingerprint: '0123456789abcdef'.repeat(4),
  product: 'Plumbline',
}
const kinds: MessageKind[] = ['invitation', 'reminder-1', 'reminder-2']
const every = locales.flatMap((locale) => kinds.map((kind) => [locale, kind] as const))

const compose = (locale: (typeof locales)[number], kind: MessageKind, changed: Partial<MessageFacts> = {}) =>
  composeEmail(messagesOf(locale).email, kind, { ...facts, ...changed }, { ...to, locale, direction: directionOf(locale) })

describe.each(every)('a message in %s: %s', (locale, kind) => {
  it('says the same as text and as HTML: the link, the day, the fingerprint in fours, and how to stop', () => {
    const { subject, text, html } = compose(locale, kind)
    const words = [to.link, to.stopLink, '30 October 2026', '0123 4567 89ab cdef 0123', '17']
    expect(words.filter((word) => !text.includes(word))).toEqual([])
    expect(words.filter((word) => !html.includes(word))).toEqual([])
    expect(subject).toContain('Acme & "Söhne"')
    expect(`${subject}${text}${html}`).not.toMatch(/undefined|\[object|\bnull\b|\bNaN\b/)
  })

  it('is written in the direction of its language, loads nothing and runs nothing', () => {
    const { html } = compose(locale, kind)
    expect(html).toContain(`<html lang="${locale}" dir="${directionOf(locale)}">`)
    expect(html).not.toMatch(/<(img|script|link|style|iframe|form|object)\b|url\(|@import|\ssrc=|\son\w+=/i)
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, link]) => link)
    expect(links).toEqual([to.link, to.stopLink])
    expect(html).not.toContain('<b>Lee')
    expect(html).toContain('Acme &amp; &quot;Söhne&quot;')
  })

  it('has one line for a subject, whatever an organisation is called', () => {
    expect(compose(locale, kind).subject).not.toMatch(/[\r\n]/)
    expect(compose(locale, kind, { until: null }).text).not.toMatch(/undefined|null/)
  })
})

describe('reminders', () => {
  it('say in every language that the link was not used, and the last one that it is the last', () => {
    for (const locale of locales) {
      const [invitation, first, last] = kinds.map((kind) => compose(locale, kind))
      expect(new Set([invitation?.subject, first?.subject, last?.subject]).size).toBe(3)
      expect(new Set([invitation?.text, first?.text, last?.text]).size).toBe(3)
    }
  })
})

describe('the time it takes', () => {
  it('is said in whole minutes, at least one', () => {
    expect([0, 29, 90, 127.5, 151].map(minutesOf)).toEqual([1, 1, 2, 2, 3])
  })
})

describe('texts that are read from the right', () => {
  it('keep a day that is to be copied in its order', () => {
    const texts = (of: unknown): string[] =>
      typeof of === 'string' ? [of] : typeof of === 'object' && of !== null ? Object.values(of).flatMap(texts) : []
    const turned = texts(messagesOf('ar')).filter((text) => /[\u0600-\u06ff][^\u2066]*\d{4}-[\dWQ]/.test(text))
    expect(turned).toEqual([])
  })
})
