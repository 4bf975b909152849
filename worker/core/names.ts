/**
 * What in a text may tell who somebody is: names of people who are known, addresses, numbers to call, handles, links.
 * Shared by the server, which blanks names out of published comments, and by the survey page, which warns while one is
 * written and has the names as a filter only: it can be asked for a name, and not read.
 */

/** Part of a text, as `slice` takes it. */
export interface Found {
  start: number
  end: number
}

/**
 * The names in a text: full names in any case, and single words of a name with at least three letters where they are
 * written with a capital or, in a script without capitals, stand as a word of their own. In order, without overlaps.
 *
 * @param has whether a key of `nameKeys` is known
 * @example findNames('Ask lisa lee, or Lee!', (key) => nameKeys(['Lisa Lee']).includes(key)) // [{ start: 4, end: 12 }, { start: 17, end: 20 }]
 */
export function findNames(text: string, has: (key: string) => boolean): Found[] {
  const words = wordsOf(text)
  const found: Found[] = []
  for (let at = 0; at < words.length; at++) {
    const end = endOfName(text, words, at, has)
    if (end < at) continue
    found.push({ start: (words[at] as Word).start, end: (words[end] as Word).end })
    at = end
  }
  return found
}

/**
 * Email addresses, links, @handles, and numbers to call (nine digits or more). In order, without overlaps.
 *
 * @example findContacts('Ring 02 123 4567 8 or ask @lee') // [{ start: 5, end: 18 }, { start: 26, end: 30 }]
 */
export function findContacts(text: string): Found[] {
  return [...text.matchAll(contact)]
    .filter(({ groups }) => !groups?.number || groups.number.replace(/\P{Nd}/gu, '').length >= 9)
    .map(({ 0: { length }, index }) => ({ start: index, end: index + length }))
}

/**
 * The text with every name of these people replaced by •••.
 *
 * @param names as people are listed; what is made of a list is kept for as long as the list is
 * @example maskNames('Lisa never calls back', ['Lisa Lee']) // '••• never calls back'
 */
export function maskNames(text: string, names: readonly string[]): string {
  const keys = keysOf.get(names) ?? new Set(nameKeys(names))
  keysOf.set(names, keys)
  return masked(
    text,
    findNames(text, (key) => keys.has(key)),
  )
}

/** The text with every address, link, handle and number to call replaced by •••. */
export const maskContacts = (text: string): string => masked(text, findContacts(text))

const masked = (text: string, found: readonly Found[]): string =>
  found.reduceRight((rest, { start, end }) => `${rest.slice(0, start)}•••${rest.slice(end)}`, text)

const keysOf = new WeakMap<readonly string[], ReadonlySet<string>>()

/**
 * What `findNames` asks for: each word that can tell on its own, each longer name, and the first word of each longer
 * name with a space after it.
 *
 * @example nameKeys(['Ana de Luz']) // ['ana', 'luz', 'ana ', 'ana de luz']
 */
export function nameKeys(names: readonly string[]): string[] {
  const keys = names.flatMap((name) => {
    const words = wordsOf(name, (run) => [run]).map(({ start, end }) => name.slice(start, end))
    const full = words.map(fold)
    // "Desk 2" is an account, and "de" is nobody; in a list without capitals, neither can be told.
    const single = /\p{N}/u.test(name) ? [] : words.filter((word) => tells(word) || (name === name.toLowerCase() && word.length > 2))
    return [...single.map(fold), ...(full.length > 1 ? [`${full[0]} `, full.join(' ')] : [])]
  })
  return [...new Set(keys)]
}

// ── The filter ──────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A Bloom filter of keys: yes for each of them, and for fewer than one in ten thousand others. A comment has some hundred
 * candidates, so one in a hundred would see a false warning. Its size is a power of two, so as not to count the keys.
 */
export function filterOf(keys: readonly string[]): Uint8Array<ArrayBuffer> {
  const needed = (keys.length * bitsPerKey) / 8
  const filter = new Uint8Array(Math.max(smallestFilter, 2 ** Math.ceil(Math.log2(needed || 1))))
  for (const key of keys) for (const [byte, bit] of placesOf(filter, key)) filter[byte] = (filter[byte] as number) | bit
  return filter
}

/** Whether a key may be among those that the filter was made of. */
export const inFilter = (filter: Uint8Array, key: string): boolean =>
  placesOf(filter, key).every(([byte, bit]) => ((filter[byte] as number) & bit) !== 0)

const bitsPerKey = 20
const hashes = 14
const smallestFilter = 256

/** Double hashing (Kirsch and Mitzenmacher 2006) on two runs of FNV-1a. */
function placesOf(filter: Uint8Array, key: string): [byte: number, bit: number][] {
  const start = hash(key, 0x811c9dc5)
  const step = hash(key, start) | 1
  return Array.from({ length: hashes }, (_, index) => {
    const place = (start + index * step) >>> 0
    return [(place >>> 3) % filter.length, 1 << (place & 7)]
  })
}

/** FNV-1a over UTF-16, with the last mixing steps of MurmurHash3: without them, the low bits of short words are alike. */
function hash(key: string, seed: number): number {
  let value = seed
  for (let index = 0; index < key.length; index++) value = Math.imul(value ^ key.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}

// ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Word extends Found {
  /** Folded, with a space in front unless it is written together with the word before it. */
  text: string
}

/** Words of a name; pieces of one, where a dictionary cuts what it does not know. */
const longestName = 6

/** The index of the last word of the longest name that begins with this word; −1 where none does. */
function endOfName(text: string, words: readonly Word[], at: number, has: (key: string) => boolean): number {
  const { start } = words[at] as Word
  let name = ''
  let found = -1
  for (let end = at; end < Math.min(words.length, at + longestName); end++) {
    const word = words[end] as Word
    name += word.text
    if (spellings(name.trim()).some((key) => isKnown(key, text.slice(start, word.end), has))) found = end
  }
  return found
}

/** A longer name is looked for where one begins with its first word: two questions that must both err. */
function isKnown(key: string, written: string, has: (key: string) => boolean): boolean {
  const space = key.indexOf(' ') + 1
  return (space > 0 ? has(key.slice(0, space)) : tells(written)) && has(key)
}

/** Arabic writes "and", "so", "with", "to" and "like" as one letter together with the word; two of them at the most. */
function spellings(key: string): string[] {
  const without = (word: string) => word.replace(/^[وفبلك](?=\p{L}{3})/u, '')
  return [...new Set([key, without(key), without(without(key))])]
}

/** Whether a word can stand for a person: three letters, and a capital where its script has them. */
const tells = (word: string) => /^[\p{Lu}\p{Lt}\p{Lo}]/u.test(word) && (word.match(/\p{L}/gu)?.length ?? 0) > 2

/** Apostrophes and hyphens part two words. Marks and what nobody sees do not. */
const run = /[\p{L}\p{N}][\p{L}\p{M}\p{N}\p{Cf}]*/gu

function wordsOf(text: string, cut = cutRun): Word[] {
  return [...text.matchAll(run)].flatMap(({ 0: letters, index }) => {
    let start = index
    return cut(letters).map((piece) => {
      const word = { text: (start === index ? ' ' : '') + fold(piece), start, end: start + piece.length }
      start = word.end
      return word
    })
  })
}

/** Thai, Lao, Burmese, Khmer, Japanese and Chinese have no space between words; most browsers know where they part. */
function cutRun(letters: string): string[] {
  const together = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]/.test(letters)
  if (!together || !('Segmenter' in Intl)) return [letters]
  return Array.from(new Intl.Segmenter('th', { granularity: 'word' }).segment(letters), ({ segment }) => segment)
}

/** One spelling: styled letters as plain ones, lower case, without accents, signs that may be left out, or hidden characters. */
const fold = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\u0640\u064b-\u065f\u0670\p{Cf}]/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFC')

const contact = new RegExp(
  [
    String.raw`[^\s@<>(),;:]{1,64}@[^\s@<>(),;:]+\.[^\s@<>(),;:]+`,
    String.raw`(?:https?://|www\.)\S+`,
    String.raw`(?:linkedin|facebook|instagram)\.com/\S+`,
    String.raw`\B@[\p{L}\p{M}\p{N}_.-]{2,}`,
    String.raw`(?<number>\+?\p{Nd}[\p{Nd}\s().\/-]{7,}\p{Nd})`,
  ].join('|'),
  'giu',
)
