/** What closed rounds published about terms, stories and numbers, and of their results nothing else. */
import { and, asc, desc, eq, lte, ne, sql } from 'drizzle-orm'
import type { DefinitionFigure, Hidden, NumberAgreement, TermAgreement, VignetteAgreement } from '../core/result'
import type { Side, Term, TermItem } from '../core/round'
import type { DefinitionItem } from '../core/standing-terms'
import type { Database } from './client'
import { results, rounds } from './schema'

const parsed = <T>(text: string | null) => (text === null ? null : (JSON.parse(text) as T))
const itemsOf = (kinds: readonly string[]) =>
  sql`(select json_group_array(json(value)) from json_each(${rounds.frozen}, '$.items')
    where json_extract(value, '$.kind') in (select value from json_each(${JSON.stringify(kinds)})))`

/** Every closed round, as far as it is about terms; oldest first. Results of early versions know their variance by another name. */
export const selectTermRounds = (db: Database) =>
  db
    .select({
      id: rounds.id,
      number: rounds.number,
      period: rounds.period,
      closedAt: rounds.closedAt,
      methodVersion: sql<string>`json_extract(${results.body}, '$.methodVersion')`.as('method'),
      minimumGroupSize: sql<number>`json_extract(${results.body}, '$.minimumGroupSize')`.as('minimum'),
      terms: sql`json_extract(${results.body}, '$.terms')`.mapWith((text) => parsed<TermAgreement[]>(text) ?? []).as('terms'),
      measures: sql`json_extract(${results.body}, '$.inputs.terms')`
        .mapWith((text) => parsed<{ term: Term; value: number; variance: number }[]>(text) ?? [])
        .as('measures'),
      termsVariance:
        sql<number>`coalesce(json_extract(${results.body}, '$.inputs.termsVariance'), json_extract(${results.body}, '$.inputs.covariance.terms'), 0)`.as(
          'terms_variance',
        ),
      degreesOfFreedom: sql<number>`coalesce(json_extract(${results.body}, '$.inputs.degreesOfFreedom'), 0)`.as('degrees'),
      items: itemsOf(['definition'])
        .mapWith((text) => parsed<DefinitionItem[]>(text) ?? [])
        .as('items'),
    })
    .from(results)
    .innerJoin(rounds, eq(rounds.id, results.roundId))
    .orderBy(asc(rounds.number))

/** A group of a side with what it answered to items about terms. */
export type SideNode = {
  id: string
  parentId: string | null
  side: Side
} & ({ n: number; definitions: Record<string, DefinitionFigure | Hidden> } | Hidden)

/** By its place in the whole, which is parsed once: the value of a node would be written out and parsed again for each of its parts. */
const ofNode = (part: keyof SideNode | 'hidden' | 'n' | 'definitions') =>
  sql`json_extract(${results.body}, fullkey || ${sql.raw(`'.${part}'`)})`

/** The groups of both sides, the stories and the numbers of the latest rounds up to this one, newest first. */
export const selectSides = (db: Database, number: number | undefined, limit: number) =>
  db
    .select({
      number: rounds.number,
      period: rounds.period,
      nodes: sql`(select json_group_array(json_object('id', ${ofNode('id')}, 'parentId', ${ofNode('parentId')}, 'side', ${ofNode('side')},
        'hidden', ${ofNode('hidden')}, 'n', ${ofNode('n')}, 'definitions', ${ofNode('definitions')}))
        from json_each(${results.body}, '$.nodes') where ${ofNode('side')} <> 'other')`
        .mapWith((text) => (parsed<(SideNode & { hidden: Hidden['hidden'] | null })[]>(text) ?? []).map(nodeIn))
        .as('nodes'),
      vignettes: sql`json_extract(${results.body}, '$.vignettes')`
        .mapWith((text) => parsed<VignetteAgreement[]>(text) ?? [])
        .as('vignettes'),
      numbers: sql`json_extract(${results.body}, '$.numbers')`.mapWith((text) => parsed<NumberAgreement[]>(text) ?? []).as('numbers'),
      cases: itemsOf(['vignette', 'number'])
        .mapWith((text) => parsed<TermItem[]>(text) ?? [])
        .as('cases'),
    })
    .from(results)
    .innerJoin(rounds, eq(rounds.id, results.roundId))
    .where(and(number === undefined ? undefined : lte(rounds.number, number)))
    .orderBy(desc(rounds.number))
    .limit(limit)

/** A hidden group has a reason and nothing else; a shown one has no reason. */
function nodeIn({ hidden, ...node }: SideNode & { hidden: Hidden['hidden'] | null }): SideNode {
  if (hidden === null) return node as SideNode
  const { id, parentId, side } = node
  return { id, parentId, side, hidden }
}

/** Rounds that have not closed, the next one first. */
export const selectComing = (db: Database) =>
  db
    .select({
      number: rounds.number,
      period: rounds.period,
      state: rounds.state,
      opensAt: rounds.opensAt,
      closesAt: rounds.closesAt,
      // Under a name of its own: a round of another month may ask other things than the survey does now.
      asks: itemsOf(['definition'])
        .mapWith((text) => parsed<DefinitionItem[]>(text) ?? [])
        .as('asks'),
    })
    .from(rounds)
    .where(ne(rounds.state, 'closed'))
    .orderBy(asc(rounds.number))
