/** From what a CRM keeps of a lead's stages and statuses to what happened to the lead. */
import { hashed, type Stage, type StageEvent, stages } from '../core/facts'
import type { LeadMeaning } from './connector'
import { whenOf } from './records'

/** A stage or status that a lead was put into. */
export interface Step {
  at: number
  /** The same in every pull, and of this lead only. */
  id: string
  meaning: LeadMeaning
  /** Whether it is of the property whose values are in order: going back is a return. */
  ordered: boolean
  /** What the value itself says about why. */
  reason: string
}

export interface Timeline {
  leadId: string
  steps: readonly Step[]
  /** What the source says about why, at a time; empty where it does not say. */
  reasonAt(at: number): string
  reportingZone: string
  updatedAt: number | null
  deletedAt: number | null
}

const rank = (stage: Stage) => stages.indexOf(stage)

/**
 * Every entry into a stage, every return and every loss. A lead that goes back to an earlier stage was returned; what else says
 * so until it goes forward again is the same return.
 *
 * @example stageEvents({ leadId: '7', steps, reasonAt: () => '', reportingZone: 'UTC', updatedAt: null, deletedAt: null })
 */
export function stageEvents({ leadId, steps, reasonAt, reportingZone, updatedAt, deletedAt }: Timeline): StageEvent[] {
  type Said = Omit<StageEvent, 'contentHash' | 'updatedAt' | 'deletedAt'>
  const events: Said[] = []
  let current: Stage | null = null
  let open: { returned: Said | null; lost: Said | null } = { returned: null, lost: null }

  function add(step: Step, what: StageEvent['what'], stage: Stage | null, reason: string): Said | null {
    const when = whenOf(step.at, reportingZone)
    if (!when) return null
    const externalId = what === 'entered' ? step.id : `${step.id}|${what}`
    const event: Said = { externalId, leadId, what, stage, day: when.day, at: when.at, reason }
    events.push(event)
    return event
  }
  function leave(step: Step, what: 'returned' | 'lost') {
    const reason = reasonAt(step.at) || step.reason
    const before = open[what]
    if (before) before.reason ||= reason
    else open[what] = add(step, what, current, reason)
  }

  for (const step of steps.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))) {
    if (step.meaning === 'ignored') continue
    if (step.meaning === 'returned' || step.meaning === 'lost') {
      leave(step, step.meaning)
      continue
    }
    const isBack: boolean = current !== null && rank(step.meaning) < rank(current)
    if (isBack && step.ordered) leave({ ...step, reason: '' }, 'returned')
    if (!isBack && current !== step.meaning) open = { returned: null, lost: null }
    add(step, 'entered', step.meaning, '')
    if (!isBack || step.ordered) current = step.meaning
  }
  return events.map((event) => hashed<StageEvent>({ ...event, updatedAt, deletedAt }))
}
