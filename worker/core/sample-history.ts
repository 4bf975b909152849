/**
 * What happened to the leads of the sample organisation: the stages they went through, the attempts to reach them, and
 * the contacts that customers had with marketing. Each lead draws from a sequence of its own, so that nothing here moves
 * the rows of the CRM that it is told about.
 */
import { addDays, monthAfter, weekdayOf } from './calendar'
import { type Activity, type ActivityKind, type FactRows, hashed, noRows, type Stage, type StageEvent, type Touch } from './facts'
import { normalFrom } from './random'
import { type Options, pick, randomOf, type SampleDeal, type SampleLead, sampleEffect } from './sample-organisation'

export interface SampleStageEvent {
  id: string
  leadId: string
  what: StageEvent['what']
  stage: Stage
  /** Milliseconds since 1970, as all moments here. */
  at: number
  reason: string
}

export interface SampleActivity {
  id: string
  leadId: string | null
  dealId: string | null
  kind: ActivityKind
  at: number
  connected: boolean
}

export interface SampleTouch {
  id: string
  leadId: string | null
  customerId: string
  at: number
  channel: string
}

export interface SampleHistory {
  stages: SampleStageEvent[]
  activities: SampleActivity[]
  touches: SampleTouch[]
}

/**
 * The history of these leads and deals, up to the end of the months. Leads that sales did not take are left alone, sent
 * back with a reason or given up; after the SLA they are called sooner, more often before they are sent back, and hardly
 * ever sent back without a reason.
 *
 * @param months of the CRM rows, `YYYY-MM`, oldest first
 * @example sampleHistory(months, leads, deals).stages[0] // { id: 'L-10000-1', leadId: 'L-10000', what: 'entered', stage: 'mql', … }
 */
export function sampleHistory(months: readonly string[], leads: readonly SampleLead[], deals: readonly SampleDeal[]): SampleHistory {
  const end = startOf(`${monthAfter(months.at(-1) ?? '', 1)}-01`)
  const dealOf = new Map(deals.map((deal) => [deal.leadId, deal]))
  const history: SampleHistory = { stages: [], activities: [], touches: [] }
  for (const lead of leads) {
    const effect = sampleEffect(months.indexOf(lead.created.slice(0, 7)))
    const path = new Path(lead, effect, end)
    const deal = dealOf.get(lead.id)
    if (deal) path.towards(deal)
    else path.until(lead.stage)
    history.stages.push(...path.stages.filter(({ at }) => at < end))
    history.activities.push(...path.activities.filter(({ at }) => at < end))
  }
  for (const deal of deals) {
    const created = leads[Number(deal.leadId?.slice(2)) - firstLead]?.created ?? addDays(deal.created, -5)
    history.touches.push(...touchesOf(deal, created).filter(({ at }) => at < end))
    const meeting = meetingOf(deal)
    if (meeting.at < end) history.activities.push(meeting)
  }
  return history
}

/** The history as the facts that a CRM would have brought. Days are of UTC, the sample's time zone. */
export function historyFacts({ stages, activities, touches }: SampleHistory): FactRows {
  const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)
  return {
    ...noRows(),
    stage: stages.map(({ id, ...event }) => hashed<StageEvent>({ externalId: id, ...event, day: dayOf(event.at) })),
    activity: activities.map(({ id, ...activity }) => hashed<Activity>({ externalId: id, ...activity, day: dayOf(activity.at) })),
    touch: touches.map(({ id, ...touch }) => hashed<Touch>({ externalId: id, ...touch, day: dayOf(touch.at) })),
  }
}

/** Ids of leads count from here. */
const firstLead = 10_000

// ── One lead ────────────────────────────────────────────────────────────────────────────────────────────────────────

class Path {
  readonly stages: SampleStageEvent[] = []
  readonly activities: SampleActivity[] = []
  readonly lead: SampleLead
  readonly effect: number
  readonly end: number
  readonly #random: () => number

  /** @param effect of the SLA, 0 to 1 @param end nothing is given up from here on */
  constructor(lead: SampleLead, effect: number, end: number) {
    this.lead = lead
    this.effect = effect
    this.end = end
    this.#random = randomOf('history', lead.id)
  }

  /** Of a lead that a deal came of: everything lies between the two days. */
  towards(deal: SampleDeal): void {
    const first = startOf(this.lead.created) + (6 + this.#random() * 1.5) * hour
    const last = startOf(deal.created) + 15 * hour
    // What would come too late comes somewhere between the step before it and the deal.
    const within = (moment: number, previous: number) => Math.round(moment < last ? moment : previous + 0.4 * (last - previous))
    const attempt = within(workAfter(first, this.#delay()), first)
    this.#event('entered', 'mql', first)
    this.#attempts(attempt, 1, true)
    const accepted = within(workAfter(attempt, 20 + this.#random() * 180), attempt)
    this.#event('entered', 'sal', accepted)
    this.#event('entered', 'sql', within(workAfter(accepted, 60 + this.#random() * 900), accepted))
    if (deal.stage === 'Closed lost' && deal.closed) {
      this.#event('lost', 'opportunity', startOf(deal.closed) + 16 * hour, this.#reason(lostDeals, 0.12))
    }
  }

  /** Of a lead without a deal. */
  until(stage: SampleLead['stage']): void {
    const created = startOf(this.lead.created)
    const qualified = created + this.#random() ** 2 * 2.6 * day + (7 + this.#random() * 11) * hour
    if (stage === 'Lead') {
      this.#giveUp('lead', created + (12 + this.#random() * 20) * day, unqualified, 0.05)
      return
    }
    this.#event('entered', 'mql', qualified)
    const attempt = workAfter(qualified, this.#delay())
    if (stage === 'MQL') {
      if (this.#random() < 0.3 + 0.5 * this.effect) this.#attempts(attempt, 1 + Math.floor(this.#random() * 3), false)
      this.#giveUp('mql', qualified + (18 + this.#random() * 25) * day, refused, 0.45 - 0.3 * this.effect)
    }
    if (stage === 'Returned') this.#sendBack(attempt)
    if (stage === 'SAL' || stage === 'SQL') this.#accept(attempt, stage)
  }

  #accept(attempt: number, stage: 'SAL' | 'SQL'): void {
    this.#attempts(attempt, 1 + Math.floor(this.#random() ** 2 * 5), true)
    let accepted = workAfter(attempt, 30 + this.#random() * 600)
    if (this.#random() < 0.06) {
      // Sent back too soon, warmed up, and taken the second time.
      this.#event('returned', 'mql', accepted, this.#reason(notReady, 0.41 - 0.37 * this.effect))
      const again = accepted + (20 + this.#random() * 25) * day
      this.#event('entered', 'mql', again)
      accepted = workAfter(again, this.#delay() + 60)
    }
    this.#event('entered', 'sal', accepted)
    if (stage === 'SAL') {
      this.#giveUp('sal', accepted + (25 + this.#random() * 50) * day, notReady, 0.2)
      return
    }
    const qualifiedBySales = workAfter(accepted, 400 + this.#random() * 3_000)
    this.#event('entered', 'sql', qualifiedBySales)
    this.#giveUp('sql', qualifiedBySales + (30 + this.#random() * 60) * day, noDeal, 0.1)
  }

  /** Back to marketing as not ready; before the SLA often after an attempt or two and without a word. */
  #sendBack(attempt: number): void {
    const tries = this.#random() < 0.12 + 0.78 * this.effect ? 5 + Math.floor(this.#random() * 3) : 1 + Math.floor(this.#random() * 4)
    const taken = this.#random() < 0.55
    if (taken) this.#event('entered', 'sal', workAfter(attempt, 45 + this.#random() * 300))
    const last = this.#attempts(attempt, tries, this.#random() < 0.35)
    const returned = workAfter(last, 120 + this.#random() * 900)
    this.#event('returned', taken ? 'sal' : 'mql', returned, this.#reason(notReady, 0.41 - 0.37 * this.effect))
  }

  /** One in nine is never given up, and stays open. */
  #giveUp(stage: Stage, at: number, reasons: Options, blank: number): void {
    if (at < this.end && this.#random() > 0.11) this.#event('lost', stage, at, this.#reason(reasons, blank))
  }

  /** @returns when the last one was made */
  #attempts(first: number, count: number, connected: boolean): number {
    let at = first
    for (let nth = 1; nth <= count; nth += 1) {
      if (nth > 1) at = workAfter(at, 150 + this.#random() * 700)
      const kind = pick(attemptKinds, this.#random)
      const id = `${this.lead.id}-a${nth}`
      this.activities.push({ id, leadId: this.lead.id, dealId: null, kind, at, connected: connected && nth === count })
    }
    return at
  }

  #event(what: StageEvent['what'], stage: Stage, at: number, reason = ''): void {
    const id = `${this.lead.id}-${this.stages.length + 1}`
    this.stages.push({ id, leadId: this.lead.id, what, stage, at: Math.round(at / minute) * minute, reason })
  }

  /** Working minutes until somebody calls: nine hours before the SLA, two after it. */
  #delay(): number {
    return (540 - 420 * this.effect) * Math.exp((1 - 0.2 * this.effect) * normalFrom(this.#random))
  }

  #reason(reasons: Options, blank: number): string {
    return this.#random() < blank ? '' : pick(reasons, this.#random)
  }
}

const unqualified: Options = [
  ['Outside the profile', 0.57],
  ['Below the score', 0.43],
]
const refused: Options = [
  ['Wrong contact', 0.34],
  ['Not a fit', 0.3],
  ['Nobody had the time', 0.2],
  ['Duplicate', 0.16],
]
const notReady: Options = [
  ['No answer', 0.36],
  ['No budget this year', 0.26],
  ['Only looking', 0.22],
  ['Wrong contact', 0.16],
]
const noDeal: Options = [
  ['No timeline', 0.52],
  ['No budget', 0.3],
  ['Bought elsewhere', 0.18],
]
const lostDeals: Options = [
  ['Price', 0.36],
  ['Bought elsewhere', 0.31],
  ['No decision', 0.33],
]
const attemptKinds: Options<ActivityKind> = [
  ['call', 0.62],
  ['email', 0.3],
  ['message', 0.08],
]

// ── One deal ────────────────────────────────────────────────────────────────────────────────────────────────────────

function meetingOf(deal: SampleDeal): SampleActivity {
  const at = workAfter(startOf(deal.created) + 9 * hour, randomOf('meeting', deal.id)() * 2_000)
  return { id: `${deal.id}-a1`, leadId: null, dealId: deal.id, kind: 'meeting', at: Math.round(at / minute) * minute, connected: true }
}

/** The first contact is of the channel that the lead came by; some customers had none in their last month. */
function touchesOf(deal: SampleDeal, created: string): SampleTouch[] {
  const random = randomOf('touches', deal.id)
  const [first, last] = [startOf(created), startOf(deal.closed ?? addDays(deal.created, 40))]
  const moments = [first - random() * 12 * day]
  for (let count = Math.floor(random() * 3); count > 0; count -= 1) moments.push(first + random() * (last - first))
  if (random() < 0.88) {
    const late = Math.max(first, last - 29 * day)
    for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1) moments.push(late + random() * (last - late))
  }
  const sorted = moments.toSorted((a, b) => a - b)
  return sorted.map((moment, index) => ({
    id: `${deal.id}-t${index + 1}`,
    leadId: deal.leadId,
    customerId: deal.customerId,
    at: Math.round(moment / minute) * minute,
    channel: index === 0 ? deal.channel : pick(laterTouches, random),
  }))
}

const laterTouches: Options = [
  ['Newsletter', 0.28],
  ['Events', 0.24],
  ['Organic search', 0.18],
  ['Paid social', 0.18],
  ['Paid search', 0.12],
]

// ── Time ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const [opens, closes] = [8 * hour, 17 * hour]

const startOf = (text: string) => Date.parse(`${text}T00:00:00Z`)

/** So many working minutes later: weekdays from 8 to 17. */
function workAfter(moment: number, minutes: number): number {
  let left = minutes * minute
  for (let date = Math.floor(moment / day) * day; ; date += day) {
    const weekday = weekdayOf(new Date(date).toISOString().slice(0, 10))
    if (weekday === 0 || weekday === 6) continue
    const from = Math.max(moment, date + opens)
    const free = date + closes - from
    if (free <= 0) continue
    if (left <= free) return Math.round((from + left) / minute) * minute
    left -= free
  }
}
