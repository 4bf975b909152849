/**
 * The questions that Plumbline brings, as data. Texts are in the language files, by the ids used here.
 *
 * An id is for ever: closed rounds and their results name it. Change a question's meaning and it needs a new id.
 */
import { type Item, type NumberUnit, type Term, terms, themes } from './round'

/**
 * The options of each definition question, in the order of the page. None is the right one: the answers are compared
 * with each other. `unsure` is last and in no denominator.
 */
export const definitionOptions = {
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

/** What a vignette may ask, and its answers in the order of the page. Stories that ask the same can be set side by side. */
export const judgements = {
  verdict: ['yes', 'no', 'unsure'],
  owner: ['marketing', 'sales', 'both', 'nobody', 'unsure'],
  soon: ['within-an-hour', 'same-day', 'two-days', 'this-week', 'no-hurry', 'unsure'],
  journey: ['awareness', 'consideration', 'decision', 'unsure'],
} as const
export type Judgement = keyof typeof judgements

export type Vignette = Item & { kind: 'vignette' }
export type NumberItem = Item & { kind: 'number' }
/** A short lead story, or a definition that is a number: what a round asks besides the terms themselves. */
export type Case = Vignette | NumberItem

/** By term, in the order in which they are asked. */
const casesOfTerms: Record<Term, readonly Case[]> = {
  sla: [
    vignette('vignette-sla-forty-good-ones', 'sla', 'verdict'),
    vignette('vignette-sla-friday-evening', 'sla', 'soon'),
    number('number-first-hours', 'sla', { unit: 'hours', last: 168, bands: [0, 2, 8, 24, 48] }),
    vignette('vignette-sla-three-days', 'sla', 'owner'),
  ],
  icp: [
    vignette('vignette-icp-eight-people', 'icp', 'verdict'),
    vignette('vignette-icp-big-name', 'icp', 'verdict'),
    vignette('vignette-icp-next-year', 'icp', 'verdict'),
  ],
  persona: [vignette('vignette-persona-intern', 'persona', 'verdict'), vignette('vignette-persona-finance', 'persona', 'verdict')],
  'buyer-journey': [
    vignette('vignette-journey-two-guides', 'buyer-journey', 'journey'),
    vignette('vignette-journey-prices', 'buyer-journey', 'journey'),
  ],
  'lifecycle-stage': [
    vignette('vignette-mql-two-papers', 'lifecycle-stage', 'verdict'),
    vignette('vignette-sql-no-date', 'lifecycle-stage', 'verdict'),
    vignette('vignette-mql-demo-misfit', 'lifecycle-stage', 'verdict'),
    vignette('vignette-sql-first-meeting', 'lifecycle-stage', 'verdict'),
    vignette('vignette-mql-student', 'lifecycle-stage', 'verdict'),
  ],
  'lead-type': [vignette('vignette-lead-customer', 'lead-type', 'verdict'), vignette('vignette-lead-partner', 'lead-type', 'owner')],
  'deal-stage': [
    vignette('vignette-deal-six-weeks', 'deal-stage', 'verdict'),
    vignette('vignette-deal-booked', 'deal-stage', 'verdict'),
    vignette('vignette-deal-spoken-yes', 'deal-stage', 'verdict'),
  ],
  'lead-status': [
    vignette('vignette-status-next-year', 'lead-status', 'owner'),
    vignette('vignette-status-no-answer', 'lead-status', 'verdict'),
    vignette('vignette-status-wrong-number', 'lead-status', 'owner'),
  ],
  'lead-score': [
    number('number-score-threshold', 'lead-score', { unit: 'points', last: 100, bands: [0, 20, 40, 60, 80] }),
    vignette('vignette-score-wrong-country', 'lead-score', 'verdict'),
    vignette('vignette-score-asks-price', 'lead-score', 'verdict'),
  ],
  'connect-attempt': [
    vignette('vignette-attempt-voicemail', 'connect-attempt', 'verdict'),
    number('number-attempts', 'connect-attempt', { unit: 'attempts', last: 30, bands: [0, 3, 5, 7, 10] }),
    vignette('vignette-attempt-third-email', 'connect-attempt', 'verdict'),
    vignette('vignette-attempt-demo', 'connect-attempt', 'soon'),
  ],
}

/** Every case there is, by term. */
export const caseBank: readonly Case[] = terms.flatMap((term) => casesOfTerms[term])

/** Every question there is: what has to have a text in each language. */
export const surveyBank: readonly Item[] = [
  ...themes.flatMap((theme) => [agreement(`${theme}-1`, theme), agreement(`${theme}-2`, theme)]),
  ...terms.map(definition),
  ...caseBank,
  { id: 'headline', kind: 'headline' },
]

/**
 * What a vignette asks, from its answers; null for answers that this bank does not know.
 *
 * @example judgementOf(['yes', 'no', 'unsure']) // 'verdict'
 */
export function judgementOf(options: readonly string[]): Judgement | null {
  const found = Object.entries(judgements).find(([, own]) => own.join() === options.join())
  return found ? (found[0] as Judgement) : null
}

function agreement(id: string, theme: (typeof themes)[number]): Item {
  return { id, kind: 'agreement', theme }
}

function definition(term: Term): Item {
  return { id: `definition-${term}`, kind: 'definition', term, options: definitionOptions[term] }
}

function vignette(id: `vignette-${string}`, term: Term, judgement: Judgement): Vignette {
  return { id, kind: 'vignette', term, options: judgements[judgement] }
}

function number(id: `number-${string}`, term: Term, asked: { unit: NumberUnit; last: number; bands: readonly number[] }): NumberItem {
  return { id, kind: 'number', term, ...asked }
}
