import { describe, expect, it } from 'vitest'
import {
  type CursorMark,
  circuitPause,
  hasTooManyBadRows,
  longestWait,
  longWait,
  mostAttempts,
  nextMark,
  pauseAfter,
  slotAt,
} from '../../worker/core/pulling'

describe('slots', () => {
  it('are the same within a period and follow each other without a gap', () => {
    const at = (text: string, every = 60) => slotAt(new Date(text), every)
    expect(at('2026-11-27T10:00:00.000Z')).toEqual(at('2026-11-27T10:59:59.999Z'))
    expect(at('2026-11-27T10:59:59.999Z').slot).not.toBe(at('2026-11-27T11:00:00Z').slot)
    expect(at('2026-11-27T10:20:00Z').nextAt.toISOString()).toBe('2026-11-27T11:00:00.000Z')
    expect(at('2026-11-27T10:20:00Z', 15).nextAt.toISOString()).toBe('2026-11-27T10:30:00.000Z')
  })

  it('of one period are none of another', () => {
    expect(slotAt(new Date(0), 60).slot).not.toBe(slotAt(new Date(0), 30).slot)
  })
})

describe('a pause', () => {
  const pause = (attempts: number, random: number, waitSeconds: number | null = null, longWaits = 0) =>
    pauseAfter({ attempts, longWaits, waitSeconds }, random)

  it('is a random part of a ceiling that doubles: seconds twice, then minutes, until it is given up', () => {
    const ceilings = Array.from({ length: mostAttempts }, (_, index) => pause(index + 1, 1))
    expect(ceilings).toEqual([
      { kind: 'quick', milliseconds: 1_000 },
      { kind: 'quick', milliseconds: 2_000 },
      ...[1, 2, 4, 8, 16].map((minutes) => ({ kind: 'later', milliseconds: minutes * 60_000 })),
      { kind: 'give-up' },
    ])
    expect(pause(1, 0)).toEqual({ kind: 'quick', milliseconds: 0 })
    expect(pause(4, 0.25)).toEqual({ kind: 'later', milliseconds: 30_000 })
  })

  it('is never shorter than what was asked for, and not sat out when that is long', () => {
    expect(pause(1, 0, 10)).toEqual({ kind: 'quick', milliseconds: 10_000 })
    expect(pause(1, 0, 13)).toEqual({ kind: 'later', milliseconds: 13_000 })
    expect(pause(3, 0, 5)).toEqual({ kind: 'later', milliseconds: 5_000 })
  })

  it('of a quarter of an hour and more is an appointment, whatever failed before, for at most 25 hours and seven times', () => {
    expect(pause(1, 0, longWait / 1000 - 1).kind).toBe('later')
    expect(pause(mostAttempts, 0, longWait / 1000)).toEqual({ kind: 'long', milliseconds: longWait })
    expect(pause(1, 1, 999_999_999)).toEqual({ kind: 'long', milliseconds: longestWait + 60_000 })
    expect(pause(1, 0, 86_400, 6).kind).toBe('long')
    expect(pause(1, 0, 86_400, 7).kind).toBe('give-up')
  })
})

it('leaves a source alone from the third failed pull on, for half an hour to six', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 50].map((failures) => circuitPause(failures) / 60_000)).toEqual([0, 0, 30, 60, 120, 240, 360, 360])
})

describe('a circle', () => {
  /** After how many cursors it is noticed; null where it is not. */
  function noticedAfter(cursors: (index: number) => string, most = 10_000): number | null {
    let mark: CursorMark | null = null
    for (let index = 0; index < most; index += 1) {
      const next = nextMark(mark, cursors(index))
      if (!next) return index
      mark = next
    }
    return null
  }

  it('is noticed wherever it begins and however long it is, after three times its pages at the latest', () => {
    for (const lead of [0, 1, 2, 5, 17, 100]) {
      for (const length of [1, 2, 3, 7, 64, 100]) {
        const at = noticedAfter((index) => String(index < lead ? index : lead + ((index - lead) % length)))
        expect(at, `${lead} before ${length}`).toBeLessThanOrEqual(3 * (lead + length))
        expect(at, `${lead} before ${length}`).toBeGreaterThanOrEqual(lead + length)
      }
    }
  })

  it('is not seen where every cursor is another one', () => {
    expect(noticedAfter(String)).toBeNull()
  })
})

it('takes a tenth of bad rows, and of what changed a handful', () => {
  expect(hasTooManyBadRows({ read: 10, rejected: 1, isWhole: true })).toBe(false)
  expect(hasTooManyBadRows({ read: 10, rejected: 2, isWhole: true })).toBe(true)
  expect(hasTooManyBadRows({ read: 10, rejected: 10, isWhole: false })).toBe(false)
  expect(hasTooManyBadRows({ read: 100, rejected: 21, isWhole: false })).toBe(true)
  expect(hasTooManyBadRows({ read: 0, rejected: 0, isWhole: true })).toBe(false)
})
