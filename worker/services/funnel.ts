/** The funnel as it stands: of the leads created in a window, against the window before, and by group. */
import { addDays, dayOf } from '../core/calendar'
import { DomainError } from '../core/errors'
import { type Stage, stages } from '../core/facts'
import {
  type Bottleneck,
  bottleneckOf,
  type ComparedStage,
  compared,
  daysIn,
  FunnelCounter,
  type FunnelGroup,
  GroupCounter,
  isProvisional,
  longestWindowDays,
  type Window,
  windowBefore,
} from '../core/funnel'
import type { PathRule } from '../core/lead-path'
import { type FunnelFilter, funnelKnowledge, type LeadPlace, pageOfLeads } from '../db/funnel'
import type { ServiceContext } from './context'

export interface FunnelQuery {
  /** Creation days of the leads, both included; the 90 days up to the newest lead's where they are left out. */
  from?: string | undefined
  to?: string | undefined
  path?: PathRule | undefined
  /** Id of a source; a lead type; a channel, where `blank` means those without one. */
  source?: string | undefined
  leadType?: string | undefined
  channel?: string | undefined
}

/** Stands for "none" in a filter, as an empty value means that nothing is filtered by. */
export const blank = '(blank)'

export interface FunnelView {
  /** Null where no lead was ever imported, and `stages` is empty. */
  window: (Window & { days: number; provisional: boolean }) | null
  previous: Window | null
  path: PathRule
  /** What the sources were last read for. The window before is looked at as it stood when it was as old. */
  asOf: string | null
  stages: ComparedStage[]
  /** Stages that no source tells of. */
  leftOut: Stage[]
  bottleneck: Bottleneck | null
  /** The leads of the window, largest group first; conversion from the first stage to the last. `name` is a source's. */
  groups: { source: (FunnelGroup & { name: string })[]; leadType: FunnelGroup[]; channel: FunnelGroup[] }
  /** Names of sources with leads that tell no stages. */
  withoutHistory: string[]
  /** Sources with leads, to choose from. */
  sources: { id: string; name: string }[]
}

const usualDays = 90
const pageSize = 5_000
/** Two windows with more leads than this take too long for one answer. */
const mostLeads = 400_000

/**
 * The funnel of a window.
 *
 * @throws DomainError invalid-input for a window that is reversed or longer than 731 days, or has too many leads
 * @example (await readFunnel(context, { from: '2026-08-03', to: '2026-10-31' })).stages[1]?.next?.value // 0.27
 */
export async function readFunnel(context: ServiceContext, query: FunnelQuery): Promise<FunnelView> {
  const { db, now } = context
  if (query.from !== undefined && query.to !== undefined && query.from > query.to) throw reversed()
  const { timeZone, ...known } = await funnelKnowledge(db)
  const path = query.path ?? 'any'
  const sources = known.sources.map(({ id, name }) => ({ id, name }))
  const withoutHistory = known.sources.filter(({ hasHistory }) => !hasHistory).map(({ name }) => name)
  const today = dayOf(now, timeZone)
  const chosen = known.sources.filter(({ id }) => query.source === undefined || id === query.source)
  if (query.source !== undefined && chosen.length === 0) throw wrong('source', 'Use the id of a source with leads.')
  const asOf = chosen.reduce((oldest, { lastSuccessAt }) => {
    const day = lastSuccessAt === null ? oldest : dayOf(new Date(lastSuccessAt), timeZone)
    return day < oldest ? day : oldest
  }, today)
  const nothing = { source: [], leadType: [], channel: [] }
  if (known.newestLead === null) {
    const empty = { window: null, previous: null, path, asOf: null, stages: [], leftOut: [], bottleneck: null }
    return { ...empty, groups: nothing, withoutHistory, sources }
  }
  const window = windowOf(query, known.newestLead, asOf)
  const days = daysIn(window)
  const previous = windowBefore(window)
  const through = known.stages
  const current = new FunnelCounter(through, path, asOf)
  const before = new FunnelCounter(through, path, addDays(asOf, -days))
  const groups = {
    source: new GroupCounter(through.length),
    leadType: new GroupCounter(through.length),
    channel: new GroupCounter(through.length),
  }
  const filter: FunnelFilter = { source: query.source, leadType: meant(query.leadType), channel: meant(query.channel) }
  let after: LeadPlace = ['', '', '']
  for (let read = 0; ; read += pageSize) {
    if (read >= mostLeads) throw new DomainError('invalid-input', 'There are too many leads in this window; choose a shorter one.')
    const page = await pageOfLeads(db, { from: previous.from, to: window.to }, filter, after, pageSize)
    for (const lead of page) {
      if (lead.created.day < window.from) {
        before.add(lead)
        continue
      }
      const reached = current.add(lead)
      groups.source.add(lead.sourceId, reached)
      groups.leadType.add(lead.leadType, reached)
      groups.channel.add(lead.channel, reached)
    }
    const last = page.at(-1)
    if (!last || page.length < pageSize) break
    after = [last.created.day, last.sourceId, last.externalId]
  }
  const steps = compared(current.stages(), before.stages())
  const nameOf = new Map(sources.map(({ id, name }) => [id, name]))
  return {
    window: { ...window, days, provisional: isProvisional(window, asOf) },
    previous,
    path,
    asOf,
    stages: steps,
    leftOut: stages.filter((stage) => stage !== 'subscriber' && !through.includes(stage)),
    bottleneck: bottleneckOf(steps),
    groups: {
      source: groups.source.groups().map((group) => ({ ...group, name: nameOf.get(group.key) ?? '' })),
      leadType: groups.leadType.groups(),
      channel: groups.channel.groups(),
    },
    withoutHistory,
    sources,
  }
}

/** The window that was asked for; an end that is left out follows from the other one and the newest lead. */
function windowOf({ from, to }: FunnelQuery, newestLead: string, asOf: string): Window {
  const yesterday = addDays(asOf, -1)
  const newest = newestLead < yesterday ? newestLead : yesterday
  const fromThen = from === undefined ? newest : addDays(from, usualDays - 1)
  const last = to ?? (from !== undefined && from <= newest && newest < fromThen ? newest : fromThen)
  const window = { from: from ?? addDays(last, 1 - usualDays), to: last }
  if (window.from > window.to) throw reversed()
  if (daysIn(window) > longestWindowDays) throw wrong('from', `Use at most ${longestWindowDays} days.`)
  return window
}

const wrong = (field: string, detail: string) =>
  new DomainError('invalid-input', 'Some values cannot be used.', [{ pointer: `query/${field}`, detail }])

const reversed = () => wrong('to', 'Use a day that is not before `from`.')

const meant = (value: string | undefined) => (value === blank ? '' : value)
