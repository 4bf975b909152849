/**
 * Random numbers that repeat with their seed, on every machine: for permutation tests and for orders that must not mean
 * anything. Never for secrets.
 *
 * Source: SplitMix (Steele, Lea & Flood 2014) in 32 bits, mixed with the constants of least bias found by
 * hash-prospector (issue 19); the seed is hashed with FNV-1a.
 */

/** The next number, in [0, 1). */
export type RandomNumber = () => number

/**
 * A sequence of its own for every seed.
 *
 * @example randomFrom('a')() // 0.5756878280080855
 */
export function randomFrom(seed: string): RandomNumber {
  let state = 0x811c9dc5
  for (const character of seed) state = Math.imul(state ^ (character.codePointAt(0) as number), 0x01000193)
  return () => {
    state = (state + 0x9e3779b9) | 0
    const once = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    const twice = Math.imul(once ^ (once >>> 15), 0x735a2d97)
    return ((twice ^ (twice >>> 15)) >>> 0) / 2 ** 32
  }
}

/**
 * The items in another order, each order as likely as any other (Fisher and Yates).
 *
 * @example shuffledWith(randomFrom('a'), [1, 2, 3, 4, 5]) // [4, 5, 2, 1, 3]
 */
export function shuffledWith<T>(random: RandomNumber, items: readonly T[]): T[] {
  const shuffled = [...items]
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const item = shuffled[last] as T
    shuffled[last] = shuffled[other] as T
    shuffled[other] = item
  }
  return shuffled
}

/**
 * A standard normal number, by Box and Muller.
 *
 * @example normalFrom(randomFrom('a')) // 1.3093440257826312
 */
export const normalFrom = (random: RandomNumber): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
