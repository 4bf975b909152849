/** Made-up organisations and what their people answered, and what a reorganisation may make of them. */
import fc from 'fast-check'
import type { PublishInput } from '../../worker/core/publish'
import type { Item, Side } from '../../worker/core/round'
import { type Answers, inputOf, silent, type TeamOfPeople } from './rounds'

/** Two items, three items, one of each kind about a term, the headline: all there is to say, in as few questions as it takes. */
export const items: Item[] = [
  { id: 'goals-1', kind: 'agreement', theme: 'goals' },
  { id: 'goals-2', kind: 'agreement', theme: 'goals' },
  { id: 'metrics-1', kind: 'agreement', theme: 'metrics' },
  { id: 'metrics-2', kind: 'agreement', theme: 'metrics' },
  { id: 'metrics-3', kind: 'agreement', theme: 'metrics' },
  { id: 'definition-sla', kind: 'definition', term: 'sla', options: ['with-numbers', 'spoken', 'none', 'unsure'] },
  { id: 'vignette-a', kind: 'vignette', term: 'icp', options: ['yes', 'no', 'unsure'] },
  { id: 'number-a', kind: 'number', term: 'lead-score', unit: 'points', last: 100, bands: [0, 20, 40, 60, 80] },
  { id: 'headline', kind: 'headline' },
]

// ── Organisations ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface DrawnTeam {
  parent: number | null
  side: Side
  /** Octal digits: one an item, and one for whether there is a ballot at all. */
  people: number[]
  /** From which digit on an item is answered: 0 by all, 1 by seven in eight, 4 by half. */
  skips: number
  /** The class of everybody but the first, or everybody of their own. */
  mood: number | null
}

const aTeam = fc.record<DrawnTeam>({
  parent: fc.option(fc.nat(8), { nil: null, freq: 3 }),
  side: fc.constantFrom<Side>('sales', 'marketing', 'sales', 'marketing', 'other'),
  people: fc.oneof(
    { weight: 3, arbitrary: fc.array(fc.nat(8 ** 10 - 1), { maxLength: 9, size: 'max' }) },
    { weight: 1, arbitrary: fc.array(fc.nat(8 ** 10 - 1), { minLength: 10, maxLength: 14, size: 'max' }) },
  ),
  skips: fc.constantFrom(0, 1, 1, 4),
  mood: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(0, 1, 2) }),
})

export const anOrganisation = fc.record({
  k: fc.constantFrom(3, 5),
  oneOfTheme: fc.constantFrom(false, false, false, true),
  teams: fc.array(aTeam, { minLength: 3, maxLength: 9, size: 'max' }),
})

export interface Organisation {
  k: number
  /** Whether most people answer one item of each theme only. */
  oneOfTheme: boolean
  teams: readonly DrawnTeam[]
}

const classOfDigit = [0, 0, 0, 1, 1, 2, 2, 2]
export const agreementOf = [2, 3, 5]
export const headlineOf = [4, 7, 10]
/** By digit: some of one band, some of others. */
const numbers = [5, 12, 30, 37, 55, 61, 80, 99]

function answersOf(team: DrawnTeam, person: number, index: number, oneOfTheme: boolean): Answers {
  const digit = (place: number) => Math.floor(person / 8 ** place) % 8
  if (digit(items.length) === 7) return silent
  const isSkipped = (item: Item, place: number) => {
    if (digit(place) < team.skips) return true
    if (!oneOfTheme || item.kind !== 'agreement') return false
    const first = items.findIndex((one) => one.kind === 'agreement' && one.theme === item.theme)
    const count = items.filter((one) => one.kind === 'agreement' && one.theme === item.theme).length
    return digit(first) < 7 && place - first !== digit(first) % count
  }
  const answers = items.map((item, place) => {
    if (isSkipped(item, place)) return [item.id, null]
    const isLed = team.mood !== null && index > 0
    if (item.kind === 'number') return [item.id, numbers[isLed ? (team.mood as number) : digit(place)]]
    const own = isLed ? (team.mood as number) : (classOfDigit[digit(place)] as number)
    return [item.id, item.kind === 'agreement' ? agreementOf[own] : item.kind === 'headline' ? headlineOf[own] : own]
  })
  return Object.fromEntries(answers)
}

export const teamsOf = ({ teams, oneOfTheme }: Organisation): TeamOfPeople[] =>
  teams.map((team, index) => ({
    id: `t${index}`,
    ...(team.parent === null || index === 0 ? {} : { parentId: `t${team.parent % index}` }),
    side: team.side,
    people: team.people.map((person, place) => answersOf(team, person, place, oneOfTheme)),
  }))

export function roundOf(teams: readonly TeamOfPeople[], k: number, asked = items): PublishInput | null {
  const invited = teams.reduce((sum, { people }) => sum + people.length, 0)
  return invited < k ? null : inputOf(teams, { k, items: asked })
}

// ── Reorganisations ─────────────────────────────────────────────────────────────────────────────────────────────────

/** A team gets another parent, is split in halves, goes into another team; or one person does. */
interface Change {
  kind: 'move' | 'split' | 'merge' | 'person'
  from: number
  to: number
}

export const aReorganisation = fc.array(
  fc.record<Change>({ kind: fc.constantFrom('move', 'split', 'merge', 'person', 'person'), from: fc.nat(20), to: fc.nat(20) }),
  { minLength: 1, maxLength: 4 },
)

/** The same people, with the same answers, in other teams. */
export function reorganised(teams: readonly TeamOfPeople[], changes: readonly Change[]): TeamOfPeople[] {
  const after = teams.map((team) => ({ ...team, people: [...team.people] }))
  for (const { kind, from, to } of changes) {
    const [source, target] = [after[from % after.length] as TeamOfPeople, after[to % after.length] as TeamOfPeople]
    if (kind === 'split') {
      const half = source.people.splice(0, Math.floor(source.people.length / 2))
      after.push({ ...source, id: `${source.id}-${after.length}`, people: half })
    } else if (source === target) continue
    else if (kind === 'merge') target.people.push(...source.people.splice(0))
    else if (kind === 'person') target.people.push(...source.people.splice(0, 1))
    else if (!isAbove(after, source.id, target.id)) source.parentId = target.id
  }
  return after
}

const isAbove = (teams: readonly TeamOfPeople[], top: string, id: string | undefined): boolean =>
  id !== undefined && (id === top || isAbove(teams, top, teams.find((team) => team.id === id)?.parentId))
