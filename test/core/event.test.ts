import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanEvent, placeAmong } from '../../worker/core/event'
import { returnPath, withParameter } from '../../worker/core/return-path'

describe('an event', () => {
  it('is stored as clean lines, and says what is wrong with it', () => {
    const said = { day: ' 2026-06-15 ', name: ' SLA\n \u202esigned ', scope: 'sales', author: ' Dana\tReyes ' }
    expect(cleanEvent(said)).toEqual({ event: { day: '2026-06-15', name: 'SLA signed', scope: 'sales', author: 'Dana Reyes' }, faults: [] })
    const { faults } = cleanEvent({ day: '2026-02-30', name: '\u200b', scope: 'finance', author: 'x'.repeat(81) })
    expect(faults.map(({ field, why }) => `${field} ${why}`)).toEqual(['day no-day', 'name missing', 'author too-long', 'scope unknown'])
  })

  it.each([
    ['2026-06-30', ['2026-05', '2026-06'], 1],
    ['2026-06-15', ['2026-05', '2026-06'], 0.5],
    ['2026-05-31', ['2026-05', '2026-06'], 0],
    ['2026-04-30', ['2026-05', '2026-06'], null],
    ['2026-07-01', ['2026-05', '2026-06'], null],
    ['2026-11-02', ['2026-10-26', '2026-11-02'], 1], // days
    ['2026-11-01', ['2026-W44', '2026-W45'], 0], // a Sunday ends its week
    ['2026-09-30', ['2026-Q2', '2026-Q3'], 1],
    ['2026-09-30', [], null],
  ])('on %s stands among %j at %s', (day, periods, at) => {
    const place = placeAmong(day, periods)
    expect(place === null ? null : Math.round(place * 1000) / 1000).toBe(at)
  })
})

describe('the way back of a form', () => {
  it('leads to pages of ours, with their query and their anchor', () => {
    expect(returnPath('/overview?round=9#trend', '/events')).toBe('/overview?round=9#trend')
    expect(withParameter('/overview?round=9#trend', 'added', 'trend~x')).toBe('/overview?round=9&added=trend%7Ex#trend')
  })

  it.each([
    ...['//evil.example', '/\\evil.example', '/\\/evil.example', '/.//evil.example', '/a/..//evil.example', 'https://evil.example/'],
    ...['javascript:alert(1)', 'overview', '', '/\tevil', '/%0a/..//evil.example', '\n//evil.example', ['/overview'], undefined],
    `/${'x'.repeat(2000)}`,
  ])('does not lead to %j', (text) => {
    expect(new URL(returnPath(text, '/events'), 'https://ours.example').origin).toBe('https://ours.example')
    if (text !== '/%0a/..//evil.example') expect(returnPath(text, '/events')).toBe('/events')
  })

  it('stays with us, whatever is sent', () => {
    const pieces = fc.constantFrom('/', '\\', '.', '..', '%2f', '%5c', '@', ':', 'evil.example', '?', '#', '\t', ' ', 'http:', 'é')
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const back = returnPath(parts.join(''), '/events')
        expect(new URL(back, 'https://ours.example').origin).toBe('https://ours.example')
        expect(new URL(withParameter(back, 'added', 'x'), 'https://ours.example').origin).toBe('https://ours.example')
      }),
      { numRuns: 2000 },
    )
  })
})
