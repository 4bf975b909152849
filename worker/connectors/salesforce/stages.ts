/** What a Salesforce org calls its stages, and what they most likely mean here. */
import type { DiscoveredStage } from '../connector'
import { isPersonalField } from '../records'
import { suggestLeadMeaning } from '../suggest-stage'
import type { Row } from './api'
import { isTrue, textOf } from './row'

/** Statuses of leads in their order. A converted lead is an opportunity. */
export const leadStages = (rows: readonly Row[]): DiscoveredStage[] =>
  inOrder(rows).map((row) => ({
    ...named(row),
    suggestion: isTrue(row, 'IsConverted') ? 'opportunity' : suggestLeadMeaning(named(row).label),
  }))

/** Stages of opportunities in their order, those that are used no more as well: old deals stand in them. */
export const dealStages = (rows: readonly Row[]): DiscoveredStage[] =>
  inOrder(rows).map((row) => ({
    ...named(row),
    suggestion: isTrue(row, 'IsWon') ? 'won' : isTrue(row, 'IsClosed') ? 'lost' : 'open',
  }))

/** Of a fixed set of values, so that no field that people write into becomes a channel. */
export const fieldsIn = (
  fields: readonly { name: string; label?: string | null | undefined; type?: string | null | undefined }[],
  also: readonly string[] = [],
) =>
  fields
    .filter(({ name, type }) => ['picklist', 'boolean', ...also].includes(type ?? '') && !isPersonalField(name))
    .map(({ name, label }) => ({ id: name, label: label ?? name }))

function named(row: Row) {
  const id = textOf(row, 'ApiName') || textOf(row, 'MasterLabel')
  return { id, label: textOf(row, 'MasterLabel') || id, pipeline: null }
}

const inOrder = (rows: readonly Row[]): Row[] => rows.toSorted((a, b) => Number(textOf(a, 'SortOrder')) - Number(textOf(b, 'SortOrder')))
