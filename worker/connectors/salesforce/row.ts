/** How values of Salesforce's rows are read. */
import { idOf, type Records, readWhen } from '../records'
import type { Row } from './api'

/**
 * A field's value as text; of another object's field, `Object.Field`. Empty where there is none.
 *
 * @example textOf({ Campaign: { Type: 'Webinar' } }, 'Campaign.Type') // 'Webinar'
 */
export function textOf(row: Row, field: string): string {
  const value = field.split('.').reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), row)
  return value === null || value === undefined || typeof value === 'object' ? '' : String(value)
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

export const isTrue = (row: Row, field: string): boolean => row[field] === true

/** Milliseconds; null where there is none. Salesforce writes `2026-03-01T10:00:00.000+0000`. */
export const momentOf = (row: Row, field: string, records: Records): number | null =>
  readWhen(textOf(row, field), records.zones)?.at ?? null

/** When it was modified last, and when it was deleted: which it says with the same time. */
export function stateOf(row: Row, records: Records): { updatedAt: number | null; deletedAt: number | null } {
  const updatedAt = momentOf(row, 'SystemModstamp', records)
  return { updatedAt, deletedAt: isTrue(row, 'IsDeleted') ? (updatedAt ?? records.nowAt) : null }
}

/** Its id; null where it has none that can be stored, which is said. */
export function checkedId(row: Row, records: Records): string | null {
  const id = textOf(row, 'Id')
  if (/^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$/.test(id)) return id
  records.fail(id, 'Id', null, idOf(id) === null && id.includes('@') ? 'personal-id' : 'missing-id')
  return null
}
