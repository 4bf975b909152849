/**
 * Somebody who has the whole database, file and log, knows every link that was sent, and looks for the order in which
 * things were written. Knows SQLite's formats: https://www.sqlite.org/fileformat.html
 */
import { total, twoSidedP } from '../../worker/core/statistics'
import type { Round, Snapshot, Voter } from './storage-rounds'

/** What can be looked for of somebody, by whose it is. */
const ofPerson = {
  'link hash': ({ tokenHash }: Voter) => Buffer.from(tokenHash, 'hex'),
  'person id': ({ personId }: Voter) => Buffer.from(personId),
  'blinded hash': ({ blindedHash }: Voter) => Buffer.from(blindedHash, 'hex'),
}
const ofBallot = {
  token: ({ token }: Voter) => Buffer.from(token, 'hex'),
  answers: ({ answers }: Voter) => Buffer.from(answers, 'hex'),
  comment: ({ comment }: Voter) => Buffer.from(comment?.slice(0, 80) ?? '', 'hex'),
}
const traces = { ...ofPerson, ...ofBallot }
type Kind = keyof typeof traces
const kinds = Object.keys(traces) as Kind[]

/** One place where a trace stands, and everything by which places can be put into an order. */
interface Place {
  /** Page of the database, and the offset in it. */
  page: number
  offset: number
  /** Which cell of its page, as the page's own index lists them; −1 in free space. */
  cell: number
  /** How many pages further down the list of free pages; −1 where its page is in use. */
  free: number
  /** Of the log; −1 in the main file. */
  frame: number
}

/**
 * By what places are put in order: several numbers, the first that differs decides. `first` and `last` say which of the
 * places of one trace counts. A place without a number (free lists, log) has no part in the order.
 */
const orders: Record<string, { of: (place: Place) => number[] | null; last?: true }> = {
  'byte, first': { of: ({ page, offset, frame }) => [frame, page, offset] },
  'byte, last': { of: ({ page, offset, frame }) => [frame, page, offset], last: true },
  'page, from its end': { of: ({ page, offset, frame }) => (frame < 0 ? [page, -offset] : null) },
  'page number': { of: ({ page, frame }) => (frame < 0 ? [page] : null) },
  'index of the page': { of: ({ page, cell, frame }) => (frame < 0 && cell >= 0 ? [page, cell] : null) },
  'free pages': { of: ({ free, offset, frame }) => (frame < 0 && free >= 0 ? [free, -offset] : null) },
  'log, first frame': { of: ({ frame }) => (frame >= 0 ? [frame] : null) },
  'log, last frame': { of: ({ frame }) => (frame >= 0 ? [frame] : null), last: true },
  'log, frame and offset': { of: ({ frame, offset }) => (frame >= 0 ? [frame, -offset] : null) },
}

/** What one comparison found over all rounds. */
export interface Finding {
  /** @example 'blinded hash with token by byte, first' */
  what: string
  /** How many (round, cohort) could be compared. */
  groups: number
  /** Mean rank correlation. */
  correlation: number
  /** Of pairs that are right when both lists are laid side by side; null where one list is the true order. */
  rightPairs: { right: number; of: number } | null
  /** The smaller of the two tests' p. */
  p: number
}

/**
 * Collects evidence round by round. Three kinds of comparison, each within one cohort (nobody mixes those up):
 * - `A with B`: where A (of the person) stands and where B (of the ballot) stands, both in the same order. This is the
 *   pairing. A comment counts as a second ballot: which comment came with which answers is as secret;
 * - `A with time`: where A stands, and when its person collected or cast. Half a pairing: nothing may keep time.
 *
 * Two tests decide, both exact under the hypothesis that places say nothing, which makes every arrangement of n people
 * equally likely:
 * - rank correlation ρ (Pearson's of midranks, so ties are allowed) has mean 0 and variance 1/(n−1). Over G groups
 *   z = Σ ρᵢ√(nᵢ−1) / √G is nearly normal; two-sided;
 * - the number of right pairs of a random matching has mean 1 and variance 1. Over G groups z = (M − G) / √G; ties are
 *   broken by nothing that anybody knows (the order of person ids), two-sided to be simple.
 *
 * With m comparisons made, the p of them all is min(1, 2m · smallest p) (Bonferroni).
 */
export class Adversary {
  private readonly evidence = new Map<string, { z: number; rho: number; groups: number; right: number; of: number; paired: boolean }>()
  /** How many traces of each kind were found. */
  readonly found: Record<Kind, number> = { 'link hash': 0, 'person id': 0, 'blinded hash': 0, token: 0, answers: 0, comment: 0 }

  look(round: Round, snapshot: Snapshot): void {
    const places = find(round.cast, snapshot)
    for (const kind of kinds) this.found[kind] += round.cast.filter((voter) => places.get(kind)?.has(voter)).length
    for (const cohort of new Set(round.cast.map((voter) => voter.cohort))) {
      const voters = round.cast.filter((voter) => voter.cohort === cohort).sort((a, b) => (a.personId < b.personId ? -1 : 1))
      for (const [order, { of, last }] of Object.entries(orders)) {
        const keys = new Map(kinds.map((kind) => [kind, sortKeys(places.get(kind), of, last ?? false)]))
        for (const a of kinds) {
          const key = keys.get(a)
          this.compare(
            `${a} with time by ${order}`,
            voters,
            key,
            (voter) => [(a in ofPerson ? round.collected : round.cast).indexOf(voter)],
            false,
          )
          const others = a in ofPerson ? Object.keys(ofBallot) : a === 'comment' ? ['token', 'answers'] : []
          for (const b of others as Kind[])
            this.compare(`${a} with ${b} by ${order}`, voters, key, (voter) => keys.get(b)?.get(voter), true)
        }
      }
    }
  }

  /** Strongest evidence first. */
  findings(): Finding[] {
    return [...this.evidence]
      .map(([what, { z, rho, groups, right, of, paired }]) => ({
        what,
        groups,
        correlation: rho / groups,
        rightPairs: paired ? { right, of } : null,
        p: Math.min(twoSidedP(z, Math.sqrt(groups)), paired ? twoSidedP(right - groups, Math.sqrt(groups)) : 1),
      }))
      .sort((a, b) => a.p - b.p)
  }

  /** Of all comparisons together: how likely so strong an evidence is where there is nothing to find. */
  p(): number {
    return family(this.findings())
  }

  /** Only of the comparisons that pair a person with a ballot. */
  pairing(): number {
    return family(this.findings().filter(({ what, rightPairs }) => rightPairs && !what.startsWith('comment')))
  }

  /** The strongest evidence, for whoever reads a failure. */
  report(): string {
    return JSON.stringify(this.findings().slice(0, 5), null, 1)
  }

  private compare(
    what: string,
    voters: Voter[],
    one: Map<Voter, number[]> | undefined,
    other: (voter: Voter) => number[] | undefined,
    paired: boolean,
  ): void {
    const both = voters.flatMap((voter) => {
      const [a, b] = [one?.get(voter), other(voter)]
      return a && b ? [{ a, b }] : []
    })
    const ranks = [midranks(both.map(({ a }) => a)), midranks(both.map(({ b }) => b))] as const
    const rho = correlation(...ranks)
    if (rho === null) return
    const sum = this.evidence.get(what) ?? { z: 0, rho: 0, groups: 0, right: 0, of: 0, paired }
    this.evidence.set(what, sum)
    sum.z += rho * Math.sqrt(both.length - 1)
    sum.rho += rho
    sum.groups++
    sum.right += rightPairs(...ranks)
    sum.of += both.length
  }
}

function family(findings: Finding[]): number {
  return Math.min(1, ...findings.map(({ p }) => 2 * findings.length * p))
}

function sortKeys(places: Map<Voter, Place[]> | undefined, of: (place: Place) => number[] | null, last: boolean): Map<Voter, number[]> {
  const result = new Map<Voter, number[]>()
  for (const [voter, found] of places ?? []) {
    const keys = found
      .flatMap((place) => [of(place) ?? []])
      .filter((key) => key.length > 0)
      .sort(byNumbers)
    const key = last ? keys.at(-1) : keys[0]
    if (key) result.set(voter, key)
  }
  return result
}

function byNumbers(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function midranks(keys: readonly number[][]): number[] {
  return keys.map((key) => total(keys.map((other) => Math.sign(byNumbers(key, other)) / 2)))
}

/** Null where one list is all ties, or of fewer than two. */
function correlation(a: readonly number[], b: readonly number[]): number | null {
  const product = (x: readonly number[], y: readonly number[]) => total(x.map((value, index) => value * (y[index] ?? 0)))
  const scale = Math.sqrt(product(a, a) * product(b, b)) // midranks are centred already
  return scale === 0 ? null : product(a, b) / scale
}

/** Both lists in order, side by side: how many stand beside themselves. */
function rightPairs(a: readonly number[], b: readonly number[]): number {
  const sorted = (ranks: readonly number[]) => ranks.map((_, index) => index).sort((x, y) => (ranks[x] ?? 0) - (ranks[y] ?? 0))
  const other = sorted(b)
  return sorted(a).filter((who, index) => other[index] === who).length
}

/** Bytes that are compared at once. Half an overwritten trace is still a trace. */
const chunk = 8

/** Every place of every trace, in one pass over each file. */
function find(voters: readonly Voter[], { file, log }: Snapshot): Map<Kind, Map<Voter, Place[]>> {
  const result = new Map<Kind, Map<Voter, Place[]>>(kinds.map((kind) => [kind, new Map()]))
  const chunks = new Map<string, { kind: Kind; voter: Voter; start: number }>()
  const starts = new Uint8Array(2 ** 16)
  for (const kind of kinds) {
    for (const voter of voters) {
      const bytes = traces[kind](voter)
      for (let start = 0; start + chunk <= bytes.length; start += chunk) {
        chunks.set(bytes.toString('latin1', start, start + chunk), { kind, voter, start })
        starts[bytes.readUInt16BE(start)] = 1
      }
    }
  }
  const scan = (bytes: Buffer, placeOf: (position: number) => Place | null) => {
    for (let at = 0, two = 0; at < bytes.length; at++) {
      two = ((two << 8) | (bytes[at] ?? 0)) & 0xffff
      if (!starts[two] || at === 0) continue
      const hit = chunks.get(bytes.toString('latin1', at - 1, at - 1 + chunk))
      const place = hit && placeOf(at - 1 - hit.start)
      if (!hit || !place) continue
      const places = result.get(hit.kind)?.get(hit.voter) ?? []
      result.get(hit.kind)?.set(hit.voter, places)
      const known = places.at(-1) // its chunks follow each other
      if (!known || byNumbers([known.frame, known.page, known.offset], [place.frame, place.page, place.offset]) !== 0) places.push(place)
    }
  }
  if (file.length > 0) scan(file, placesInFile(file))
  if (log.length > 0) scan(log, placesInLog(log))
  return result
}

function placesInFile(file: Buffer): (position: number) => Place {
  const pageSize = file.readUInt16BE(16) === 1 ? 65_536 : file.readUInt16BE(16)
  const free = freePages(file, pageSize)
  return (position) => {
    const [page, offset] = [Math.floor(position / pageSize), position % pageSize]
    const content = file.subarray(page * pageSize, (page + 1) * pageSize)
    const onList = free.get(page + 1) ?? -1
    return { page, offset, cell: onList < 0 ? cellAt(content, page === 0 ? 100 : 0, offset) : -1, free: onList, frame: -1 }
  }
}

/** The list of free pages: a chain of trunks, each naming leaves. @returns page number → its place on the list */
function freePages(file: Buffer, pageSize: number): Map<number, number> {
  const places = new Map<number, number>()
  for (let trunk = file.readUInt32BE(32); trunk !== 0 && !places.has(trunk); ) {
    places.set(trunk, places.size)
    const start = (trunk - 1) * pageSize
    const leaves = file.readUInt32BE(start + 4)
    for (let leaf = 0; leaf < leaves; leaf++) places.set(file.readUInt32BE(start + 8 + 4 * leaf), places.size)
    trunk = file.readUInt32BE(start)
  }
  return places
}

/** Which cell covers this offset: the one that begins closest before it. @param header where the page's header begins */
function cellAt(page: Buffer, header: number, offset: number): number {
  const interior = [2, 5].includes(page[header] ?? 0)
  if (!interior && ![10, 13].includes(page[header] ?? 0)) return -1
  let best = { start: -1, cell: -1 }
  for (let cell = 0; cell < page.readUInt16BE(header + 3); cell++) {
    const start = page.readUInt16BE(header + (interior ? 12 : 8) + 2 * cell)
    if (start <= offset && start > best.start) best = { start, cell }
  }
  return best.cell
}

/** Frames are in the order in which pages were written, those of a log that was used again among them. */
function placesInLog(log: Buffer): (position: number) => Place | null {
  const pageSize = log.readUInt32BE(8)
  return (position) => {
    const frame = Math.floor((position - 32) / (pageSize + 24))
    const offset = (position - 32) % (pageSize + 24)
    if (position < 32 || offset < 24) return null
    return { page: log.readUInt32BE(32 + frame * (pageSize + 24)) - 1, offset: offset - 24, cell: -1, free: -1, frame }
  }
}
