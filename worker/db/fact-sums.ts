/** Facts as statements read them: what is stored, or what will be once a change is published. */
import { type FactKind, type FactRows, factKinds } from '../core/facts'
import { chunksOf, placeOf, rowsOf, tables } from './fact-tables'
import { isOlder } from './facts'

/**
 * What the sums are taken over: everything stored, with these rows put in their places (a dry run, or a file before it is
 * written), with what a pull has staged in its place, or without one source (before it is deleted).
 */
export type Change =
  | { sourceId: string; rows: FactRows }
  | { sourceId: string; staged: string; kinds: readonly FactKind[] }
  | { without: string }
  | null

/** The columns that are needed of each kind of fact. */
export type Needed = Partial<Record<FactKind, readonly string[]>>

/**
 * Common table expressions `lead_facts`, `deal_facts`, … for the kinds that are needed: source_id and the columns, as they
 * will be after the change, without what is deleted. Pushes what it binds onto `parameters`.
 *
 * @example `with ${factsAfter({ lead: ['external_id', 'created_day'] }, null, parameters)} select count(*) from lead_facts`
 */
export function factsAfter(needed: Needed, change: Change, parameters: unknown[]): string {
  const bind = (value: unknown) => `?${parameters.push(value)}`
  const kinds = factKinds.filter((kind) => needed[kind] !== undefined)
  const isEmpty = change !== null && 'rows' in change && kinds.every((kind) => change.rows[kind].length === 0)
  // D1 refuses a parameter that no statement uses.
  const source = change && !isEmpty ? bind('without' in change ? change.without : change.sourceId) : ''
  const pull = change && 'staged' in change ? bind(change.staged) : ''
  return kinds
    .map((kind) => {
      const { name } = tables[kind]
      const columns = needed[kind] ?? []
      const stored = `select source_id, ${columns.join(', ')} from ${name} where deleted_at is null`
      if (!change) return `${kind}_facts as (${stored})`
      if ('without' in change) return `${kind}_facts as (${stored} and source_id <> ${source})`
      const cells = columns.map((column) => `given.value ->> ${placeOf(kind, column)} as ${column}`).join(', ')
      const deleted = `given.value ->> ${placeOf(kind, 'deleted_at')} as is_deleted`
      const given = 'staged' in change ? staged(kind) : spread(kind, change.rows)
      if (given === null) return `${kind}_facts as (${stored})`
      return `
        ${kind}_given as materialized (select ${source} as source_id, given.value ->> 0 as given_id, ${cells}, ${deleted} ${given}),
        ${kind}_facts as materialized (
          ${stored} and not (source_id = ${source} and external_id in (select given_id from ${kind}_given))
          union all select source_id, ${columns.join(', ')} from ${kind}_given where is_deleted is null)`
    })
    .join(',')

  function spread(kind: FactKind, rows: FactRows): string | null {
    const chunks = chunksOf(rowsOf(kind, rows))
    if (chunks.length === 0) return null
    // A compound select may have five terms only, so that chunks are picked by number instead of joined by UNION.
    const picked = `case chunk.value ${chunks.map((chunk, index) => `when ${index} then ${bind(chunk)}`).join(' ')} end`
    const numbers = JSON.stringify(chunks.map((_, index) => index))
    return `from json_each('${numbers}') as chunk join json_each(${picked}) as given`
  }

  /** Without what is older than what is stored. */
  function staged(kind: FactKind): string {
    return `from (select body as value from staged_facts where pull_id = ${pull} and kind = '${kind}') as given
      left join ${tables[kind].name} as before on before.source_id = ${source} and before.external_id = given.value ->> 0
      where not (${isOlder(`given.value ->> ${placeOf(kind, 'updated_at')}`, 'before')})`
  }
}
