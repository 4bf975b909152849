/**
 * The default survey as data. Texts are in the language files, by the ids used here.
 *
 * An id is for ever: closed rounds and their results name it. Change a question's meaning and it needs a new id.
 */
import { type Item, type Term, terms, themes } from './round'

/**
 * The options of each definition question, in the order of the page. None is the right one: the answers are compared
 * with each other. `unsure` is last and in no denominator.
 */
const definitionOptions = {
  sla: ['with-numbers', 'without-numbers', 'spoken', 'one-sided', 'none', 'unsure'],
  icp: ['company', 'problem', 'best-customers', 'one-each', 'none', 'unsure'],
  persona: ['interviews', 'segment', 'role', 'company', 'unused', 'unsure'],
  'buyer-journey': ['names-problem', 'compares', 'looks-at-us', 'talks-to-sales', 'unsure'],
  'lifecycle-stage': ['details', 'score', 'fit-and-score', 'request', 'marketing-decides', 'unsure'],
  'lead-type': ['origin', 'request', 'market', 'readiness', 'none', 'unsure'],
  'deal-stage': ['reply', 'meeting-booked', 'need-confirmed', 'quote', 'seller-decides', 'unsure'],
  'lead-status': ['returned', 'kept', 'closed', 'unchanged', 'unsure'],
  'lead-score': ['fit-and-interest', 'fit', 'interest', 'likelihood', 'none', 'unsure'],
  'connect-attempt': ['any', 'personal', 'call', 'answered', 'not-agreed', 'unsure'],
} as const satisfies Record<Term, readonly string[]>

/** Every question there is: what has to have a text in each language. */
export const surveyBank: readonly Item[] = [
  ...themes.flatMap((theme) => [agreement(`${theme}-1`, theme), agreement(`${theme}-2`, theme)]),
  ...terms.map(definition),
  { id: 'headline', kind: 'headline' },
]

/** Rounds until every term has been asked once. */
const cycle = terms.length / 2

/**
 * The items of a round, in the order of the page and of a ballot's bytes: 14 agreement items, two definition questions,
 * the headline. The definition questions rotate: five rounds in a row ask each of the ten terms once.
 *
 * @param number of the round, from 1
 * @example itemsOfRound(1).slice(14).map(({ id }) => id) // ['definition-sla', 'definition-lead-type', 'headline']
 */
export function itemsOfRound(number: number): Item[] {
  const turn = (number - 1) % cycle
  const asked = [terms[turn], terms[turn + cycle]]
  return surveyBank.filter((item) => item.kind !== 'definition' || asked.includes(item.term))
}

function agreement(id: string, theme: (typeof themes)[number]): Item {
  return { id, kind: 'agreement', theme }
}

function definition(term: Term): Item {
  return { id: `definition-${term}`, kind: 'definition', term, options: definitionOptions[term] }
}
