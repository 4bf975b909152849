/**
 * From the rows of a file to facts. A bad row is an error with its line and is left out; nothing is dropped silently.
 */
import { parseTable, type Table } from '../../core/csv'
import { type Deal, type DealState, type Facts, hashed, type Lead, noFacts, type Spend } from '../../core/facts'
import { type NumberRules, type Read, readAmount, readDay } from '../../core/values'
import type { ColumnsMissing, Mapped, MappedFile, MappedRow, MappingContext, Notice, RowError, RowErrorCode } from '../connector'
import type { CsvSettings, Layout } from './settings'

/**
 * Reads a file by the layout that fits its header.
 *
 * @example const mapped = mapCsv(text, settings, { reportingZone: 'Europe/Berlin', today: '2026-11-22' })
 */
export function mapCsv(text: string, settings: CsvSettings, context: MappingContext): Mapped {
  const table = parseTable(text)
  const refused = table.problems.find((problem) => problem.scope === 'file')
  if (refused) return { unreadable: refused }
  const layout = layoutOf(table.header, settings.layouts)
  if (!layout) return { columnsMissing: missingColumns(table.header, settings.layouts) }
  return { file: mapTable(table, layout, settings, context) }
}

/**
 * The columns that a layout names.
 *
 * @example columnsOf({ name: 'Leads', lead: { id: 'mql_id', createdAt: 'first_contact_date' } }) // ['mql_id', 'first_contact_date']
 */
export function columnsOf({ lead, deal, spend }: Layout): string[] {
  const { stages: _stages, state: _state, ...dealColumns } = deal ?? {}
  const named: (string | undefined)[] = [lead, dealColumns, spend].flatMap((columns) => Object.values(columns ?? {}))
  return [...new Set(named.filter((column) => column !== undefined))]
}

/** The layout whose columns are all there; of several, the one that reads most of the file. */
function layoutOf(header: readonly string[], layouts: readonly Layout[]): Layout | undefined {
  const fitting = layouts.filter((layout) => columnsOf(layout).every((column) => header.includes(column)))
  return fitting.toSorted((a, b) => columnsOf(b).length - columnsOf(a).length)[0]
}

function missingColumns(header: readonly string[], layouts: readonly Layout[]): ColumnsMissing {
  return {
    layouts: layouts.map((layout) => {
      const columns = columnsOf(layout)
      return {
        name: layout.name,
        missing: columns.filter((column) => !header.includes(column)),
        extra: header.filter((column) => column !== '' && !columns.includes(column)),
      }
    }),
  }
}

/** Reads every row of a table by one layout, whether or not all its columns are there. */
export function mapTable(table: Table, layout: Layout, settings: CsvSettings, context: MappingContext): MappedFile {
  const reader = new RowReader(table.header, layout, settings, context)
  const rows: MappedRow[] = []
  for (const { line, cells } of table.rows) {
    const facts = reader.read(line, cells)
    if (facts) rows.push(facts)
  }
  for (const problem of table.problems) {
    reader.errors.push({ line: problem.line, column: null, value: null, code: problem.code as RowErrorCode, effect: 'row-not-imported' })
  }
  const durations = negativeDurations(rows, layout)
  const extra = table.header.filter((column) => column !== '' && !columnsOf(layout).includes(column))
  return {
    layout: layout.name,
    read: table.rows.length + table.problems.length,
    rows,
    errors: [...reader.errors, ...durations].toSorted((a, b) => a.line - b.line),
    notices: [...(extra.length > 0 ? [{ code: 'extra-columns', columns: extra } as const] : []), ...reader.notices()],
  }
}

/** Reads one row after another and remembers the ids it has seen. */
class RowReader {
  readonly errors: RowError[] = []
  readonly #layout: Layout
  readonly #settings: CsvSettings
  readonly #context: MappingContext
  readonly #numbers: NumberRules
  readonly #index: ReadonlyMap<string, number>
  readonly #stages: ReadonlyMap<string, DealState>
  readonly #seen = { lead: new Map<string, string>(), deal: new Map<string, string>(), spend: new Map<string, string>() }
  readonly #days = new Map<string, Read<string | null>>()
  readonly #spendKeys = new Map<string, number>()
  readonly #unknownStages = new Map<string, number>()
  #rowsWithoutLead = 0
  #line = 0
  #cells: readonly string[] = []
  #failed = false

  constructor(header: readonly string[], layout: Layout, settings: CsvSettings, context: MappingContext) {
    this.#layout = layout
    this.#settings = settings
    this.#context = context
    this.#numbers = { decimal: settings.decimal, currency: settings.currency }
    this.#index = new Map(header.map((name, index) => [name, index]))
    this.#stages = new Map(Object.entries(layout.deal?.stages ?? {}))
  }

  /** Undefined where the row has an error that keeps it out. */
  read(line: number, cells: readonly string[]): MappedRow | undefined {
    this.#line = line
    this.#cells = cells
    this.#failed = false
    const lead = this.#layout.lead ? this.#lead(this.#layout.lead) : null
    const deal = this.#layout.deal ? this.#deal(this.#layout.deal) : null
    const spend = this.#layout.spend ? this.#spend(this.#layout.spend) : null
    if (this.#failed) return undefined
    const facts = this.#withoutRepetition({ ...noFacts, lead, deal, spend })
    if (this.#failed) return undefined
    return { line, ...facts }
  }

  notices(): Notice[] {
    const stages = [...this.#unknownStages].map(([stage, rows]) => ({ stage, rows }))
    return [
      ...(stages.length > 0 ? [{ code: 'unknown-stages', stages } as const] : []),
      ...(this.#rowsWithoutLead > 0 ? [{ code: 'rows-without-lead', rows: this.#rowsWithoutLead } as const] : []),
    ]
  }

  #lead(columns: NonNullable<Layout['lead']>): Lead | null {
    // A row that is a deal as well need not be a lead: a CRM lists opportunities before anybody engaged with them.
    if (this.#layout.deal && this.#text(columns.createdAt) === '') {
      this.#rowsWithoutLead += 1
      return null
    }
    const externalId = this.#id(columns.id)
    const createdDay = this.#day(columns.createdAt, true)
    return hashed<Lead>({
      externalId: externalId ?? '',
      createdDay: createdDay ?? '',
      createdAt: null,
      channel: this.#text(columns.channel),
      leadType: this.#text(columns.leadType),
      stage: this.#text(columns.stage) || null,
    })
  }

  #deal(columns: NonNullable<Layout['deal']>): Deal {
    const externalId = this.#id(columns.id)
    const stage = this.#text(columns.stage)
    const state = columns.state ?? this.#stages.get(stage)
    if (!state) {
      this.#unknownStages.set(stage, (this.#unknownStages.get(stage) ?? 0) + 1)
      this.#fail(columns.stage, 'unknown-stage')
    }
    return hashed<Deal>({
      externalId: externalId ?? '',
      leadId: this.#reference(columns.leadId),
      customerId: this.#reference(columns.customerId),
      createdDay: this.#day(columns.createdAt, false),
      createdAt: null,
      closedDay: state === 'open' ? null : this.#day(columns.closedAt, state !== undefined),
      closedAt: null,
      state: state ?? 'open',
      stage,
      amountMinor: this.#amount(columns.amount, 'positive'),
      currency: this.#settings.currency,
      channel: this.#text(columns.channel),
    })
  }

  #spend(columns: NonNullable<Layout['spend']>): Spend {
    const spend = {
      day: this.#day(columns.date, true) ?? '',
      channel: this.#text(columns.channel),
      side: this.#text(columns.side),
      kind: this.#text(columns.kind),
      // A credit note is negative spend.
      amountMinor: this.#amount(columns.amount, 'any') ?? 0,
      currency: this.#settings.currency,
    }
    if (this.#text(columns.amount) === '') this.#fail(columns.amount, 'missing-amount')
    return hashed<Spend>({ externalId: columns.id ? (this.#id(columns.id) ?? '') : this.#spendKey(spend), ...spend })
  }

  /** Two equal lines of a bill are two: rows that say the same are numbered in the order of the file. */
  #spendKey({ day, channel, side, kind }: Pick<Spend, 'day' | 'channel' | 'side' | 'kind'>): string {
    const key = [day, channel, side, kind].join('|')
    const number = (this.#spendKeys.get(key) ?? 0) + 1
    this.#spendKeys.set(key, number)
    return `${key}|${number}`
  }

  /** The same fact again is left out; the same id with something else is an error. */
  #withoutRepetition(facts: Facts): Facts {
    const once = <Kind extends 'lead' | 'deal' | 'spend'>(kind: Kind, column: string | undefined): Facts[Kind] => {
      const fact = facts[kind]
      if (!fact) return fact
      const before = this.#seen[kind].get(fact.externalId)
      if (before === fact.contentHash) return null as Facts[Kind]
      if (before !== undefined) this.#fail(column, 'duplicate-id')
      return fact
    }
    const unique: Facts = {
      ...facts,
      lead: once('lead', this.#layout.lead?.id),
      deal: once('deal', this.#layout.deal?.id),
      spend: once('spend', this.#layout.spend?.id),
    }
    for (const kind of ['lead', 'deal', 'spend'] as const) {
      const fact = this.#failed ? null : unique[kind]
      if (fact) this.#seen[kind].set(fact.externalId, fact.contentHash)
    }
    return unique
  }

  #text(column: string | undefined): string {
    if (column === undefined) return ''
    const text = this.#raw(column)
    return text.length > longestText ? text.slice(0, longestText) : text
  }

  #id(column: string): string | undefined {
    const id = this.#raw(column)
    if (id === '') return this.#fail(column, 'missing-id')
    return this.#checkedId(column, id)
  }

  #reference(column: string | undefined): string | null {
    const id = column === undefined ? '' : this.#raw(column)
    return id === '' || column === undefined ? null : (this.#checkedId(column, id) ?? null)
  }

  /** An address would be a person's: it is neither stored as an id nor repeated in the error. */
  #checkedId(column: string, id: string): string | undefined {
    if (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(id)) return this.#fail(column, 'personal-id')
    if (id.length > longestText) return this.#fail(column, 'id-too-long')
    return id
  }

  #day(column: string | undefined, required: boolean): string | null {
    if (column === undefined) return null
    const read = this.#readDay(this.#raw(column))
    const day = this.#value(column, read)
    if (day === null && required) this.#fail(column, 'missing-date')
    return day ?? null
  }

  /** A file has few days, many times each. */
  #readDay(text: string): Read<string | null> {
    const known = this.#days.get(text)
    if (known) return known
    const read = readDay(text, {
      format: this.#settings.dateFormat,
      timeZone: this.#settings.timeZone,
      reportingZone: this.#context.reportingZone,
      today: this.#context.today,
    })
    if (this.#days.size < rememberedDays) this.#days.set(text, read)
    return read
  }

  #amount(column: string | undefined, range: 'positive' | 'any'): number | null {
    if (column === undefined) return null
    const amount = this.#value(column, readAmount(this.#raw(column), this.#numbers))
    if (range === 'positive' && amount && amount < 0) this.#fail(column, 'negative-amount')
    return amount ?? null
  }

  #value<T>(column: string, read: Read<T>): T | undefined {
    return 'error' in read ? this.#fail(column, read.error) : read.value
  }

  #raw(column: string): string {
    return (this.#cells[this.#index.get(column) ?? -1] ?? '').trim()
  }

  #fail(column: string | undefined, code: RowErrorCode): undefined {
    this.#failed = true
    const value = column === undefined || code === 'personal-id' ? null : this.#raw(column).slice(0, 200)
    this.errors.push({ line: this.#line, column: column ?? null, value, code, effect: 'row-not-imported' })
  }
}

const longestText = 200
const rememberedDays = 10_000

/**
 * Deals that closed before they began: by their own dates, or by the date of their lead where it is in the same file.
 * The win and its revenue are real, so the deal stays; its duration is in no figure.
 */
function negativeDurations(rows: readonly MappedRow[], layout: Layout): RowError[] {
  const column = layout.deal?.closedAt
  if (column === undefined) return []
  const leads = new Map(rows.flatMap(({ lead }) => (lead ? [[lead.externalId, lead.createdDay] as const] : [])))
  return rows.flatMap(({ line, deal }) => {
    const began = deal?.createdDay ?? (deal?.leadId ? leads.get(deal.leadId) : undefined)
    if (!deal?.closedDay || !began || deal.closedDay >= began) return []
    return [{ line, column, value: deal.closedDay, code: 'negative-duration', effect: 'duration-not-counted' } as const]
  })
}
