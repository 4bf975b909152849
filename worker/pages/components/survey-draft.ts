/** A survey that is being put together: it lives in the address of the page, so that nothing is kept before it is decided. */
import { type SurveyPlan, turns } from '../../core/survey-plan'

/**
 * The survey that an address describes; undefined where it describes none. Its version is the one that it was begun on.
 *
 * @param query every value of every parameter
 * @example draftIn({ items: ['goals-1.headline'], optional: ['goals-1'], definitions: ['2'], cases: ['1'], comment: ['yes'], version: ['3'] })
 */
export function draftIn(query: Readonly<Record<string, readonly string[]>>): SurveyPlan | undefined {
  const [items] = query.items ?? []
  if (items === undefined) return undefined
  const optional = new Set(query.optional?.flatMap((value) => value.split(separator)))
  const ids = items.split(separator).filter((id) => /^[\w-]{1,64}$/.test(id))
  return {
    version: Number(query.version?.[0]) || 0,
    items: ids.map((id) => ({ id, ...(optional.has(id) && { optional: true as const }) })),
    definitions: turnsIn(query.definitions?.[0]),
    cases: turnsIn(query.cases?.[0]),
    comment: query.comment?.[0] === 'yes',
  }
}

/** The parameters that describe a survey, for an address or for the fields of a form. */
export function draftFields({ version, items, definitions, cases, comment }: SurveyPlan): Record<string, string> {
  return {
    items: items.map(({ id }) => id).join(separator),
    optional: items.flatMap(({ id, optional }) => (optional ? [id] : [])).join(separator),
    definitions: String(definitions),
    cases: String(cases),
    comment: comment ? 'yes' : 'no',
    version: String(version),
  }
}

/** What a button of the form asks for. */
export type Step = { kind: 'up' | 'down' | 'remove' | 'add'; id: string }

/** @example stepIn('up.goals-1') // { kind: 'up', id: 'goals-1' } */
export function stepIn(text: string | undefined): Step | undefined {
  const [, kind, id] = /^(up|down|remove|add)\.([\w-]{1,64})$/.exec(text ?? '') ?? []
  return kind && id ? { kind: kind as Step['kind'], id } : undefined
}

/** The survey after one step. What is added stands last, and before a headline that ends the page. */
export function afterStep(plan: SurveyPlan, { kind, id }: Step): SurveyPlan {
  const at = plan.items.findIndex((item) => item.id === id)
  if (kind === 'add') {
    const end = plan.items.at(-1)?.id === 'headline' ? plan.items.length - 1 : plan.items.length
    return at === -1 ? { ...plan, items: plan.items.toSpliced(end, 0, { id }) } : plan
  }
  const item = plan.items[at]
  if (!item) return plan
  const others = plan.items.toSpliced(at, 1)
  if (kind === 'remove') return { ...plan, items: others }
  const to = Math.min(Math.max(kind === 'up' ? at - 1 : at + 1, 0), others.length)
  return { ...plan, items: others.toSpliced(to, 0, item) }
}

/**
 * Items that stand elsewhere among those that both have: as few as can explain the new order.
 *
 * @example moved(['a', 'b', 'c'], ['b', 'c', 'a']) // ['a']
 */
export function moved(before: readonly string[], after: readonly string[]): string[] {
  const common = after.filter((id) => before.includes(id))
  const places = common.map((id) => before.indexOf(id))
  const best: number[][] = []
  for (const [at, place] of places.entries()) {
    const earlier = best.filter((_, index) => (places[index] as number) < place)
    best.push([...earlier.reduce<number[]>((a, b) => (b.length > a.length ? b : a), []), at])
  }
  const kept = new Set(best.reduce<number[]>((a, b) => (b.length > a.length ? b : a), []))
  return common.filter((_, index) => !kept.has(index))
}

const separator = '.'

const turnsIn = (text: string | undefined) => turns.find((turn) => String(turn) === text) ?? 0
