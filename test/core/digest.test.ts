import { describe, expect, it } from 'vitest'
import { checkedDigest, composeDigest, type DigestParts, splitRecipients, weekDue } from '../../worker/core/digest'
import type { DomainError } from '../../worker/core/errors'

describe('the digest of a week', () => {
  it('is due on Monday from seven by the clock of the organisation, and made up for on Tuesday', () => {
    const due = (moment: string, zone = 'Asia/Bangkok', since = 0) => weekDue(new Date(moment), zone, since)
    expect(due('2026-11-29T23:59:00Z')).toBeNull() // Monday, 06:59 there
    expect(due('2026-11-30T00:00:00Z')).toBe('2026-11-30')
    expect(due('2026-11-30T00:00:00Z', 'America/New_York')).toBeNull() // Sunday evening there
    expect(due('2026-12-01T16:59:00Z')).toBe('2026-11-30') // Tuesday, a minute to midnight
    expect(due('2026-12-01T17:00:00Z')).toBeNull()
  })

  it('begins with the Monday after it was turned on', () => {
    expect(weekDue(new Date('2026-11-30T09:00:00Z'), 'UTC', Date.parse('2026-11-30T08:00:00Z'))).toBeNull()
    expect(weekDue(new Date('2026-12-07T07:00:00Z'), 'UTC', Date.parse('2026-11-30T08:00:00Z'))).toBe('2026-12-07')
  })
})

describe('recipients', () => {
  it('are read one a line or parted by commas, each once, and what is no address is named by its place', () => {
    const digest = { rhythm: 'round' as const, slack: false }
    const typed = splitRecipients('Ann@acme.example,\n bo@acme.example;ANN@ACME.example\n')
    expect(checkedDigest({ ...digest, recipients: typed }).recipients).toEqual(['ann@acme.example', 'bo@acme.example'])
    const wrong = (recipients: string[]) => {
      try {
        return checkedDigest({ ...digest, recipients })
      } catch (error) {
        return (error as DomainError).errors?.map(({ pointer }) => pointer)
      }
    }
    expect(wrong([...typed, 'nobody', 'a@b'])).toEqual(['#/recipients/3', '#/recipients/4'])
    expect(wrong(Array.from({ length: 51 }, () => 'nobody'))).toEqual(['#/recipients'])
    expect(wrong([])).toEqual(['#/recipients'])
  })
})

describe('the message', () => {
  it('shows somebody’s words as they are, in the text and in the markup', () => {
    const parts: DigestParts = {
      locale: 'ar',
      direction: 'rtl',
      product: '<b>Acme</b>',
      sample: '',
      title: 'a & b',
      cause: '"c"',
      score: ['<i>1</i>'],
      points: ['<script>alert(1)</script>'],
      chart: { alt: '"><img src=x>', caption: "it's" },
      open: 'Open',
      link: 'https://plumbline.example/overview?round=1&x="',
      why: 'why',
    }
    const { html, text } = composeDigest(parts, '<subject>', 'cid:chart@plumbline')
    expect(html).toContain('<html lang="ar" dir="rtl">')
    expect([...html.matchAll(/<(script|i|b|img)\b[^>]*>/g)].map(([tag]) => tag.slice(0, 36))).toEqual([
      '<img src="cid:chart@plumbline" width',
    ])
    expect(html).toContain('alt="&quot;&gt;&lt;img src=x&gt;"')
    expect(text).toContain('- <script>alert(1)</script>')
    const sample = composeDigest({ ...parts, sample: 'Sample data' }, 's', null)
    expect([sample.html, sample.text].map((said) => said.includes('Sample data'))).toEqual([true, true])
    expect(composeDigest({ ...parts, chart: null }, 's', 'cid:x').html).not.toContain('<img')
  })
})
