import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { publishable } from '../../worker/core/audit'
import { type PublishInput, publish } from '../../worker/core/publish'
import { isChoice } from '../../worker/core/round'
import { type Group, leakIn, type Reading, spaceOf, type Topic } from './attack'
import { anOrganisation, aReorganisation, items, reorganised, roundOf, teamsOf } from './attack-organisations'
import { isInside, type Person, type Sources, topicsOf } from './attack-readings'
import { silent, type TeamOfPeople } from './rounds'

const rounds = 2_000

/** One theme, what is about terms and the headline: every case here is two rounds. */
const asked = items.filter((item) => item.kind !== 'agreement' || item.theme === 'goals')

describe('the same answers under a second tree', () => {
  let leaking = 0
  let refused = 0
  let allowed = 0

  it('isolate nobody in 2,000 random organisations where the audit decides what of it is published', () => {
    fc.assert(
      fc.property(anOrganisation, aReorganisation, (organisation, changes) => {
        const { k } = organisation
        const before = teamsOf(organisation)
        const after = reorganised(before, changes)
        const [first, second] = [roundOf(before, k, asked), roundOf(after, k, asked)]
        if (!first || !second) return
        const sources = bothOf([before, first], [after, second])
        const topics = topicsOf(sources)
        // What tells nothing altogether tells nothing in part.
        if (!topics.some((topic) => leakIn(spaceOf(topic), k))) return
        leaking++
        const audited = auditedOf(sources, topics, k)
        const kept = topics.map((topic) => ({ ...topic, readings: topic.readings.filter((reading) => mayBeSaid(reading, audited)) }))
        expect(kept.flatMap((topic) => leakIn(spaceOf(topic), k) ?? [])).toEqual([])
        for (const isFine of audited.values()) isFine ? allowed++ : refused++
      }),
      { numRuns: rounds },
    )
  }, 120_000)

  it('isolate somebody in many of them where it does not, and it refuses no more than it must', () => {
    expect(leaking).toBeGreaterThan(rounds / 10)
    expect(allowed).toBeGreaterThan(refused)
  })
})

/** Everybody who answered, with where they were in both trees. */
function bothOf(...trees: [TeamOfPeople[], PublishInput][]): Sources {
  const homes = trees.map(([teams, { cohorts, ballots }]) => {
    const answering = teams.flatMap(({ people }) => people.filter((answers) => answers !== silent))
    const nodes = new Map(cohorts.map(({ cohort, nodeId }) => [cohort, nodeId]))
    return new Map(answering.map((answers, index) => [answers, nodes.get(ballots[index]?.cohort ?? '') ?? null]))
  })
  const [[teams, { ballots }]] = trees as [[TeamOfPeople[], PublishInput]]
  const answering = teams.flatMap(({ people }) => people.filter((answers) => answers !== silent))
  return {
    people: answering.map((answers, index) => ({
      homes: homes.map((of) => of.get(answers) ?? null),
      answers: ballots[index]?.answers ?? [],
    })),
    publications: trees.map(([, input], at) => ({ at, frozen: input.frozen, result: publish(input) })),
  }
}

const keyOf = ({ measure, at, node }: Group) => `${measure} ${at} ${node}`

/** Of every group that the second tree would publish, whether the audit lets it. */
function auditedOf(sources: Sources, topics: readonly Topic[], k: number): Map<string, boolean> {
  const groups = new Map(topics.flatMap(({ readings }) => readings.flatMap(({ needs }) => needs.map((group) => [keyOf(group), group]))))
  const decided = new Map<string, boolean>()
  for (const measure of new Set([...groups.values()].map((group) => group.measure))) {
    const own = [...groups.values()].filter((group) => group.measure === measure)
    const places = new Map<string, { person: Person; people: number }>()
    for (const person of sources.people) {
      if (!isMeasured(person, measure)) continue
      const place = person.homes.join('/')
      places.set(place, { person, people: (places.get(place)?.people ?? 0) + 1 })
    }
    const cells = [...places].map(([id, { people }]) => ({ id, people }))
    const familyOf = (of: readonly Group[]) =>
      of.map((group) => new Set([...places].flatMap(([id, { person }]) => (isInside(sources, group, person) ? [id] : []))))
    const next = own.filter(({ at }) => at === 1)
    const isFine = publishable(familyOf(own.filter(({ at }) => at === 0)), familyOf(next), cells, k)
    for (const [index, group] of next.entries()) decided.set(keyOf(group), isFine[index] as boolean)
  }
  return decided
}

const mayBeSaid = ({ needs }: Reading, audited: ReadonlyMap<string, boolean>) =>
  needs.every((group) => group.at === 0 || audited.get(keyOf(group)) === true)

/** Who is counted: all ballots, those who answered an item, those who answered more than one of a theme. */
function isMeasured({ answers }: Person, measure: string): boolean {
  if (measure === 'ballots') return true
  const answered = (index: number) => {
    const item = asked[index]
    const answer = answers[index]
    return answer != null && !(item && isChoice(item) && answer === item.options.length - 1)
  }
  const theme = /^spread (.*)$/.exec(measure)?.[1]
  const own = [...asked.keys()].filter((index) => {
    const item = asked[index]
    return theme ? item?.kind === 'agreement' && item.theme === theme : item?.id === measure
  })
  return own.filter(answered).length >= (theme ? 2 : 1)
}
