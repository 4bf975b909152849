/**
 * The way of one lead through the stages: which it reached, when it entered each first, and how it stands now. Sources
 * disagree, repeat themselves and know some moments as days only; nothing here depends on the order that they tell in.
 */
import { daysBetween } from './calendar'
import { type DealState, type Stage, type StageEvent, stages } from './facts'

/** A day of the reporting time zone, and the moment in milliseconds since 1970 where it is known. */
export interface Moment {
  day: string
  at: number | null
}

/** What is known of a lead. */
export interface LeadHistory {
  created: Moment
  events: readonly Pick<StageEvent, 'what' | 'stage' | 'day' | 'at' | 'reason'>[]
  /** Its deals: each is an opportunity from its creation, and won ones are customers from their close. */
  deals: readonly {
    createdDay: string | null
    createdAt: number | null
    closedDay: string | null
    closedAt: number | null
    state: DealState
  }[]
}

/**
 * `strict` is the way through all stages in order: a skipped stage drops the lead from later ones. `any` counts a lead
 * that reached a stage for all stages before it.
 */
export type PathRule = 'any' | 'strict'

export interface LeadPath {
  /** How many of the stages it reached, from the first one on. */
  reached: number
  /** First entry into each of the stages that it entered itself; null where it did, and nobody knows when. */
  entries: ReadonlyMap<Stage, Moment | null>
  /** What happened last: it was lost, sent back, or neither. */
  state: 'open' | 'lost' | 'returned'
  /** Why; empty where nobody says, and for an open lead. */
  reason: string
}

/**
 * The way of a lead.
 *
 * A row of a lead is an entry into `lead` when it was created, unless its source says that it was a subscriber first.
 * A lead is lost or returned while nothing came after that; what came at the same moment (or on the same day, where one
 * of them is known by its day only) does not reopen it. A lead whose deals are all lost is lost.
 *
 * @param through the stages of the funnel, in order
 * @param until the last day that counts: later ones are not known yet
 * @example pathOf(history, ['lead', 'mql', 'customer'], 'any').reached // 2
 */
export function pathOf(history: LeadHistory, through: readonly Stage[], rule: PathRule, until = '9999-12-31'): LeadPath {
  const events = history.events.filter(({ day }) => day <= until)
  const deals = history.deals.filter(({ createdDay, closedDay }) => (createdDay ?? closedDay ?? '') <= until)
  const all = entriesOf(history.created, events, deals, until)
  const entries = new Map<Stage, Moment | null>()
  for (const { stage, when } of all) entries.set(stage, entries.has(stage) ? earlier(entries.get(stage) ?? null, when) : when)
  const reached = rule === 'any' ? furthest(entries, through) : inOrder(all, through)
  return { reached, entries, ...standing(events, deals, all, until) }
}

/**
 * Days from one moment to another, below 0 where the second is earlier: exact where both are known, whole days where one
 * is known by its day only; null where one is not known at all.
 *
 * @example daysFrom({ day: '2026-03-01', at: null }, { day: '2026-03-03', at: 1_772_500_000_000 }) // 2
 */
export function daysFrom(first: Moment | null, second: Moment | null): number | null {
  if (!first || !second) return null
  if (first.at !== null && second.at !== null) return (second.at - first.at) / 86_400_000
  return daysBetween(first.day, second.day)
}

interface Entry {
  stage: Stage
  when: Moment | null
}

function entriesOf(created: Moment, events: LeadHistory['events'], deals: LeadHistory['deals'], until: string): Entry[] {
  const told = events.flatMap(({ what, stage, day, at }) => (what === 'entered' && stage ? [{ stage, when: { day, at } }] : []))
  const isSubscriber = told.some(({ stage }) => stage === 'subscriber')
  return [
    ...(isSubscriber ? [] : [{ stage: 'lead' as const, when: created }]),
    ...told,
    ...deals.map(({ createdDay, createdAt }): Entry => ({ stage: 'opportunity', when: moment(createdDay, createdAt) })),
    ...deals
      .filter((deal) => isWon(deal, until))
      .map(({ closedDay, closedAt }): Entry => ({ stage: 'customer', when: moment(closedDay, closedAt) })),
  ]
}

const moment = (day: string | null, at: number | null): Moment | null => (day === null ? null : { day, at })

type Deal = LeadHistory['deals'][number]
const isClosed = ({ closedDay }: Deal, until: string) => (closedDay ?? '') <= until
const isWon = (deal: Deal, until: string) => deal.state === 'won' && isClosed(deal, until)

function furthest(entries: ReadonlyMap<Stage, Moment | null>, through: readonly Stage[]): number {
  const last = Math.max(...[...entries.keys()].map((stage) => stages.indexOf(stage)))
  return through.filter((stage) => stages.indexOf(stage) <= last).length
}

/** Each stage by the first entry that is not before the one into the stage before it: coming back makes a way, too. */
function inOrder(all: readonly Entry[], through: readonly Stage[]): number {
  let last: Moment | null = null
  for (const [index, stage] of through.entries()) {
    let next: Moment | null | undefined
    for (const entry of all) {
      if (entry.stage !== stage || (last && entry.when && isBefore(entry.when, last))) continue
      next = next === undefined ? entry.when : earlier(next, entry.when)
    }
    if (next === undefined) return index
    last = next ?? last
  }
  return through.length
}

/** Of the same day, where one of them knows no more than that, neither is before the other. */
const isBefore = (a: Moment, b: Moment) => (a.day === b.day && a.at !== null && b.at !== null ? a.at < b.at : a.day < b.day)

/** A moment that is known counts before one that is not. */
function earlier(a: Moment | null, b: Moment | null): Moment | null {
  if (!a || !b) return a ?? b
  return isBefore(b, a) ? b : a
}

interface Turn {
  what: 'entered' | 'returned' | 'lost'
  when: Moment
  reason: string
}

function standing(
  events: LeadHistory['events'],
  deals: LeadHistory['deals'],
  all: readonly Entry[],
  until: string,
): Pick<LeadPath, 'state' | 'reason'> {
  const allLost = deals.length > 0 && deals.every((deal) => deal.state === 'lost' && isClosed(deal, until))
  const turns: Turn[] = [
    ...all.flatMap(({ when }) => (when ? [{ what: 'entered' as const, when, reason: '' }] : [])),
    ...events.flatMap(({ what, day, at, reason }) => (what === 'entered' ? [] : [{ what, when: { day, at }, reason }])),
    ...(allLost ? deals : []).flatMap(({ closedDay, closedAt }) =>
      closedDay === null ? [] : [{ what: 'lost' as const, when: { day: closedDay, at: closedAt }, reason: '' }],
    ),
  ]
  const last = latest(turns)
  const lost = last.filter(({ what }) => what === 'lost')
  const ends = lost.length > 0 ? lost : last.filter(({ what }) => what === 'returned')
  const [end] = ends
  if (!end || end.what === 'entered') return { state: 'open', reason: '' }
  return { state: end.what, reason: ends.find(({ reason }) => reason !== '')?.reason ?? '' }
}

/** Everything that nothing else is later than. */
function latest(turns: readonly Turn[]): Turn[] {
  const day = turns.reduce((last, { when }) => (when.day > last ? when.day : last), '')
  const ofDay = turns.filter(({ when }) => when.day === day)
  if (ofDay.some(({ when }) => when.at === null)) return ofDay
  const at = Math.max(...ofDay.map(({ when }) => when.at ?? 0))
  return ofDay.filter(({ when }) => when.at === at)
}
