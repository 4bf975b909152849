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

/** What a button of the form asks for: of a statement, or, `earlier` and `later`, of a whole theme. */
export interface Step {
  kind: 'up' | 'down' | 'remove' | 'add' | 'earlier' | 'later'
  /** Of the statement, or the theme. */
  id: string
}

/** @example stepIn('up.goals-1') // { kind: 'up', id: 'goals-1' } */
export function stepIn(text: string | undefined): Step | undefined {
  const [, kind, id] = /^(up|down|remove|add|earlier|later)\.([\w-]{1,64})$/.exec(text ?? '') ?? []
  return kind && id ? { kind: kind as Step['kind'], id } : undefined
}

/** Theme of each statement, by id. */
export type Themes = ReadonlyMap<string, string>

/**
 * The survey as the page shows it: the statements of a theme together, themes in the order of their first statement, what
 * has no theme last.
 *
 * @example inPageOrder(planOf('goals-1', 'metrics-1', 'headline', 'goals-2'), themes) // 'goals-1', 'goals-2', 'metrics-1', 'headline'
 */
export const inPageOrder = (plan: SurveyPlan, themes: Themes): SurveyPlan => ({ ...plan, items: groupsOf(plan, themes).flat() })

/** The survey after one step, as the page would show it. A statement moves within its theme. */
export function afterStep(plan: SurveyPlan, { kind, id }: Step, themes: Themes): SurveyPlan {
  const at = plan.items.findLastIndex((item) => item.id === id) // of one that stands there twice, one goes
  if (kind === 'remove') return inPageOrder(at === -1 ? plan : { ...plan, items: plan.items.toSpliced(at, 1) }, themes)
  if (kind === 'add') return inPageOrder(at === -1 ? { ...plan, items: [...plan.items, { id }] } : plan, themes)
  const groups = groupsOf(plan, themes)
  const by = kind === 'up' || kind === 'earlier' ? -1 : 1
  const moves = kind === 'earlier' || kind === 'later'
  const after = moves
    ? swapped(
        groups,
        groups.findIndex(([first]) => first && themes.get(first.id) === id),
        by,
      )
    : groups.map((group) =>
        swapped(
          group,
          group.findIndex((item) => item.id === id),
          by,
        ),
      )
  return inPageOrder({ ...plan, items: after.flat() }, themes)
}

type PlannedItem = SurveyPlan['items'][number]

function groupsOf({ items }: SurveyPlan, themes: Themes): PlannedItem[][] {
  const groups = Map.groupBy(items, ({ id }) => themes.get(id) ?? null)
  const without = groups.get(null) ?? []
  groups.delete(null)
  return [...groups.values(), without]
}

/** With the neighbour of one of them in its place; the same where there is none. */
function swapped<T>(all: readonly T[], at: number, by: number): T[] {
  const [one, other] = [all[at], all[at + by]]
  return one === undefined || other === undefined ? [...all] : all.with(at, other).with(at + by, one)
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
