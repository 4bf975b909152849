import { tzOffset } from '@date-fns/tz'

/** From a moment on, how far the clocks of a zone are ahead of UTC; both in milliseconds. */
export interface OffsetSpan {
  from: number
  offset: number
}

/** No zone changes its clocks and back within less. */
const step = 7 * 86_400_000

/**
 * How the clocks of a zone stand between two moments, from one change to the next. The first span holds before it, too.
 *
 * @example offsetSpans('Europe/Berlin', Date.UTC(2026, 0, 1), Date.UTC(2026, 11, 31)).map(({ offset }) => offset / 3_600_000) // [1, 2, 1]
 */
export function offsetSpans(timeZone: string, first: number, last: number): OffsetSpan[] {
  const offsetAt = (time: number) => Math.round(tzOffset(timeZone, new Date(time)) * 60_000)
  const spans: OffsetSpan[] = [{ from: first, offset: offsetAt(first) }]
  for (let time = first; time < last; time += step) {
    const [before, after] = [offsetAt(time), offsetAt(time + step)]
    if (before === after) continue
    let [low, high] = [time, time + step]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (offsetAt(middle) === before) low = middle
      else high = middle
    }
    spans.push({ from: high, offset: after })
  }
  return spans
}
