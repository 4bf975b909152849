/** A source with leads, their stages and attempts to reach them, as a pull would have left them. */
import { env } from 'cloudflare:workers'
import { dayOf } from '../../worker/core/calendar'
import type { AttemptsClause, FollowOnClause, ReportedClause, ResponseClause, VolumeClause } from '../../worker/core/clause'
import { type Activity, hashed, noRows, type Stage, type StageEvent } from '../../worker/core/facts'
import { database } from '../../worker/db/client'
import { claimFactRevision, readFactRevision, writeFacts } from '../../worker/db/facts'
import { settings, sources } from '../../worker/db/schema'

const db = () => database(env.DB)
export const zone = 'Europe/Amsterdam'

/** The organisation's time zone, and a source that was last read at this moment. */
export async function aSource(asOf: string, id = 'crm'): Promise<void> {
  await db().batch([
    db().insert(settings).values({ key: 'timeZone', value: zone }).onConflictDoNothing(),
    db()
      .insert(sources)
      .values({ id, kind: 'csv', name: `Source ${id}`, settings: {}, createdAt: new Date(0), lastSuccessAt: new Date(asOf) })
      .onConflictDoUpdate({ target: sources.id, set: { lastSuccessAt: new Date(asOf) } }),
  ])
}

type When = string

const moments = (when: When) =>
  when.length === 10 ? { day: when, at: null } : { day: dayOf(new Date(when), zone), at: new Date(when).getTime() }

export const entered = (leadId: string, stage: Stage, when: When, id = `${leadId}-${stage}`): StageEvent =>
  hashed<StageEvent>({ externalId: id, leadId, what: 'entered', stage, reason: '', ...moments(when) })
export const returned = (leadId: string, when: When): StageEvent =>
  hashed<StageEvent>({ externalId: `${leadId}-back`, leadId, what: 'returned', stage: 'mql', reason: '', ...moments(when) })
export const attempt = (leadId: string, when: When, id = `${leadId}-${when}`): Activity =>
  hashed<Activity>({ externalId: id, leadId, dealId: null, kind: 'call', connected: null, ...moments(when) })

/** Stores facts and makes the next revision, as a publication does. */
export async function store(facts: { stage?: StageEvent[]; activity?: Activity[] }, sourceId = 'crm'): Promise<void> {
  const revision = await readFactRevision(db())
  const rows = { ...noRows(), stage: facts.stage ?? [], activity: facts.activity ?? [] }
  await env.DB.batch([...claimFactRevision(db(), revision), ...writeFacts(db(), sourceId, rows)])
}

export const mondays: VolumeClause = {
  kind: 'volume',
  side: 'marketing',
  stage: 'mql',
  atLeast: 2,
  counts: 'since-last',
  due: { every: 'week', weekday: 1, time: '09:00' },
  onHoliday: 'as-is',
}

export const byWednesday: FollowOnClause = {
  kind: 'follow-on',
  side: 'sales',
  stage: 'mql',
  reaches: 'sql',
  share: 0.5,
  counts: 'since-last',
  due: { every: 'week', weekday: 1, time: '09:00' },
  onHoliday: 'as-is',
  daysLater: 2,
  time: '18:00',
}

export const inFourHours: ResponseClause = {
  kind: 'response',
  side: 'sales',
  stage: 'mql',
  minutes: 240,
  clock: 'working',
  share: 0.75,
  due: { every: 'week', weekday: 1, time: '12:00' },
  onHoliday: 'as-is',
}

export const fiveAttempts: AttemptsClause = {
  kind: 'attempts',
  side: 'sales',
  atLeast: 2,
  share: 0.5,
  due: { every: 'month', day: 31, time: '24:00' },
  onHoliday: 'as-is',
}

export const reported: ReportedClause = {
  kind: 'reported',
  side: 'marketing',
  name: 'Battle cards brought up to date',
  unit: 'count',
  target: 3,
  due: { every: 'week', weekday: 5, time: '17:00' },
  onHoliday: 'as-is',
}
