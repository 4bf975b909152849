/**
 * What the facts say of each due date of a clause, counted by the database: a lead is looked at where it is stored, and only
 * one row a due date comes back. Days with their moments, and what is due when, travel as JSON.
 *
 * Only the first entry of a lead into a stage counts, and its first return. Of what only the day is known, the doubt is for
 * whoever promises: it is taken to have been delivered or done as that day began, and to have been handed over as it ended.
 */
import type { Clause, DueDate, FollowOnClause, ReportedClause, ResponseClause } from '../core/clause'
import { type Stage, stages } from '../core/facts'
import type { Counts } from '../core/sla'
import type { TimelineDay } from '../core/work-calendar'
import type { Database } from './client'

export type CountedClause = Exclude<Clause, ReportedClause>

/** A due date as it is counted: what entered or was handed over after `from`, up to `until`. */
export type CountedDue = Pick<DueDate, 'from' | 'until' | 'dueAt'>

/** A lead that something is overdue for: its ids and no more. */
export interface OverdueLead {
  sourceId: string
  source: string
  leadId: string
  /** When it was handed over or delivered; null where only the day is known. */
  at: number | null
  day: string
  /** When the delivery that it belongs to was due to be followed up; null for a response, which has its own time for each lead. */
  dueAt: number | null
  /** Of all that are overdue. */
  total: number
}

/**
 * The statement that counts one version of a clause; its rows are read with `countsIn`.
 *
 * @param timeline day by day over all that is counted
 */
export function selectCounts(
  db: Database,
  clause: CountedClause,
  dues: readonly CountedDue[],
  timeline: readonly TimelineDay[],
): D1PreparedStatement {
  const spans = JSON.stringify(
    clause.kind === 'response' ? deadlinesOf(spansOf(dues, timeline), timeline, clause.minutes) : spansOf(dues, timeline),
  )
  switch (clause.kind) {
    case 'volume':
      return db.$client.prepare(volumes(clause.stage)).bind(spans)
    case 'follow-on':
      return db.$client.prepare(followOns(clause)).bind(spans)
    case 'response':
      return db.$client.prepare(responses(clause)).bind(spans)
    case 'attempts':
      return db.$client.prepare(attempts).bind(spans, clause.atLeast)
  }
}

/** What `selectCounts` read, by due date. */
export function countsIn(rows: readonly unknown[], clause: CountedClause, dues: readonly CountedDue[]): Counts[] {
  const found = new Map((rows as { due: number; numerator: number; denominator: number }[]).map((row) => [row.due, row]))
  return dues.map((_, index) => {
    const { numerator = 0, denominator = 0 } = found.get(index) ?? {}
    return { numerator, denominator: clause.kind === 'volume' ? null : denominator }
  })
}

/** The statement that finds what is overdue now, oldest first: at most `limit` leads, and how many there are. */
export function selectOverdue(
  db: Database,
  clause: FollowOnClause | ResponseClause,
  dues: readonly CountedDue[],
  timeline: readonly TimelineDay[],
  limit: number,
): D1PreparedStatement {
  const isDone =
    clause.kind === 'response'
      ? tried('true')
      : `exists (select 1 from (${entriesInto(...laterThan(clause))}) as later where later.source_id = found.source_id and later.lead_id = found.lead_id)`
  return db.$client
    .prepare(
      `with ${firstsOf(clause.stage, clause.kind === 'response' ? 'ends' : 'starts')}
       select found.source_id as sourceId, coalesce(sources.name, '') as source, found.lead_id as leadId, found.at, found.day,
         ${clause.kind === 'response' ? 'null' : 'found.due_at'} as dueAt, count(*) over () as total
       from firsts as found left join sources on sources.id = found.source_id
       where not ${isDone}
         and not exists (select 1 from stage_events as gone where gone.source_id = found.source_id and gone.lead_id = found.lead_id
           and gone.what in ('returned', 'lost') and gone.deleted_at is null)
       order by coalesce(found.at, found.starts), found.source_id, found.lead_id limit ?2`,
    )
    .bind(JSON.stringify(spansOf(dues, timeline)), limit)
}

/** The first day of each kind of fact that clauses are made of; null where there is none. */
export type FirstDays = Record<Stage | 'activity', string | null>

type FirstRow = FirstDays & Record<'leads' | 'opened' | 'won', string | null>

const firstDay = (stage: Stage) => `(select min(day) from stage_events where what = 'entered' and stage = '${stage}')`

/** For a batch of the caller's; read with `firstDaysIn`. */
export const selectFirstDays = (db: Database) =>
  db.get<FirstRow>(
    `select ${stages.map((stage) => `${firstDay(stage)} as "${stage}"`).join(', ')}, (select min(day) from activities) as activity,
       (select min(created_day) from leads) as leads, (select min(created_day) from deals) as opened,
       (select min(closed_day) from deals where state = 'won') as won`,
  )

export function firstDaysIn({ leads, opened, won, ...known }: FirstRow): FirstDays {
  const earlier = (...found: (string | null)[]) => found.filter((day) => day !== null).sort()[0] ?? null
  return {
    ...known,
    lead: earlier(known.lead, leads),
    opportunity: earlier(known.opportunity, opened),
    customer: earlier(known.customer, won),
  }
}

// ── Days as JSON ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A stretch of a day, and what happens in it: which due date it counts for, if any, and when an answer to it is late. */
interface Span {
  day: string
  starts: number
  ends: number
  /** After this moment and up to that one. */
  after: number
  until: number
  due: number | null
  dueAt: number | null
  dueDay: string | null
  /** Of a response: what was handed over by `low` at the earliest and `high` at the latest, plus `shift`, is the deadline. */
  low: number | null
  high: number | null
  shift: number | null
}

const dayMilliseconds = 86_400_000

/** Every moment of the timeline in one stretch: those between due dates have none. */
function spansOf(dues: readonly CountedDue[], timeline: readonly TimelineDay[]): Span[] {
  const spans: Span[] = []
  let first = 0
  const dayAt = dayFinder(timeline)
  for (const { day, start, end } of timeline) {
    while (first < dues.length && (dues[first]?.until ?? 0) < start) first++
    const count = spans.length
    let after = start - 1
    const add = (until: number, due: number | null, dueAt: number | null) => {
      if (until <= after) return
      const dueDay = dueAt === null ? null : dayAt(dueAt)
      spans.push({ day, starts: start, ends: end, after, until, due, dueAt, dueDay, low: null, high: null, shift: null })
      after = until
    }
    for (let index = first; index < dues.length; index++) {
      const due = dues[index]
      // What was handed over on a day ends with it, and belongs to what begins then.
      if (!due || due.from >= end) break
      add(Math.min(due.from, end), null, null)
      add(Math.min(due.until, end), index, due.dueAt)
    }
    add(end, null, null)
    // A source in another time zone may put a moment on the day beside its own: it counts with the day that it says.
    const [earliest, latest] = [spans[count], spans.at(-1)]
    if (earliest && latest) {
      earliest.after -= dayMilliseconds
      latest.until += dayMilliseconds
    }
  }
  return spans
}

/** The day that a moment falls on; of the last moment of a day, 24:00, that day. */
function dayFinder(timeline: readonly TimelineDay[]): (moment: number) => string {
  let index = 0
  return (moment) => {
    while (index > 0 && (timeline[index]?.start ?? 0) >= moment) index--
    while (index < timeline.length - 1 && (timeline[index]?.end ?? 0) < moment) index++
    return timeline[index]?.day ?? ''
  }
}

/** The same stretches, cut where the deadline of what is handed over in them moves on to another day of work. */
function deadlinesOf(spans: readonly Span[], timeline: readonly TimelineDay[], minutes: number): Span[] {
  const days = new Map(timeline.map((day, index) => [day.day, index]))
  return spans.flatMap((span) => {
    const index = days.get(span.day) ?? 0
    const own = timeline[index]
    if (!own || span.due === null) return [span]
    const wanted = own.worked + minutes * 60_000
    const last = wanted + (own.closes - own.opens)
    const pieces: Span[] = []
    let after = span.after
    for (const { day, opens, closes, worked } of timeline.slice(index)) {
      if (after >= span.until || worked > last) break
      if (closes === opens || worked + (closes - opens) < wanted) continue
      // What is handed over up to here is due on this day of work; on the last one, all that is left.
      const reach = worked + (closes - opens) >= last ? span.until : Math.min(span.until, own.opens + (worked + (closes - opens) - wanted))
      if (reach <= after) continue
      const shift = opens + (wanted - worked) - own.opens
      pieces.push({ ...span, after, until: reach, dueDay: day, low: own.opens, high: own.closes, shift })
      after = reach
    }
    return pieces.length > 0 ? pieces : [span]
  })
}

// ── SQL ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const spanColumns = ['starts', 'ends', 'after', 'until', 'due', 'dueAt', 'dueDay', 'low', 'high', 'shift'] as const
const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A day is cast: without a type of its own it would not be looked up in an index. */
const spans = `spans as materialized (select cast(value ->> '$.day' as text) as day, ${spanColumns
  .map((name) => `value ->> '$.${name}' as ${snake(name)}`)
  .join(', ')} from json_each(?1))`

/** Where an event is stored, by the columns that it is read from. */
interface Stored {
  table: string
  lead: string
  day: string
  at: string
  /** Which rows of it, by the name that the table has in a query. */
  where: (event: string) => string
}

/**
 * Entries into any of these stages. That a lead was created, became a deal or was won says so, too, where its source has no
 * such stage.
 */
function storedIn(...into: readonly Stage[]): Stored[] {
  // One term for all of them: D1 takes five in a compound select.
  const names = into.map((stage) => `'${stage}'`).join(', ')
  const stored: Stored[] = [eventsWhere((event) => `${event}.what = 'entered' and ${event}.stage in (${names})`)]
  if (into.includes('lead')) stored.push({ table: 'leads', lead: 'external_id', day: 'created_day', at: 'created_at', where: () => 'true' })
  const deal = { table: 'deals', lead: 'lead_id' }
  if (into.includes('opportunity'))
    stored.push({ ...deal, day: 'created_day', at: 'created_at', where: (event) => `${event}.lead_id is not null` })
  if (into.includes('customer'))
    stored.push({
      ...deal,
      day: 'closed_day',
      at: 'closed_at',
      where: (event) => `${event}.lead_id is not null and ${event}.state = 'won'`,
    })
  return stored
}

const eventsWhere = (where: Stored['where']): Stored => ({ table: 'stage_events', lead: 'lead_id', day: 'day', at: 'at', where })

const entriesInto = (...into: readonly Stage[]): string =>
  storedIn(...into)
    .map(
      ({ table, lead, day, at, where }) =>
        `select source_id, ${lead} as lead_id, ${day} as day, ${at} as at from ${table} where ${where(table)} and deleted_at is null`,
    )
    .join(' union all ')

/** The stage that is to be reached and those after it: whoever is further has reached it. */
const laterThan = ({ reaches }: FollowOnClause) => stages.slice(stages.indexOf(reaches))

/**
 * The first event of each lead that is not deleted, with the due date that it counts for; those that count for none are left
 * out once it is known which is the first. Days come first and events are looked up by them: CROSS JOIN keeps the order.
 *
 * @param doubt when something happened of which only the day is known
 */
function firstsOf(events: Stage | 'returned', doubt: 'starts' | 'ends'): string {
  const stored = events === 'returned' ? [eventsWhere((event) => `${event}.what = 'returned'`)] : storedIn(events)
  const columns = ['starts', 'ends', 'due', 'due_at', 'due_day', 'low', 'high', 'shift']
  const parts = stored.flatMap(({ table, lead, day, at, where }) => {
    const event = `select event.source_id, event.${lead} as lead_id, event.${day} as day, event.${at} as at,
      coalesce(event.${at}, unixepoch(event.${day}) * 1000) as nth`
    const isThere = `${where('event')} and event.deleted_at is null`
    return [
      `${event}, ${columns.map((column) => `span.${column}`).join(', ')}
       from spans as span cross join ${table} as event on event.${day} = span.day
         and coalesce(event.${at}, span.${doubt}) > span.after and coalesce(event.${at}, span.${doubt}) <= span.until
       where ${isThere}`,
      `${event}, ${columns.map(() => 'null').join(', ')} from ${table} as event where event.${day} < (select min(day) from spans) and ${isThere}`,
    ]
  })
  return `${spans},
    firsts as materialized (
      select * from (select *, min(nth) from (${parts.join(' union all ')}) group by source_id, lead_id) as found
      where found.due is not null
        and not exists (select 1 from leads where leads.source_id = found.source_id and leads.external_id = found.lead_id and leads.deleted_at is not null))`
}

/** Attempts to reach a lead of `firsts`, by itself or by a deal of its own. @param is which of them */
const attemptsAt = (is: string, select: string): string => `
  (select ${select} from activities as attempt where attempt.source_id = found.source_id and attempt.lead_id = found.lead_id
     and attempt.deleted_at is null and ${is})`
const attemptsAtDeals = (is: string, select: string): string => `
  (select ${select} from deals cross join activities as attempt on attempt.source_id = deals.source_id and attempt.deal_id = deals.external_id
   where deals.source_id = found.source_id and deals.lead_id = found.lead_id
     and attempt.lead_id is null and attempt.deleted_at is null and ${is})`

/** Whether somebody tried to reach a lead after it was handed over. */
function tried(inTime: string): string {
  const isAfter = 'case when found.at is null or attempt.at is null then attempt.day >= found.day else attempt.at >= found.at end'
  const is = `${isAfter} and ${inTime}`
  return `(exists ${attemptsAt(is, '1')} or exists ${attemptsAtDeals(is, '1')})`
}

const volumes = (stage: Stage) => `
  with ${firstsOf(stage, 'starts')}
  select due, count(*) as numerator, 0 as denominator from firsts group by due`

const followOns = (clause: FollowOnClause) => `
  with ${firstsOf(clause.stage, 'starts')},
  reached as materialized (
    select source_id, lead_id, min(at) as at, min(day) filter (where at is null) as day
    from (${entriesInto(...laterThan(clause))}) group by source_id, lead_id)
  select found.due, count(*) as denominator, count(*) filter (where reached.at <= found.due_at or reached.day <= found.due_day) as numerator
  from firsts as found left join reached on reached.source_id = found.source_id and reached.lead_id = found.lead_id
  group by found.due`

function responses({ stage }: ResponseClause): string {
  const deadline = 'min(max(coalesce(found.at, found.ends), found.low), found.high) + found.shift'
  const inTime = `(attempt.at <= ${deadline} or (attempt.at is null and attempt.day <= found.due_day))`
  return `
    with ${firstsOf(stage, 'ends')}
    select due, count(*) as denominator, count(*) filter (where ${tried(inTime)}) as numerator from firsts as found group by due`
}

const isBefore = 'case when found.at is null or attempt.at is null then attempt.day <= found.day else attempt.at <= found.at end'
const attempts = `
  with ${firstsOf('returned', 'starts')}
  select due, count(*) as denominator, count(*) filter (where ${attemptsAt(isBefore, 'count(*)')} + ${attemptsAtDeals(isBefore, 'count(*)')} >= ?2) as numerator
  from firsts as found group by due`
