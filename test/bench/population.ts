/** People made up to measure with: how a whole population thinks, and how the few who are drawn from it answer. */
import type { Counts } from '../../worker/core/favourability'
import { normalFrom, type RandomNumber } from '../../worker/core/random'
import { normalCdf } from '../../worker/core/statistics'

/** Of a whole population; they sum to 1. */
export type Shares = Counts

/** Any shares as likely as any other: uniform on the simplex. */
export function anyShares(random: RandomNumber): Shares {
  const [first, second] = inOrder(random(), random())
  return { critics: first, passives: second - first, promoters: 1 - second }
}

export function draw(random: RandomNumber, { critics, passives }: Shares, people: number): Counts {
  const counts = { critics: 0, passives: 0, promoters: 0 }
  for (let person = 0; person < people; person++) {
    const at = random()
    counts[at < critics ? 'critics' : at < critics + passives ? 'passives' : 'promoters']++
  }
  return counts
}

/** Normal opinions below the first cut are critical, above the second they promote. */
export type Cuts = readonly [number, number]

/**
 * Cuts of a theme's items. Those of one item make its shares uniform on the simplex; half of where an item is cut is
 * common to its theme, so that its items are more alike than items of other themes.
 */
export function anyTheme(random: RandomNumber, items: number): Cuts[] {
  const common = [normalFrom(random), normalFrom(random)] as const
  return Array.from({ length: items }, () => {
    const [a, b] = common.map((cut) => Math.SQRT1_2 * (cut + normalFrom(random))) as [number, number]
    return inOrder(a, b)
  })
}

/** The same items asked of people whose opinions are higher by `shift` standard deviations. */
export const seenFrom = (shift: number, theme: readonly Cuts[]): Cuts[] => theme.map(([low, high]) => [low - shift, high - shift])

export const sharesOf = ([low, high]: Cuts): Shares => ({
  critics: normalCdf(low),
  passives: normalCdf(high) - normalCdf(low),
  promoters: 1 - normalCdf(high),
})

export const netOf = ({ critics, promoters }: Shares): number => promoters - critics

/** −1, 0 or 1 on each item, by a person whose opinions have `mood` in common, of variance `shared`; the rest is the item's own. */
export const marksOf = (random: RandomNumber, theme: readonly Cuts[], mood: number, shared: number): number[] =>
  theme.map(([low, high]) => {
    const opinion = mood + Math.sqrt(1 - shared) * normalFrom(random)
    return opinion < low ? -1 : opinion > high ? 1 : 0
  })

const inOrder = (a: number, b: number): [number, number] => (a < b ? [a, b] : [b, a])
