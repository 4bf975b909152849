/**
 * What somebody who knows everything but the answers can work out from numbers that were published.
 *
 * Every number is a weighted sum over people of something hidden: a mark of −1, 0 or 1, its square, a product of two, one
 * chosen option. The attacker knows who is where and who skipped what, so people of one place with the same skips, a
 * cell, stand in every sum with the same weights. A leak is a combination of published numbers that is something for some
 * people, fewer than k, and nothing for everybody else. Whole numbers throughout, and an error where they would not be
 * exact any more.
 */

export interface Cell {
  key: string
  people: number
}

/** By hidden variable, the cells whose people count, and how often. */
export type Weights = ReadonlyMap<string, readonly (readonly [cell: number, weight: number])[]>

/** One published number. */
export interface Reading {
  says: string
  weights: Weights
  /** The groups of which the number is made: what has to be allowed for it to be published. */
  needs: readonly Group[]
}

/** Those below a node, of one tree, who answered what is measured. */
export interface Group {
  measure: string
  /** Which tree. */
  at: number
  node: string
}

/** Everything that was said about variables of the same people. */
export interface Topic {
  name: string
  cells: readonly Cell[]
  readings: readonly Reading[]
}

/** All that can be computed of a topic, in parts that have no number in common. */
export interface Space extends Omit<Topic, 'readings'> {
  parts: readonly Part[]
}

export interface Leak {
  topic: string
  variables: string[]
  people: number
  cells: string[]
}

/** A hidden variable of these cells, which stand in every reading with the same weight. */
interface Column {
  variable: string
  cells: number[]
}

/** Combinations of columns that belong together: what can be computed is a sum of what can be computed of each part. */
interface Part {
  columns: Column[]
  rows: number[][]
}

export const spaceOf = ({ name, cells, readings }: Topic): Space => ({ name, cells, parts: together(readings).flatMap(partsOf) })

/** Readings in groups that have no variable in common. */
function together(readings: readonly Reading[]): Reading[][] {
  const groups = new Map<string, { variables: string[]; readings: Reading[] }>()
  for (const reading of readings) {
    const variables = [...reading.weights.keys()]
    const [first, ...others] = new Set(variables.flatMap((variable) => groups.get(variable) ?? []))
    const own = first ?? { variables: [], readings: [] }
    own.readings.push(reading)
    for (const other of others) own.readings.push(...other.readings)
    for (const variable of [...variables, ...others.flatMap((other) => other.variables)]) {
      if (groups.get(variable) !== own) own.variables.push(variable)
      groups.set(variable, own)
    }
  }
  return [...new Set(groups.values())].map((group) => group.readings)
}

function partsOf(readings: readonly Reading[]): Part[] {
  const columns = [...new Set(readings.flatMap(({ weights }) => [...weights.keys()]))].sort().flatMap((variable) => {
    const alike = new Map<string, Column & { values: number[] }>()
    for (const [cell, values] of valuesOf(readings, variable)) {
      const key = values.join()
      const known = alike.get(key)
      if (known) known.cells.push(cell)
      else alike.set(key, { variable, cells: [cell], values })
    }
    return [...alike.values()]
  })
  return connected(columns, echelon(readings.map((_, index) => columns.map(({ values }) => values[index] as number))))
}

/** The weights of one variable, by cell and in the order of the readings. */
function valuesOf(readings: readonly Reading[], variable: string): Map<number, number[]> {
  const values = new Map<number, number[]>()
  for (const [index, { weights }] of readings.entries()) {
    for (const [cell, weight] of weights.get(variable) ?? []) {
      const known = values.get(cell) ?? new Array<number>(readings.length).fill(0)
      known[index] = weight
      values.set(cell, known)
    }
  }
  return values
}

function connected(columns: readonly Column[], rows: readonly number[][]): Part[] {
  const part = columns.map((_, index) => index)
  for (const row of rows) {
    const joined = new Set(part.filter((_, index) => row[index] !== 0))
    const first = Math.min(...joined)
    for (const [index, own] of part.entries()) if (joined.has(own)) part[index] = first
  }
  return [...new Set(part)].flatMap((own) => {
    const kept = [...columns.keys()].filter((index) => part[index] === own)
    const inside = rows.map((row) => kept.map((index) => row[index] as number)).filter((row) => row.some((value) => value !== 0))
    return inside.length === 0 ? [] : [{ columns: kept.map((index) => columns[index] as Column), rows: inside }]
  })
}

/** The fewest people, under `k`, for whom alone something can be computed; `of` which variables, if not of any. */
export function leakIn(space: Space, k: number, of: (variable: string) => boolean = () => true): Leak | null {
  let found: Leak | null = null
  for (const { columns, rows } of space.parts) {
    if (!columns.every(({ variable }) => of(variable))) continue
    for (const set of setsUnder(k, blocksOf(columns), (cells) => peopleIn(space, cells))) {
      const cells = new Set(set.flat())
      const people = peopleIn(space, [...cells])
      if (found && people >= found.people) continue
      const outside = columns.flatMap((column, index) => (column.cells.every((cell) => cells.has(cell)) ? [] : [index]))
      const left = rows.map((row) => outside.map((index) => row[index] as number))
      if (rank(left) < rows.length) found = leakOf(space, columns, [...cells])
    }
  }
  return found
}

/**
 * People whose sum of one variable can be computed, without anybody else in it, and `tells` too much: fewer than
 * `below` of them.
 */
export function sumIn(space: Space, below: number, tells: (variable: string, cells: readonly number[]) => boolean): Leak | null {
  for (const { columns, rows } of space.parts) {
    for (const variable of new Set(columns.map((column) => column.variable))) {
      const own = [...columns.keys()].filter((index) => columns[index]?.variable === variable)
      const cellsOf = (index: number) => (columns[index] as Column).cells
      for (const set of setsUnder(below, own, (index) => peopleIn(space, cellsOf(index)))) {
        const cells = set.flatMap(cellsOf)
        if (!tells(variable, cells)) continue
        const sum = columns.map((_, index) => (set.includes(index) ? 1 : 0))
        if (rank([...rows, sum]) === rows.length) return leakOf(space, columns, cells)
      }
    }
  }
  return null
}

const peopleIn = ({ cells }: Space, own: readonly number[]) => own.reduce((sum, cell) => sum + (cells[cell] as Cell).people, 0)

const leakOf = (space: Space, columns: readonly Column[], cells: readonly number[]): Leak => ({
  topic: space.name,
  variables: [...new Set(columns.map(({ variable }) => variable))],
  people: peopleIn(space, cells),
  cells: cells.map((cell) => (space.cells[cell] as Cell).key),
})

/** Cells that are in the same columns: they are inside or outside of what is computed together. */
function blocksOf(columns: readonly Column[]): number[][] {
  const blocks = new Map<string, number[]>()
  for (const cell of new Set(columns.flatMap(({ cells }) => cells))) {
    const key = columns.map(({ cells }) => (cells.includes(cell) ? 1 : 0)).join('')
    blocks.set(key, [...(blocks.get(key) ?? []), cell])
  }
  return [...blocks.values()]
}

/** Every choice of one or more of these that are together less than the limit. */
function* setsUnder<T>(limit: number, items: readonly T[], size: (item: T) => number, chosen: T[] = [], from = 0): Generator<T[]> {
  for (let index = from; index < items.length; index++) {
    const item = items[index] as T
    const left = limit - size(item)
    if (left <= 0) continue
    const set = [...chosen, item]
    yield set
    yield* setsUnder(left, items, size, set, index + 1)
  }
}

// ── Whole numbers ───────────────────────────────────────────────────────────────────────────────────────────────────

const rank = (matrix: readonly (readonly number[])[]) => echelon(matrix).length

/** Reduced row echelon form without its empty rows, each row of whole numbers that have no divisor in common. */
function echelon(matrix: readonly (readonly number[])[]): number[][] {
  const rows = matrix.map((row) => [...row])
  let done = 0
  for (let column = 0; column < (rows[0]?.length ?? 0) && done < rows.length; column++) {
    const found = rows.findIndex((row, index) => index >= done && row[column] !== 0)
    if (found === -1) continue
    const [pivot] = rows.splice(found, 1) as [number[]]
    rows.splice(done, 0, pivot)
    const by = pivot[column] as number
    for (const [index, row] of rows.entries()) {
      const own = row[column] as number
      if (index !== done && own !== 0)
        rows[index] = reduced(row.map((value, at) => exactly(by * value) - exactly(own * (pivot[at] as number))))
    }
    done++
  }
  return rows.slice(0, done)
}

function reduced(row: number[]): number[] {
  const divisor = row.reduce(greatestCommonDivisor, 0)
  return divisor < 2 ? row : row.map((value) => value / divisor)
}

function exactly(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError('not exact any more')
  return value
}

function greatestCommonDivisor(a: number, b: number): number {
  if (a === 1) return a
  let [x, y] = [a, Math.abs(b)]
  while (y !== 0) [x, y] = [y, x % y]
  return x
}
