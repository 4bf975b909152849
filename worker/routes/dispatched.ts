import { type Dispatch, topicOf } from '../db/dispatches'

export type Dispatched = Pick<Dispatch, 'id' | 'topic' | 'state' | 'error' | 'attempts' | 'dueAt' | 'createdAt' | 'sentAt'>

/** What became of a message, whichever way it goes; `roundId` and `week` (its Monday) say what it is about. */
export const dispatched = ({ id, topic, state, attempts, dueAt, createdAt, sentAt }: Dispatched) => ({
  id,
  ...topicOf(topic),
  state,
  attempts,
  createdAt: createdAt.toISOString(),
  dueAt: state === 'waiting' ? dueAt.toISOString() : null,
  sentAt: sentAt?.toISOString() ?? null,
})
