import type { Answer } from './ballot'
import type { RoundResult } from './result'
import type { FrozenRound } from './round'

export interface PublishInput {
  round: { id: string; number: number; period: string }
  frozen: FrozenRound
  cohorts: readonly { cohort: string; nodeId: string; invited: number }[]
  ballots: readonly { cohort: string; answers: readonly Answer[] }[]
  comments: readonly { cohort: string; text: string }[]
  inputsHash: string
  shuffle: <T>(items: readonly T[]) => T[]
}

export function publish(input: PublishInput): RoundResult {
  throw new Error(`not yet: ${input.round.id}`)
}
