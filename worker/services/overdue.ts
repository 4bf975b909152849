/** What is overdue now: leads by the ids of their source, and reports that nobody made. */
import { addDays, dayOf } from '../core/calendar'
import { type Clause, plannedDues } from '../core/clause'
import { afterWorking, latestStart, momentAt } from '../core/work-calendar'
import { type OverdueLead, selectOverdue } from '../db/clause-counts'
import { countedDues, type Known, type Reading, reachOf, timelinesOf, within } from './clause-evaluation'
import type { ClauseView } from './clauses'
import type { ServiceContext } from './context'

/** What became due longer before the data ends is no longer waited for. */
export const overdueDays = 90
/** As many leads are listed of each clause. */
export const overdueShown = 50

export interface Overdue {
  clause: ClauseView
  /** How many there are, listed or not. */
  total: number
  leads: { sourceId: string; source: string; leadId: string /** Since when, in milliseconds since 1970. */; since: number }[]
  /** Due dates that nobody reported on, oldest first. */
  unreported: { dueDay: string; since: number }[]
}

/** Up to when it is known what of a clause is overdue; null where leads cannot be, or no source has such facts. */
export function overdueReach(clause: Clause, known: Known, now: Date): number | null {
  const reach = clause.kind === 'response' || clause.kind === 'follow-on' ? reachOf(clause, known) : null
  return reach === null ? null : Math.min(now.getTime(), reach)
}

/**
 * Of each clause that holds: leads that nobody tried to reach, or that did not get further, though it was due in the 90 days
 * before the data ends; without those that were returned or lost since. That nothing comes any more changes nothing of it.
 */
export async function listOverdue(
  { db, now }: Pick<ServiceContext, 'db' | 'now'>,
  views: readonly ClauseView[],
  { calendar, timeZone }: Pick<Reading, 'calendar' | 'timeZone'>,
  known: Known,
): Promise<Overdue[]> {
  const held = views.filter(({ state }) => state === 'holds')
  if (held.length === 0) return []
  const today = dayOf(now, timeZone)
  const firstOf = (reach: number) => addDays(dayOf(new Date(reach), timeZone), -overdueDays)
  const reached = held.flatMap((view) => {
    const reach = overdueReach(view.clause, known, now)
    return reach === null ? [] : [{ view, reach }]
  })
  const oldest = firstOf(Math.min(now.getTime(), ...reached.map(({ reach }) => reach)))
  const timelines = timelinesOf(calendar, timeZone, addDays(oldest, -92), addDays(today, 1))
  const questions = reached.flatMap(({ view, reach }) => {
    const { clause } = view
    if (clause.kind !== 'response' && clause.kind !== 'follow-on') return []
    const timeline = timelines(clause)
    const first = firstOf(reach)
    const start = momentAt(first, '00:00', timeZone)
    const dues = plannedDues(view, calendar, timeZone, first, today).filter(
      ({ dueAt, version }) => dueAt <= reach && version.version === view.version,
    )
    const counted =
      clause.kind === 'response'
        ? [{ from: start, until: latestStart(timeline, reach, clause.minutes), dueAt: reach }]
        : countedDues(clause, dues, timeline)
    return counted.some(({ from, until }) => from < until)
      ? [{ view, clause, statement: selectOverdue(db, clause, counted, within(timeline, counted), overdueShown) }]
      : []
  })
  const answers = questions.length > 0 ? await db.$client.batch<OverdueLead>(questions.map(({ statement }) => statement)) : []
  const found = questions.map(({ view, clause }, index): Overdue => {
    const leads = answers[index]?.results ?? []
    const timeline = timelines(clause)
    const dayEnd = (day: string) => timeline.find((one) => one.day === day)?.end ?? 0
    const late = ({ at, day, dueAt }: OverdueLead): number => {
      if (clause.kind !== 'response') return dueAt ?? 0
      const handed = at ?? dayEnd(day)
      return afterWorking(timeline, handed, clause.minutes) ?? handed
    }
    return {
      clause: view,
      total: leads[0]?.total ?? 0,
      leads: leads.map((lead) => ({ sourceId: lead.sourceId, source: lead.source, leadId: lead.leadId, since: late(lead) })),
      unreported: [],
    }
  })
  const reported = held.flatMap((view): Overdue[] => {
    if (view.clause.kind !== 'reported') return []
    const unreported = view.evaluations
      .filter(({ state, dueAt, dueDay }) => state === 'open' && dueAt <= now.getTime() && dueDay >= firstOf(now.getTime()))
      .map(({ dueDay, dueAt }) => ({ dueDay, since: dueAt }))
    return [{ clause: view, total: unreported.length, leads: [], unreported }]
  })
  return [...found, ...reported].filter(({ total }) => total > 0)
}
