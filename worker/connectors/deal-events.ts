/** What a deal means for its lead. */
import { hashed, type StageEvent } from '../core/facts'
import type { DealMeaning } from './connector'
import type { When } from './records'

/** Where every deal is a lead from its creation on, that lead's id. */
export const leadOf = (deal: string): string => `deal ${deal}`

export interface Move {
  when: When
  meaning: DealMeaning
}

/** Changes of what a deal's stage means, oldest first: from one lost stage to another nothing happened. */
export const changesOf = (moves: readonly Move[]): Move[] =>
  moves.toSorted((a, b) => momentIn(a) - momentIn(b)).filter(({ meaning }, index, all) => meaning !== all[index - 1]?.meaning)

const momentIn = ({ when }: Move): number => when.at ?? Date.parse(when.day)

/** A lead's way goes on in its deals: it becomes an opportunity with the first, a customer when one is won. */
export function eventsOfDeal(deal: {
  id: string
  leadId: string
  created: When | null
  moves: readonly Move[]
  reason: string
  updatedAt: number | null
  deletedAt: number | null
}): StageEvent[] {
  const event = (what: 'entered' | 'lost', stage: 'opportunity' | 'customer', when: When | undefined, reason = '') =>
    when
      ? [
          hashed<StageEvent>({
            externalId: `deal-${deal.id}|${what === 'lost' ? 'lost' : stage}|${when.at ?? when.day}`,
            leadId: deal.leadId,
            what,
            stage,
            day: when.day,
            at: when.at,
            reason,
            updatedAt: deal.updatedAt,
            deletedAt: deal.deletedAt,
          }),
        ]
      : []
  const lastLoss = deal.moves.findLast(({ meaning }) => meaning === 'lost')
  return [
    ...event('entered', 'opportunity', deal.created ?? undefined),
    ...deal.moves.flatMap((move) => {
      if (move.meaning === 'won') return event('entered', 'customer', move.when)
      if (move.meaning === 'lost') return event('lost', 'opportunity', move.when, move === lastLoss ? deal.reason : '')
      return []
    }),
  ]
}
