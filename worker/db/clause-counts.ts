/**
 * What the facts say of each due date of a clause, counted by the database: a lead is looked at where it is stored, and only
 * one row a due date comes back. Days with their moments, and what is due when, travel as JSON.
 *
 * Only the first entry of a lead into a stage counts, and its first return. Of what only the day is known, the doubt is for
 * whoever promises: it is taken to have been delivered or done as that day began, and to have been handed over as it ended.
 */
import type { AttemptsClause, Clause, DueDate, FollowOnClause, ReportedClause, ResponseClause } from '../core/clause'
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
  const [days, spans] = [JSON.stringify(timeline.map(dayRow)), JSON.stringify(spansOf(dues, timeline))]
  switch (clause.kind) {
    case 'volume':
      return db.$client.prepare(volumes(clause.stage)).bind(spans)
    case 'follow-on':
      return db.$client.prepare(followOns(clause)).bind(spans, days)
    case 'response':
      return db.$client.prepare(responses(clause)).bind(spans, days, clause.minutes * 60_000)
    case 'attempts':
      return db.$client.prepare(attempts(clause)).bind(spans, clause.atLeast)
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
  const spans = JSON.stringify(spansOf(dues, timeline))
  const moment = clause.kind === 'response' ? 'coalesce(found.at, span.ends)' : 'coalesce(found.at, span.starts)'
  const done =
    clause.kind === 'response'
      ? `, ${tried('after')}`
      : `, tried as materialized (select distinct source_id, lead_id from (${entriesInto(...laterThan(clause))}))`
  return db.$client
    .prepare(
      `with ${firstsOf(entriesInto(clause.stage))}${done}
       select found.source_id as sourceId, coalesce(sources.name, '') as source, found.lead_id as leadId, found.at, found.day,
         ${clause.kind === 'response' ? 'null' : 'span.due_at'} as dueAt, count(*) over () as total
       from firsts as found
       cross join spans as span on span.day = found.day
       left join tried on tried.source_id = found.source_id and tried.lead_id = found.lead_id
       left join sources on sources.id = found.source_id
       where tried.lead_id is null and ${moment} > span.after and ${moment} <= span.until
         and not exists (select 1 from stage_events as gone where gone.source_id = found.source_id and gone.lead_id = found.lead_id
           and gone.what in ('returned', 'lost') and gone.deleted_at is null)
       order by ${moment}, found.source_id, found.lead_id limit ?2`,
    )
    .bind(spans, limit)
}

/** The first day of each kind of fact that clauses are made of; null where there is none. */
export async function firstFactDays(db: Database): Promise<Record<Stage | 'activity', string | null>> {
  const first = (stage: Stage) => `(select min(day) from stage_events where what = 'entered' and stage = '${stage}')`
  const days: Record<string, string | null> | null = await db.$client
    .prepare(
      `select ${stages.map((stage) => `${first(stage)} as "${stage}"`).join(', ')}, (select min(day) from activities) as activity,
         (select min(created_day) from leads) as leads, (select min(created_day) from deals) as opened,
         (select min(closed_day) from deals where state = 'won') as won`,
    )
    .first()
  const { leads = null, opened = null, won = null, ...known } = days ?? {}
  const earlier = (...found: (string | null | undefined)[]) => found.filter((day) => day != null).sort()[0] ?? null
  return {
    ...(known as Record<Stage | 'activity', string | null>),
    lead: earlier(known.lead, leads),
    opportunity: earlier(known.opportunity, opened),
    customer: earlier(known.customer, won),
  }
}

// ── Days as JSON ────────────────────────────────────────────────────────────────────────────────────────────────────

const dayRow = ({ day, start, end, opens, closes, worked }: TimelineDay) => [day, start, end, opens, closes, worked]

/** Every day with each due date that it counts for: one, two on the days that the one ends and the next begins. */
function spansOf(dues: readonly CountedDue[], timeline: readonly TimelineDay[]) {
  const rows: (string | number)[][] = []
  let first = 0
  for (const day of timeline) {
    while (first < dues.length && (dues[first]?.until ?? 0) < day.start) first++
    for (let index = first; index < dues.length; index++) {
      const due = dues[index]
      // What was handed over on a day ends with it, and belongs to what begins then.
      if (!due || due.from >= day.end) break
      rows.push([...dayRow(day), index, due.from, due.until, due.dueAt])
    }
  }
  return rows
}

const cells = (names: readonly string[]) => names.map((name, index) => `value ->> ${index} as ${name}`).join(', ')
const dayNames = ['day', 'starts', 'ends', 'opens', 'closes', 'worked'] as const

const spans = `spans as materialized (select ${cells([...dayNames, 'due', 'after', 'until', 'due_at'])} from json_each(?1))`
const days = `days as materialized (select ${cells(dayNames)} from json_each(?2))`

// ── SQL ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Entries into any of these stages. That a lead was created, became a deal or was won says so, too, where its source has no
 * such stage.
 */
function entriesInto(...into: readonly Stage[]): string {
  const parts = [
    `select source_id, lead_id, day, at from stage_events
       where what = 'entered' and stage in (${into.map((stage) => `'${stage}'`).join(', ')}) and deleted_at is null`,
  ]
  if (into.includes('lead')) parts.push('select source_id, external_id, created_day, created_at from leads where deleted_at is null')
  if (into.includes('opportunity'))
    parts.push(`select source_id, lead_id, created_day, created_at from deals
      where lead_id is not null and created_day is not null and deleted_at is null`)
  if (into.includes('customer'))
    parts.push(`select source_id, lead_id, closed_day, closed_at from deals
      where lead_id is not null and state = 'won' and closed_day is not null and deleted_at is null`)
  return parts.join(' union all ')
}

/** The stage that is to be reached and those after it: whoever is further has reached it. */
const laterThan = ({ reaches }: FollowOnClause) => stages.slice(stages.indexOf(reaches))

/** For the order of two events only; what matters is compared by the moments of the reporting time zone. */
const ordering = 'min(coalesce(at, unixepoch(day) * 1000))'

/** The first event of each lead that is not deleted, with its own day and moment (SQLite takes them from the row of the least). */
const firstsOf = (events: string) => `${spans},
  firsts as materialized (
    select source_id, lead_id, day, at from (select source_id, lead_id, day, at, ${ordering} from (${events}) group by source_id, lead_id) as found
    where day between (select min(day) from spans) and (select max(day) from spans)
      and not exists (select 1 from leads where leads.source_id = found.source_id and leads.external_id = found.lead_id and leads.deleted_at is not null))`

/** Attempts to reach the leads in `firsts`, by themselves or by a deal of theirs; the first after that event, or how many before it. */
function tried(when: 'after' | 'before'): string {
  const isBeside =
    when === 'after'
      ? 'case when first.at is null or attempt.at is null then attempt.day >= first.day else attempt.at >= first.at end'
      : 'case when first.at is null or attempt.at is null then attempt.day <= first.day else attempt.at <= first.at end'
  const found = `select first.source_id, first.lead_id, attempt.day, attempt.at from firsts as first`
  const pairs = `
    ${found} cross join activities as attempt on attempt.source_id = first.source_id and attempt.lead_id = first.lead_id
      where attempt.deleted_at is null and ${isBeside}
    union all
    ${found} cross join deals on deals.source_id = first.source_id and deals.lead_id = first.lead_id
      cross join activities as attempt on attempt.source_id = deals.source_id and attempt.deal_id = deals.external_id
      where attempt.lead_id is null and attempt.deleted_at is null and ${isBeside}`
  return `tried as materialized (select source_id, lead_id, day, at, ${ordering} as nth, count(*) as attempts from (${pairs}) group by source_id, lead_id)`
}

/** Everything of `firsts` with the due dates that it counts for. @param moment when it happened */
const counted = (moment: string) => `from firsts as found
  cross join spans as span on span.day = found.day and ${moment} > span.after and ${moment} <= span.until`
const began = 'coalesce(found.at, span.starts)'
const ended = 'coalesce(found.at, span.ends)'

const volumes = (stage: Stage) => `
  with ${firstsOf(entriesInto(stage))}
  select span.due, count(*) as numerator, 0 as denominator ${counted(began)} group by span.due`

const followOns = (clause: FollowOnClause) => `
  with ${firstsOf(entriesInto(clause.stage))}, ${days},
  reached as materialized (
    select source_id, lead_id, min(coalesce(at, case when entered.day < (select min(day) from days) then 0 else days.starts end)) as at
    from (${entriesInto(...laterThan(clause))}) as entered left join days on days.day = entered.day group by source_id, lead_id)
  select span.due, count(*) as denominator, count(*) filter (where reached.at <= span.due_at) as numerator
  ${counted(began)} left join reached on reached.source_id = found.source_id and reached.lead_id = found.lead_id
  group by span.due`

/** Milliseconds of work until a moment of a day. */
const worked = (day: string, moment: string) => `(${day}.worked + min(max(0, ${moment} - ${day}.opens), ${day}.closes - ${day}.opens))`

function responses({ clock, stage }: ResponseClause): string {
  const attempt = 'coalesce(tried.at, days.starts)'
  const took = clock === 'all' ? `${attempt} - ${ended}` : `${worked('days', attempt)} - ${worked('span', ended)}`
  return `
    with ${firstsOf(entriesInto(stage))}, ${days}, ${tried('after')}
    select span.due, count(*) as denominator, count(*) filter (where ${took} <= ?3) as numerator
    ${counted(ended)} left join tried on tried.source_id = found.source_id and tried.lead_id = found.lead_id left join days on days.day = tried.day
    group by span.due`
}

const attempts = (_: AttemptsClause) => `
  with ${firstsOf("select source_id, lead_id, day, at from stage_events where what = 'returned' and deleted_at is null")}, ${tried('before')}
  select span.due, count(*) as denominator, count(*) filter (where tried.attempts >= ?2) as numerator
  ${counted(began)} left join tried on tried.source_id = found.source_id and tried.lead_id = found.lead_id
  group by span.due`
