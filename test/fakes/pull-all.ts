/** Reads a source to its end as the pipeline does, page by page, with nothing kept in between but the cursor. */
import type { Access, Json, Notice, PullConnector, RowError } from '../../worker/connectors/connector'
import { type FactRows, factKinds, noRows } from '../../worker/core/facts'

export interface Pulled {
  rows: FactRows
  errors: RowError[]
  notices: Notice[]
  bookmark: Json | null
  pages: number
  read: number
  cost: number
}

/** @param between runs after each page: the world may change meanwhile */
export async function pullAll<Settings>(
  connector: PullConnector<Settings>,
  access: Access<Settings>,
  bookmark: Json | null = null,
  between: (page: number) => void = () => {},
): Promise<Pulled> {
  const pulled: Pulled = { rows: noRows(), errors: [], notices: [], bookmark: null, pages: 0, read: 0, cost: 0 }
  let cursor: Json | null = null
  do {
    const page = await connector.page(access, { cursor, bookmark, startedAt: access.now })
    for (const kind of factKinds) (pulled.rows[kind] as unknown[]).push(...page.rows[kind])
    pulled.errors.push(...page.errors)
    pulled.notices.push(...page.notices)
    pulled.pages += 1
    pulled.read += page.read
    pulled.cost += page.cost
    pulled.bookmark = page.bookmark
    cursor = page.next === null ? null : (JSON.parse(JSON.stringify(page.next)) as Json) // as it comes back from the database
    between(pulled.pages)
    if (pulled.pages > 500) throw new Error('does not end')
  } while (cursor !== null)
  return pulled
}

/** Facts by id, the latest of each: what is stored after a pull. */
export const byId = <Fact extends { externalId: string }>(facts: readonly Fact[]): Map<string, Fact> =>
  new Map(facts.map((fact) => [fact.externalId, fact]))
