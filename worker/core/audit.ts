/**
 * Could somebody work out, from the totals of published groups, the total of fewer than k people?
 *
 * The atoms of one tree need no such question (suppression.ts). This is for families of groups that are no tree: an old
 * tree and the one that follows it, and as a last check on everything else. Whatever can be computed from totals of
 * groups is a combination of their 0/1 rows over cells, so a few people are isolated if and only if some combination is
 * nothing outside of them and something inside. Exact: whole numbers of any size, no rounding.
 *
 * Source: docs/method.md, "Privacy", point 4.
 */
import { total } from './statistics'

/** People whom no group separates: of one team before and after, or of one cohort who skipped the same. */
export interface Cell {
  id: string
  people: number
}

/** Sets of cells that are tried before giving up. */
const mostCandidates = 200_000

/**
 * The fewest people, 1 to k − 1, of whom a total or a weighted sum can be worked out from totals of the published groups:
 * the ids of their cells in the order of `cells`, or null where there are none. Cells of nobody are never among them.
 *
 * Fails closed: where so many small cells are left that more than 200,000 sets of them would have to be tried, the
 * answer is a set that could not be cleared, which may hold k people or more.
 *
 * @throws RangeError where a group names a cell that is not among the cells
 * @example // Sales 9 and its team AE 6: the other three are the difference
 * isolated([new Set(['ae', 'sdr']), new Set(['ae'])], [{ id: 'ae', people: 6 }, { id: 'sdr', people: 3 }], 5) // ['sdr']
 */
export function isolated(published: readonly ReadonlySet<string>[], cells: readonly Cell[], k: number): string[] | null {
  let left = tableOf(published, cells)
  for (;;) {
    left = merged(withoutLarge(left, k))
    if (left.rows.length === 0) return null
    if (left.columns.every(({ people }) => people < k)) break
  }
  const found = fewest(parts(left), k)
  return found && cells.filter(({ id }) => found.has(id)).map(({ id }) => id)
}

/**
 * Which groups of `next` may be published beside all of `before`: one after the other in the order given, each beside
 * those that were accepted. Where `before` isolates somebody already, nothing more may.
 *
 * @throws RangeError where a group names a cell that is not among the cells
 * @example // the team of six was published; without the one who left it must not be again
 * publishable([new Set(['five', 'one'])], [new Set(['five'])], [{ id: 'five', people: 5 }, { id: 'one', people: 1 }], 5) // [false]
 */
export function publishable(
  before: readonly ReadonlySet<string>[],
  next: readonly ReadonlySet<string>[],
  cells: readonly Cell[],
  k: number,
): boolean[] {
  if (isolated([...before, ...next], cells, k) === null) return next.map(() => true)
  const accepted = [...before]
  return next.map((group) => {
    const isFine = isolated([...accepted, group], cells, k) === null
    if (isFine) accepted.push(group)
    return isFine
  })
}

// ── What can be computed ────────────────────────────────────────────────────────────────────────────────────────────

/** Cells that every computable total holds in the same proportion: nothing tells them apart. */
interface Column {
  ids: readonly string[]
  people: number
}

type Row = readonly bigint[]

/** The rows span all that can be computed; one number a column. */
interface Table {
  columns: readonly Column[]
  rows: readonly Row[]
}

function tableOf(published: readonly ReadonlySet<string>[], cells: readonly Cell[]): Table {
  const known = new Set(cells.map(({ id }) => id))
  for (const id of published.flatMap((group) => [...group])) {
    if (!known.has(id)) throw new RangeError('a group names an unknown cell')
  }
  const byGroups = new Map<string, Cell[]>()
  for (const cell of cells) {
    if (cell.people <= 0) continue
    const groups = published.flatMap((group, index) => (group.has(cell.id) ? [index] : [])).join()
    const alike = byGroups.get(groups)
    if (alike) alike.push(cell)
    else byGroups.set(groups, [cell])
  }
  const columns = [...byGroups.values()].map(columnOf)
  // Small groups first: as pivots they leave the rows below nearly as empty as they were.
  const rows = [...published]
    .sort((a, b) => a.size - b.size)
    .map((group) => columns.map(({ ids }) => (group.has(ids[0] as string) ? 1n : 0n)))
  return { columns, rows }
}

const columnOf = (cells: readonly Cell[]): Column => ({ ids: cells.map(({ id }) => id), people: total(cells.map(({ people }) => people)) })

/** What can be computed without touching a column of k people or more: each takes one row to make it nothing in all others. */
function withoutLarge({ columns, rows }: Table, k: number): Table {
  const small = [...columns.keys()].filter((index) => (columns[index] as Column).people < k)
  let left = rows
  for (const [index, { people }] of columns.entries()) {
    const pivot = people < k ? undefined : left.find((row) => row[index] !== 0n)
    if (pivot) left = left.filter((row) => row !== pivot).map((row) => (row[index] === 0n ? row : cleared(row, pivot, index)))
  }
  return {
    columns: small.map((index) => columns[index] as Column),
    rows: left.map((row) => small.map((index) => row[index] as bigint)).filter((row) => row.some((value) => value !== 0n)),
  }
}

/** Proportional columns as one: a combination that is nothing in one is nothing in the others. Empty ones are gone. */
function merged({ columns, rows }: Table): Table {
  const byDirection = new Map<string, number[]>()
  for (const index of columns.keys()) {
    const direction = primitive(rows.map((row) => row[index] as bigint))
    if (direction.every((value) => value === 0n)) continue
    const key = direction.join()
    byDirection.set(key, [...(byDirection.get(key) ?? []), index])
  }
  const kept = [...byDirection.values()]
  return {
    columns: kept.map((alike) => {
      const own = alike.map((index) => columns[index] as Column)
      return { ids: own.flatMap(({ ids }) => ids), people: total(own.map(({ people }) => people)) }
    }),
    rows: rows.map((row) => kept.map(([first]) => row[first as number] as bigint)),
  }
}

// ── The search ──────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A column in the search. With the table reduced to one pivot a row, a combination of rows is nothing outside a set of
 * columns if it takes only rows with a pivot in the set and these cancel out in all other columns: if the `vector`s of
 * the set, row of a pivot or unit vector of any other column, depend on each other.
 */
interface Candidate extends Column {
  vector: Row
  /** The same modulo a prime. What is independent there is independent, and that is most of it and 20 times faster to see. */
  residues: Residues
}

type Residues = readonly number[]

/** The largest under 2^26: two products of residues add up to less than 2^53. */
const prime = 67_108_859

/** Columns that share no row with others: people of two parts are never needed together. */
function parts({ columns, rows }: Table): Candidate[][] {
  const { rows: reduced, pivots } = reduce(rows)
  const part = columns.map((_, index) => index)
  for (const row of reduced) {
    const joined = new Set(row.flatMap((value, index) => (value === 0n ? [] : [part[index] as number])))
    const first = Math.min(...joined)
    for (const [index, own] of part.entries()) if (joined.has(own)) part[index] = first
  }
  return [...new Set(part)].map((own) => {
    const free = [...columns.keys()].filter((index) => part[index] === own && !pivots.includes(index))
    return [...columns.entries()].flatMap(([index, column]): Candidate[] => {
      if (part[index] !== own) return []
      const row = reduced[pivots.indexOf(index)]
      const vector = free.map((other) => (row ? (row[other] as bigint) : other === index ? 1n : 0n))
      return [{ ...column, vector, residues: vector.map((value) => (Number(value % BigInt(prime)) + prime) % prime) }]
    })
  })
}

function fewest(searched: readonly (readonly Candidate[])[], k: number): Set<string> | null {
  let best: readonly Candidate[] | null = null
  let limit = k
  let tried = 0

  /**
   * False where there were too many sets to try. `basis` holds the residues of the chosen ones, each reduced by those
   * before; null where residues cannot tell.
   */
  const extend = (
    from: number,
    of: readonly Candidate[],
    chosen: readonly Candidate[],
    people: number,
    basis: readonly Residues[] | null,
  ): boolean => {
    for (let index = from; index < of.length; index++) {
      const next = of[index] as Candidate
      const sum = people + next.people
      if (sum >= limit) break
      if (++tried > mostCandidates) return false
      const set = [...chosen, next]
      const rest = basis?.reduce(reducedBy, next.residues)
      const isFree = rest?.some((value) => value !== 0)
      if (!isFree && dependOnEachOther(set)) {
        best = set
        limit = sum
      } else if (!extend(index + 1, of, set, sum, isFree ? [...(basis as Residues[]), rest as Residues] : null)) return false
    }
    return true
  }
  for (const part of searched) {
    const smallestFirst = [...part].sort((a, b) => a.people - b.people)
    if (!extend(0, smallestFirst, [], 0, [])) {
      best ??= part
      break
    }
  }
  return best && new Set((best as readonly Candidate[]).flatMap(({ ids }) => ids))
}

function reducedBy(rest: Residues, by: Residues): Residues {
  const pivot = by.findIndex((value) => value !== 0)
  const [own, other] = [rest[pivot] as number, by[pivot] as number]
  return own === 0 ? rest : rest.map((value, index) => (other * value + (prime - own) * (by[index] as number)) % prime)
}

const dependOnEachOther = (set: readonly Candidate[]) => reduce(set.map(({ vector }) => vector)).rows.length < set.length

// ── Elimination ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Reduced row echelon form without its empty rows; `pivots` are their columns, which are empty in every other row. */
function reduce(matrix: readonly Row[]): { rows: Row[]; pivots: number[] } {
  const rows = [...matrix]
  const pivots: number[] = []
  for (const column of matrix[0]?.keys() ?? []) {
    const done = pivots.length
    if (done === rows.length) break
    const found = rows.findIndex((row, index) => index >= done && row[column] !== 0n)
    if (found === -1) continue
    const [pivot] = rows.splice(found, 1) as [Row]
    rows.splice(done, 0, pivot)
    for (const [index, row] of rows.entries()) if (index !== done && row[column] !== 0n) rows[index] = cleared(row, pivot, column)
    pivots.push(column)
  }
  return { rows: rows.slice(0, pivots.length), pivots }
}

/** The row with nothing in the column, by a multiple of the other. */
function cleared(row: Row, other: Row, column: number): Row {
  const [own, by] = [row[column] as bigint, other[column] as bigint]
  return primitive(row.map((value, index) => by * value - own * (other[index] as bigint)))
}

/** Divided by the greatest common divisor, the first value positive: one vector for all of one direction. */
function primitive(vector: Row): Row {
  const divisor = vector.reduce(greatestCommonDivisor, 0n)
  const scale = (vector.find((value) => value !== 0n) ?? 0n) < 0n ? -divisor : divisor
  return scale === 0n || scale === 1n ? vector : vector.map((value) => value / scale)
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  if (a === 1n) return a
  let [x, y] = [a, b < 0n ? -b : b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}
