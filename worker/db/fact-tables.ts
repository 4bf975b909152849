/** The tables of facts, and facts as the rows of JSON that statements take apart with `json_each`. */
import type { FactKind, FactOf, FactRows } from '../core/facts'

type Cell = string | number | null

interface Table<Kind extends FactKind> {
  name: string
  /** Column and field, in the order of a row. */
  columns: readonly (readonly [column: string, field: keyof FactOf[Kind] & string])[]
}

const provenance = [
  ['updated_at', 'updatedAt'],
  ['deleted_at', 'deletedAt'],
  ['content_hash', 'contentHash'],
] as const

export const tables: { readonly [Kind in FactKind]: Table<Kind> } = {
  lead: {
    name: 'leads',
    columns: [
      ['external_id', 'externalId'],
      ['created_day', 'createdDay'],
      ['created_at', 'createdAt'],
      ['channel', 'channel'],
      ['lead_type', 'leadType'],
      ['stage', 'stage'],
      ...provenance,
    ],
  },
  stage: {
    name: 'stage_events',
    columns: [
      ['external_id', 'externalId'],
      ['lead_id', 'leadId'],
      ['what', 'what'],
      ['stage', 'stage'],
      ['day', 'day'],
      ['at', 'at'],
      ['reason', 'reason'],
      ...provenance,
    ],
  },
  deal: {
    name: 'deals',
    columns: [
      ['external_id', 'externalId'],
      ['lead_id', 'leadId'],
      ['customer_id', 'customerId'],
      ['created_day', 'createdDay'],
      ['created_at', 'createdAt'],
      ['closed_day', 'closedDay'],
      ['closed_at', 'closedAt'],
      ['state', 'state'],
      ['stage', 'stage'],
      ['amount_minor', 'amountMinor'],
      ['currency', 'currency'],
      ['channel', 'channel'],
      ...provenance,
    ],
  },
  activity: {
    name: 'activities',
    columns: [
      ['external_id', 'externalId'],
      ['lead_id', 'leadId'],
      ['deal_id', 'dealId'],
      ['kind', 'kind'],
      ['day', 'day'],
      ['at', 'at'],
      ['connected', 'connected'],
      ...provenance,
    ],
  },
  spend: {
    name: 'spend',
    columns: [
      ['external_id', 'externalId'],
      ['day', 'day'],
      ['channel', 'channel'],
      ['side', 'side'],
      ['kind', 'kind'],
      ['amount_minor', 'amountMinor'],
      ['currency', 'currency'],
      ...provenance,
    ],
  },
  headcount: {
    name: 'headcounts',
    columns: [['external_id', 'externalId'], ['day', 'day'], ['side', 'side'], ['people', 'people'], ...provenance],
  },
  touch: {
    name: 'touches',
    columns: [
      ['external_id', 'externalId'],
      ['lead_id', 'leadId'],
      ['customer_id', 'customerId'],
      ['day', 'day'],
      ['at', 'at'],
      ['channel', 'channel'],
      ...provenance,
    ],
  },
  value: {
    name: 'metric_values',
    columns: [
      ['external_id', 'externalId'],
      ['metric', 'metric'],
      ['period', 'period'],
      ['value', 'value'],
      ['numerator', 'numerator'],
      ['denominator', 'denominator'],
      ...provenance,
    ],
  },
}

export const columnsOf = (kind: FactKind): string[] => tables[kind].columns.map(([column]) => column)

/** Where a column stands in a row. @throws Error where the kind has no such column */
export function placeOf(kind: FactKind, column: string): number {
  const place = columnsOf(kind).indexOf(column)
  if (place < 0) throw new Error(`${tables[kind].name} has no ${column}`)
  return place
}

/** A fact as a row. */
export function cellsOf(kind: FactKind, fact: FactOf[FactKind]): Cell[] {
  const values = fact as unknown as Record<string, Cell | boolean>
  return tables[kind].columns.map(([, field]) => {
    const value = values[field] ?? null
    return typeof value === 'boolean' ? Number(value) : value
  })
}

/** All facts of a kind as rows. */
export const rowsOf = (kind: FactKind, rows: FactRows): Cell[][] => rows[kind].map((fact) => cellsOf(kind, fact))

/** A bound value may have 2 MB; a UTF-16 unit takes at most three bytes of UTF-8. */
const chunkUnits = 600_000

/** JSON arrays of at most so many rows that each fits a bound parameter. */
export function chunksOf(rows: readonly (readonly (Cell | string)[])[]): string[] {
  const chunks: string[] = []
  let parts: string[] = []
  let units = 0
  for (const row of rows) {
    const text = JSON.stringify(row)
    if (units + text.length > chunkUnits && parts.length > 0) {
      chunks.push(`[${parts.join(',')}]`)
      parts = []
      units = 0
    }
    parts.push(text)
    units += text.length + 1
  }
  if (parts.length > 0) chunks.push(`[${parts.join(',')}]`)
  return chunks
}
