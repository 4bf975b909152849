import { describe, expect, it } from 'vitest'
import { rangeOf } from '../../worker/core/ballot'
import { definitionAgreement } from '../../worker/core/definitions'
import { countedAs, countedBy, type Item, type Theme } from '../../worker/core/round'
import {
  randomOf,
  sampleBallot,
  sampleEventDay,
  sampleFacts,
  sampleKpiMonths,
  samplePeople,
  sampleRounds,
  sampleRule,
  sampleSchedule,
  tookPart,
} from '../../worker/core/sample-organisation'
import { type Case, caseBank } from '../../worker/core/survey-bank'
import { itemsOfRound } from '../../worker/core/survey-plan'

const now = new Date('2026-11-22T10:00:00Z')
const closedRounds = Array.from({ length: sampleRounds - 1 }, (_, index) => index)
const voters = (round: number) => samplePeople.filter((person) => tookPart(person, round))
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Mean answer of one side on one theme. */
function moodOf(round: number, side: 'sales' | 'marketing', theme: Theme): number {
  const items = itemsOfRound(round + 1)
  const ballots = voters(round).filter((person) => person.side === side)
  return mean(
    ballots.flatMap((person) =>
      sampleBallot(person, round, items).answers.filter((answer, index): answer is number => {
        const item = items[index] as Item
        return item.kind === 'agreement' && item.theme === theme && answer !== null
      }),
    ),
  )
}

describe('the people of the sample', () => {
  it('are 58, each with an invented address and a team large or small enough to show what is hidden', () => {
    expect(samplePeople).toHaveLength(58)
    expect(new Set(samplePeople.map(({ email }) => email)).size).toBe(58)
    for (const { email, name } of samplePeople) {
      expect(email).toMatch(/^[a-z.-]+@tidewick\.example$/)
      expect(name).toMatch(/\S/)
    }
    const sizes = new Map<string, number>()
    for (const { team } of samplePeople) sizes.set(team, (sizes.get(team) ?? 0) + 1)
    expect(Object.fromEntries(sizes)).toEqual({
      'Sales / SDR': 12,
      'Sales / Mid-market': 9,
      'Sales / Enterprise': 8,
      'Sales / Sales ops': 6,
      'Marketing / Demand generation': 10,
      'Marketing / Content': 7,
      'Marketing / Product marketing': 3,
      'Marketing / Events': 3,
    })
    expect(new Set(samplePeople.map(({ locale }) => locale))).toEqual(new Set(['en', 'th', 'ms', 'ar']))
  })
})

describe('the time of the sample', () => {
  it('is the current month for the open round and the twelve before it for the closed ones', () => {
    const periods = sampleSchedule(now).map(({ period }) => period)
    expect([periods.length, periods[0], periods[11], periods[12]]).toEqual([13, '2025-11', '2026-10', '2026-11'])
  })

  it.each(['2026-01-01T00:00:00Z', '2026-03-31T23:59:59Z', '2028-02-29T12:00:00Z'])('never lies in the future at %s', (moment) => {
    const present = new Date(moment)
    const rounds = sampleSchedule(present)
    for (const { openedAt, closesAt } of rounds) expect(openedAt.getTime()).toBeLessThan(closesAt.getTime())
    for (const round of rounds.slice(0, -1)) expect(round.closesAt.getTime()).toBeLessThan(present.getTime())
    expect(rounds[12]?.openedAt.getTime()).toBeLessThanOrEqual(present.getTime())
    expect(rounds[12]?.openedAt.toISOString().slice(0, 7)).toBe(moment.slice(0, 7))
    expect(rounds[12]?.closesAt.getTime()).toBeGreaterThan(present.getTime())
  })

  it('held its rounds for as many days as its schedule says', () => {
    for (const { openedAt, closesAt } of sampleSchedule(now)) {
      const days = (Date.parse(closesAt.toISOString().slice(0, 10)) - Date.parse(openedAt.toISOString().slice(0, 10))) / 86_400_000 + 1
      expect(days).toBe(sampleRule(now).windowDays)
    }
  })

  it('has 18 whole months of CRM rows, and the SLA five months ago', () => {
    const months = sampleKpiMonths(now)
    expect([months.length, months[0], months[17]]).toEqual([18, '2025-05', '2026-10'])
    expect(sampleEventDay(now)).toBe('2026-06-15')
  })
})

describe('the answers of the sample', () => {
  it('are the same for the same person and round, in whatever order they are asked for', () => {
    const [person] = samplePeople
    if (!person) throw new Error('nobody')
    const before = sampleBallot(person, 3, itemsOfRound(4))
    voters(5).map((other) => sampleBallot(other, 5, itemsOfRound(6)))
    expect(sampleBallot(person, 3, itemsOfRound(4))).toEqual(before)
  })

  it('are answers that every item of every round knows', () => {
    for (let round = 0; round < sampleRounds; round++) {
      const items = itemsOfRound(round + 1)
      for (const person of samplePeople) {
        const { answers, comment } = sampleBallot(person, round, items)
        expect(answers).toHaveLength(items.length)
        for (const [index, answer] of answers.entries()) {
          const { first, last } = rangeOf(items[index] as Item)
          if (answer !== null) expect(Number.isInteger(answer) && answer >= first && answer <= last).toBe(true)
        }
        expect(new TextEncoder().encode(comment ?? '').length).toBeLessThan(800)
      }
    }
  })

  it('come from about 85 of 100 people, and from all but eight at most in the open round', () => {
    const share = mean(closedRounds.map((round) => voters(round).length / 58))
    expect(share).toBeGreaterThan(0.8)
    expect(share).toBeLessThan(0.9)
    const undecided = samplePeople.filter(({ undecided }) => undecided)
    expect(voters(12)).toHaveLength(58 - undecided.length)
    expect(undecided.length).toBe(6)
    expect(undecided.map(({ locale }) => locale)).toEqual(expect.arrayContaining(['en', 'th', 'ms', 'ar']))
  })

  it('tell of a step up after the SLA and of lead quality as what divides the sides most', () => {
    const handOff = (rounds: number[]) => mean(rounds.map((round) => moodOf(round, 'sales', 'hand-off')))
    expect(handOff([8, 9, 10, 11]) - handOff([3, 4, 5, 6])).toBeGreaterThan(0.4)
    const gap = (theme: Theme) => moodOf(11, 'marketing', theme) - moodOf(11, 'sales', theme)
    for (const theme of ['goals', 'hand-off', 'communication', 'messaging', 'metrics', 'resources'] as const) {
      expect(gap('lead-quality')).toBeGreaterThan(gap(theme))
    }
  })
})

describe('the stories and numbers of the sample', () => {
  /** How many of a side gave each answer in a round. */
  const answersTo = (item: Case, round: number, side: 'sales' | 'marketing') => {
    const given = voters(round)
      .filter((person) => person.side === side)
      .flatMap((person) => sampleBallot(person, round, [item]).answers[0] ?? [])
    return countedBy(item).map((_, option) => given.filter((answer) => countedAs(item, answer) === option).length)
  }
  const agreementOn = (item: Case, round: number) =>
    definitionAgreement(answersTo(item, round, 'sales'), answersTo(item, round, 'marketing'))?.between ?? Number.NaN

  it('are judged more alike after the SLA than before it', () => {
    const meanOf = (round: number) => mean(caseBank.map((item) => agreementOn(item, round)))
    expect(meanOf(11) - meanOf(1)).toBeGreaterThan(0.1)
  })

  it('change nothing of what the rounds ask always', () => {
    const [person] = samplePeople
    if (!person) throw new Error('nobody')
    const asked = itemsOfRound(4)
    const isAlways = ({ kind }: Item) => kind !== 'vignette' && kind !== 'number'
    const { answers } = sampleBallot(person, 3, asked)
    expect(sampleBallot(person, 3, asked.filter(isAlways)).answers).toEqual(answers.filter((_, index) => isAlways(asked[index] as Item)))
  })
})

describe('the CRM of the sample', () => {
  const months = sampleKpiMonths(now)
  const { leads, deals, spend } = sampleFacts(months)
  const won = (month: string) => deals.filter(({ stage, closed }) => stage === 'Closed won' && closed?.startsWith(month))
  const cac = (month: string) =>
    spend.filter(({ day }) => day.startsWith(month)).reduce((sum, row) => sum + row.amount, 0) / won(month).length

  it('is the same each time, with ids that are each used once', () => {
    expect(sampleFacts(months)).toEqual({ leads, deals, spend })
    for (const rows of [leads, deals, spend]) expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  })

  it('has no day outside its months and no deal that closes before it was created or after its lead', () => {
    const inMonths = (day: string) => months.includes(day.slice(0, 7))
    expect(leads.every(({ created }) => inMonths(created))).toBe(true)
    expect(spend.every(({ day }) => inMonths(day))).toBe(true)
    const createdOf = new Map(leads.map(({ id, created }) => [id, created]))
    for (const { leadId, created, closed } of deals) {
      if (closed) expect([inMonths(closed), created < closed]).toEqual([true, true])
      if (leadId) expect((createdOf.get(leadId) ?? '9') <= created).toBe(true)
    }
  })

  it('converts more leads after the SLA, and pays more for a customer lately', () => {
    const conversion = (range: string[]) =>
      range.flatMap(won).length / leads.filter(({ created }) => range.some((month) => created.startsWith(month))).length
    expect(conversion(months.slice(-3))).toBeGreaterThan(conversion(months.slice(0, 12)) * 1.15)
    expect(mean(months.slice(-2).map(cac))).toBeGreaterThan(mean(months.slice(11, 16).map(cac)) * 1.05)
  })
})

describe('its random numbers', () => {
  it('repeat with their keys, differ between keys and fill 0 to 1 evenly', () => {
    const draw = (key: string) => Array.from({ length: 4000 }, randomOf(key))
    expect(draw('a')).toEqual(draw('a'))
    expect(draw('a')).not.toEqual(draw('b'))
    const counts = Array.from({ length: 10 }, () => 0)
    for (const value of draw('a')) counts[Math.floor(value * 10)] = (counts[Math.floor(value * 10)] ?? 0) + 1
    for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(90)
  })
})
