/** A changed survey in words: what changes, what follows from it, what has to be changed first. */
import { type Item, type Theme, themes } from '../../core/round'
import { estimatedSeconds, type PlanProblem, type SurveyPlan } from '../../core/survey-plan'
import { itemsIn, type Survey } from '../../services/survey'
import type { ChangedRule } from '../second-look'
import type { Mistake } from './field'
import { moved } from './survey-draft'
import { durationText, type SurveyView } from './survey-view'

interface Change {
  survey: Survey
  number: number
  after: SurveyPlan
  nameOf: (id: string) => string
}

/** One row a change, against the survey that holds; how long it becomes stands last. */
export function planChanges(view: SurveyView, { survey, number, after, nameOf }: Change): ChangedRule[] {
  const { t, f } = view
  const before = survey.plan
  const placeOf = (plan: SurveyPlan, id: string) => t.place(f.number(plan.items.findIndex((item) => item.id === id) + 1))
  const [old, now] = [idsOf(before), idsOf(after)]
  const needs = (plan: SurveyPlan, id: string) => (plan.items.find((item) => item.id === id)?.optional ? t.optional : t.required)
  const same = now.filter((id) => old.includes(id))
  const comment = (plan: SurveyPlan) => (plan.comment ? t.commentYes : t.commentNo)
  const [oldItems, newItems] = [itemsIn(survey, number), itemsIn(survey, number, after)]
  return [
    ...now.filter((id) => !old.includes(id)).map((id) => ({ name: nameOf(id), now: t.notAsked, later: t.isAsked })),
    ...old.filter((id) => !now.includes(id)).map((id) => ({ name: nameOf(id), now: t.isAsked, later: t.notAsked })),
    ...moved(old, now).map((id) => ({ name: nameOf(id), now: placeOf(before, id), later: placeOf(after, id) })),
    ...same.map((id) => ({ name: nameOf(id), now: needs(before, id), later: needs(after, id) })),
    { name: t.definitions, now: t.turns[before.definitions], later: t.turns[after.definitions] },
    { name: t.cases, now: t.turns[before.cases], later: t.turns[after.cases] },
    { name: t.comment, now: comment(before), later: comment(after) },
    { name: t.questions, now: f.number(oldItems.length), later: f.number(newItems.length) },
    { name: t.time, now: durationText(t, estimatedSeconds(oldItems)), later: durationText(t, estimatedSeconds(newItems)) },
  ].filter((rule) => rule.now !== rule.later)
}

const idsOf = ({ items }: SurveyPlan) => items.map(({ id }) => id)

/** What cannot be compared with earlier rounds any more, and what is measured no more or from now on. */
export function planFollows({ t, texts }: SurveyView, before: readonly Item[], after: readonly Item[]): string[] {
  const of = (items: readonly Item[], theme: Theme) =>
    items.flatMap((item) => (item.kind === 'agreement' && item.theme === theme ? [item.id] : [])).toSorted()
  const asks = (items: readonly Item[]) => items.some(({ kind }) => kind === 'headline')
  return [
    ...themes.flatMap((theme) => {
      const [old, now] = [of(before, theme), of(after, theme)]
      if (old.join() === now.join()) return []
      if (now.length === 0) return [t.noTheme(texts.themes[theme])]
      return [old.length === 0 ? t.newTheme(texts.themes[theme]) : t.otherTheme(texts.themes[theme])]
    }),
    ...(asks(before) && !asks(after) ? [t.noHeadline] : []),
  ]
}

/** What has to be changed first, beside what it is about. */
export function problemMistake({ t, texts, f }: SurveyView, problem: PlanProblem, nameOf: (id: string) => string): Mistake {
  switch (problem.code) {
    case 'too-few':
      return { field: 'add', reason: t.tooFew(f.number(problem.limit), f.number(problem.questions)) }
    case 'too-many':
      return { field: 'plan', reason: t.tooMany(f.number(problem.limit), f.number(problem.questions)) }
    case 'theme-too-long':
      return { field: 'plan', reason: t.themeTooLong(texts.themes[problem.theme], f.number(problem.limit)) }
    case 'double':
      return { field: `item-${problem.id}`, reason: t.double(nameOf(problem.id)) }
    case 'unknown':
      return { field: 'plan', reason: t.unknown }
    default:
      return { field: 'terms', reason: `${texts.terms[problem.term]}: ${t.terms.officialGone}` }
  }
}
