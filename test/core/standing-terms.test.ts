import { describe, expect, it } from 'vitest'
import { definitionAgreement } from '../../worker/core/definitions'
import { type Term, terms } from '../../worker/core/round'
import { alignmentScore } from '../../worker/core/score'
import { defaultRules } from '../../worker/core/scoring-rules'
import { leadingAnswersDiffer, standingFinding, standingTerms, type TermRound, termChangeFinding } from '../../worker/core/standing-terms'

type Counts = Partial<Record<Term, [sales: number[], marketing: number[]]>>

const options = ['a', 'b', 'c', 'unsure']

/** A round that asked these terms and published them; those in `hidden` it asked and could not publish. */
function round(number: number, counts: Counts, { hidden = [] as Term[], asked = options } = {}): TermRound {
  const published = Object.entries(counts) as [Term, [number[], number[]]][]
  const agreements = published.map(([term, [sales, marketing]]) => {
    const found = definitionAgreement(sales, marketing)
    if (!found) throw new Error('a side is empty')
    const { between, withinFirst, withinSecond, divide, divideInterval, interval } = found
    const n = (side: number[]) => side.reduce((sum, count) => sum + count, 0)
    return {
      measure: { term, value: 100 * between, variance: 1e4 * found.variance },
      agreement: {
        term,
        itemId: `definition-${term}`,
        nSales: n(sales),
        nMarketing: n(marketing),
        between,
        withinSales: withinFirst,
        withinMarketing: withinSecond,
        divide,
        divideInterval,
        interval,
      },
    }
  })
  const measures = agreements.map(({ measure }) => measure)
  return {
    number,
    period: `2026-${String(number).padStart(2, '0')}`,
    methodVersion: '2',
    items: [...published.map(([term]) => term), ...hidden].map((term) => ({
      id: `definition-${term}`,
      kind: 'definition',
      term,
      options: asked,
    })),
    terms: agreements.map(({ agreement }) => agreement),
    measures,
    termsVariance: measures.length === 0 ? 0 : measures.reduce((sum, { variance }) => sum + variance, 0) / measures.length ** 2,
    degreesOfFreedom: 19,
  }
}

/** All mean the same; each side its own; everybody something else. */
const shared: Counts[Term] = [
  [28, 1, 1],
  [19, 1, 0],
]
const rival: Counts[Term] = [
  [27, 3, 0],
  [2, 18, 0],
]
const unshared: Counts[Term] = [
  [10, 10, 10],
  [7, 7, 6],
]

describe('a term', () => {
  it('stands by its latest round, with what came before and why it may be old', () => {
    const { terms: standing } = standingTerms([round(1, { sla: rival }), round(2, { icp: shared }), round(7, { icp: rival })], null)
    const of = (term: Term) => standing.find((one) => one.term === term)
    expect(of('icp')).toMatchObject({ roundsAgo: 0, isOld: false, latest: { round: { number: 7 } }, before: { round: { number: 2 } } })
    expect(of('sla')).toMatchObject({ roundsAgo: 6, isOld: true, before: null, change: null })
    expect(of('persona')).toMatchObject({ latest: null, hidden: null, reading: null })
  })

  it('says where it was asked again and could not be published, and keeps what is known', () => {
    const { terms: standing, index } = standingTerms(
      [round(1, { sla: shared }), round(2, { icp: shared }, { hidden: ['sla', 'persona'] })],
      null,
    )
    const of = (term: Term) => standing.find((one) => one.term === term)
    expect(of('sla')).toMatchObject({ latest: { round: { number: 1 } }, hidden: { number: 2 } })
    expect(of('persona')).toMatchObject({ latest: null, hidden: { number: 2 } })
    expect(index?.terms).toBe(2)
  })

  it('is read as the method says', () => {
    const { terms: standing } = standingTerms([round(1, { sla: shared, icp: rival, persona: unshared })], null)
    expect(standing.map(({ term, reading }) => [term, reading]).slice(0, 3)).toEqual([
      ['icp', 'rival'],
      ['persona', 'unshared'],
      ['sla', 'shared'],
    ])
    expect(standing).toHaveLength(terms.length)
    expect(standingFinding(standing)).toEqual({ kind: 'both', shared: 'sla', lacking: 'icp', reading: 'rival' })
  })

  it('is compared only with the same answers', () => {
    const { terms: standing } = standingTerms(
      [round(1, { sla: rival }, { asked: ['a', 'b', 'x', 'unsure'] }), round(6, { sla: shared })],
      null,
    )
    expect(standing[0]).toMatchObject({ term: 'sla', change: null, unlike: 'other-answers' })
  })

  it('changed where that stands up among all changes that are shown, not by itself', () => {
    // From 50 to 68 of 100: by itself its interval leaves out 0.
    const before: Counts[Term] = [
      [15, 15, 0],
      [10, 10, 0],
    ]
    const after: Counts[Term] = [
      [24, 6, 0],
      [16, 4, 0],
    ]
    const alone = standingTerms([round(1, { sla: before }), round(6, { sla: after })], null)
    expect(alone.terms[0]?.change?.verdict).toBe('signal')
    expect(termChangeFinding(alone.terms)).toEqual({ kind: 'rose', term: 'sla', event: null })
    const eventsOn = (...days: string[]) => days.map((day) => ({ day, name: day }))
    // One in the month of either round may be later or earlier than its answers.
    expect(termChangeFinding(alone.terms, eventsOn('2026-01-20', '2026-03-10', '2026-06-02'))).toMatchObject({ event: '2026-03-10' })
    const still = Object.fromEntries(terms.filter((term) => term !== 'sla').map((term) => [term, before])) as Counts
    const among = standingTerms([round(1, { ...still, sla: before }), round(6, { ...still, sla: after })], null)
    const change = among.terms.find(({ term }) => term === 'sla')?.change
    expect(change?.p).toBeCloseTo((alone.terms[0]?.change?.p ?? 0) * 10, 6)
    expect(change?.verdict).toBe('normal')
  })
})

describe('the index', () => {
  it('is the pillar “Definitions” of the score', () => {
    const rounds = [round(1, { sla: rival, icp: shared }), round(2, { persona: unshared })]
    const last = rounds[1] as TermRound
    const score = alignmentScore({
      round: { roundId: 'r2', number: 2, period: last.period },
      people: {
        themes: [],
        terms: [...last.measures],
        uncertainty: [{ kappa: 0.25, themes: [], perception: 0, both: 0 }],
        termsVariance: last.termsVariance,
        degreesOfFreedom: 19,
        missing: null,
      },
      earlierTerms: (rounds[0]?.measures ?? []).map((measure) => ({ ...measure, round: 1 })),
      kpis: { measures: [], absent: [], missing: 'no-kpis' },
      rules: { ...defaultRules, weights: { perception: 0, definitions: 1, process: 0, performance: 0 } },
    })
    const { index } = standingTerms(rounds, null)
    expect(index?.value).toBeCloseTo(score.value ?? -1, 9)
    expect(index?.interval.low).toBeCloseTo(score.interval?.low ?? -1, 9)
    expect(index?.interval.high).toBeCloseTo(score.interval?.high ?? -1, 9)
    expect(index).toMatchObject({ terms: 3, from: 1, to: 2 })
  })

  it('moves like for like: a term that is asked for the first time is no change', () => {
    const first = [round(1, { sla: rival }), round(2, { icp: shared })]
    expect(standingTerms(first, null).sinceLast).toBeNull()
    expect(standingTerms(first, null).sinceBaseline).toBeNull()
    const again = standingTerms([...first, round(3, { sla: shared, persona: unshared })], null)
    const sla = again.terms.find(({ term }) => term === 'sla')
    // Two terms at both moments, of which one moved.
    expect(again.sinceLast).toMatchObject({ terms: 2, renewed: 1, verdict: 'signal', since: { number: 2 } })
    expect(again.sinceLast?.points).toBeCloseTo((sla?.change?.points ?? 0) / 2, 9)
    expect(again.sinceBaseline).toMatchObject({ terms: 1, since: null, event: null })
    expect(again.sinceBaseline?.points).toBeCloseTo(sla?.change?.points ?? 0, 9)
  })

  it('is compared with what stood before the event that was chosen', () => {
    const rounds = [round(1, { sla: shared }), round(2, { sla: rival }), round(4, { sla: rival }), round(5, { sla: shared })]
    const event = { day: '2026-03-10', name: 'SLA signed' }
    expect(standingTerms(rounds, event).sinceBaseline).toMatchObject({ event, verdict: 'signal' })
    // Without one, the first time is as good as the last.
    expect(standingTerms(rounds, null).sinceBaseline?.points).toBeCloseTo(0, 9)
  })
})

describe('leading answers', () => {
  it('differ only where no answer leads on both sides', () => {
    expect(leadingAnswersDiffer({ a: 6, b: 3 }, { a: 2, b: 9 })).toBe(true)
    expect(leadingAnswersDiffer({ a: 6, b: 6 }, { a: 2, b: 9 })).toBe(false)
    expect(leadingAnswersDiffer(null, { a: 2, b: 9 })).toBe(false)
    expect(leadingAnswersDiffer({ a: 0, b: 0 }, { a: 2 })).toBe(false)
  })
})
