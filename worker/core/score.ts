import type { Score, ScoreChange } from './result'

export const methodVersion = '1'

export function scoreChange(from: Score, to: Score): ScoreChange {
  throw new Error(`not yet: ${from.roundId} ${to.roundId}`)
}
