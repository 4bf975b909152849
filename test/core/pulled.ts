import type { Access, Json, Notice, PullConnector, PulledPage, RowError } from '../../worker/connectors/connector'
import { type FactKind, type FactOf, type FactRows, factKinds } from '../../worker/core/facts'

/** What a source's facts are after pulls, kept by the rules of the publication. */
export class Kept {
  readonly facts = Object.fromEntries(factKinds.map((kind) => [kind, new Map()])) as { [Kind in FactKind]: Map<string, FactOf[Kind]> }
  bookmark: Json | null = null

  /** Live facts of a kind by id, without what only the pipeline needs. */
  live<Kind extends FactKind>(kind: Kind): Record<string, Omit<FactOf[Kind], 'contentHash' | 'updatedAt' | 'deletedAt' | 'externalId'>> {
    const all = [...this.facts[kind].values()].filter(({ deletedAt }) => deletedAt === null)
    return Object.fromEntries(
      all
        .toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
        .map(({ externalId, contentHash: _hash, updatedAt: _updated, deletedAt: _deleted, ...said }) => [externalId, said]),
    )
  }
}

export interface Pulled {
  pages: number
  /** Facts that came, the same id once. */
  came: Record<FactKind, number>
  errors: RowError[]
  notices: Notice[]
  read: number
  cost: number
  total: number | null
  last: PulledPage
}

/**
 * A whole pull, published at its end. The cursor passes through JSON as it does in the database.
 *
 * @param mostPages more is a pull that does not end
 */
export async function pull<Settings>(
  connector: PullConnector<Settings>,
  access: Access<Settings>,
  kept: Kept,
  { mostPages = 500, between }: { mostPages?: number; between?: (page: number) => void } = {},
): Promise<Pulled> {
  const staged = Object.fromEntries(factKinds.map((kind) => [kind, new Map()])) as { [Kind in FactKind]: Map<string, FactOf[Kind]> }
  const pulled = { errors: [] as RowError[], notices: [] as Notice[], read: 0, cost: 0, total: null as number | null }
  let cursor: Json | null = null
  for (let pages = 1; ; pages += 1) {
    if (pages > mostPages) throw new Error(`no end after ${mostPages} pages`)
    const page: PulledPage = await connector.page(access, { cursor, bookmark: kept.bookmark, startedAt: access.now })
    for (const kind of factKinds) stage(staged[kind] as Map<string, FactOf[FactKind]>, page.rows[kind] as FactOf[FactKind][])
    pulled.errors.push(...page.errors)
    pulled.notices.push(...page.notices)
    pulled.read += page.read
    pulled.cost += page.cost
    pulled.total = page.total ?? pulled.total
    if (page.next === null) {
      publish(kept, staged, page)
      return {
        ...pulled,
        pages,
        last: page,
        came: Object.fromEntries(factKinds.map((kind) => [kind, staged[kind].size])) as Pulled['came'],
      }
    }
    if (JSON.stringify(page.next) === JSON.stringify(cursor)) throw new Error('the cursor repeats')
    cursor = JSON.parse(JSON.stringify(page.next))
    between?.(pages)
  }
}

/** All rows of one page, for tests of mappers. */
export const countOf = (rows: FactRows): Record<FactKind, number> =>
  Object.fromEntries(factKinds.map((kind) => [kind, rows[kind].length])) as Record<FactKind, number>

function stage(staged: Map<string, FactOf[FactKind]>, facts: readonly FactOf[FactKind][]): void {
  for (const fact of facts) {
    const before = staged.get(fact.externalId)
    if (!before || (fact.updatedAt ?? 0) >= (before.updatedAt ?? 0)) staged.set(fact.externalId, fact)
  }
}

function publish(kept: Kept, staged: Record<FactKind, Map<string, FactOf[FactKind]>>, { complete = [], bookmark }: PulledPage): void {
  for (const kind of factKinds) {
    const stored = kept.facts[kind] as Map<string, FactOf[FactKind]>
    for (const [id, fact] of staged[kind]) {
      const before = stored.get(id)
      const isOlder = before && fact.updatedAt !== null && before.updatedAt !== null && fact.updatedAt < before.updatedAt
      if ((before || fact.deletedAt === null) && !isOlder) stored.set(id, fact)
    }
    if (complete.includes(kind)) for (const id of stored.keys()) if (!staged[kind].has(id)) stored.delete(id)
  }
  kept.bookmark = JSON.parse(JSON.stringify(bookmark))
}
