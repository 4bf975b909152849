/** What two owners, one from each side, agreed to do about what a round found. */
import { isCalendarDay } from './calendar'
import { cleanLine, isVisible } from './text'

export interface AgreedAction {
  /** One language, as it was written. */
  text: string
  salesOwner: string
  marketingOwner: string
  /** `YYYY-MM-DD` in the organisation's time zone; null where no day was agreed. */
  dueDay: string | null
}

export const actionTextLimit = 200
export const ownerLimit = 80
/** Of one round: what nobody can oversee is not done. */
export const mostActions = 50

/** Why a field of an action cannot be taken. */
export type ActionFault = { field: keyof AgreedAction; why: 'missing' | 'too-long' | 'no-day' }

/**
 * The action as it is stored: each text one clean line, an empty day as none; and what is wrong with it.
 *
 * @example cleanAction({ text: ' Call back\n in 2 h ', salesOwner: 'Ann', marketingOwner: '', dueDay: '' })
 * // { action: { text: 'Call back in 2 h', …, dueDay: null }, faults: [{ field: 'marketingOwner', why: 'missing' }] }
 */
export function cleanAction(input: AgreedAction): { action: AgreedAction; faults: ActionFault[] } {
  const action = {
    text: cleanLine(input.text),
    salesOwner: cleanLine(input.salesOwner),
    marketingOwner: cleanLine(input.marketingOwner),
    dueDay: input.dueDay?.trim() || null,
  }
  const faults = (['text', 'salesOwner', 'marketingOwner'] as const).flatMap((field): ActionFault[] => {
    if (!isVisible(action[field])) return [{ field, why: 'missing' }]
    return action[field].length > (field === 'text' ? actionTextLimit : ownerLimit) ? [{ field, why: 'too-long' }] : []
  })
  if (action.dueDay !== null && !isCalendarDay(action.dueDay)) faults.push({ field: 'dueDay', why: 'no-day' })
  return { action, faults }
}
