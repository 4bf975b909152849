/** Sums of facts by period: what KPIs are made of. A period without a fact has no entry in the map that holds it. */

/** How many, at which whole number: of days, of minutes, of attempts. */
export interface Tally {
  value: number
  count: number
}

export interface FactSums {
  /** Leads created. */
  leads: ReadonlyMap<string, number>
  closed: ReadonlyMap<string, ClosedSums>
  /** Revenue of won deals that marketing brought or had a part in. */
  marketing: ReadonlyMap<string, MarketingSums>
  spend: ReadonlyMap<string, SpendSums>
  /** Spend of as many months before as the lag says, by the period that it is held against. */
  laggedSpend: ReadonlyMap<string, number>
  /** Won deals whose duration is known and not negative, by close period: days from creation to win, shortest first. */
  cycles: ReadonlyMap<string, readonly Tally[]>
  /** The same from the creation of the lead. */
  leadCycles: ReadonlyMap<string, readonly Tally[]>
  /** Won leads by the period they were created in: days from lead to win, shortest first. Below 0 where the clocks disagree. */
  cohorts: ReadonlyMap<string, readonly Tally[]>
  /** Leads by the period in which they first entered the stage. */
  mqls: ReadonlyMap<string, StepSums>
  sals: ReadonlyMap<string, StepSums>
  sqls: ReadonlyMap<string, StepSums>
  /** Leads by the period in which they were handed over. */
  handed: ReadonlyMap<string, HandedSums>
  /** Minutes to the first answer, by the period of the hand-off, shortest first. */
  answers: ReadonlyMap<string, readonly Tally[]>
  /** Attempts until somebody was reached, by the period of the hand-off, fewest first. */
  attempts: ReadonlyMap<string, readonly Tally[]>
  /** People of a side at the end of a period. */
  heads: { sales: ReadonlyMap<string, number>; marketing: ReadonlyMap<string, number> }
  /** Pushed values by metric and period. */
  values: ReadonlyMap<string, ReadonlyMap<string, PushedValue>>
}

export interface ClosedSums {
  won: number
  lost: number
  /** Won deals with an amount in the organisation's currency, or one that was converted to it, and those amounts in minor units. */
  amounts: number
  revenue: number
  /** Amounts of lost deals, likewise. */
  lostAmount: number
  /** Customers whose first won deal closed in this period. */
  newCustomers: number
}

/** Minor units of the organisation's currency, of won deals whose amount is known in it. */
export interface MarketingSums {
  revenue: number
  sourced: number
  influenced: number
  /** Wins of which it is known how they came. */
  origins: number
}

/** Minor units of the organisation's currency. */
export interface SpendSums {
  total: number
  sales: number
  marketing: number
}

export interface StepSums {
  entered: number
  /** Of those, how many reached the next stage or a later one since. */
  went: number
}

export interface HandedSums {
  leads: number
  returned: number
  /** Somebody tried to reach them since. */
  answered: number
  /** Of those, how many for which the source has no time of day: they were answered, nobody knows how soon. */
  untimed: number
  /** Within 5 minutes, 1, 4 and 24 hours. */
  within: readonly [number, number, number, number]
  /** Reached, or tried as often as is expected. */
  enough: number
}

export interface PushedValue {
  value: number
  numerator: number | null
  denominator: number | null
}

/** First and last day of a kind of fact. */
export interface Span {
  first: string
  last: string
}

/** Which facts there are at all, whatever was summed up: a metric that needs them is absent without, rather than 0. */
export interface Evidence {
  /** Won deals with amounts, lost deals, deals that know their lead. */
  amounts: boolean
  lost: boolean
  /** Won deals of which it is known how they came. */
  origins: boolean
  links: boolean
  cycles: boolean
  leadCycles: boolean
  /** Entries into the stages from this one on, and returns. */
  mql: boolean
  sal: boolean
  sql: boolean
  opportunity: boolean
  returned: boolean
  leads: Span | null
  closed: Span | null
  spend: Span | null
  stages: Span | null
  handed: Span | null
}

export const noSums: FactSums = {
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
}

/** The sums of several groups as those of one. Head-count, pushed values and what marketing brought have no groups. */
export function mergeSums(all: readonly FactSums[]): FactSums {
  const merge = <Value>(pick: (sums: FactSums) => ReadonlyMap<string, Value>, add: (a: Value, b: Value) => Value) => {
    const merged = new Map<string, Value>()
    for (const sums of all) {
      for (const [period, value] of pick(sums)) {
        const known = merged.get(period)
        merged.set(period, known === undefined ? value : add(known, value))
      }
    }
    return merged
  }
  const numbers = (a: number, b: number) => a + b
  const steps = (a: StepSums, b: StepSums): StepSums => ({ entered: a.entered + b.entered, went: a.went + b.went })
  return {
    ...noSums,
    leads: merge(({ leads }) => leads, numbers),
    closed: merge(
      ({ closed }) => closed,
      (a, b) => ({
        won: a.won + b.won,
        lost: a.lost + b.lost,
        amounts: a.amounts + b.amounts,
        revenue: a.revenue + b.revenue,
        lostAmount: a.lostAmount + b.lostAmount,
        newCustomers: a.newCustomers + b.newCustomers,
      }),
    ),
    spend: merge(
      ({ spend }) => spend,
      (a, b) => ({ total: a.total + b.total, sales: a.sales + b.sales, marketing: a.marketing + b.marketing }),
    ),
    laggedSpend: merge(({ laggedSpend }) => laggedSpend, numbers),
    cycles: merge(({ cycles }) => cycles, tallies),
    leadCycles: merge(({ leadCycles }) => leadCycles, tallies),
    cohorts: merge(({ cohorts }) => cohorts, tallies),
    mqls: merge(({ mqls }) => mqls, steps),
    sals: merge(({ sals }) => sals, steps),
    sqls: merge(({ sqls }) => sqls, steps),
    handed: merge(
      ({ handed }) => handed,
      (a, b) => ({
        leads: a.leads + b.leads,
        returned: a.returned + b.returned,
        answered: a.answered + b.answered,
        untimed: a.untimed + b.untimed,
        within: [a.within[0] + b.within[0], a.within[1] + b.within[1], a.within[2] + b.within[2], a.within[3] + b.within[3]] as const,
        enough: a.enough + b.enough,
      }),
    ),
    answers: merge(({ answers }) => answers, tallies),
    attempts: merge(({ attempts }) => attempts, tallies),
  }
}

/** Two sorted lists as one. */
function tallies(a: readonly Tally[], b: readonly Tally[]): Tally[] {
  const counts = new Map(a.map(({ value, count }) => [value, count]))
  for (const { value, count } of b) counts.set(value, (counts.get(value) ?? 0) + count)
  return [...counts].map(([value, count]) => ({ value, count })).sort((x, y) => x.value - y.value)
}
