/** From Salesforce's leads to leads and what happened to them. Pure. */
import { hashed, type Lead, type StageEvent, stages } from '../../core/facts'
import type { LeadMeaning } from '../connector'
import { codeText, fieldsOf, type Records, readWhen, saidText, type When } from '../records'
import { type Step, stageEvents } from '../timeline'
import type { Row } from './api'
import { checkedId, isTrue, momentOf, stateOf, textOf } from './row'

/** Salesforce keeps the history of a field for 18 months. */
const historyMilliseconds = 540 * 86_400_000

/**
 * Adds a lead and everything that its history tells.
 *
 * @param history of its status, in whatever order
 * @param tracked whether the org keeps a history of statuses at all
 */
export function mapLead(row: Row, history: readonly Row[], tracked: boolean, records: Records): void {
  const id = checkedId(row, records)
  const created = id && records.requiredWhen(id, 'CreatedDate', textOf(row, 'CreatedDate'))
  if (!id || !created) return
  const fields = fieldsOf(records.settings)
  const { updatedAt, deletedAt } = stateOf(row, records)
  const status = textOf(row, 'Status').trim()
  const told = storyOf(id, row, history, created, tracked, records)
  records.rows.lead.push(
    hashed<Lead>({
      externalId: id,
      createdDay: created.day,
      createdAt: created.at,
      channel: saidText(textOf(row, fields.leadChannel ?? 'LeadSource')),
      leadType: fields.leadType ? saidText(textOf(row, fields.leadType)) : '',
      stage: codeText(status) || null,
      updatedAt,
      deletedAt,
    }),
  )
  const reason = fields.returnReason ? saidText(textOf(row, fields.returnReason)) : ''
  const { reportingZone } = records.zones
  const events = stageEvents({ leadId: id, steps: told.steps, reasonAt: () => reason, reportingZone, updatedAt, deletedAt })
  records.rows.stage.push(...events, ...(told.seen ? [seenEvent(id, told.seen, status, reason, updatedAt, deletedAt)] : []))
}

interface Story {
  steps: Step[]
  /** Where no history says when it came to stand where it stands. */
  seen: { meaning: LeadMeaning; when: When } | null
}

function storyOf(id: string, row: Row, history: readonly Row[], created: When, tracked: boolean, records: Records): Story {
  const { leadStages } = records.settings
  const unknown = new Set<string>()
  const meaningOf = (status: string): LeadMeaning | null => {
    const meaning = leadStages[status] ?? null
    if (meaning === null && status !== '') unknown.add(status)
    return meaning
  }
  const steps: Step[] = []
  const add = (status: string, at: number | null, key: string) => {
    const meaning = meaningOf(status)
    if (meaning && at !== null)
      steps.push({ at, id: `${id}|${key}`, meaning, ordered: true, reason: isExit(meaning) ? codeText(status) : '' })
  }
  const changes = history
    .flatMap((change) => {
      const at = momentOf(change, 'CreatedDate', records)
      return at === null
        ? []
        : [{ at, key: textOf(change, 'Id'), from: textOf(change, 'OldValue').trim(), to: textOf(change, 'NewValue').trim() }]
    })
    .toSorted((a, b) => a.at - b.at)
  const status = textOf(row, 'Status').trim()
  const isYoung = created.at !== null && records.nowAt - created.at < historyMilliseconds
  const [first] = changes
  // What a lead was created with stands in no history: it is what the first change changed.
  if (first && isYoung) add(first.from, created.at, 'created')
  if (!first && tracked && isYoung) add(status, created.at, 'created')
  for (const { at, key, to } of changes) add(to, at, key)
  const now = meaningOf(status)
  for (const each of unknown) records.unknownStage(each)
  const when = isTrue(row, 'IsConverted') ? readWhen(textOf(row, 'ConvertedDate'), records.zones) : null
  const modified = readWhen(textOf(row, 'SystemModstamp'), records.zones)
  const seenAt = when ?? (isYoung || first ? modified : created)
  return { steps, seen: steps.length === 0 && now && now !== 'ignored' && seenAt ? { meaning: now, when: seenAt } : null }
}

const isExit = (meaning: LeadMeaning) => meaning === 'returned' || meaning === 'lost'

/** The first time that it was seen there is the nearest to the truth: a later one is the older. */
function seenEvent(
  leadId: string,
  { meaning, when }: { meaning: LeadMeaning; when: When },
  status: string,
  reason: string,
  updatedAt: number | null,
  deletedAt: number | null,
): StageEvent {
  const what = meaning === 'returned' || meaning === 'lost' ? meaning : 'entered'
  return hashed<StageEvent>({
    externalId: `${leadId}|seen|${codeText(status)}`,
    leadId,
    what,
    stage: stages.find((stage) => stage === meaning) ?? null,
    day: when.day,
    at: when.at,
    reason: what === 'entered' ? '' : reason || codeText(status),
    updatedAt: deletedAt === null && updatedAt !== null ? -updatedAt : null,
    deletedAt,
  })
}
