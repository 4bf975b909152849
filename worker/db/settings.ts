import { sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { type FirstStepsSaid, nothingSaid } from '../core/first-steps'
import { longestRetention, type Retention, retentionTerms } from '../core/retention'
import type { OpeningRefusal, ScheduleRule } from '../core/schedule'
import { usualCalendar, type WorkCalendar } from '../core/work-calendar'
import type { Database } from './client'
import { settings } from './schema'

/** What an organisation can set, with what holds until it does. */
export interface Settings {
  organisationName: string
  /** IANA name; every day, week and month is of this zone. */
  timeZone: string
  /** ISO 4217; amounts in others are converted by the rate of their day, or left out and counted. */
  currency: string
  /** Months by which the lagged acquisition cost holds cost against later customers: 0 to 12. */
  cacLagMonths: number
  /** The stage at which marketing hands a lead over to sales: response times and returns are counted from there. */
  handOff: 'mql' | 'sal'
  /** A lead that was tried as often was tried enough: 1 to 50. */
  attemptsExpected: number
  /** Of the organisation; a person's own locale comes first. */
  locale: string
  /** Fewest answers a published figure may stand for: 3 to 20, frozen for a round when it opens. */
  minimumGroupSize: number
  /** How long what is kept; see core/retention.ts. */
  retention: Retention
  /** Whether teams may answer through one shared link; which of them do is said of each team. */
  openLinks: boolean
  /** When rounds open by themselves; null where somebody opens each. */
  schedule: Schedule | null
  /** Rounds of the schedule that did not take place, oldest first. */
  roundsLeftOut: RoundLeftOut[]
  /** Working days, hours and holidays, by which clauses of the SLA count. */
  workCalendar: WorkCalendar
  /** Channels that sales works by itself, as sources write them: what comes by them is not sourced by marketing. */
  salesChannels: string[]
  /** What was said about the first steps of an administrator. */
  firstSteps: FirstStepsSaid
  /** The sample organisation: how far it is loaded, absent when there is none. */
  sample: SampleProgress | null
}

/** A rule and what became of it. Moments are milliseconds since 1970. */
export interface Schedule extends ScheduleRule {
  /** One more with each decision on the rule: a run of cron that read an earlier one makes no rounds by it. */
  version: number
  /** Slots that would have opened by then are dealt with, and never opened later. */
  since: number
  /** Since when no round opens; null while they do. */
  pausedAt: number | null
  /** Slots that somebody left out, `YYYY-MM-DD`. */
  skipped: string[]
}

/** Why a round did not take place: nobody looked in time, somebody had paused the schedule, or opening it was refused. */
export type LeftOutReason = 'missed' | 'paused' | OpeningRefusal

export interface RoundLeftOut {
  /** The day that it was to open. */
  day: string
  reason: LeftOutReason
}

export interface SampleProgress {
  state: 'loading' | 'loaded'
  /** Steps that are done. */
  step: number
  /** When loading began, in milliseconds since 1970: the sample's present, whenever it is finished. */
  startedAt: number
  /** Since when somebody works on the next step; null between steps. */
  claimedAt: number | null
}

export const defaultSettings: Settings = {
  organisationName: '',
  timeZone: 'UTC',
  currency: 'USD',
  cacLagMonths: 0,
  handOff: 'mql',
  attemptsExpected: 5,
  locale: 'en',
  minimumGroupSize: 5,
  retention: longestRetention,
  openLinks: false,
  schedule: null,
  roundsLeftOut: [],
  workCalendar: usualCalendar,
  salesChannels: [],
  firstSteps: nothingSaid,
  sample: null,
}

/** All settings in one read. */
export async function readSettings(db: Database): Promise<Settings> {
  return settingsIn(await db.select().from(settings))
}

/** The settings of rows that were read already; rows of other keys, sealed secrets among them, are for those who ask for them. */
export function settingsIn(rows: readonly { key: string; value: unknown }[]): Settings {
  const known = rows.filter(({ key }) => Object.hasOwn(defaultSettings, key))
  return { ...defaultSettings, ...Object.fromEntries(known.map(({ key, value }) => [key, value])) }
}

/** The statements that store these settings, for a batch of the caller's. Terms have a statement of their own. */
export function writeSettings(db: Database, values: Partial<Omit<Settings, 'retention'>>): BatchItem<'sqlite'>[] {
  return Object.entries(values).map(([key, value]) =>
    db.insert(settings).values({ key, value }).onConflictDoUpdate({ target: settings.key, set: { value } }),
  )
}

/**
 * The statement that stores these terms, for a batch of the caller's. Of two changes at once the shorter term stays: the
 * database itself lengthens none.
 */
export function writeRetention(db: Database, retention: Retention): BatchItem<'sqlite'> {
  const shorter = retentionTerms.map((term) => {
    const path = `$.${term}`
    return sql`${term}, min(json_extract(settings.value, ${path}), json_extract(excluded.value, ${path}))`
  })
  return db
    .insert(settings)
    .values({ key: 'retention', value: retention })
    .onConflictDoUpdate({ target: settings.key, set: { value: sql`json_object(${sql.join(shorter, sql`, `)})` } })
}
