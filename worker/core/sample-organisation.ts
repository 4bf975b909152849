/**
 * The sample organisation as plain data: an invented maker of measuring instruments, its people, what they answer and
 * what its CRM knows. Everything follows from one seed and the current month, so that two loads in one month are alike.
 *
 * The story it tells: sales and marketing drift apart on what a good lead is, sign an SLA in the eighth round, and get
 * better at handing leads over; lead quality still divides them, and winning a customer has lately become dearer.
 */

import type { Answer } from './ballot'
import { addDays, weekdayOf } from './calendar'
import type { Clause } from './clause'
import { normalFrom, randomFrom } from './random'
import { type Item, type Side, type Term, type Theme, themes } from './round'
import { type ScheduleRule, usualRule } from './schedule'
import { total } from './statistics'
import type { Case } from './survey-bank'

export const sampleName = 'Tidewick Instruments'
export const sampleCurrency = 'USD'
export const sampleEvent = 'SLA signed'
/** Who says so. */
export const sampleEventAuthor = 'Revenue operations'

/** Rounds that the sample has: the last one is open, the others are closed. */
export const sampleRounds = 13
/** Whole months that the CRM rows cover, up to the one before the open round. */
export const sampleMonths = 18

/** The round, from 0, before which both sides are divided into teams: earlier results know the sides, and need two keys. */
export const sampleTeamsRound = 10

const seed = 'tidewick-4'
/** The round, from 0, in whose month the SLA was signed. */
const slaRound = 7

// ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface SamplePerson {
  email: string
  name: string
  /** As an import names it: `Sales / SDR`. */
  team: string
  side: Side
  locale: 'en' | 'th' | 'ms' | 'ar'
  /** Has not answered the open round yet: what is left for a visitor to try. */
  undecided: boolean
}

/** `*` marks those who have not answered the open round; the address is the Latin form of the name. */
const roster = {
  'Sales / SDR': [
    'en *Maren Oduya',
    'th *Kanda Wongdee | กานดา วงศ์ดี',
    'en Theo Brandvik',
    'ms Aisyah Razlan',
    'en Priya Nambara',
    'th Niran Saetang | นิรันดร์ แซ่ตั้ง',
    'ar Samir Haloum | سمير حلوم',
    'en Joao Ferrand',
    'ms Hafiz Zulmin',
    'en Wanjiru Kesi',
    'en Lukas Steenberg',
    'ar Rania Qasmi | رانيا قاسمي',
  ],
  'Sales / Mid-market': [
    'ms *Farid Iskanor',
    'en Ingrid Solvang',
    'en Tomasz Wilkor',
    'th Malee Chaiyut | มาลี ชัยยุทธ',
    'en Chidi Okonwe',
    'en Hana Morikage',
    'ar Yousef Damari | يوسف الدماري',
    'en Beatriz Lomar',
    'ms Nurul Azrina',
  ],
  'Sales / Enterprise': [
    'ar *Layla Nasseri | ليلى ناصري',
    'en Oliver Penhallow',
    'en Mei-Lin Zhao',
    'th Somsak Rungnapa | สมศักดิ์ รุ่งนภา',
    'en Astrid Kjellman',
    'en Diego Valmora',
    'ms Azman Halid',
    'en Zanele Mbathu',
  ],
  'Sales / Sales ops': [
    'en Femke Rosendal',
    'en Arjun Pallath',
    'th Ploy Inthara | พลอย อินทรา',
    'ms Siti Maryam',
    'en Colm Drury',
    'ar Omar Shadid | عمر شديد',
  ],
  'Marketing / Demand generation': [
    'en *Noor Vandersteen',
    'th Anong Prasit | อนงค์ ประสิทธิ์',
    'en Marcus Tilbrook',
    'en Yuki Asahara',
    'ms Khairul Anwer',
    'en Elif Sonmez',
    'ar Huda Barakat-Amin | هدى بركات أمين',
    'en Rasmus Falkenby',
    'en Thandi Nkosa',
    'ms Dayang Suraya',
  ],
  'Marketing / Content': [
    'th *Chai Boonmee | ชัย บุญมี',
    'en Clara Whitcombe',
    'en Mateo Brisas',
    'ar Tariq Mansoury | طارق منصوري',
    'en Sanne Dijkhof',
    'ms Melur Kamarul',
    'en Kofi Adzanu',
  ],
  'Marketing / Product marketing': ['en Lotte Abelson', 'en Vikram Soren', 'th Dao Siriwan | ดาว ศิริวรรณ'],
  'Marketing / Events': ['en Piet Hollander', 'ms Intan Baizura', 'ar Salma Idrissi-Noor | سلمى إدريسي نور'],
} as const

/** Everybody, in the order of their teams. */
export const samplePeople: readonly SamplePerson[] = Object.entries(roster).flatMap(([team, lines]) =>
  lines.map((line) => {
    const [, locale = 'en', mark = '', latin = '', own] = /^(\w\w) (\*?)([^|]+?)(?: \| (.+))?$/.exec(line) ?? []
    return {
      email: `${latin.toLowerCase().replaceAll(' ', '.')}@tidewick.example`,
      name: own ?? latin,
      team,
      side: team.startsWith('Sales') ? 'sales' : 'marketing',
      locale: locale as SamplePerson['locale'],
      undecided: mark === '*',
    }
  }),
)

// ── Time ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface SampleRound {
  /** `YYYY-MM` */
  period: string
  openedAt: Date
  closesAt: Date
}

const day = 86_400_000
/** Days on which a round takes ballots, that of its opening included: of the rounds that were held, and by the schedule. */
const windowDays = 21

/**
 * The thirteen rounds, oldest first: a month each, the last one in the month of `now` and opened five days ago at most.
 *
 * @example sampleSchedule(new Date('2026-11-22T10:00:00Z')).map(({ period }) => period).slice(-2) // ['2026-10', '2026-11']
 */
export function sampleSchedule(now: Date): SampleRound[] {
  return Array.from({ length: sampleRounds }, (_, index) => {
    const period = monthsAfter(periodOf(now), index - sampleRounds + 1)
    if (index < sampleRounds - 1) {
      return { period, openedAt: new Date(`${period}-04T08:00:00Z`), closesAt: new Date(`${period}-24T16:00:00Z`) }
    }
    const openedAt = Math.max(Date.parse(`${period}-01T00:00:00Z`), now.getTime() - 5 * day)
    return { period, openedAt: new Date(openedAt), closesAt: new Date(now.getTime() + 15 * day) }
  })
}

/** A monthly schedule from the month after the open round's on, some days after that one has closed. */
export function sampleRule(now: Date): ScheduleRule {
  const closesAt = sampleSchedule(now).at(-1)?.closesAt ?? now
  const earliest = [addDays(closesAt.toISOString().slice(0, 10), 2), `${monthsAfter(periodOf(now), 1)}-01`].sort().at(-1) as string
  const tuesday = 2
  return { ...usualRule, windowDays, firstDay: addDays(earliest, (tuesday - weekdayOf(earliest) + 7) % 7) }
}

/** The day the SLA was signed: about five months ago, while the eighth round was open. */
export const sampleEventDay = (now: Date): string => `${monthsAfter(periodOf(now), slaRound - sampleRounds + 1)}-15`

/** When the CRM and the ledger were exported: in the night after the last month. */
export const sampleExportedAt = (now: Date): Date => new Date(`${periodOf(now)}-01T00:00:00Z`)

/** What the sides promised each other when the SLA was signed. */
export const sampleClauses: readonly Clause[] = [
  {
    ...{ kind: 'volume', side: 'marketing', stage: 'mql', atLeast: 45, counts: 'since-last', onHoliday: 'as-is' },
    due: { every: 'week', weekday: 1, time: '09:00' },
  },
  {
    ...{ kind: 'follow-on', side: 'sales', stage: 'mql', reaches: 'sal', share: 0.75, counts: 'since-last', onHoliday: 'as-is' },
    ...{ due: { every: 'week', weekday: 1, time: '09:00' }, daysLater: 2, time: '18:00' },
  },
]

/** What both sides agreed on about the last closed round, and whether they have done it. Some of it is being done yet. */
export const sampleActions = [
  {
    text: 'Marketing hands over no lead without a phone number; sales says within two days what became of it.',
    salesOwner: 'Theo Brandvik',
    marketingOwner: 'Noor Vandersteen',
    done: true,
  },
  {
    text: 'One sheet for each product, written together, in the four languages that customers ask for.',
    salesOwner: 'Zanele Mbathu',
    marketingOwner: 'Piet Hollander',
    done: false,
  },
] as const

/** The months of the CRM rows, oldest first; the last one is over. */
export function sampleKpiMonths(now: Date): string[] {
  return Array.from({ length: sampleMonths }, (_, index) => monthsAfter(periodOf(now), index - sampleMonths))
}

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Mood of each side before the SLA and what it added, on the scale of an answer around its middle. */
const moods: Record<Theme, { sales: readonly [number, number]; marketing: readonly [number, number] }> = {
  goals: { sales: [0.15, 0.35], marketing: [0.45, 0.2] },
  'lead-quality': { sales: [-0.7, 0.4], marketing: [0.75, 0.05] },
  'hand-off': { sales: [-0.35, 0.75], marketing: [0.2, 0.4] },
  communication: { sales: [0, 0.4], marketing: [0.1, 0.35] },
  messaging: { sales: [0.15, 0.05], marketing: [0.75, 0] },
  metrics: { sales: [0.1, 0.3], marketing: [-0.15, 0.2] },
  resources: { sales: [-0.05, 0.05], marketing: [-0.35, 0] },
}

/** What the open round adds: leads are called back within a day, and both teams meet weekly. */
const lately: Partial<Record<Theme, number>> = { 'hand-off': 0.6, communication: 0.6, goals: 0.15 }

/** What a team feels differently from its side. */
const teamMoods: Record<string, Partial<Record<Theme, number>>> = {
  'Sales / SDR': { 'lead-quality': -0.35, 'hand-off': -0.2 },
  'Sales / Enterprise': { 'lead-quality': 0.2, messaging: -0.3 },
  'Sales / Sales ops': { metrics: 0.5, 'lead-quality': 0.3 },
  'Marketing / Content': { metrics: -0.4, messaging: 0.2 },
  'Marketing / Demand generation': { resources: -0.2 },
}

/** Which answer both sides come round to, what each side says otherwise, and how many agree before and after. */
const termViews: Record<Term, { shared: number; sales: number; marketing: number; before: number; after: number }> = {
  sla: { shared: 0, sales: 2, marketing: 1, before: 0.35, after: 0.97 },
  icp: { shared: 0, sales: 2, marketing: 1, before: 0.55, after: 0.68 },
  persona: { shared: 0, sales: 2, marketing: 1, before: 0.55, after: 0.6 },
  'buyer-journey': { shared: 1, sales: 3, marketing: 0, before: 0.6, after: 0.68 },
  'lifecycle-stage': { shared: 2, sales: 3, marketing: 1, before: 0.45, after: 0.72 },
  'lead-type': { shared: 1, sales: 3, marketing: 0, before: 0.6, after: 0.7 },
  'deal-stage': { shared: 2, sales: 4, marketing: 1, before: 0.6, after: 0.72 },
  'lead-status': { shared: 0, sales: 2, marketing: 1, before: 0.5, after: 0.75 },
  'lead-score': { shared: 0, sales: 2, marketing: 0, before: 0.25, after: 0.25 },
  'connect-attempt': { shared: 1, sales: 2, marketing: 0, before: 0.5, after: 0.8 },
}

/** What the two teams agreed on when they signed the SLA: answers of our own, by term. Of the lead score, sales never heard. */
export const sampleAgreed = { sla: 'with-numbers', 'lifecycle-stage': 'fit-and-score', 'lead-score': 'fit-and-interest' } as const

/** The first round that knows of it, from 1. */
export const sampleAgreedRound = slaRound + 1

/** Of each story the answer that both sides come round to, and what each says otherwise; by the id after `vignette-`. */
const storyViews: Readonly<Record<string, { shared: number; sales: number; marketing: number }>> = {
  'sla-forty-good-ones': { shared: 1, sales: 1, marketing: 0 },
  'sla-friday-evening': { shared: 1, sales: 2, marketing: 0 },
  'sla-three-days': { shared: 1, sales: 0, marketing: 1 },
  'icp-eight-people': { shared: 1, sales: 1, marketing: 0 },
  'icp-big-name': { shared: 1, sales: 0, marketing: 1 },
  'icp-next-year': { shared: 0, sales: 1, marketing: 0 },
  'persona-intern': { shared: 1, sales: 1, marketing: 0 },
  'persona-finance': { shared: 0, sales: 0, marketing: 1 },
  'journey-two-guides': { shared: 0, sales: 0, marketing: 1 },
  'journey-prices': { shared: 2, sales: 1, marketing: 2 },
  'mql-two-papers': { shared: 1, sales: 1, marketing: 0 },
  'sql-no-date': { shared: 0, sales: 1, marketing: 0 },
  'mql-demo-misfit': { shared: 1, sales: 1, marketing: 0 },
  'sql-first-meeting': { shared: 0, sales: 1, marketing: 0 },
  'mql-student': { shared: 1, sales: 1, marketing: 1 },
  'lead-customer': { shared: 0, sales: 1, marketing: 0 },
  'lead-partner': { shared: 1, sales: 1, marketing: 0 },
  'deal-six-weeks': { shared: 1, sales: 0, marketing: 1 },
  'deal-booked': { shared: 1, sales: 1, marketing: 0 },
  'deal-spoken-yes': { shared: 1, sales: 0, marketing: 1 },
  'status-next-year': { shared: 0, sales: 0, marketing: 1 },
  'status-no-answer': { shared: 0, sales: 0, marketing: 1 },
  'status-wrong-number': { shared: 0, sales: 0, marketing: 1 },
  'score-wrong-country': { shared: 1, sales: 1, marketing: 0 },
  'score-asks-price': { shared: 0, sales: 0, marketing: 1 },
  'attempt-voicemail': { shared: 0, sales: 0, marketing: 1 },
  'attempt-third-email': { shared: 1, sales: 0, marketing: 1 },
  'attempt-demo': { shared: 0, sales: 1, marketing: 0 },
}

/** What each side names before the SLA, what both come closer to after it, and how far people are apart. */
const numberViews: Readonly<Record<string, { shared: number; sales: number; marketing: number; spread: number }>> = {
  'number-first-hours': { shared: 24, sales: 44, marketing: 6, spread: 7 },
  'number-score-threshold': { shared: 60, sales: 72, marketing: 42, spread: 9 },
  'number-attempts': { shared: 6, sales: 4, marketing: 9, spread: 1.4 },
}

/** What people wrote: before the SLA, after it. */
const comments: Record<'before' | 'after', Record<'sales' | 'marketing', Record<SamplePerson['locale'], readonly string[]>>> = {
  before: {
    sales: {
      en: [
        'Half of the leads I call never asked for anything.',
        'I learn about campaigns from customers.',
        'Nobody can tell me what counts as qualified.',
      ],
      th: ['ลีดหลายรายยังไม่พร้อมคุย แต่ถูกส่งมาให้โทรทันที'],
      ms: ['Kami tidak tahu kempen mana yang membawa prospek ini.'],
      ar: ['نتصل بأشخاص لم يطلبوا التحدث إلينا أصلًا.'],
    },
    marketing: {
      en: [
        'We hand leads over and never hear what became of them.',
        'Our papers are written and then not used.',
        'Every dashboard shows a different number.',
      ],
      th: ['เราไม่เคยรู้ว่าลีดที่ส่งไปแล้วเป็นอย่างไรต่อ'],
      ms: ['Bahan yang kami sediakan jarang digunakan dalam jualan.'],
      ar: ['لا نعرف لماذا تُعاد إلينا بعض الفرص.'],
    },
  },
  after: {
    sales: {
      en: [
        'The Monday list is worth the time now.',
        'Hand-offs are better; the notes save me a call.',
        'Quality still varies a lot by channel.',
      ],
      th: ['การส่งต่อดีขึ้นมาก แต่คุณภาพลีดยังไม่สม่ำเสมอ'],
      ms: ['Mesyuarat mingguan sangat membantu kedua-dua pasukan.'],
      ar: ['التسليم صار أسرع، والملاحظات مفيدة.'],
    },
    marketing: {
      en: [
        'Returned leads now come with a reason. That helps.',
        'We could promise more with one more person.',
        'One funnel, one number: keep it that way.',
      ],
      th: ['ได้รับคำติชมจากทีมขายทุกสัปดาห์แล้ว'],
      ms: ['Sasaran bersama menjadikan perancangan lebih mudah.'],
      ar: ['أصبح لدينا رقم واحد يتفق عليه الفريقان.'],
    },
  },
}

/**
 * Whether this person has answered: 85 of 100 in a closed round, all but the undecided in the open one.
 *
 * @param round from 0
 */
export function tookPart(person: SamplePerson, round: number): boolean {
  if (round === sampleRounds - 1) return !person.undecided
  return randomOf('part', person.email, round)() < 0.85
}

/**
 * What this person answers, one answer an item of the round; null for "I can't judge". It depends on the seed, the
 * person and the round only, so that a load that was interrupted goes on alike.
 *
 * @param round from 0
 */
export function sampleBallot(person: SamplePerson, round: number, items: readonly Item[]): { answers: Answer[]; comment: string | null } {
  const random = randomOf('ballot', person.email, round)
  const temper = normalFrom(randomOf('temper', person.email)) * 0.45 // some see everything brighter
  const progress = progressOf(round)
  const side = person.side === 'sales' ? 'sales' : 'marketing'
  const blind = themesNotJudged(person, random)
  const answers = items.map((item): Answer => {
    if (item.kind === 'agreement') {
      const [before, gain] = moods[item.theme][side]
      const news = round === sampleRounds - 1 ? (lately[item.theme] ?? 0) : 0
      const mood = before + gain * progress + news + (teamMoods[person.team]?.[item.theme] ?? 0)
      const answer = 3 + mood + temper + normalFrom(random) * 0.75
      return blind.has(item.theme) || random() < 0.03 ? null : clamp(Math.round(answer), 1, 5)
    }
    if (item.kind === 'headline') return clamp(Math.round(6.5 + 1.1 * progress + temper * 1.6 + normalFrom(random) * 1.2), 0, 10)
    if (item.kind === 'vignette' || item.kind === 'number') return caseAnswer(person, round, item)
    const view = termViews[item.term]
    const agrees = random() < view.before + (view.after - view.before) * progress
    if (random() < 0.06) return item.options.length - 1
    if (agrees) return Math.min(view.shared, item.options.length - 2)
    return random() < 0.6 ? Math.min(view[side], item.options.length - 2) : Math.floor(random() * (item.options.length - 1))
  })
  return { answers, comment: commentsOf(round).get(person.email) ?? null }
}

/** Drawn by itself, so that what a round asks besides changes nothing that it asks always. */
function caseAnswer({ email, side: own }: SamplePerson, round: number, item: Case): Answer {
  const random = randomOf(item.id, email, round)
  const side = own === 'sales' ? 'sales' : 'marketing'
  const progress = progressOf(round)
  if (random() < 0.06) return item.kind === 'number' ? null : item.options.length - 1
  if (item.kind === 'number') {
    const view = numberViews[item.id] ?? { shared: item.last / 2, sales: item.last / 2, marketing: item.last / 2, spread: item.last / 10 }
    const centre = view[side] + (view.shared - view[side]) * 0.7 * progress
    return clamp(Math.round(centre + normalFrom(random) * view.spread), 0, item.last)
  }
  const { before, after } = termViews[item.term]
  const view = storyViews[item.id.replace('vignette-', '')] ?? { shared: 0, sales: 0, marketing: 0 }
  if (random() < before + (after - before) * progress) return view.shared
  return random() < 0.8 ? view[side] : Math.floor(random() * (item.options.length - 1))
}

/** What some write in a round, by address: each phrase once. */
function commentsOf(round: number): ReadonlyMap<string, string> {
  const phrases = comments[round < slaRound ? 'before' : 'after']
  const left = new Map(
    Object.entries(phrases).flatMap(([side, byLocale]) =>
      Object.entries(byLocale).map(([locale, texts]) => [
        `${side} ${locale}`,
        texts.map((_, index) => texts[(index + round) % texts.length]),
      ]),
    ),
  )
  const writers = samplePeople.filter((person) => tookPart(person, round) && randomOf('comment', person.email, round)() < 0.22)
  return new Map(
    writers.flatMap(({ email, side, locale }) => {
      const text = left.get(`${side} ${locale}`)?.pop()
      return text ? [[email, text]] : []
    }),
  )
}

/** Sales operations often cannot judge the material; some others skip a theme now and then. */
function themesNotJudged(person: SamplePerson, random: () => number): Set<Theme> {
  const rate = (theme: Theme) => (person.team === 'Sales / Sales ops' && theme === 'messaging' ? 0.4 : 0.012)
  return new Set(themes.filter((theme) => random() < rate(theme)))
}

/** How much of the SLA's effect is there: 0 before it, 1 at full. */
function progressOf(round: number): number {
  const steps = [0.6, 0.85, 0.9, 0.95, 1, 1.12]
  return round < slaRound ? 0 : (steps[Math.min(round - slaRound, steps.length - 1)] ?? 1)
}

// ── The CRM ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface SampleLead {
  id: string
  created: string
  channel: string
  type: string
  stage: 'Lead' | 'MQL' | 'SAL' | 'SQL' | 'Opportunity' | 'Customer' | 'Returned'
}

export interface SampleDeal {
  id: string
  /** Null for the few whose lead is older than the export. */
  leadId: string | null
  customerId: string
  created: string
  /** Null while the deal is open. */
  closed: string | null
  stage: 'Closed won' | 'Closed lost' | 'Quote presented' | 'Discovery'
  /** Whole units of the sample's currency. */
  amount: number
  channel: string
}

export interface SampleHeads {
  id: string
  day: string
  side: 'sales' | 'marketing'
  people: number
}

export interface SampleSpend {
  id: string
  day: string
  channel: string
  side: 'sales' | 'marketing'
  kind: 'salaries' | 'tools' | 'programme'
  amount: number
}

const channels = [
  ['Organic search', 0.3],
  ['Paid search', 0.24],
  ['Paid social', 0.16],
  ['Events', 0.12],
  ['Referral', 0.11],
  ['Partner', 0.07],
] as const
/** What sales works by itself: wins by these are not sourced by marketing. */
export const sampleSalesChannels = ['Partner', 'Referral'] as const

const leadTypes = [
  ['Content download', 0.45],
  ['Demo request', 0.3],
  ['Webinar', 0.15],
  ['Trade fair', 0.1],
] as const
const programmes = [
  ['Paid search', 0.38],
  ['Paid social', 0.24],
  ['Events', 0.23],
  ['Organic search', 0.15],
] as const

/**
 * Leads, deals and spend of these months. A month's totals follow the story (conversion and cycle improve after the
 * SLA, acquisition cost rises in the last three months); single rows are spread at random below them.
 *
 * @param months `YYYY-MM`, oldest first
 */
export function sampleFacts(months: readonly string[]): {
  leads: SampleLead[]
  deals: SampleDeal[]
  spend: SampleSpend[]
} {
  const random = randomOf('facts')
  const first = `${months[0]}-01`
  const leads: SampleLead[] = []
  const deals: SampleDeal[] = []
  const spend: SampleSpend[] = []
  const lead = (created: string, stage: SampleLead['stage']): SampleLead => {
    const row = { id: `L-${10_000 + leads.length}`, created, channel: pick(channels, random), type: pick(leadTypes, random), stage }
    leads.push(row)
    return row
  }
  const deal = (created: string, closed: string | null, stage: SampleDeal['stage'], amount: number) => {
    const leadDay = addDays(created, -Math.floor(random() * 6))
    const origin = leadDay < first ? null : lead(leadDay, stage === 'Closed won' ? 'Customer' : 'Opportunity')
    const number = 2_000 + deals.length
    deals.push({
      id: `D-${number}`,
      leadId: origin?.id ?? null,
      customerId: `C-${number}`,
      created,
      closed,
      stage,
      amount,
      channel: origin?.channel ?? pick(channels, random),
    })
  }

  for (const [index, month] of months.entries()) {
    const { won, lost, cycle, revenue, cost } = sampleTargets(index, random)
    const shares = spread(won, 0.35, random)
    for (const [order, days] of spread(won, 0.4, random).entries()) {
      const closed = dayOf(month, random)
      deal(
        addDays(closed, -Math.max(1, Math.round(cycle * days))),
        closed,
        'Closed won',
        Math.round((revenue * (shares[order] ?? 1)) / total(shares)),
      )
    }
    for (const days of spread(lost, 0.5, random)) {
      const closed = dayOf(month, random)
      deal(addDays(closed, -Math.max(1, Math.round(cycle * 0.8 * days))), closed, 'Closed lost', 30_000 + Math.round(random() * 60) * 1_000)
    }
    spend.push(...spendOf(month, cost, random))
  }
  const last = months.at(-1) ?? ''
  for (let count = 0; count < 46; count++) {
    const created = dayOf(count < 20 ? monthsAfter(last, -1) : last, random)
    deal(created, null, count % 3 ? 'Discovery' : 'Quote presented', 30_000 + Math.round(random() * 60) * 1_000)
  }
  for (const [index, month] of months.entries()) {
    const missing = leadTarget(index) - leads.filter(({ created }) => created.startsWith(month)).length
    for (let count = 0; count < missing; count++) {
      const chance = random()
      lead(dayOf(month, random), stageFor(chance, sampleEffect(index)))
    }
  }
  return { leads, deals, spend }
}

/** Where a lead without a deal gets to: after the SLA more are passed on, and sales accepts more of those. */
function stageFor(chance: number, effect: number): SampleLead['stage'] {
  const shares = [
    ['Lead', 0.3 - 0.1 * effect],
    ['MQL', 0.19 - 0.08 * effect],
    ['SAL', 0.24 + 0.12 * effect],
    ['SQL', 0.1 + 0.06 * effect],
    ['Returned', 0.17 - 0.04 * effect],
  ] as const
  return pick(shares, () => chance)
}

/** How much of what the SLA changed is there in a month of the CRM rows: 0 before it, 1 from its fourth month on. */
export function sampleEffect(index: number): number {
  const since = index - (sampleMonths - 5) // the SLA's month is 0
  return since < 0 ? 0 : Math.min(1, (since + 1) / 4)
}

/** How many people both sides had over these months: they grew to what they are. */
export function sampleHeads(months: readonly string[]): SampleHeads[] {
  const grown = { sales: [31, 33, 35], marketing: [20, 22, 23] }
  return (['sales', 'marketing'] as const).flatMap((side) =>
    grown[side].map((people, index) => ({
      id: `H-${side}-${index + 1}`,
      day: `${months[Math.min(index * 7, months.length - 1)]}-01`,
      side,
      people,
    })),
  )
}

const leadTarget = (index: number) => Math.round(236 + 2 * index + 9 * Math.sin(index * 1.7))

/** What a month adds up to; `cost` is everything spent on sales and marketing. */
function sampleTargets(index: number, random: () => number) {
  const since = index - (sampleMonths - 5)
  const effect = sampleEffect(index)
  const won = Math.round(leadTarget(index) * (0.047 + 0.012 * effect + 0.0025 * normalFrom(random)))
  const dearer = Math.max(0, index - (sampleMonths - 4)) * 1_900
  return {
    won,
    lost: Math.round(won * (1.9 - 0.3 * effect) + 2 * normalFrom(random)),
    cycle: 61 - 11 * effect + 1.5 * normalFrom(random),
    revenue: 720_000 * 1.012 ** index * 1.012 ** Math.max(0, since) * (1 + 0.006 * normalFrom(random)),
    cost: won * (36_500 - 2_400 * effect + dearer + 500 * normalFrom(random)),
  }
}

function spendOf(month: string, cost: number, random: () => number): SampleSpend[] {
  const fixed = [
    ['sales', 'salaries', '', 205_000],
    ['marketing', 'salaries', '', 118_000],
    ['sales', 'tools', '', 9_000],
    ['marketing', 'tools', '', 11_000],
  ] as const
  const free = Math.max(0, cost - total(fixed.map(([, , , amount]) => amount)))
  const rows = [
    ...fixed.map(([side, kind, channel, amount]) => ({ side, kind, channel, amount })),
    ...programmes.map(([channel, share]) => ({
      side: 'marketing' as const,
      kind: 'programme' as const,
      channel,
      amount: Math.round(free * share),
    })),
  ]
  return rows.map((row, index) => ({
    id: `S-${month}-${index + 1}`,
    day: row.kind === 'programme' ? dayOf(month, random) : `${month}-25`,
    ...row,
  }))
}

// ── Chance ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Random numbers of our own, the same for the same keys on every machine. */
export const randomOf = (...keys: readonly (string | number)[]) => randomFrom([seed, ...keys].join('|'))

/**
 * Log-normal factors around 1, one from each equal slice of the distribution, shuffled: few rows, and still a steady
 * median.
 */
function spread(count: number, sigma: number, random: () => number): number[] {
  const factors = Array.from({ length: count }, (_, index) => Math.exp(sigma * probit((index + 0.25 + random() / 2) / count)))
  return factors
    .map((factor) => ({ factor, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ factor }) => factor)
}

/** Normal quantile to about 0.01, by Tukey's lambda: enough for invented rows. */
const probit = (p: number) => (p ** 0.1349 - (1 - p) ** 0.1349) / 0.1975

export function pick<Option extends string>(options: Options<Option>, random: () => number): Option {
  let left = random()
  for (const [option, share] of options) {
    left -= share
    if (left < 0) return option
  }
  return options[0][0]
}

/** What is chosen from, each with its share of 1. */
export type Options<Option extends string = string> = readonly [readonly [Option, number], ...(readonly [Option, number])[]]

// ── Small helpers ───────────────────────────────────────────────────────────────────────────────────────────────────

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))
const periodOf = (moment: Date) => moment.toISOString().slice(0, 7)

function monthsAfter(period: string, months: number): string {
  const start = new Date(`${period}-01T00:00:00Z`)
  start.setUTCMonth(start.getUTCMonth() + months)
  return periodOf(start)
}

/** Any of the first 28 days, so that every month is alike. */
const dayOf = (month: string, random: () => number) => `${month}-${String(1 + Math.floor(random() * 28)).padStart(2, '0')}`
