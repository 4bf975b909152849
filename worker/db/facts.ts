/**
 * Facts as they are stored, staged and published. Rows travel as JSON arrays in one bound parameter and are spread by
 * `json_each`: twenty statements carry 100,000 rows where one parameter a value would need thousands. Drizzle cannot put
 * raw SQL with parameters into a batch, so these are plain D1 statements.
 */
import { asc, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { type FactKind, type FactRows, factKinds } from '../core/facts'
import type { Database } from './client'
import { chunksOf, columnsOf, placeOf, rowsOf, tables } from './fact-tables'
import { factRevision, sources } from './schema'

/** How many facts a publication brings that were not there, or said something else. */
export interface News {
  added: number
  changed: number
  /** Read, and the same as what is stored, or older than it. */
  unchanged: number
}

/**
 * Which of a source's rows are new and which say something else than what is stored. What is older than what is stored is
 * neither, and so is what was deleted before it was ever seen.
 *
 * @returns indexes into the lists that were given
 */
export async function compareFacts(
  db: Database,
  sourceId: string,
  rows: FactRows,
): Promise<Record<FactKind, { added: Set<number>; changed: Set<number> }>> {
  const found = Object.fromEntries(factKinds.map((kind) => [kind, { added: new Set<number>(), changed: new Set<number>() }])) as Record<
    FactKind,
    { added: Set<number>; changed: Set<number> }
  >
  const held = await kindsHeld(db, sourceId, rows)
  for (const kind of factKinds) {
    if (!held.has(kind)) found[kind].added = new Set(rows[kind].flatMap(({ deletedAt }, index) => (deletedAt === null ? [index] : [])))
  }
  const chunked = [...held].flatMap((kind) =>
    chunksOf(
      rows[kind].map((fact, index) => [fact.externalId, fact.contentHash, fact.updatedAt, fact.deletedAt === null ? 0 : 1, index]),
    ).map((chunk) => ({ kind, chunk })),
  )
  if (chunked.length === 0) return found
  const answers = await db.$client.batch<{ added: string; changed: string }>(
    chunked.map(({ kind, chunk }) => db.$client.prepare(comparison(tables[kind].name)).bind(sourceId, chunk)),
  )
  for (const [index, { results }] of answers.entries()) {
    const kind = chunked[index]?.kind
    const [row] = results
    if (!kind || !row) continue
    for (const at of JSON.parse(row.added) as number[]) found[kind].added.add(at)
    for (const at of JSON.parse(row.changed) as number[]) found[kind].changed.add(at)
  }
  return found
}

/** Kinds of these rows of which the source holds any: a first import has nothing to compare with. */
async function kindsHeld(db: Database, sourceId: string, rows: FactRows): Promise<Set<FactKind>> {
  const brought = factKinds.filter((kind) => rows[kind].length > 0)
  if (brought.length === 0) return new Set()
  const answers = await db.$client.batch(
    brought.map((kind) => db.$client.prepare(`select 1 from ${tables[kind].name} where source_id = ?1 limit 1`).bind(sourceId)),
  )
  return new Set(brought.filter((_, index) => (answers[index]?.results.length ?? 0) > 0))
}

/** A deal that closed before its lead was created, found by what is stored on the other side of the link. */
export interface StoredLink {
  /** Index into the list that was given. */
  index: number
  dealId: string
}

/**
 * Rows of a source whose link to a stored lead or deal has a negative duration.
 *
 * @param deals that have no creation date of their own: [lead's external id, close day]
 * @param leads [external id, creation day]
 */
export async function negativeLinks(
  db: Database,
  sourceId: string,
  deals: readonly (readonly [leadId: string, closedDay: string])[],
  leads: readonly (readonly [externalId: string, createdDay: string])[],
): Promise<{ deals: StoredLink[]; leads: StoredLink[] }> {
  const dealChunks = chunksOf(deals.map(([leadId, closedDay], index) => [leadId, closedDay, index]))
  const hasDeals =
    leads.length > 0 &&
    (await db.$client
      .prepare('select 1 from deals where source_id = ?1 and created_day is null and lead_id is not null limit 1')
      .bind(sourceId)
      .first()) !== null
  const leadChunks = chunksOf((hasDeals ? leads : []).map(([externalId, createdDay], index) => [externalId, createdDay, index]))
  if (dealChunks.length + leadChunks.length === 0) return { deals: [], leads: [] }
  const answers = await db.$client.batch<StoredLink>([
    ...dealChunks.map((chunk) => db.$client.prepare(dealsBeforeLeads).bind(sourceId, chunk)),
    ...leadChunks.map((chunk) => db.$client.prepare(leadsAfterDeals).bind(sourceId, chunk)),
  ])
  return {
    deals: answers.slice(0, dealChunks.length).flatMap(({ results }) => results),
    leads: answers.slice(dealChunks.length).flatMap(({ results }) => results),
  }
}

// ── Written at once ─────────────────────────────────────────────────────────────────────────────────────────────────

/** The statements that insert or replace these rows, for a batch of the caller's. */
export function writeFacts(db: Database, sourceId: string, rows: FactRows): D1PreparedStatement[] {
  return factKinds.flatMap((kind) =>
    chunksOf(rowsOf(kind, rows)).map((chunk) => db.$client.prepare(upsert(kind, 'json_each(?2) as given')).bind(sourceId, chunk)),
  )
}

// ── Staged page by page, published together ─────────────────────────────────────────────────────────────────────────

/** The statements that stage the rows of one page, for the batch that also stores the cursor. The same id again replaces. */
export function stageFacts(db: Database, pullId: string, rows: FactRows): D1PreparedStatement[] {
  return factKinds.flatMap((kind) =>
    chunksOf(rowsOf(kind, rows)).map((chunk) =>
      db.$client
        .prepare(
          `insert into staged_facts (pull_id, kind, external_id, body)
           select ?1, ?2, given.value ->> 0, given.value from json_each(?3) as given where true
           on conflict (pull_id, kind, external_id) do update set body = excluded.body
             where coalesce(excluded.body ->> ${placeOf(kind, 'updated_at')}, 0) >= coalesce(staged_facts.body ->> ${placeOf(kind, 'updated_at')}, 0)`,
        )
        .bind(pullId, kind, chunk),
    ),
  )
}

/** What the publication of a pull's staged facts would change, by kind. */
export async function compareStaged(db: Database, sourceId: string, pullId: string): Promise<Record<FactKind, News>> {
  const answers = await db.$client.batch<News & { seen: number }>(
    factKinds.map((kind) => {
      const updated = `staged.body ->> ${placeOf(kind, 'updated_at')}`
      const deleted = `staged.body ->> ${placeOf(kind, 'deleted_at')}`
      return db.$client
        .prepare(
          `select count(*) as seen,
             count(*) filter (where stored.external_id is null and ${deleted} is null) as added,
             count(*) filter (where stored.external_id is not null and not (${isOlder(updated, 'stored')})
               and (stored.content_hash <> staged.body ->> ${placeOf(kind, 'content_hash')} or (stored.deleted_at is null) <> (${deleted} is null))) as changed
           from staged_facts as staged
           left join ${tables[kind].name} as stored on stored.source_id = ?1 and stored.external_id = staged.external_id
           where staged.pull_id = ?2 and staged.kind = '${kind}'`,
        )
        .bind(sourceId, pullId)
    }),
  )
  return Object.fromEntries(
    factKinds.map((kind, index) => {
      const { seen = 0, added = 0, changed = 0 } = answers[index]?.results[0] ?? {}
      return [kind, { added, changed, unchanged: seen - added - changed }]
    }),
  ) as Record<FactKind, News>
}

/** The statements that make a pull's staged facts the stored ones and empty its staging, for the batch that publishes. */
export function publishStaged(db: Database, sourceId: string, pullId: string): D1PreparedStatement[] {
  return [...factKinds.map((kind) => db.$client.prepare(upsert(kind, stagedOf(kind, '?2'))).bind(sourceId, pullId)), dropStaged(db, pullId)]
}

/** The statement that empties the staging of a pull that is given up. */
export const dropStaged = (db: Database, pullId: string): D1PreparedStatement =>
  db.$client.prepare('delete from staged_facts where pull_id = ?1').bind(pullId)

/** The first rows that a pull has staged, for a look at them. */
export async function firstStaged(db: Database, pullId: string, limit: number): Promise<{ kind: FactKind; body: unknown[] }[]> {
  const { results } = await db.$client
    .prepare('select kind, body from staged_facts where pull_id = ?1 limit ?2')
    .bind(pullId, limit)
    .all<{ kind: FactKind; body: string }>()
  return results.map(({ kind, body }) => ({ kind, body: JSON.parse(body) as unknown[] }))
}

/** The statements that delete all facts of a source. */
export function deleteFacts(db: Database, sourceId: string): D1PreparedStatement[] {
  return [
    ...factKinds.map((kind) => db.$client.prepare(`delete from ${tables[kind].name} where source_id = ?1`).bind(sourceId)),
    db.$client.prepare('delete from staged_facts where pull_id in (select id from pulls where source_id = ?1)').bind(sourceId),
  ]
}

// ── The revision ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Grows with every change of facts or of rules that KPIs are made by: what was read is still true while it stays the same. */
export async function readFactRevision(db: Database): Promise<number> {
  return (await db.$client.prepare('select revision from fact_revision where id = 1').first<number>('revision')) ?? 0
}

/**
 * The statements that go first in a batch that publishes: they abort it where something else was published since `seen`
 * was read, and make the next revision otherwise.
 */
export function claimFactRevision(db: Database, seen: number): D1PreparedStatement[] {
  return [
    db.$client
      .prepare('insert into guards (held) select null where coalesce((select revision from fact_revision where id = 1), 0) <> ?1')
      .bind(seen),
    db.$client
      .prepare('insert into fact_revision (id, revision) values (1, ?1) on conflict (id) do update set revision = excluded.revision')
      .bind(seen + 1),
  ]
}

/** The revision that scores and analyses were last made of. */
export async function readSettled(db: Database): Promise<number> {
  return (await db.$client.prepare('select revision from fact_revision where id = 2').first<number>('revision')) ?? 0
}

/** Remembers that scores and analyses are made of this revision; of two that say so, the later one holds. */
export async function markSettled(db: Database, revision: number): Promise<void> {
  await db.$client
    .prepare(
      `insert into fact_revision (id, revision) values (2, ?1)
       on conflict (id) do update set revision = excluded.revision where excluded.revision > fact_revision.revision`,
    )
    .bind(revision)
    .run()
}

/** The statement that makes the next revision, whatever was seen: what is read for a publication meanwhile is read again. */
export const nextFactRevision = (db: Database): BatchItem<'sqlite'> =>
  db
    .insert(factRevision)
    .values({ id: 1, revision: 1 })
    .onConflictDoUpdate({ target: factRevision.id, set: { revision: sql`${factRevision.revision} + 1` } })

/** Whether a batch was given up by a guard: something else was published, or somebody else has the pull by now. */
export const isHeld = (message: string): boolean => message.includes('NOT NULL constraint failed: guards.held')

// ── What sources hold ───────────────────────────────────────────────────────────────────────────────────────────────

/** Which kinds of fact each source holds, alone or in a batch of the caller's. */
export const factsBySource = (db: Database) =>
  db
    .select({
      id: sources.id,
      name: sources.name,
      kind: sources.kind,
      state: sources.state,
      trouble: sources.trouble,
      lastSuccessAt: sql<number | null>`${sources.lastSuccessAt}`.as('last_success'),
      expectedEveryDays: sources.expectedEveryDays,
      holds: sql
        .raw(
          `json_array(${factKinds.map((kind) => `exists (select 1 from ${tables[kind].name} where source_id = sources.id)`).join(', ')})`,
        )
        .mapWith((text: string) => (JSON.parse(text) as number[]).flatMap((is, index) => (is === 1 ? (factKinds[index] ?? []) : [])))
        .as('holds'),
    })
    .from(sources)
    .orderBy(asc(sources.createdAt), asc(sources.id))

/** Whether any fact has this lead type or channel, as a source writes it; blank is one too. */
export async function hasGroup(db: Database, by: 'leadType' | 'channel', value: string): Promise<boolean> {
  const holders = by === 'leadType' ? ['leads'] : ['leads', 'deals', 'spend', 'touches']
  const column = by === 'leadType' ? 'lead_type' : 'channel'
  const found = holders.map((table) => `exists (select 1 from ${table} where ${column} = ?1)`)
  const row = await db.$client
    .prepare(`select ${found.join(' or ')} as found`)
    .bind(value)
    .first<{ found: number }>()
  return row?.found === 1
}

/** How many facts of each kind a source holds; those that were deleted at the source are none. */
export async function countFacts(db: Database, sourceId: string): Promise<{ kind: FactKind; count: number }[]> {
  const counts = factKinds.map(
    (kind) => `(select count(*) from ${tables[kind].name} where source_id = ?1 and deleted_at is null) as "${kind}"`,
  )
  const row = await db.$client
    .prepare(`select ${counts.join(', ')}`)
    .bind(sourceId)
    .first<Record<FactKind, number>>()
  return factKinds.map((kind) => ({ kind, count: row?.[kind] ?? 0 })).filter(({ count }) => count > 0)
}

// ── SQL ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Staged rows in the place of `json_each`: `given.value` is one row. */
export const stagedOf = (kind: FactKind, pullId: string): string =>
  `(select body as value from staged_facts where pull_id = ${pullId} and kind = '${kind}') as given`

/** Whether a row was changed earlier at its source than the stored one. */
export const isOlder = (updatedAt: string, stored: string): string => `coalesce(${updatedAt} < ${stored}.updated_at, false)`

const comparison = (table: string) => `
  select json_group_array(given.value ->> 4) filter (where stored.external_id is null and not given.value ->> 3) as added,
    json_group_array(given.value ->> 4) filter (where stored.external_id is not null and not (${isOlder('given.value ->> 2', 'stored')})
      and (stored.content_hash <> given.value ->> 1 or (stored.deleted_at is not null) <> (given.value ->> 3))) as changed
  from json_each(?2) as given
  left join ${table} as stored on stored.source_id = ?1 and stored.external_id = given.value ->> 0`

/** CROSS JOIN keeps the order of the loops: the other way round, the list would be parsed again for every stored row. */
const dealsBeforeLeads = `
  select given.value ->> 2 as "index", '' as dealId
  from json_each(?2) as given
  cross join leads on leads.source_id = ?1 and leads.external_id = given.value ->> 0
  where given.value ->> 1 < leads.created_day`

const leadsAfterDeals = `
  select given.value ->> 2 as "index", deals.external_id as dealId
  from json_each(?2) as given
  cross join deals on deals.source_id = ?1 and deals.lead_id = given.value ->> 0
  where deals.created_day is null and deals.closed_day < given.value ->> 1`

/** Writes what is new or different; rows that say what is stored already, or something older, are not written at all. */
function upsert(kind: FactKind, given: string): string {
  const { name } = tables[kind]
  const columns = columnsOf(kind)
  const changeable = columns.filter((column) => column !== 'external_id')
  return `
    insert into ${name} (source_id, ${columns.join(', ')})
    select ?1, ${columns.map((_, index) => `given.value ->> ${index}`).join(', ')} from ${given}
    where given.value ->> ${placeOf(kind, 'deleted_at')} is null
      or exists (select 1 from ${name} as stored where stored.source_id = ?1 and stored.external_id = given.value ->> 0)
    on conflict (source_id, external_id) do update set ${changeable.map((column) => `${column} = excluded.${column}`).join(', ')}
    where not (${isOlder('excluded.updated_at', name)})
      and (${name}.content_hash <> excluded.content_hash or (${name}.deleted_at is null) <> (excluded.deleted_at is null))`
}
