/**
 * From the rows of a table to facts. A bad row is an error with its line and is left out; nothing is dropped silently.
 */
import { parseTable, type Table } from '../../core/csv'
import type { ActivityKind, DealState, FactKind, Facts } from '../../core/facts'
import type {
  ColumnsMissing,
  LeadMeaning,
  Mapped,
  MappedFile,
  MappedRow,
  MappingContext,
  Notice,
  RowError,
  RowErrorCode,
} from '../connector'
import { Cells } from './cells'
import { columnsOf, type Layout } from './layout'
import {
  Numbering,
  readActivity,
  readDeal,
  readHeadcount,
  readLead,
  readSpend,
  readStage,
  readSteps,
  readTouch,
  readValue,
  Unmapped,
} from './rows'
import type { TableSettings } from './settings'

/**
 * Reads a file by the layout that fits its header.
 *
 * @example const mapped = mapCsv(text, settings, { reportingZone: 'Europe/Berlin', today: '2026-11-22' })
 */
export function mapCsv(text: string, settings: TableSettings, context: MappingContext): Mapped {
  const table = parseTable(text)
  const refused = table.problems.find((problem) => problem.scope === 'file')
  if (refused) return { unreadable: refused }
  const layout = layoutFor(table.header, settings.layouts)
  if (!layout) return { columnsMissing: missingColumns(table.header, settings.layouts) }
  return { file: mapTable(table, layout, settings, context) }
}

/** The layout whose columns are all there; of several, the one that reads most of the table. */
export function layoutFor(header: readonly string[], layouts: readonly Layout[]): Layout | undefined {
  const fitting = layouts.filter((layout) => columnsOf(layout).every((column) => header.includes(column)))
  return fitting.toSorted((a, b) => columnsOf(b).length - columnsOf(a).length)[0]
}

/** What each layout misses, and which columns it has no use for. */
export function missingColumns(header: readonly string[], layouts: readonly Layout[]): ColumnsMissing {
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

/** Names the rows of a table that has no lines. */
export type RecordNames = (index: number) => string

/** Reads every row of a table by one layout, whether or not all its columns are there. */
export function mapTable(table: Table, layout: Layout, settings: TableSettings, context: MappingContext, names?: RecordNames): MappedFile {
  const reader = new RowReader(table.header, layout, settings, context)
  const rows: MappedRow[] = []
  for (const [index, { line, cells }] of table.rows.entries()) {
    const facts = reader.read(line, cells, names?.(index) ?? null)
    if (facts) rows.push(facts)
  }
  for (const problem of table.problems) {
    reader.errors.push({ line: problem.line, column: null, value: null, code: problem.code as RowErrorCode, effect: 'row-not-imported' })
  }
  const durations = negativeDurations(rows, layout)
  const columns = new Set(columnsOf(layout))
  const extra = table.header.filter((column) => column !== '' && !columns.has(column))
  return {
    layout: layout.name,
    read: table.rows.length + table.problems.length,
    rows,
    errors: [...reader.errors, ...durations].toSorted((a, b) => a.line - b.line),
    notices: [...(extra.length > 0 ? [{ code: 'extra-columns', columns: extra } as const] : []), ...reader.notices()],
  }
}

/** Kinds of fact of which a row holds one at most. */
const single = ['lead', 'deal', 'activity', 'spend', 'headcount', 'touch', 'value'] as const satisfies readonly (keyof Facts)[]

/** Reads one row after another and remembers the ids it has seen. */
class RowReader {
  readonly #layout: Layout
  readonly #cells: Cells
  readonly #unmapped = new Unmapped()
  readonly #numbering = new Numbering()
  readonly #dealStates: ReadonlyMap<string, DealState>
  readonly #leadMeanings: ReadonlyMap<string, LeadMeaning>
  readonly #activityKinds: ReadonlyMap<string, ActivityKind | 'ignored'>
  readonly #seen = new Map<FactKind, Map<string, string>>()
  /** Kinds that the layout has. */
  readonly #kinds: readonly (typeof single)[number][]

  constructor(header: readonly string[], layout: Layout, settings: TableSettings, context: MappingContext) {
    this.#layout = layout
    this.#kinds = single.filter((kind) => layout[kind])
    this.#cells = new Cells(header, settings, context)
    this.#dealStates = new Map(Object.entries(layout.deal?.stages ?? {}))
    this.#leadMeanings = new Map(Object.entries(layout.stage?.stages ?? {}))
    this.#activityKinds = new Map(Object.entries(layout.activity?.kinds ?? {}))
  }

  get errors(): RowError[] {
    return this.#cells.errors
  }

  /** Undefined where the row has an error that keeps it out. */
  read(line: number, row: readonly string[], record: string | null): MappedRow | undefined {
    const cells = this.#cells
    const { lead: leads, stage, deal: deals, activity, spend, headcount, touch, value } = this.#layout
    cells.next(line, row, record)
    const lead = leads ? readLead(cells, leads, deals !== undefined, this.#unmapped) : null
    const step = stage ? readStage(cells, stage, this.#leadMeanings, this.#unmapped) : null
    const steps = leads && lead ? readSteps(cells, leads, lead) : []
    const facts: MappedRow = {
      line,
      lead,
      stages: step ? [...steps, step] : steps,
      deal: deals ? readDeal(cells, deals, this.#dealStates, this.#unmapped) : null,
      activity: activity ? readActivity(cells, activity, this.#activityKinds, this.#numbering, this.#unmapped) : null,
      spend: spend ? readSpend(cells, spend, this.#numbering) : null,
      headcount: headcount ? readHeadcount(cells, headcount) : null,
      touch: touch ? readTouch(cells, touch, this.#numbering, this.#unmapped) : null,
      value: value ? readValue(cells, value) : null,
    }
    if (cells.failed) return undefined
    this.#leaveOutRepetition(facts)
    return cells.failed ? undefined : facts
  }

  notices(): Notice[] {
    const stages = [...this.#unmapped.stages].map(([stage, rows]) => ({ stage, rows }))
    const { withoutLead, unlinked } = this.#unmapped
    return [
      ...(stages.length > 0 ? [{ code: 'unknown-stages', stages } as const] : []),
      ...(withoutLead > 0 ? [{ code: 'rows-without-lead', rows: withoutLead } as const] : []),
      ...(unlinked > 0 ? [{ code: 'rows-unlinked', rows: unlinked } as const] : []),
    ]
  }

  /** The same fact again is left out; the same id with something else is an error. */
  #leaveOutRepetition(facts: MappedRow): void {
    for (const kind of this.#kinds) {
      const fact = facts[kind]
      if (fact && this.#isRepeated(kind, fact.externalId, fact.contentHash)) facts[kind] = null
    }
    if (facts.stages.length > 0)
      facts.stages = facts.stages.filter(({ externalId, contentHash }) => !this.#isRepeated('stage', externalId, contentHash))
    if (this.#cells.failed) return
    for (const kind of this.#kinds) {
      const fact = facts[kind]
      if (fact) this.#seenOf(kind).set(fact.externalId, fact.contentHash)
    }
    for (const { externalId, contentHash } of facts.stages) this.#seenOf('stage').set(externalId, contentHash)
  }

  #isRepeated(kind: FactKind, externalId: string, contentHash: string): boolean {
    const before = this.#seen.get(kind)?.get(externalId)
    if (before !== undefined && before !== contentHash) this.#cells.fail(idColumn(this.#layout, kind), 'duplicate-id')
    return before === contentHash
  }

  #seenOf(kind: FactKind): Map<string, string> {
    const seen = this.#seen.get(kind)
    if (seen) return seen
    const fresh = new Map<string, string>()
    this.#seen.set(kind, fresh)
    return fresh
  }
}

/** The column that an id was read from, or the first of those that it was made of. */
function idColumn({ headcount, value, stage, lead, ...layout }: Layout, kind: FactKind): string | undefined {
  if (kind === 'headcount') return headcount?.id ?? headcount?.day
  if (kind === 'value') return value?.id ?? value?.period
  if (kind === 'stage') return stage?.id ?? stage?.leadId ?? lead?.id
  return kind === 'lead' ? lead?.id : layout[kind]?.id
}

/**
 * Deals that closed before they began: by their own dates, or by the date of their lead where it is in the same table.
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
