/** From HubSpot's calls, tasks and meetings to attempts to reach a lead. Pure. */
import { type Activity, type ActivityKind, hashed } from '../../core/facts'
import { leadOf } from '../deals'
import { type Records, whenOf } from '../records'
import type { HubspotRecord } from './api'
import { checkedId, stateOf } from './record'

/** Outcomes that every account has. What customers add says nothing that a program could know. */
const dispositions: Readonly<Record<string, boolean>> = {
  'f240bbac-87c9-4f6e-bf70-924b57d47db7': true, // connected
  '9d9162e7-6cf3-4944-bf63-4dff82258764': false, // busy
  'a4c4c377-d246-4b32-a13b-75a56a4cd0ff': false, // left a live message
  'b2cf5968-551e-4856-9783-52b3da59a7d0': false, // left a voicemail
  '73a0d17f-1163-4015-bdd5-ec830791da20': false, // no answer
  '17b47fee-58de-441e-a44c-c6300d46f273': false, // wrong number
}

/** A meeting with many is an attempt to reach each of them, within reason. */
const leadsPerActivity = 5

/** Adds an attempt to reach somebody: made by a person, towards the lead, and not only planned. */
export function mapActivity(
  type: 'calls' | 'tasks' | 'meetings',
  record: HubspotRecord,
  links: { contacts: readonly string[]; deals: readonly string[] },
  records: Records,
): void {
  if (!checkedId(record, records)) return
  const { updatedAt, deletedAt } = stateOf(record, records)
  if (deletedAt !== null) {
    goneActivity(type, record.id, { updatedAt, deletedAt }, leadsPerActivity, records)
    return
  }
  const attempt = attemptOf(type, record)
  // Once done and no longer: what was counted goes.
  if (!attempt) {
    goneActivity(type, record.id, { updatedAt, deletedAt: updatedAt ?? records.nowAt }, Math.max(1, links.contacts.length), records)
    return
  }
  const dealId = links.deals[0] ?? null
  const ofDeal = dealId && records.settings.lead === 'deal' ? leadOf(dealId) : null
  const leads: (string | null)[] = ofDeal
    ? [ofDeal]
    : links.contacts.length > 0
      ? links.contacts.slice(0, leadsPerActivity)
      : dealId
        ? [null]
        : []
  if (leads.length === 0) return
  const when = records.requiredWhen(record.id, attempt.column, attempt.at)
  if (!when) return
  for (const [index, leadId] of leads.entries()) {
    const { kind, connected } = attempt
    const externalId = activityId(type, record.id, index)
    records.rows.activity.push(hashed<Activity>({ externalId, leadId, dealId, kind, day: when.day, at: when.at, connected, updatedAt }))
  }
}

const activityId = (type: string, id: string, index: number) => `${type}-${id}${index === 0 ? '' : `-${index + 1}`}`

function goneActivity(
  type: string,
  id: string,
  gone: { updatedAt: number | null; deletedAt: number },
  leads: number,
  { rows, zones, today }: Records,
): void {
  const day = whenOf(gone.deletedAt, zones.reportingZone)?.day ?? today
  const nothing = { leadId: null, dealId: null, kind: 'other' as const, day, at: null, connected: null }
  for (let index = 0; index < Math.min(leads, leadsPerActivity); index += 1)
    rows.activity.push(hashed<Activity>({ externalId: activityId(type, id, index), ...nothing, ...gone }))
}

interface Attempt {
  kind: ActivityKind
  at: string | null | undefined
  column: string
  connected: boolean | null
}

function attemptOf(type: 'calls' | 'tasks' | 'meetings', { properties }: HubspotRecord): Attempt | null {
  if (type === 'calls') {
    const status = properties.hs_call_status || 'COMPLETED'
    if (properties.hs_call_direction !== 'OUTBOUND' || !['COMPLETED', 'NO_ANSWER', 'BUSY'].includes(status)) return null
    const connected = status === 'COMPLETED' ? (dispositions[properties.hs_call_disposition?.toLowerCase() ?? ''] ?? null) : false
    return { kind: 'call', at: properties.hs_timestamp, column: 'hs_timestamp', connected }
  }
  if (type === 'tasks') {
    // A call that was made is logged as one: the ticked task would count it again. A to-do reaches nobody.
    const task = properties.hs_task_type ?? ''
    const kind = task === 'EMAIL' ? 'email' : task.startsWith('LINKED_IN') ? 'message' : null
    if (!kind || properties.hs_task_status !== 'COMPLETED') return null
    return { kind, at: properties.hs_task_completion_date, column: 'hs_task_completion_date', connected: null }
  }
  const outcome = properties.hs_meeting_outcome
  if (outcome !== 'COMPLETED' && outcome !== 'NO_SHOW') return null
  const at = properties.hs_meeting_start_time || properties.hs_timestamp
  return { kind: 'meeting', at, column: 'hs_meeting_start_time', connected: outcome === 'COMPLETED' }
}
