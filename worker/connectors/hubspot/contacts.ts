/** From HubSpot's contacts to leads, what happened to them, and where they came from. Pure. */
import { hashed, type Lead, type Touch } from '../../core/facts'
import type { LeadMeaning } from '../connector'
import type { CrmSettings } from '../crm'
import { codeText, fieldsOf, type Records, readWhen, saidText } from '../records'
import { type Step, stageEvents } from '../timeline'
import type { History, HubspotRecord } from './api'
import { enteredFields } from './asked'
import { checkedId, type Histories, mergedIds, stateOf } from './record'
import { statusPrefix } from './stages'

/** Dates of first entry and history differ by moments. */
const sameEntryMilliseconds = 60_000
/** Sales first moves the lead and then says why. */
const reasonWithinMilliseconds = 3_600_000

/** Adds a contact: the lead, what happened to it, and where it came from. */
export function mapContact(record: HubspotRecord, history: Histories, records: Records): void {
  const { settings, zones } = records
  const { id, properties } = record
  if (!checkedId(record, records)) return
  const fields = fieldsOf(settings)
  const created = records.requiredWhen(id, 'createdate', properties.createdate ?? record.createdAt)
  if (!created) return
  const state = stateOf(record, records)
  const steps = stepsOf(record, history, records)
  const stage = properties.lifecyclestage?.trim() || null
  // Partners and suppliers: whatever lifecycle stage they were in, somebody said that it is not one of leads.
  const isNoLead =
    steps.some(({ ordered }) => ordered) && steps.every(({ meaning }) => meaning === 'ignored') && !hasUnknown(record, settings)
  const deletedAt = state.deletedAt ?? (isNoLead ? (state.updatedAt ?? records.nowAt) : null)
  const reasons = fields.returnReason ? (history[fields.returnReason] ?? []) : []
  records.rows.lead.push(
    hashed<Lead>({
      externalId: id,
      createdDay: created.day,
      createdAt: created.at,
      channel: saidText(properties[fields.leadChannel ?? 'hs_analytics_source']),
      leadType: fields.leadType ? saidText(properties[fields.leadType]) : '',
      stage: stage && codeText(stage),
      updatedAt: state.updatedAt,
      deletedAt,
    }),
  )
  const reasonNow = fields.returnReason ? saidText(properties[fields.returnReason]) : ''
  records.rows.stage.push(
    ...stageEvents({
      leadId: id,
      steps: isNoLead ? [] : steps,
      reasonAt: (at) => reasonAt(reasons, at) ?? (reasons.length === 0 ? reasonNow : ''),
      reportingZone: zones.reportingZone,
      updatedAt: state.updatedAt,
      deletedAt,
    }),
  )
  for (const touch of isNoLead ? [] : touchesOf(record, zones))
    records.rows.touch.push(hashed<Touch>({ ...touch, updatedAt: state.updatedAt, deletedAt }))
  for (const merged of mergedIds(record)) {
    const gone = { updatedAt: state.updatedAt, deletedAt: state.updatedAt ?? records.nowAt }
    records.rows.lead.push(
      hashed<Lead>({ externalId: merged, createdDay: created.day, createdAt: created.at, channel: '', leadType: '', stage: null, ...gone }),
    )
  }
}

/** The steps that a contact's history shows, and first entries that are older than the history reaches. */
function stepsOf({ id, properties }: HubspotRecord, history: Histories, records: Records): Step[] {
  const { leadStages } = records.settings
  const unknown = new Set<string>()
  const steps: Step[] = []
  const add = (property: string, value: string, at: number, key: string) => {
    const meaning: LeadMeaning | undefined = leadStages[key]
    if (!meaning) unknown.add(key)
    const ordered = property === 'lifecyclestage'
    if (meaning)
      steps.push({ at, id: `${id}|${property}|${codeText(value)}|${at}`, meaning, ordered, reason: ordered ? '' : codeText(value) })
  }
  for (const [property, prefix] of [
    ['lifecyclestage', ''],
    ['hs_lead_status', statusPrefix],
  ] as const) {
    const entries = (history[property] ?? [])
      .flatMap(({ value, timestamp }) => {
        const at = Date.parse(timestamp)
        return value?.trim() && Number.isFinite(at) ? [{ value: value.trim(), at }] : []
      })
      .toSorted((a, b) => a.at - b.at)
    for (const [index, { value, at }] of entries.entries())
      if (entries[index - 1]?.value !== value) add(property, value, at, prefix + value)
    const now = properties[property]?.trim()
    if (now && entries.length === 0 && !leadStages[prefix + now]) unknown.add(prefix + now)
  }
  for (const { name, stage } of enteredFields(records.settings)) {
    const at = readWhen(properties[name], records.zones)?.at
    const known = steps.some((step) => step.id.startsWith(`${id}|lifecyclestage|${stage}|`) && step.at <= (at ?? 0) + sameEntryMilliseconds)
    if (at != null && !known) add('lifecyclestage', stage, at, stage)
  }
  for (const stage of unknown) records.unknownStage(stage)
  return steps
}

/** What the record stands in now is not mapped: it may be a lead. */
const hasUnknown = ({ properties }: HubspotRecord, { leadStages }: CrmSettings) => {
  const stage = properties.lifecyclestage?.trim()
  return stage !== undefined && stage !== '' && !leadStages[stage]
}

function reasonAt(history: History, at: number): string | null {
  const entries = history
    .map(({ value, timestamp }) => ({ value, at: Date.parse(timestamp) }))
    .filter((entry) => entry.at <= at + reasonWithinMilliseconds)
    .toSorted((a, b) => a.at - b.at)
  const last = entries.at(-1)
  return last ? saidText(last.value) : null
}

/** Where the contact came from first and last. What was imported or typed in met no marketing. */
function touchesOf({ id, properties }: HubspotRecord, zones: Records['zones']) {
  const touches = [
    { source: properties.hs_analytics_source, time: properties.hs_analytics_first_timestamp },
    { source: properties.hs_latest_source, time: properties.hs_latest_source_timestamp },
  ].flatMap(({ source, time }) => {
    const when = readWhen(time, zones)
    const channel = saidText(source)
    if (!when || channel === '' || channel === 'OFFLINE') return []
    return [{ externalId: `${id}|${when.at ?? when.day}`, leadId: id, customerId: null, day: when.day, at: when.at, channel }]
  })
  return touches.filter(({ externalId }, index) => touches.findIndex((each) => each.externalId === externalId) === index)
}
