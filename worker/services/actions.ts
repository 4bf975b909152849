/** What was done about a result: employees read it at the end of the next survey. */
import { sql } from 'drizzle-orm'
import { type ActionFault, type AgreedAction, actionTextLimit, cleanAction, mostActions, ownerLimit } from '../core/agreed-action'
import { dayOf } from '../core/calendar'
import { DomainError } from '../core/errors'
import { type ActionRow, deleteAction, insertAction, selectActions, updateAction } from '../db/actions'
import type { Database } from '../db/client'
import { agreedActions } from '../db/schema'
import { readSettings } from '../db/settings'
import { newId, type ServiceContext, scrubAfter } from './context'
import { getRound } from './rounds'

export type ActionView = ActionRow

/**
 * What was agreed about a round's findings, in the order in which it was; none where nothing was, or there is no such round.
 *
 * @example await listActions(db, roundId) // [{ id, text: 'Call back in 2 h', salesOwner: 'Ann', marketingOwner: 'Bo', dueDay: '2026-12-01', doneDay: null }]
 */
export const listActions = (db: Database, roundId: string): Promise<ActionView[]> => selectActions(db, roundId)

/** @throws DomainError not-found */
export async function getAction(db: Database, roundId: string, id: string): Promise<ActionView> {
  const action = (await listActions(db, roundId)).find((action) => action.id === id)
  if (!action) throw noSuchAction()
  return action
}

/**
 * Records an action about the result of a closed round.
 *
 * @throws DomainError not-found, round-not-closed, invalid-input
 */
export async function addAction(context: ServiceContext, roundId: string, input: AgreedAction): Promise<ActionView> {
  const { db, now } = context
  const round = await getRound(db, roundId)
  if (round.state !== 'closed')
    throw new DomainError('round-not-closed', 'Agree on actions once the round has closed and its result is there.')
  const action = checked(input)
  const id = newId(context)
  if (!(await insertAction(db, { ...action, id, roundId, createdAt: now }, mostActions))) {
    throw new DomainError('invalid-input', `A round has ${mostActions} actions at the most: remove one first.`, [
      { pointer: '#/text', detail: `There are ${mostActions} actions already: remove one first.` },
    ])
  }
  return { ...action, id, doneDay: null }
}

/**
 * Changes what is said, and whether it is done: the day of it is today's in the organisation's time zone, and stays when it is
 * said again.
 *
 * @throws DomainError not-found, invalid-input
 */
export async function changeAction(
  context: ServiceContext,
  roundId: string,
  id: string,
  { done, ...change }: { [K in keyof AgreedAction]?: AgreedAction[K] | undefined } & { done?: boolean | undefined },
): Promise<ActionView> {
  const { db, now } = context
  const known = await getAction(db, roundId, id)
  const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<AgreedAction>
  const { text, salesOwner, marketingOwner, dueDay } = checked({ ...known, ...said })
  const today = dayOf(now, (await readSettings(db)).timeZone)
  const doneDay = done === undefined ? {} : { doneDay: done ? sql`coalesce(${agreedActions.doneDay}, ${today})` : null }
  const changed = await updateAction(db, { roundId, id }, { text, salesOwner, marketingOwner, dueDay, ...doneDay })
  if (!changed) throw noSuchAction()
  return changed
}

/** @throws DomainError not-found */
export async function removeAction(context: ServiceContext, roundId: string, id: string): Promise<void> {
  if (!(await deleteAction(context.db, { roundId, id }))) throw noSuchAction()
  await scrubAfter(context)
}

function checked(input: AgreedAction): AgreedAction {
  const { action, faults } = cleanAction(input)
  if (faults.length === 0) return action
  throw new DomainError(
    'invalid-input',
    'Some values cannot be used.',
    faults.map(({ field, why }) => ({ pointer: `#/${field}`, detail: hints[why](field) })),
  )
}

const hints: Record<ActionFault['why'], (field: ActionFault['field']) => string> = {
  missing: (field) => (field === 'text' ? 'Say what was agreed.' : 'Name an owner from each side.'),
  'too-long': (field) => `Use at most ${field === 'text' ? actionTextLimit : ownerLimit} characters.`,
  'no-day': () => 'Use a day such as 2026-12-01, or null.',
}

const noSuchAction = () => new DomainError('not-found', 'There is no such action, or it was removed before.')
