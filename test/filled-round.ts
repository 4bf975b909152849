/**
 * Rounds too large to be answered one person at a time: an organisation, its first round and everybody's ballot in it, made
 * up from a seed. The same seed makes the same to the last byte, so that two closings can be compared.
 */
import { rangeOf, skipped } from '../worker/core/ballot'
import { type RandomNumber, randomFrom } from '../worker/core/random'
import { reportingTree } from '../worker/core/reporting-tree'
import type { FrozenRound, Item, Side } from '../worker/core/round'
import { itemsOfRound } from '../worker/core/survey-plan'
import { jsonRows } from '../worker/db/json-rows'

export interface FilledRound {
  seed: string
  /** Teams of each side, directly below it. */
  teams: Record<Side, number>
  peopleInTeam: number
  /** One in so many people writes a comment. */
  commentOf: number
}

export const roundId = 'round-of-a-seed-000001'

/** What fills an empty database of the current schema; each with its one parameter. */
export function statementsOf({ seed, teams: teamsOf, peopleInTeam, commentOf }: FilledRound): { sql: string; json: string }[] {
  const teams = Object.entries(teamsOf)
    .flatMap(([side, count]) => new Array<Side>(count).fill(side as Side))
    .map((side, index) => ({ id: `t${index}`, parentId: null, name: `Team ${index}`, side }))
  const people = teams.flatMap(({ id }) =>
    Array.from({ length: peopleInTeam }, (_, index) => ({ id: `${id}-${index}`, name: `Ada Person${id}x${index}`, teamId: id })),
  )
  const { frozen, cohorts } = opened(teams, peopleInTeam)
  const random = randomFrom(seed)
  const slots = cohorts.flatMap(({ cohort, invited }) =>
    Array.from({ length: invited }, (_, index) => ({
      cohort,
      slot: index + 1,
      token: hex(Uint8Array.from({ length: 32 }, () => 256 * random())),
      answers: hex(answersTo(frozen.items, random)),
      comment: random() * commentOf < 1 ? hex(new TextEncoder().encode(aComment(random))) : '',
    })),
  )
  const insert = (into: string, columns: string, rows: Iterable<unknown>) =>
    jsonRows(rows).map((json) => ({ sql: `insert into ${into} select ${columns} from json_each(?)`, json }))
  const slot = `'${roundId}', value ->> 'cohort', value ->> 'slot'`
  const token = "unhex(value ->> 'token')"
  const padding = "substr(hex(zeroblob(800)), 1 + length(value ->> 'comment'))"
  return [
    ...insert('teams (id, name, side)', "value ->> 'id', value ->> 'name', value ->> 'side'", teams),
    ...insert(
      'people (id, email, name, locale, team_id)',
      "value ->> 'id', (value ->> 'id') || '@acme.example', value ->> 'name', 'en', value ->> 'teamId'",
      people,
    ),
    ...insert('rounds (id, number, period, state, opened_at, frozen)', `'${roundId}', 1, '2026-11', 'open', 0, value`, [frozen]),
    ...insert(
      'cohorts (round_id, cohort, node_id, invited, public_key, fingerprint, private_key)',
      `'${roundId}', value ->> 'cohort', value ->> 'nodeId', value ->> 'invited', '', '', 'key'`,
      cohorts,
    ),
    ...insert('ballot_slots', `${slot}, ${token}, unhex(value ->> 'answers')`, slots),
    ...insert('comment_slots', `${slot}, unhex((value ->> 'comment') || ${padding})`, slots),
    ...insert('invitations', `${token}, '${roundId}', value ->> 'cohort', value ->> 'token', ${token}, 0`, slots),
  ]
}

/** As services/rounds.ts opens it. */
function opened(teams: readonly { id: string; parentId: null; name: string; side: Side }[], peopleInTeam: number) {
  const k = 5
  const invitedByTeam = new Map(teams.map(({ id }) => [id, peopleInTeam]))
  const tree = reportingTree({ organisationName: 'Acme', teams, invitedByTeam, k })
  if ('tooFew' in tree) throw new RangeError('Nobody could be asked.')
  const frozen: FrozenRound = {
    methodVersion: '1',
    minimumGroupSize: k,
    nodes: tree.nodes,
    merged: tree.merged,
    notAsked: tree.notAsked,
    items: itemsOfRound(1),
    comment: true,
    invited: teams.length * peopleInTeam,
  }
  return { frozen, cohorts: tree.cohorts.map((cohort, index) => ({ ...cohort, cohort: `c${index + 1}` })) }
}

/** Of somebody with a mood of their own, who leaves one in ten out. */
function answersTo(items: readonly Item[], random: RandomNumber): Uint8Array {
  const mood = 2 ** (2 * random() - 1)
  return Uint8Array.from(items, (item) => {
    const { first, last } = rangeOf(item)
    return random() < 0.1 ? skipped : first + Math.floor(random() ** mood * (last - first + 1))
  })
}

const aComment = (random: RandomNumber) =>
  `${Math.floor(1e6 * random())} leads, and Ada Persont3x1 calls nobody back. `.repeat(1 + Math.floor(5 * random())).trim()

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
