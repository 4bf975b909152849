/** Where facts come from: a connection with its settings, how fresh it is, and its end. */
import { eq, sql } from 'drizzle-orm'
import type { SourceKind } from '../connectors'
import { DomainError, type FieldError } from '../core/errors'
import type { FactKind } from '../core/facts'
import { freshness } from '../core/kpi'
import { type Freshness, type KpiKey, metrics } from '../core/metrics'
import type { Database } from '../db/client'
import { countFacts, deleteFacts } from '../db/facts'
import { sources as table } from '../db/schema'
import { deleteSourceRows, findSource, pageOfSources, type SourceRow } from '../db/sources'
import { newId, type ServiceContext } from './context'
import { lookAtFacts, publish, settle, untilPublished } from './publishing'
import { type Trouble, troubleOf } from './pull-state'
import {
  connectorOf,
  readOwner,
  readSecret,
  readSourceSettings,
  refused,
  type Secret,
  type SettingsOf,
  sealedSecret,
  unsaidSettings,
} from './source-settings'

interface SourceBase {
  id: string
  name: string
  /**
   * `draft`: being set up, pulled by nobody. `active`. `paused`: by somebody. `stopped`: by itself, until somebody changes
   * something.
   */
  state: SourceRow['state']
  /** Grows with every change of the settings. */
  settingsVersion: number
  /** Last four characters of its secret, or empty for a short one; null where it has none. The secret itself is never told. */
  secretHint: string | null
  /** Who is told when it stops working. */
  ownerEmail: string | null
  /** What is wrong with it, since when, and when it is tried again; null while it works. */
  trouble: Trouble | null
  /** Of its next pull; null where nothing is pulled. */
  dueAt: string | null
  createdAt: string
  /** When a pull was last read to its end: the "as of" of what it brought. */
  lastSuccessAt: string | null
  lastNewDataAt: string | null
  freshness: Freshness
}

/** A source of one kind; `kind` says what its settings are. */
export type SourceOf<Kind extends SourceKind> = SourceBase & { kind: Kind; settings: SettingsOf<Kind> }
export type SourceView = { [Kind in SourceKind]: SourceOf<Kind> }[SourceKind]

export interface NewSource {
  name: string
  kind?: SourceKind
  /** As its connector's schema wants them; what has a default may be left out. */
  settings: unknown
  secret?: Secret | undefined
  ownerEmail?: string | null | undefined
}

export interface SourceChange {
  name?: string | undefined
  /** All of them: what is left out falls back to its default. */
  settings?: unknown
  /** All parts of it: what it was is replaced. */
  secret?: Secret | undefined
  ownerEmail?: string | null | undefined
}

/**
 * A source that is pulled begins as a draft, which nobody pulls until `activateSource`; the others are ready at once.
 *
 * @throws DomainError invalid-input, each error with a pointer such as `#/settings/timeZone` or `#/secret/token`
 * @example const { id } = await createSource(context, { name: 'CRM export', settings: { timeZone: 'Europe/Berlin', currency: 'EUR',
 *   dateFormat: 'iso', layouts: [{ name: 'Leads', lead: { id: 'lead_id', createdAt: 'created' } }] } })
 */
export async function createSource(context: ServiceContext, { kind = 'csv', ...input }: NewSource): Promise<SourceView> {
  const isPulled = connectorOf(kind).brings === 'pulls'
  const read = { ...readSourceSettings(kind, input.settings, { isDraft: isPulled }) }
  const secret = readSecret(kind, input.secret)
  const errors = [...errorsIn(read), ...errorsIn(secret)]
  if ('errors' in read || 'errors' in secret) throw refused(errors)
  const ownerEmail = readOwner(input.ownerEmail ?? null)
  const id = newId(context)
  const [row] = await context.db
    .insert(table)
    .values({
      id,
      kind,
      name: input.name,
      settings: read.settings,
      state: isPulled ? 'draft' : 'active',
      ownerEmail,
      ...rhythmOf(read.settings),
      ...(await sealedSecret(context, { id, kind }, secret.secret)),
      createdAt: context.now,
    })
    .returning()
  if (!row) throw new Error('insert returned no source')
  return sourceView(row, context.now)
}

const errorsIn = (read: object): FieldError[] => ('errors' in read ? (read.errors as FieldError[]) : [])

/** The columns that repeat settings, so that the schedule can look for what is due. */
function rhythmOf(settings: unknown): { expectedEveryDays: number; everyMinutes: number | null } {
  const { expectedEveryDays = 31, everyMinutes = null } = settings as { expectedEveryDays?: number; everyMinutes?: number }
  return { expectedEveryDays, everyMinutes }
}

/** All sources a page at a time, oldest first; `next` is null on the last page. */
export async function listSources(
  db: Database,
  page: { cursor?: string | undefined; limit?: number | undefined; now?: Date } = {},
): Promise<{ items: SourceView[]; next: string | null }> {
  const { rows, next } = await pageOfSources(db, { cursor: page.cursor, limit: page.limit ?? 100 })
  const now = page.now ?? new Date()
  return { items: rows.map((row) => sourceView(row, now)), next }
}

/** @throws DomainError not-found */
export async function getSource(context: ServiceContext, id: string): Promise<SourceView> {
  return sourceView(await rowOf(context, id), context.now)
}

/**
 * Changes the name, the owner, the secret, or replaces the settings. New settings hold for the next pull. What was read under
 * the old ones stays as it is until it is read again.
 *
 * @throws DomainError not-found, invalid-input
 */
export async function changeSource(context: ServiceContext, id: string, change: SourceChange): Promise<SourceView> {
  const row = await rowOf(context, id)
  const kind = row.kind as SourceKind
  const read = change.settings === undefined ? {} : readSourceSettings(kind, change.settings, { isDraft: row.state === 'draft' })
  const secret = change.secret === undefined ? null : readSecret(kind, change.secret)
  if ('errors' in read || (secret && 'errors' in secret)) throw refused([...errorsIn(read), ...errorsIn(secret ?? {})])
  const set = {
    ...(change.name === undefined ? {} : { name: change.name }),
    ...(change.ownerEmail === undefined ? {} : { ownerEmail: readOwner(change.ownerEmail) }),
    ...(secret ? await sealedSecret(context, { id, kind }, secret.secret) : {}),
    ...('settings' in read ? newSettings(row, read.settings) : {}),
  }
  if (Object.keys(set).length === 0) return sourceView(row, context.now)
  const [changed] = await context.db.update(table).set(set).where(eq(table.id, id)).returning()
  if (!changed) throw unknownSource()
  return sourceView(changed, context.now)
}

function newSettings(row: SourceRow, settings: unknown) {
  const rhythm = rhythmOf(settings)
  const soonest = rhythm.everyMinutes === null ? null : rhythm.everyMinutes * 60_000
  return {
    settings,
    ...rhythm,
    settingsVersion: sql`${table.settingsVersion} + 1`,
    // Somebody who wants it more often does not wait for the end of the longer pause.
    ...(soonest === null || row.dueAt === null
      ? {}
      : { dueAt: sql`min(${table.dueAt}, coalesce(${table.lastSuccessAt}, 0) + ${soonest})` }),
  }
}

/**
 * Ends the set-up of a source: from now on it is pulled, the first time at once.
 *
 * @throws DomainError not-found; invalid-input where its settings are not complete
 */
export async function activateSource(context: ServiceContext, id: string): Promise<SourceView> {
  const row = await rowOf(context, id)
  if (row.state !== 'draft') return sourceView(row, context.now)
  const read = readSourceSettings(row.kind as SourceKind, row.settings, { isDraft: false })
  if ('errors' in read) throw refused(read.errors)
  const [active] = await context.db
    .update(table)
    .set({ state: 'active', dueAt: row.everyMinutes === null ? null : context.now })
    .where(sql`${table.id} = ${id} and ${table.state} = 'draft'`)
    .returning()
  return sourceView(active ?? (await rowOf(context, id)), context.now)
}

/** What goes with a source: how many facts of each kind, and the KPIs that are made of such facts. */
export interface Belongings {
  facts: { kind: FactKind; count: number }[]
  metrics: KpiKey[]
}

/** @throws DomainError not-found */
export async function belongingsOf(context: ServiceContext, id: string): Promise<Belongings> {
  await rowOf(context, id)
  const facts = await countFacts(context.db, id)
  return { facts, metrics: metrics.filter((metric) => facts.some(({ kind }) => metric.facts.includes(kind))).map(({ key }) => key) }
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

async function rowOf(context: ServiceContext, id: string): Promise<SourceRow> {
  const row = await findSource(context.db, id)
  if (!row) throw unknownSource()
  return row
}

/** What may be told of a source: everything but its secret. */
export function sourceView(row: SourceRow, now: Date): SourceView {
  const { id, name, state, settingsVersion, secretHint, ownerEmail } = row
  return {
    id,
    kind: row.kind,
    name,
    state,
    settings: { ...unsaidSettings(row.kind), ...(row.settings as object) },
    settingsVersion,
    secretHint,
    ownerEmail,
    trouble: troubleOf(row),
    dueAt: row.dueAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    lastSuccessAt: row.lastSuccessAt?.toISOString() ?? null,
    lastNewDataAt: row.lastNewDataAt?.toISOString() ?? null,
    freshness: freshness(row.lastSuccessAt, row.expectedEveryDays, now),
  } as SourceView // its settings were checked by the schema of its kind when they were stored
}
