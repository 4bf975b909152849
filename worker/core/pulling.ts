/** When sources are pulled, how long a pull waits after a failure, and how it notices that a source leads it in circles. */

const minute = 60_000
const hour = 60 * minute

/**
 * The slot of a schedule that a moment is in, and when the next one begins. Whoever comes twice within a slot finds its pull
 * made; whoever comes late is in the slot of now, and nothing is made up for those that nobody came in.
 *
 * @example slotAt(new Date('2026-11-27T10:20:00Z'), 60) // { slot: '60|494950', nextAt: 2026-11-27T11:00:00Z }
 */
export function slotAt(now: Date, everyMinutes: number): { slot: string; nextAt: Date } {
  const period = everyMinutes * minute
  const number = Math.floor(now.getTime() / period)
  // With the period: its numbers start anew where somebody changes it.
  return { slot: `${everyMinutes}|${number}`, nextAt: new Date((number + 1) * period) }
}

/** Tries at one page, the first one included. */
export const mostAttempts = 8
/** As many of them follow each other at once. */
const quickAttempts = 3
/** A pause in milliseconds that is sat out; a longer one ends the turn. */
export const quickWait = 12_000
/** What a source asks for beyond this in milliseconds is no failure of an attempt: it says when it will answer again. */
export const longWait = 15 * minute
/** Nobody is asked later than that, whatever they say: in milliseconds. */
export const longestWait = 25 * hour
/** How often a source may put one page off like that. */
export const mostLongWaits = 7

export type Pause =
  | { kind: 'quick'; milliseconds: number }
  | { kind: 'later'; milliseconds: number }
  | { kind: 'long'; milliseconds: number }
  | { kind: 'give-up' }

/**
 * How long to wait after an attempt that failed: a random part of a ceiling that doubles (full jitter), so that pulls which
 * failed together do not come back together; never less than the source asks for.
 *
 * @param attempts that failed at this page, this one included
 * @param waitSeconds that the source asks for; null where it does not say
 * @param random from 0 to 1
 * @example pauseAfter({ attempts: 1, longWaits: 0, waitSeconds: 10 }, 0.5) // { kind: 'quick', milliseconds: 10_500 }
 */
export function pauseAfter(
  { attempts, longWaits, waitSeconds }: { attempts: number; longWaits: number; waitSeconds: number | null },
  random: number,
): Pause {
  const asked = Math.min((waitSeconds ?? 0) * 1000, longestWait)
  if (asked >= longWait)
    return longWaits < mostLongWaits ? { kind: 'long', milliseconds: asked + Math.round(random * minute) } : { kind: 'give-up' }
  if (attempts >= mostAttempts) return { kind: 'give-up' }
  const isQuick = attempts < quickAttempts
  const ceiling = isQuick ? 1000 * 2 ** (attempts - 1) : Math.min(minute * 2 ** (attempts - quickAttempts), 30 * minute)
  const milliseconds = asked + Math.round(random * ceiling)
  return milliseconds <= quickWait && isQuick ? { kind: 'quick', milliseconds } : { kind: 'later', milliseconds }
}

/** After so many failed pulls in a row a source is left alone for a while. */
export const circuitAfter = 3
const longestCircuit = 6 * hour

/**
 * For how many milliseconds a source is left alone after so many failed pulls in a row: 0 until the third, then from half an
 * hour to six.
 *
 * @example circuitPause(4) // 3_600_000
 */
export const circuitPause = (failures: number): number =>
  failures < circuitAfter ? 0 : Math.min(hour * 2 ** (failures - circuitAfter - 1), longestCircuit)

/**
 * What is remembered of the cursors that a source has given so far, however many they are: one of them, how many came since,
 * and after how many another one takes its place (Brent 1980). A source that repeats itself is noticed at the latest after
 * three times the pages that it has.
 */
export interface CursorMark {
  hash: string
  since: number
  power: number
}

/**
 * The mark after one more cursor; null where this cursor was given before.
 *
 * @param hash of the cursor
 * @example nextMark(nextMark(null, 'a'), 'a') // null
 */
export function nextMark(mark: CursorMark | null, hash: string): CursorMark | null {
  if (!mark) return { hash, since: 0, power: 1 }
  if (mark.hash === hash) return null
  const since = mark.since + 1
  return since === mark.power ? { hash, since: 0, power: mark.power * 2 } : { ...mark, since }
}

export const badRowsShare = 0.1
/** Of a pull that reads only what changed, a handful of rows says nothing of the mapping. */
const fewBadRows = 20

/**
 * Whether more rows are bad than data alone explains.
 *
 * @param isWhole everything is read, and not only what changed since the last time
 * @example hasTooManyBadRows({ read: 3, rejected: 1, isWhole: false }) // false
 */
export const hasTooManyBadRows = ({ read, rejected, isWhole }: { read: number; rejected: number; isWhole: boolean }): boolean =>
  rejected > badRowsShare * read && (isWhole || rejected > fewBadRows)
