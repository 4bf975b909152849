/** Closed rounds with what they published, made without a ballot; and KPIs for their scores. */
import { env } from 'cloudflare:workers'
import type { RoundResult } from '../../worker/core/result'
import { themes } from '../../worker/core/round'
import { itemsOfRound } from '../../worker/core/survey-plan'
import { database } from '../../worker/db/client'
import { observations, results, rounds } from '../../worker/db/schema'
import { insertScore, scoreOf } from '../../worker/services/scores'
import { classes, resultOf } from '../core/rounds'
import { services } from './client'

const keys = [...themes, 'headline']
const db = () => database(env.DB)

/** A closed round of this period with a published result and its first score; how many critics, passives and promoters Sales has. */
export async function closeRound(number: number, period: string, sales: [number, number, number] = [4, 4, 6]) {
  const asked = itemsOfRound(number)
  const defined = asked.flatMap((item) => (item.kind === 'definition' ? [item.id] : []))
  const people = (counts: [number, number, number]) =>
    classes(keys, ...counts).map((answers, index) => ({ ...answers, ...Object.fromEntries(defined.map((id) => [id, index % 3])) }))
  const result: RoundResult = {
    ...resultOf(
      [
        { id: 'sales', side: 'sales', people: people(sales) },
        { id: 'marketing', side: 'marketing', people: people([2, 4, 6]) },
      ],
      { items: asked, number },
    ),
    period,
  }
  const context = services()
  const score = await scoreOf(context, result)
  await db().batch([
    db().insert(rounds).values({ id: result.roundId, number, period, state: 'closed' }),
    db()
      .insert(results)
      .values({ roundId: result.roundId, methodVersion: '1', inputsHash: result.inputsHash, body: result, publishedAt: context.now }),
    insertScore(context, score) as never,
  ])
  return score
}

/** The statement that stores an acquisition cost, in place of an earlier one. */
export const observe = (period: string, value: number | null, provisional = false) =>
  db()
    .insert(observations)
    .values({ metric: 'cac', basis: 'period', period, value, provisional, asOf: new Date() })
    .onConflictDoUpdate({
      target: [observations.metric, observations.basis, observations.window, observations.period],
      set: { value, provisional },
    })
