/** Rows of the statements of sums, put together. */
import type {
  ClosedSums,
  Evidence,
  FactSums,
  HandedSums,
  MarketingSums,
  PushedValue,
  Span,
  SpendSums,
  StepSums,
  Tally,
} from '../core/fact-sums'
import { type Grain, periodOf } from '../core/periods'

export interface SumRow {
  what:
    | 'lead'
    | 'closed'
    | 'cycle'
    | 'leadCycle'
    | 'cohort'
    | 'marketing'
    | 'spend'
    | 'lagged'
    | 'mql'
    | 'sal'
    | 'sql'
    | 'handed'
    | 'answer'
    | 'attempt'
    | 'activity'
    | 'head'
    | 'value'
  slice: string
  period: string
  /** A currency, a number of days, minutes or attempts, a side. */
  k: string | number | null
  a: number | null
  b?: number | null
  c?: number | null
  d?: number | null
  e?: number | null
  f?: number | null
  g?: number | null
  h?: number | null
  i?: number | null
  newest?: string | null
}

export interface EvidenceRow {
  what: string
  first: string | null
  last: string | null
  holds: number
}

/** Sums while they are added up. */
interface Growing {
  leads: Map<string, number>
  closed: Map<string, ClosedSums>
  marketing: Map<string, MarketingSums>
  spend: Map<string, SpendSums>
  laggedSpend: Map<string, number>
  cycles: Map<string, Tally[]>
  leadCycles: Map<string, Tally[]>
  cohorts: Map<string, Tally[]>
  mqls: Map<string, StepSums>
  sals: Map<string, StepSums>
  sqls: Map<string, StepSums>
  handed: Map<string, HandedSums>
  answers: Map<string, Tally[]>
  attempts: Map<string, Tally[]>
  heads: { sales: Map<string, number>; marketing: Map<string, number> }
  values: Map<string, Map<string, PushedValue>>
}

const growing = (): Growing => ({
  leads: new Map(),
  closed: new Map(),
  marketing: new Map(),
  spend: new Map(),
  laggedSpend: new Map(),
  cycles: new Map(),
  leadCycles: new Map(),
  cohorts: new Map(),
  mqls: new Map(),
  sals: new Map(),
  sqls: new Map(),
  handed: new Map(),
  answers: new Map(),
  attempts: new Map(),
  heads: { sales: new Map(), marketing: new Map() },
  values: new Map(),
})

/** Sums by group, the newest day, and what no rate was known for. */
export function collectSums(rows: readonly SumRow[], grain: Grain) {
  const groups = new Map<string, Growing>()
  const group = (slice: string) => {
    const known = groups.get(slice) ?? growing()
    groups.set(slice, known)
    return known
  }
  const unconverted = new Map<string, { deals: number; spend: number }>()
  const leftOut = (currency: string | number | null, what: 'deals' | 'spend', count: number | null | undefined) => {
    if (!count) return
    const known = unconverted.get(String(currency)) ?? { deals: 0, spend: 0 }
    unconverted.set(String(currency), { ...known, [what]: known[what] + count })
  }
  let newestDay = ''
  for (const row of rows) {
    if (row.newest && row.newest > newestDay) newestDay = row.newest
    const { what, slice, period, k, a, b, c } = row
    switch (what) {
      case 'lead':
        group(slice).leads.set(period, a ?? 0)
        break
      case 'closed':
        addClosed(group(slice).closed, row)
        leftOut(k, 'deals', row.g)
        break
      case 'cycle':
        tally(group(slice).cycles, row)
        break
      case 'leadCycle':
        tally(group(slice).leadCycles, row)
        break
      case 'cohort':
        tally(group(slice).cohorts, row)
        break
      case 'marketing':
        group(slice).marketing.set(period, { revenue: a ?? 0, sourced: b ?? 0, influenced: c ?? 0, origins: row.d ?? 0 })
        break
      case 'spend': {
        const known = group(slice).spend
        const { total, sales, marketing } = known.get(period) ?? { total: 0, sales: 0, marketing: 0 }
        known.set(period, { total: total + (a ?? 0), sales: sales + (b ?? 0), marketing: marketing + (c ?? 0) })
        leftOut(k, 'spend', row.d)
        break
      }
      case 'lagged':
        group(slice).laggedSpend.set(period, a ?? 0)
        break
      case 'mql':
      case 'sal':
      case 'sql':
        group(slice)[stepOf[what]].set(period, { entered: a ?? 0, went: b ?? 0 })
        break
      case 'handed':
        group(slice).handed.set(period, {
          leads: a ?? 0,
          returned: b ?? 0,
          answered: c ?? 0,
          untimed: row.d ?? 0,
          within: [row.e ?? 0, row.f ?? 0, row.g ?? 0, row.h ?? 0],
          enough: row.i ?? 0,
        })
        break
      case 'answer':
        tally(group(slice).answers, row)
        break
      case 'attempt':
        tally(group(slice).attempts, row)
        break
      case 'value': {
        const known = group('').values.get(slice) ?? new Map<string, PushedValue>()
        known.set(period, { value: a ?? 0, numerator: b ?? null, denominator: c ?? null })
        group('').values.set(slice, known)
        break
      }
      case 'activity':
      case 'head':
        break
    }
  }
  const heads = rows.filter(({ what }) => what === 'head')
  if (heads.length > 0) group('').heads = headsOf(heads, grain)
  return {
    groups: groups as ReadonlyMap<string, FactSums>,
    newestDay,
    unconverted: [...unconverted].map(([currency, counts]) => ({ currency, ...counts })).sort((x, y) => (x.currency < y.currency ? -1 : 1)),
  }
}

const stepOf = { mql: 'mqls', sal: 'sals', sql: 'sqls' } as const

/** One row a currency. */
function addClosed(closed: Map<string, ClosedSums>, { period, a, b, c, d, e, f }: SumRow): void {
  const known = closed.get(period) ?? { won: 0, lost: 0, amounts: 0, revenue: 0, lostAmount: 0, newCustomers: 0 }
  closed.set(period, {
    won: known.won + (a ?? 0),
    lost: known.lost + (b ?? 0),
    amounts: known.amounts + (c ?? 0),
    revenue: known.revenue + (d ?? 0),
    lostAmount: known.lostAmount + (e ?? 0),
    newCustomers: known.newCustomers + (f ?? 0),
  })
}

function tally(lists: Map<string, Tally[]>, { period, k, a }: SumRow): void {
  const list = lists.get(period) ?? []
  lists.set(period, list)
  list.push({ value: Number(k), count: a ?? 0 })
}

/** People of each side at the end of every period in which their number changed: of each source its last row, added up. */
function headsOf(rows: readonly SumRow[], grain: Grain): Growing['heads'] {
  const heads = { sales: new Map<string, number>(), marketing: new Map<string, number>() }
  for (const side of ['sales', 'marketing'] as const) {
    const latest = new Map<string, number>()
    for (const { slice, period: day, k, a } of rows) {
      if (k !== side) continue
      latest.set(slice, a ?? 0)
      heads[side].set(
        periodOf(day, grain),
        [...latest.values()].reduce((sum, people) => sum + people, 0),
      )
    }
  }
  return heads
}

/** What there is at all, and the newest day of it. */
export function collectEvidence(rows: readonly EvidenceRow[]): { evidence: Evidence; newestDay: string } {
  const span = (...names: readonly string[]): Span | null => {
    const found = rows.filter(({ what, first }) => names.includes(what) && first !== null)
    const first = found.map((row) => row.first ?? '').sort()[0]
    const last = found
      .map((row) => row.last ?? '')
      .sort()
      .at(-1)
    return first === undefined || last === undefined ? null : { first, last }
  }
  const has = (name: string) => rows.some(({ what, holds }) => what === name && holds === 1)
  const stage = { mql: has('mql'), sal: has('sal'), sql: has('sql'), opportunity: has('opportunity') }
  return {
    evidence: {
      amounts: has('amounts'),
      lost: has('lost'),
      origins: has('origins'),
      links: has('links'),
      cycles: has('cycles'),
      leadCycles: has('leadCycles'),
      mql: stage.mql,
      sal: stage.sal || stage.sql || stage.opportunity,
      sql: stage.sql || stage.opportunity,
      opportunity: stage.opportunity,
      returned: has('returned'),
      leads: span('leads'),
      closed: span('closed'),
      spend: span('spend'),
      stages: span('mql', 'sal', 'sql'),
      handed: span('handed'),
    },
    newestDay:
      rows
        .map(({ last }) => last ?? '')
        .sort()
        .at(-1) ?? '',
  }
}
