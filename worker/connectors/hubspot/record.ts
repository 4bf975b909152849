/** How values of HubSpot's records are read, of whatever type. */
import { idOf, type Records, readWhen } from '../records'
import type { History, HubspotRecord } from './api'

export type Histories = Readonly<Record<string, History | null | undefined>>

/** Records that were merged into this one and are no more. */
export const mergedIds = ({ id, properties }: HubspotRecord): string[] =>
  (properties.hs_merged_object_ids ?? '').split(/[;,\s]+/).filter((other) => /^\d{1,20}$/.test(other) && other !== id)

export function stateOf(record: HubspotRecord, { zones }: Records): { updatedAt: number | null; deletedAt: number | null } {
  const { lastmodifieddate, hs_lastmodifieddate } = record.properties
  const modified = readWhen(lastmodifieddate || hs_lastmodifieddate || record.updatedAt, zones)?.at ?? null
  const deletedAt = readWhen(record.archivedAt, zones)?.at ?? null
  return { updatedAt: deletedAt !== null && (modified ?? 0) < deletedAt ? deletedAt : modified, deletedAt }
}

/** An id that looks like an address is nobody's business. */
export function checkedId({ id }: HubspotRecord, records: Records): boolean {
  if (idOf(id) !== null) return true
  records.fail(id, 'id', null, id.includes('@') ? 'personal-id' : 'missing-id')
  return false
}
