/** Closed rounds with results, scores and hidden groups, made without a ballot. */

import type { RoundResult } from '../../worker/core/result'
import type { FrozenRound } from '../../worker/core/round'
import { methodVersion } from '../../worker/core/score'
import { itemsOfRound } from '../../worker/core/survey-plan'
import { results, rounds } from '../../worker/db/schema'
import { insertScore, scoreOf } from '../../worker/services/scores'
import { classes, resultOf, silent, type TeamOfPeople } from '../core/rounds'
import { services } from './client'

/** Sales with a team of 12, one of which three answered, and one that is hidden to protect those three; marketing in one piece. */
export function teamsOf(number: number, counts: [number, number, number]): TeamOfPeople[] {
  const items = itemsOfRound(number)
  const defined = items.flatMap((item) => (item.kind === 'definition' ? [item.id] : []))
  const people = (of: [number, number, number]) =>
    classes([...items.flatMap((item) => (item.kind === 'agreement' ? [item.id] : [])), 'headline'], ...of).map((answers, index) => ({
      ...answers,
      ...Object.fromEntries(defined.map((id) => [id, index % 3])),
    }))
  return [
    { id: 'sales', side: 'sales', people: [] },
    { id: 'ae', parentId: 'sales', side: 'sales', people: people(counts) },
    { id: 'sdr', parentId: 'sales', side: 'sales', people: [...people([1, 1, 1]), silent, silent, silent] },
    { id: 'field', parentId: 'sales', side: 'sales', people: people([2, 2, 2]) },
    { id: 'marketing', side: 'marketing', people: people([2, 4, 8]) },
  ]
}

/** A closed round with its result and its first score; `dress` gives names and comments. */
export async function publishRound(
  number: number,
  teams = teamsOf(number, [4, 4, 4]),
  dress: (result: RoundResult) => void = () => {},
): Promise<RoundResult> {
  const context = services()
  const { db } = context
  const items = itemsOfRound(number)
  const period = `2026-${String(number).padStart(2, '0')}`
  const result = { ...resultOf(teams, { items, number }), period }
  dress(result)
  const frozen: FrozenRound = {
    methodVersion,
    minimumGroupSize: 5,
    nodes: result.nodes.map(({ id, parentId, name, side }) => ({ id, parentId, name, side })),
    merged: [],
    notAsked: [],
    items,
    comment: true,
    invited: result.invited,
    ...(number > 1 ? { membership: Object.fromEntries(result.nodes.map(({ id }) => [id, { joined: 0, left: 0 }])) } : {}),
  }
  const moment = new Date(`${period}-20T00:00:00Z`)
  await db.batch([
    db.insert(rounds).values({ id: result.roundId, number, period, state: 'closed', openedAt: moment, closedAt: moment, frozen }),
    db.insert(results).values({ roundId: result.roundId, methodVersion, inputsHash: result.inputsHash, body: result, publishedAt: moment }),
    insertScore(context, await scoreOf(context, result)) as never,
  ])
  return result
}
