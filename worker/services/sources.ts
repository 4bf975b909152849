/** Where facts come from: a connection with its settings, how fresh it is, and its end. */
import { sql } from 'drizzle-orm'
import type { SourceKind } from '../connectors'
import { type CsvSettings, type CsvSettingsInput, CsvSettings as schema } from '../connectors/csv/settings'
import { DomainError } from '../core/errors'
import { freshness } from '../core/kpi'
import type { Freshness } from '../core/metrics'
import type { Database } from '../db/client'
import { deleteFacts } from '../db/facts'
import { sources as table } from '../db/schema'
import { deleteSourceRows, findSource, pageOfSources, type SourceRow } from '../db/sources'
import { newId, type ServiceContext } from './context'
import { lookAtFacts, publish, settle, untilPublished } from './publishing'

export interface SourceView {
  id: string
  kind: SourceKind
  name: string
  settings: CsvSettings
  /** Grows with every change of the settings. */
  settingsVersion: number
  createdAt: string
  /** When a pull was last read to its end: the "as of" of what it brought. */
  lastSuccessAt: string | null
  lastNewDataAt: string | null
  freshness: Freshness
}

/**
 * @example const { id } = await createSource(context, { name: 'CRM export', settings: { timeZone: 'Europe/Berlin', currency: 'EUR',
 *   dateFormat: 'iso', layouts: [{ name: 'Leads', lead: { id: 'lead_id', createdAt: 'created' } }] } })
 */
export async function createSource(
  context: ServiceContext,
  input: { name: string; kind?: SourceKind; settings: CsvSettingsInput },
): Promise<SourceView> {
  const settings = schema.parse(input.settings)
  const [row] = await context.db
    .insert(table)
    .values({
      id: newId(context),
      kind: input.kind ?? 'csv',
      name: input.name,
      settings,
      expectedEveryDays: settings.expectedEveryDays,
      createdAt: context.now,
    })
    .returning()
  if (!row) throw new Error('insert returned no source')
  return viewOf(row, context.now)
}

/** All sources a page at a time, oldest first; `next` is null on the last page. */
export async function listSources(
  db: Database,
  page: { cursor?: string | undefined; limit?: number | undefined; now?: Date } = {},
): Promise<{ items: SourceView[]; next: string | null }> {
  const { rows, next } = await pageOfSources(db, { cursor: page.cursor, limit: page.limit ?? 100 })
  const now = page.now ?? new Date()
  return { items: rows.map((row) => viewOf(row, now)), next }
}

/** @throws DomainError not-found */
export async function getSource(context: ServiceContext, id: string): Promise<SourceView> {
  const row = await findSource(context.db, id)
  if (!row) throw unknownSource()
  return viewOf(row, context.now)
}

/**
 * Changes the name or replaces the settings. New settings hold for the next pull; what was imported under the old ones
 * stays as it is until its file is imported again.
 *
 * @throws DomainError not-found
 */
export async function changeSource(
  context: ServiceContext,
  id: string,
  change: { name?: string | undefined; settings?: CsvSettings | undefined },
): Promise<SourceView> {
  const { name, settings } = change
  if (name === undefined && settings === undefined) return getSource(context, id)
  const [row] = await context.db
    .update(table)
    .set({
      ...(name === undefined ? {} : { name }),
      ...(settings === undefined
        ? {}
        : { settings, expectedEveryDays: settings.expectedEveryDays, settingsVersion: sql`${table.settingsVersion} + 1` }),
    })
    .where(sql`${table.id} = ${id}`)
    .returning()
  if (!row) throw unknownSource()
  return viewOf(row, context.now)
}

/**
 * Deletes a source with its facts, its pulls and their errors; KPIs are those of the other sources from then on.
 *
 * @throws DomainError not-found
 */
export async function removeSource(context: ServiceContext, id: string): Promise<void> {
  const { db } = context
  await untilPublished(async () => {
    const seen = await lookAtFacts(context)
    if (!(await findSource(db, id))) throw unknownSource()
    const facts = [...deleteFacts(db, id), ...deleteSourceRows(db, id)]
    return (await publish(context, { seen, change: { without: id }, record: [], facts, success: null })) || undefined
  })
  await settle(context)
}

export const unknownSource = () => new DomainError('not-found', 'There is no such source.')

function viewOf(row: SourceRow, now: Date): SourceView {
  return {
    id: row.id,
    kind: row.kind as SourceKind,
    name: row.name,
    settings: row.settings as CsvSettings,
    settingsVersion: row.settingsVersion,
    createdAt: row.createdAt.toISOString(),
    lastSuccessAt: row.lastSuccessAt?.toISOString() ?? null,
    lastNewDataAt: row.lastNewDataAt?.toISOString() ?? null,
    freshness: freshness(row.lastSuccessAt, row.expectedEveryDays, now),
  }
}
