/** From Salesforce's tasks to attempts to reach a lead. Pure. */
import { type Activity, type ActivityKind, hashed } from '../../core/facts'
import { leadOf } from '../deals'
import { type Records, readWhen } from '../records'
import type { Row } from './api'
import { checkedId, isTrue, stateOf, textOf } from './row'

/** What ids begin with. */
const leadPrefix = '00Q'
export const contactPrefix = '003'
const dealPrefix = '006'

/**
 * Adds a task that was an attempt: done, by a person, towards the lead. Mails to lists and steps of a cadence are automatic, a
 * plain task reaches nobody.
 *
 * @param leadOfContact the lead that a contact was before it was converted
 */
export function mapTask(row: Row, leadOfContact: ReadonlyMap<string, string>, records: Records): void {
  const id = checkedId(row, records)
  if (!id) return
  const { updatedAt, deletedAt } = stateOf(row, records)
  const [who, what] = [textOf(row, 'WhoId'), textOf(row, 'WhatId')]
  const dealId = what.startsWith(dealPrefix) ? what : null
  const ofPerson = who.startsWith(leadPrefix) ? who : (leadOfContact.get(who) ?? null)
  const leadId = records.settings.lead === 'deal' ? dealId && leadOf(dealId) : ofPerson
  const kind = kindOf(row)
  const isAttempt = kind !== null && isTrue(row, 'IsClosed') && (leadId !== null || dealId !== null)
  const when = isAttempt && deletedAt === null ? whenOf(id, row, records) : null
  if (isAttempt && deletedAt === null && !when) return
  const gone = isAttempt ? null : (updatedAt ?? records.nowAt)
  records.rows.activity.push(
    hashed<Activity>({
      externalId: id,
      leadId,
      dealId,
      kind: kind ?? 'other',
      day: when?.day ?? records.today,
      at: when?.at ?? null,
      connected: kind === 'call' ? connectedIn(textOf(row, 'CallDisposition')) : null,
      updatedAt,
      deletedAt: deletedAt ?? gone,
    }),
  )
}

function kindOf(row: Row): ActivityKind | null {
  switch (textOf(row, 'TaskSubtype')) {
    case 'Call':
      // Only a telephone system writes the direction; a call that somebody logs went out.
      return ['Inbound', 'Internal'].includes(textOf(row, 'CallType')) ? null : 'call'
    case 'Email':
      return 'email'
    case 'LinkedIn':
      return 'message'
    default:
      return null
  }
}

/** When it was done; of one that was logged afterwards, when that was. */
function whenOf(id: string, row: Row, records: Records) {
  const done = readWhen(textOf(row, 'CompletedDateTime'), records.zones)
  return done ?? records.requiredWhen(id, 'CreatedDate', textOf(row, 'CreatedDate'))
}

/** Dispositions are words of the organisation's own. */
function connectedIn(disposition: string): boolean | null {
  if (/\binterested\b/i.test(disposition)) return true // or not: somebody said so
  if (/\b(not|no|un\w+|voice ?mail|busy|wrong|left)\b/i.test(disposition)) return false
  return /\b(connected|reached|answered|spoke|talked|conversation)\b/i.test(disposition) ? true : null
}
