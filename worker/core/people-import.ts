/**
 * What a file of people would change: a pure comparison of its rows with the people and teams that there are. The
 * caller reads, this decides, the caller writes; a dry run leaves out the last step.
 */
import type { Table, TableProblem, TableProblemCode } from './csv'
import { problemOfEmail, readEmail } from './email'
import { DomainError } from './errors'
import { nameLimit } from './person'
import type { Side } from './round'
import { sides, type Team, teamDepthLimit, teamNameLimit } from './teams'
import { cleanLine, isVisible, nameKey } from './text'

export const peopleColumns = ['email', 'name', 'team', 'side', 'locale'] as const
export type PeopleColumn = (typeof peopleColumns)[number]

/** Share of rows with errors above which nothing is imported: more likely a wrong file than many slips. */
export const badRowLimit = 0.1

/** `partial` leaves people alone who are not in the file; `full` deactivates them. */
export type ImportMode = 'partial' | 'full'

export interface KnownPerson {
  id: string
  email: string
  name: string
  locale: string
  teamId: string
  active: boolean
}

/** One thing wrong in one row, with what would be right. `facts` are the names and figures in the English text. */
export interface RowError {
  line: number
  column: PeopleColumn | null
  value: string | null
  code: RowErrorCode | TableProblemCode
  detail: string
  fix: string
  facts: Record<string, string | number>
}

export interface ImportNotice {
  code: 'columns-ignored' | 'deactivation-withheld' | 'round-open'
  detail: string
  facts: Record<string, string | number>
}

/** Why nothing of the file would be imported. */
export interface ImportRefusal {
  code: 'too-many-bad-rows' | 'everybody-missing'
  detail: string
  facts: Record<string, string | number>
}

export interface PeopleChanges {
  /** Rows with something in them, with and without errors. */
  read: number
  added: { email: string; name: string; team: string; side: Side; locale: string }[]
  /** One entry a field: somebody whose name and locale changed is here twice. */
  changed: { email: string; name: string; field: 'name' | 'locale'; from: string; to: string }[]
  moved: { email: string; name: string; from: string; to: string }[]
  deactivated: { email: string; name: string; team: string }[]
  reactivated: { email: string; name: string; team: string }[]
  /** People in the file who are already as the file says. */
  unchanged: number
  teamsAdded: { team: string; side: Side }[]
  errors: RowError[]
  notices: ImportNotice[]
  refusal: ImportRefusal | null
}

/** What to store. `team` and `parent` are the id of a known team or the `key` of a new one. */
export interface PeopleWrites {
  teams: { key: string; parent: string | null; name: string; side: Side }[]
  people: { email: string; name: string; locale: string; team: string }[]
  /** Ids of people. */
  deactivate: string[]
}

/**
 * Compares a table of people with what is known. The order of rows and columns does not matter, and the result applied
 * and compared again changes nothing.
 *
 * Rows with errors are left out. Teams that no row with errors needs are added along their path; a new team has the side
 * of its nearest parent that is not `other`, else the one its own rows state, else the one that all teams below it
 * share, else `other`.
 *
 * @throws DomainError columns-missing, invalid-input (nothing of the file can be used)
 */
export function diffPeople(
  table: Table,
  known: { teams: readonly Team[]; people: readonly KnownPerson[] },
  options: { mode: ImportMode; locales: readonly string[]; defaultLocale: string },
): { changes: PeopleChanges; writes: PeopleWrites } {
  const columns = columnsOf(table)
  const errors: RowError[] = unreadableRows(table)
  const rows = readRows(table, columns, options.locales, errors)
  const tree = new TeamTree(known.teams)
  const placed = placeRows(rows, tree, errors)

  const changes: PeopleChanges = {
    read: table.rows.length + table.problems.length,
    added: [],
    changed: [],
    moved: [],
    deactivated: [],
    reactivated: [],
    unchanged: 0,
    teamsAdded: [],
    errors: errors.sort((a, b) => a.line - b.line),
    notices: ignoredColumns(table),
    refusal: null,
  }
  const writes: PeopleWrites = { teams: [], people: [], deactivate: [] }
  const byEmail = new Map(known.people.map((person) => [person.email, person]))

  for (const { row, team } of placed) comparePerson(row, team, byEmail.get(row.email), tree, options.defaultLocale, changes, writes)
  for (const team of tree.added(placed.map(({ team }) => team))) {
    changes.teamsAdded.push({ team: team.path, side: team.side ?? 'other' })
    writes.teams.push({ key: team.key, parent: team.parent?.key ?? null, name: team.name, side: team.side ?? 'other' })
  }
  if (options.mode === 'full') deactivateMissing(table, columns, known.people, tree, changes, writes)
  changes.refusal ??= tooManyBadRows(changes)
  return { changes, writes }
}

/** Why nothing of a table can be used as people: it cannot be read, or columns are missing. Null where it can. */
export function problemOfFile(table: Table): (Pick<TableProblem, 'line' | 'detail' | 'facts'> & { code: FileProblemCode }) | null {
  const unreadable = table.problems.find((problem) => problem.scope === 'file')
  if (unreadable) return unreadable
  const names = columnNames(table)
  const repeated = peopleColumns.filter((column) => names.indexOf(column) !== names.lastIndexOf(column)).join(', ')
  if (repeated) {
    const detail = `The header names ${repeated} more than once. Give every column its own name.`
    return { line: 1, code: 'header-duplicate', detail, facts: { names: repeated } }
  }
  const missing = peopleColumns.filter((column) => !names.includes(column)).join(', ')
  if (!missing) return null
  const found = table.header
    .filter(Boolean)
    .map((name) => `“${name.slice(0, 60)}”`)
    .join(', ')
  const columns = peopleColumns.join(', ')
  return {
    line: 1,
    code: 'columns-missing',
    detail: `Missing: ${missing}. Found: ${found}. The first line must name ${columns}, in any order.`,
    facts: { missing, found, columns },
  }
}

export type FileProblemCode = TableProblemCode | 'columns-missing'

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

type Columns = Record<PeopleColumn, number>

interface Row {
  line: number
  email: string
  name: string
  path: string[]
  /** Null where the row leaves it to the team. */
  side: Side | null
  /** Null where the row leaves it to what is known. */
  locale: string | null
}

function columnsOf(table: Table): Columns {
  const problem = problemOfFile(table)
  if (problem) {
    const code = problem.code === 'columns-missing' ? problem.code : 'invalid-input'
    throw new DomainError(code, problem.detail, [{ pointer: `line ${problem.line}`, detail: problem.detail }])
  }
  const names = columnNames(table)
  return Object.fromEntries(peopleColumns.map((column) => [column, names.indexOf(column)])) as Columns
}

const columnNames = (table: Table) => table.header.map((name) => name.toLowerCase())

function ignoredColumns(table: Table): ImportNotice[] {
  const extra = table.header.filter((name) => name && !peopleColumns.includes(name.toLowerCase() as PeopleColumn))
  if (extra.length === 0) return []
  const names = extra.map((name) => name.slice(0, 60)).join(', ')
  return [{ code: 'columns-ignored', detail: `These columns were not read: ${names}.`, facts: { names } }]
}

const unreadableRows = (table: Table): RowError[] =>
  table.problems.map(({ line, code, detail, facts }) => {
    const [first = '', ...rest] = detail.split(/(?<=\.) /)
    return { line, column: null, value: null, code, detail: first, fix: rest.join(' '), facts }
  })

function readRows(table: Table, columns: Columns, locales: readonly string[], errors: RowError[]): Row[] {
  const linesByEmail = new Map<string, number[]>()
  for (const { line, cells } of table.rows) {
    const email = readEmail(cells[columns.email] ?? '')
    if (!email) continue
    const lines = linesByEmail.get(email)
    if (lines) lines.push(line)
    else linesByEmail.set(email, [line])
  }
  const rows: Row[] = []
  for (const { line, cells } of table.rows) {
    const cell = (column: PeopleColumn) => cells[columns[column]] ?? ''
    const before = errors.length
    const fail = (column: PeopleColumn, code: RowErrorCode, facts: RowError['facts'] = {}) =>
      errors.push(rowError(line, column, cell(column), code, facts))

    const email = readEmail(cell('email'))
    const sameEmail = linesByEmail.get(email ?? '') ?? []
    if (!email) fail('email', problemOfEmail(cell('email')) ?? 'email-invalid')
    else if (sameEmail.length > 1) fail('email', 'email-duplicate', { lines: someOthers(sameEmail, line) })

    const name = cleanLine(cell('name'))
    if (!isVisible(name)) fail('name', 'name-empty')
    else if (name.length > nameLimit) fail('name', 'name-too-long', { limit: nameLimit })

    const path = cell('team').split('/').map(cleanLine)
    const wrongPath = problemOfPath(path)
    if (wrongPath) fail('team', wrongPath.code, wrongPath.facts)

    const sideText = cell('side').trim().toLowerCase()
    const side = sides.find((known) => known === sideText) ?? null
    if (sideText !== '' && !side) fail('side', 'side-unknown', { known: sides.join(', ') })

    const language = cell('locale').trim().toLowerCase().split(/[-_]/)[0] ?? ''
    const locale = locales.find((known) => known === language) ?? null
    if (language !== '' && !locale) fail('locale', 'locale-unknown', { known: locales.join(', ') })

    if (errors.length === before && email) rows.push({ line, email, name, path, side, locale })
  }
  return rows
}

/** The first few lines of a list that can be as long as the file. */
const someOthers = (lines: readonly number[], line: number) =>
  lines
    .slice(0, 5)
    .filter((other) => other !== line)
    .join(', ')

function problemOfPath(path: readonly string[]): { code: RowErrorCode; facts?: RowError['facts'] } | undefined {
  if (path.every((part) => part === '')) return { code: 'team-empty' }
  if (path.some((part) => !isVisible(part))) return { code: 'team-gap' }
  if (path.length > teamDepthLimit) return { code: 'team-too-deep', facts: { limit: teamDepthLimit } }
  if (path.some((part) => part.length > teamNameLimit)) return { code: 'team-too-long', facts: { limit: teamNameLimit } }
  return undefined
}

const texts = {
  'email-empty': () => ['The address is empty.', 'Give every person an address.'],
  'email-invisible': () => ['This address holds a line break or another character that cannot be seen.', 'Type it anew.'],
  'email-with-name': () => ['There is more here than one address.', 'Write the address alone, such as name@example.com.'],
  'email-too-long': () => ['No mail server takes an address of this length.', 'Use at most 64 bytes before the @ and 254 in all.'],
  'email-invalid': () => ['This is not an email address.', 'Use the form name@example.com.'],
  'email-duplicate': ({ lines }) => [`The same address is on line ${lines}.`, 'Keep one row for each person.'],
  'name-empty': () => ['The name is empty.', 'Give every person a name.'],
  'name-too-long': ({ limit }) => ['The name is too long.', `Use at most ${limit} characters.`],
  'team-empty': () => ['The team is empty.', 'Name a team, such as Sales / SDR.'],
  'team-gap': () => ['A part of the team’s path is empty.', 'Put a name on each side of every slash.'],
  'team-too-deep': ({ limit }) => ['The team’s path has too many levels.', `Use at most ${limit}.`],
  'team-too-long': ({ limit }) => ['A team’s name is too long.', `Use at most ${limit} characters.`],
  'side-unknown': ({ known }) => ['There is no such side.', `Use one of: ${known}.`],
  'side-empty': ({ team }) => [`“${team}” is new and nothing says its side.`, `Use one of: ${sides.join(', ')}.`],
  'side-contradicts': ({ team, side, line }) => [
    line ? `Line ${line} says that “${team}” is ${side}.` : `“${team}” is ${side}, and so is every team below it.`,
    `Write ${side}, or name another team, or change the side of “${team}” first.`,
  ],
  'locale-unknown': ({ known }) => ['This language is not spoken here.', `Use one of: ${known}; or leave it empty.`],
} as const satisfies Record<string, (facts: RowError['facts']) => readonly [detail: string, fix: string]>

export type RowErrorCode = keyof typeof texts

function rowError(line: number, column: PeopleColumn, value: string, code: RowErrorCode, facts: RowError['facts']): RowError {
  const [detail, fix] = texts[code](facts)
  return { line, column, value: value.slice(0, 200), code, detail, fix, facts }
}

// ── Teams ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface TeamNode {
  /** Id of a known team, `new:<n>` of one that the file brings. */
  key: string
  name: string
  path: string
  parent: TeamNode | null
  children: Map<string, TeamNode>
  isNew: boolean
  side: Side | null
  /** First row that says the side of this very team. */
  stated: { side: Side; line: number } | null
  /** What rows say about teams below this one. */
  below: Set<Side>
}

/** The known teams and, along the paths of the rows, the new ones; in order of appearance, parents first. */
class TeamTree {
  readonly #roots = new Map<string, TeamNode>()
  readonly #nodes = new Map<string, TeamNode>()

  constructor(teams: readonly Team[]) {
    const childrenOf = Map.groupBy(teams, (team) => team.parentId)
    const visit = (parent: TeamNode | null) => {
      for (const team of childrenOf.get(parent?.key ?? null) ?? []) visit(this.#add(parent, team.name, { key: team.id, side: team.side }))
    }
    visit(null)
  }

  path(key: string): string {
    return this.#nodes.get(key)?.path ?? ''
  }

  /** The team at this path, made where it is missing. */
  at(path: readonly string[]): TeamNode {
    let node: TeamNode | null = null
    for (const name of path) {
      const siblings: Map<string, TeamNode> = node ? node.children : this.#roots
      node = siblings.get(nameKey(name)) ?? this.#add(node, name)
    }
    if (!node) throw new Error('a path has at least one name')
    return node
  }

  /** Gives new teams their side, parents before children. */
  settle(): void {
    for (const node of this.#nodes.values()) {
      if (!node.isNew) continue
      const inherited = node.parent?.side
      const shared = node.below.size === 1 ? [...node.below][0] : undefined
      if (inherited && inherited !== 'other') node.side = inherited
      else node.side = node.stated?.side ?? shared ?? (node.below.size > 1 ? 'other' : null) ?? inherited ?? null
    }
  }

  /** New teams among these and above them, parents before children. */
  added(used: readonly TeamNode[]): TeamNode[] {
    const needed = new Set<TeamNode>()
    for (const team of used) for (let node: TeamNode | null = team; node?.isNew; node = node.parent) needed.add(node)
    return [...this.#nodes.values()].filter((node) => needed.has(node))
  }

  #add(parent: TeamNode | null, name: string, known?: { key: string; side: Side }): TeamNode {
    const node: TeamNode = {
      key: known?.key ?? `new:${this.#nodes.size}`,
      name,
      path: parent ? `${parent.path} / ${name}` : name,
      parent,
      children: new Map(),
      isNew: !known,
      side: known?.side ?? null,
      stated: null,
      below: new Set(),
    }
    const siblings = parent ? parent.children : this.#roots
    siblings.set(nameKey(name), node)
    this.#nodes.set(node.key, node)
    return node
  }
}

/** Finds or makes the team of each row; leaves out rows whose side cannot be that team's. */
function placeRows(rows: readonly Row[], tree: TeamTree, errors: RowError[]): { row: Row; team: TeamNode }[] {
  const placed = rows.map((row) => ({ row, team: tree.at(row.path) }))
  for (const { row, team } of placed) {
    if (!row.side) continue
    team.stated ??= { side: row.side, line: row.line }
    for (let node = team.parent; node; node = node.parent) node.below.add(row.side)
  }
  tree.settle()
  return placed.filter(({ row, team }) => {
    if (team.side && (!row.side || row.side === team.side)) return true
    if (!team.side) {
      errors.push(rowError(row.line, 'side', '', 'side-empty', { team: team.path }))
      return false
    }
    const source = sourceOfSide(team)
    errors.push(rowError(row.line, 'side', row.side ?? '', 'side-contradicts', { side: team.side, ...source }))
    return false
  })
}

/** Which team decided this one's side, and on which line when the file did. */
function sourceOfSide(team: TeamNode): { team: string; line?: number } {
  let node = team
  while (node.isNew && node.parent?.side && node.parent.side !== 'other') node = node.parent
  return { team: node.path, ...(node.isNew && node.stated ? { line: node.stated.line } : {}) }
}

// ── Comparing ───────────────────────────────────────────────────────────────────────────────────────────────────

function comparePerson(
  row: Row,
  team: TeamNode,
  person: KnownPerson | undefined,
  tree: TeamTree,
  defaultLocale: string,
  changes: PeopleChanges,
  writes: PeopleWrites,
): void {
  const { email, name } = row
  const locale = row.locale ?? person?.locale ?? defaultLocale
  const write = { email, name, locale, team: team.key }
  if (!person) {
    changes.added.push({ email, name, team: team.path, side: team.side ?? 'other', locale })
    writes.people.push(write)
    return
  }
  let differs = false
  const note = <T>(list: T[], entry: T) => {
    list.push(entry)
    differs = true
  }
  if (person.name !== name) note(changes.changed, { email, name, field: 'name', from: person.name, to: name })
  if (person.locale !== locale) note(changes.changed, { email, name, field: 'locale', from: person.locale, to: locale })
  if (!person.active) note(changes.reactivated, { email, name, team: team.path })
  else if (person.teamId !== team.key) note(changes.moved, { email, name, from: tree.path(person.teamId), to: team.path })
  if (differs) writes.people.push(write)
  else changes.unchanged += 1
}

/**
 * Deactivates who is not in the file. Somebody whose row has an error is in it; and as long as a row does not show whose
 * it is, nobody can be said to be missing.
 */
function deactivateMissing(
  table: Table,
  columns: Columns,
  people: readonly KnownPerson[],
  tree: TeamTree,
  changes: PeopleChanges,
  writes: PeopleWrites,
): void {
  const present = new Set<string>()
  const nameless: number[] = []
  for (const { line, cells } of [...table.rows, ...table.problems]) {
    const email = readEmail(cells[columns.email] ?? '')
    if (email) present.add(email)
    else nameless.push(line)
  }
  const active = people.filter((person) => person.active)
  const missing = active.filter((person) => !present.has(person.email))
  if (missing.length === 0) return
  if (missing.length === active.length) {
    changes.refusal = {
      code: 'everybody-missing',
      detail: 'None of the people who are active now is in this file. Is it the right one? Import it as partial to add people only.',
      facts: { active: active.length },
    }
  } else if (nameless.length > 0) {
    const lines = nameless.sort((a, b) => a - b).slice(0, 10)
    changes.notices.push({
      code: 'deactivation-withheld',
      detail: `Nobody was deactivated: the rows on line ${lines.join(', ')} do not show whose they are. Correct them and import again.`,
      facts: { lines: lines.join(', ') },
    })
    return
  }
  changes.deactivated = missing.map(({ email, name, teamId }) => ({ email, name, team: tree.path(teamId) }))
  writes.deactivate = missing.map((person) => person.id)
}

function tooManyBadRows({ read, errors }: PeopleChanges): ImportRefusal | null {
  const bad = new Set(errors.map((error) => error.line)).size
  if (bad <= read * badRowLimit) return null
  return {
    code: 'too-many-bad-rows',
    detail: `${bad} of ${read} rows have errors, more than ${badRowLimit * 100} %. Nothing was imported; correct them and import again.`,
    facts: { bad, read },
  }
}
