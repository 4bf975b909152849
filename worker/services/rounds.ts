/** The life of a round: scheduled, open, closed. Never reopened. */

import { and, eq, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { DomainError } from '../core/errors'
import { membershipChange } from '../core/membership'
import { type SharedLink, sharedLinks } from '../core/open-links'
import { reportingTree } from '../core/reporting-tree'
import type { FrozenRound } from '../core/round'
import { methodVersion } from '../core/score'
import { insertBallotBox } from '../db/ballots'
import { type Database, databaseMessage, isUniqueViolation } from '../db/client'
import { findOpenLinkTeams } from '../db/open-links'
import { findRoster, replaceRoster } from '../db/roster'
import {
  findRound,
  findSummary,
  listCohorts,
  listSummaries,
  nextNumber,
  numberScheduled,
  type Round,
  type RoundSummary,
} from '../db/rounds'
import { listPlanned } from '../db/schedule'
import { cohorts, notices, rounds } from '../db/schema'
import { readSettings } from '../db/settings'
import { publicExponent } from './ballots'
import { newId, type ServiceContext, sha256, shuffled } from './context'
import { createIssuerKey } from './issuer-keys'
import { createLinkKey, keyListFingerprint, type LinkKey, linkSecret, linkTo, teamHolder } from './links'
import { countsAt, usableMixer } from './mixing'
import { answeredSoFar } from './participation'
import { invitees } from './people'
import { itemsIn, readSurvey } from './survey'
import { listTeams } from './teams'

export interface RoundView {
  id: string
  number: number
  /** `YYYY-MM`. */
  period: string
  state: 'scheduled' | 'open' | 'closed'
  /** ISO dates: planned and actual. */
  opensAt: string | null
  closesAt: string | null
  openedAt: string | null
  closedAt: string | null
  /** The day of the schedule that it was made for, `YYYY-MM-DD`; null for a round that somebody made by hand. */
  slot: string | null
  /** Days that it was moved away from its slot. */
  shiftedDays: number
  /** When the ballots are counted, for a round that is open and takes no more: it is closing. */
  countsAt: string | null
  /** Minutes that a ballot of this round may wait before it is stored; null where it is stored at once. */
  mixMinutes: number | null
  /** Null until the round opens and freezes them. */
  minimumGroupSize: number | null
  invited: number | null
  /** Ballots of the whole company; null where the count would say something about fewer people than the minimum group size. */
  answered: number | null
}

export interface Invitation {
  personId: string
  email: string
  name: string
  locale: string
  cohort: string
  /** The name of the group that the person answers with. */
  group: string
  /** Of the round's list of keys; the link carries the beginning of it, and refuses another list. */
  fingerprint: string
  url: string
}

const defaultPageSize = 100

/** Newest first. */
export async function listRounds(
  db: Database,
  page: { before?: number | undefined; limit?: number | undefined } = {},
): Promise<RoundView[]> {
  return (await listSummaries(db, { before: page.before, limit: page.limit ?? defaultPageSize })).map(viewOf)
}

/** @throws DomainError not-found */
export async function getRound(db: Database, id: string): Promise<RoundView> {
  const summary = await findSummary(db, id)
  if (!summary) throw noSuchRound()
  return viewOf(summary)
}

/**
 * A round that somebody opens by hand: the next one, before those of the schedule.
 *
 * @param input.period `YYYY-MM`
 * @param input.closesAt null for a round that stays open until somebody closes it
 * @throws DomainError invalid-input where it would close before it could open, or after the next one opens
 */
export async function createRound(context: ServiceContext, input: { period: string; closesAt?: Date | null }): Promise<RoundView> {
  const { db, now } = context
  const { closesAt = null } = input
  if (closesAt && closesAt <= now) throw wrongClosing('Use a moment in the future.')
  const next = (await listPlanned(db)).find(({ opensAt }) => opensAt > now)
  if (next && (!closesAt || closesAt >= next.opensAt)) {
    throw wrongClosing(`Use a moment before ${next.opensAt.toISOString()}, when the next round of the schedule opens.`)
  }
  const id = newId(context)
  const number = sql`(select coalesce(max(number), 0) + 1 from rounds)`
  await db.batch([db.insert(rounds).values({ id, number, period: input.period, state: 'scheduled', closesAt }), ...numberScheduled(db)] as [
    BatchItem<'sqlite'>,
    ...BatchItem<'sqlite'>[],
  ])
  return getRound(db, id)
}

/**
 * What opening this round now would freeze, for a second look before it.
 *
 * @throws DomainError not-found, too-few-people, too-many-groups
 */
export async function planOpening(
  db: Database,
  roundId: string,
): Promise<{ frozen: FrozenRound; groups: { cohort: string; nodeId: string; invited: number }[] }> {
  const round = await findRound(db, roundId)
  if (!round) throw noSuchRound()
  const { frozen, groups } = await freeze(db, { ...round, number: await nextNumber(db) })
  return { frozen, groups }
}

/**
 * Opens a round: freezes tree, items and rules, makes a key for every cohort, an invitation for every active person (or
 * one link for their team, where it has one) and as many empty slots. One batch; of two openings at once, one makes it.
 *
 * @returns the personal links; those of teams are at `listOpenLinks`
 * @throws DomainError not-found, round-not-scheduled, another-round-open, too-few-people, too-many-groups, ballots-unavailable
 */
export async function openRound(context: ServiceContext, roundId: string): Promise<{ round: RoundView; invitations: Invitation[] }> {
  const { db, now } = context
  const round = await findRound(db, roundId)
  if (!round) throw noSuchRound()
  if (round.state !== 'scheduled') throw notScheduled()
  if (await findOpenRound(db)) throw anotherOpen()
  const mixer = usableMixer(context)
  const next = { ...round, number: await nextNumber(db) } // others are scheduled, and it overtakes them
  const [{ frozen: rules, groups, invited }, earlier] = await Promise.all([freeze(db, next), findRoster(db)])
  const frozen: FrozenRound = {
    ...rules,
    ...(mixer && { mixMinutes: mixer.minutes }),
    ...(earlier && { membership: membershipChange(earlier, { nodes: rules.nodes, members: invited }) }),
  }
  const keys = []
  for (const group of groups) keys.push({ ...(await createIssuerKey(context, roundId, group.cohort)), ...group })
  const links = await createLinkKey(context, roundId)
  const nameOf = new Map(frozen.nodes.map(({ id, name }) => [id, name]))
  const fingerprint = await keyListFingerprint(keys)
  const isShared = new Set(frozen.openLinks?.map(({ teamId }) => teamId))
  const personal = invited.filter(({ teamId }) => !isShared.has(teamId))
  const made = await Promise.all(
    personal.map((person) => invite(context, roundId, person, { key: links.key, group: nameOf.get(person.nodeId) ?? '', fingerprint })),
  )
  try {
    await db.batch([
      ...numberScheduled(db, roundId),
      // Fails where somebody left the round out, or opened it, while the keys were made: nothing of the rest may be stored then.
      db.insert(notices).values({ roundId: scheduledOnly(roundId), kind: 'opened', at: now }),
      db
        .update(rounds)
        .set({ state: 'open', openedAt: now, frozen, linkKey: links.sealed })
        .where(and(eq(rounds.id, roundId), eq(rounds.state, 'scheduled'))),
      ...keys.map((key) => db.insert(cohorts).values(key)),
      ...insertBallotBox(db, roundId, {
        invited: shuffled(context, made),
        shared: await Promise.all((frozen.openLinks ?? []).map((link) => share(links.key, link, groups))),
        answerBytes: frozen.items.length,
      }),
      ...replaceRoster(db, roundId, invited),
    ] as [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]])
  } catch (error) {
    // It is open or gone already, or the index that allows one open round said no: somebody else was first.
    if (!isUniqueViolation(error) && !isNotScheduled(error)) throw error
    const known = await findRound(db, roundId)
    if (!known) throw noSuchRound()
    throw known.state === 'scheduled' ? anotherOpen() : notScheduled()
  }
  return { round: await getRound(db, roundId), invitations: made.map(({ tokenHash: _, ...invitation }) => invitation) }
}

export interface RoundKeys {
  roundId: string
  minimumGroupSize: number
  keys: { cohort: string; group: string; invited: number; n: string; e: string; fingerprint: string }[]
  /** SHA-256 of all fingerprints, one a line in the order of `keys`, hex: what a person compares. */
  fingerprint: string
}

/**
 * The keys of a round: the same bytes for everybody, for ever, so that nobody can be marked by a key of their own.
 *
 * @throws DomainError not-found, round-not-open
 */
export async function getRoundKeys(db: Database, roundId: string): Promise<RoundKeys> {
  const [round, rows] = await Promise.all([findRound(db, roundId), listCohorts(db, roundId)])
  if (!round) throw noSuchRound()
  if (!round.frozen) throw new DomainError('round-not-open', 'A round has keys once it has been opened.')
  const groupOf = new Map(round.frozen.nodes.map((node) => [node.id, node.name]))
  return {
    roundId,
    minimumGroupSize: round.frozen.minimumGroupSize,
    keys: rows.map(({ cohort, nodeId, invited, publicKey, fingerprint }) => ({
      cohort,
      group: groupOf.get(nodeId) ?? '',
      invited,
      n: publicKey,
      e: publicExponent,
      fingerprint,
    })),
    fingerprint: await keyListFingerprint(rows),
  }
}

function viewOf(row: RoundSummary): RoundView {
  const { id, number, period, state, mixMinutes, minimumGroupSize, invited } = row
  const iso = (date: Date | null) => date?.toISOString() ?? null
  return {
    id,
    number,
    period,
    state,
    opensAt: iso(row.opensAt),
    closesAt: iso(row.closesAt),
    openedAt: iso(row.openedAt),
    closedAt: iso(row.closedAt),
    slot: row.slot,
    shiftedDays: row.shiftedDays,
    countsAt: state === 'open' && row.closingAt ? iso(countsAt(row.closingAt, mixMinutes)) : null,
    mixMinutes,
    minimumGroupSize,
    invited,
    answered: state === 'closed' ? row.counted : answeredSoFar(row),
  }
}

const scheduledOnly = (roundId: string) => sql`(select id from rounds where id = ${roundId} and state = 'scheduled')`
const isNotScheduled = (error: unknown) => /NOT NULL constraint failed: notices.round_id/.test(databaseMessage(error))

const findOpenRound = (db: Database) => db.query.rounds.findFirst({ where: eq(rounds.state, 'open'), columns: { id: true } })

/** A result is one row of the database, of 2 MB, and a group takes some 7 KB: a round of more could be opened and never closed. */
export const mostGroups = 200

/** The rules and cohorts of a round that opens now. */
async function freeze(db: Database, round: Round) {
  const [settings, teams, invited, openTeams, survey] = await Promise.all([
    readSettings(db),
    listTeams(db),
    invitees(db),
    findOpenLinkTeams(db),
    readSurvey(db),
  ])
  const k = settings.minimumGroupSize
  const invitedByTeam = new Map(teams.map((team) => [team.id, 0]))
  for (const { teamId } of invited) invitedByTeam.set(teamId, (invitedByTeam.get(teamId) ?? 0) + 1)
  const tree = reportingTree({ organisationName: settings.organisationName, teams, invitedByTeam, k })
  if ('tooFew' in tree) {
    throw new DomainError(
      'too-few-people',
      `${tree.tooFew} active people, and ${k} are needed: with fewer, an answer could be traced to a person.`,
    )
  }
  if (tree.nodes.length > mostGroups) {
    throw new DomainError(
      'too-many-groups',
      `${tree.nodes.length} groups would be reported on, and a round has ${mostGroups} at the most. Put small teams together.`,
    )
  }
  const groups = tree.cohorts.map((cohort, index) => ({ cohort: `c${index + 1}`, nodeId: cohort.nodeId, invited: cohort.invited }))
  const placeOfTeam = new Map(
    tree.cohorts.flatMap(({ nodeId, teamIds }, index) => teamIds.map((teamId) => [teamId, { cohort: `c${index + 1}`, nodeId }] as const)),
  )
  const asked = invited.flatMap((person) => {
    const place = placeOfTeam.get(person.teamId)
    return place ? [{ ...person, ...place }] : []
  })
  const openLinks = settings.openLinks ? sharedLinks(teams, openTeams, asked) : []
  const frozen: FrozenRound = {
    methodVersion,
    minimumGroupSize: k,
    nodes: tree.nodes,
    merged: tree.merged,
    notAsked: tree.notAsked,
    items: itemsIn(survey, round.number),
    comment: survey.plan.comment,
    invited: asked.length,
    ...(openLinks.length > 0 && { openLinks }),
  }
  return { frozen, groups, invited: asked }
}

async function invite(
  context: ServiceContext,
  roundId: string,
  { personId, email, name, locale, cohort }: Awaited<ReturnType<typeof freeze>>['invited'][number],
  { key, group, fingerprint }: { key: LinkKey; group: string; fingerprint: string },
): Promise<Invitation & { tokenHash: Uint8Array<ArrayBuffer> }> {
  const secret = await linkSecret(key, personId, 0)
  return {
    personId,
    email,
    name,
    locale,
    cohort,
    group,
    fingerprint,
    url: linkTo(context, { roundId, locale, cohort, secret, fingerprint }),
    tokenHash: await sha256(secret),
  }
}

/** A team's link as it is stored. */
async function share(key: LinkKey, { teamId, nodeId, people }: SharedLink, groups: readonly { cohort: string; nodeId: string }[]) {
  const cohort = groups.find((group) => group.nodeId === nodeId)?.cohort
  if (!cohort) throw new Error('A team with a link is in no group.')
  return { teamId, cohort, people, tokenHash: await sha256(await linkSecret(key, teamHolder(teamId), 0)) }
}

export const noSuchRound = () => new DomainError('not-found', 'There is no such round.')
export const notScheduled = () => new DomainError('round-not-scheduled', 'A round is opened once and never again.')
const wrongClosing = (detail: string) =>
  new DomainError('invalid-input', 'A round closes after it opens and before the next one does.', [{ pointer: '#/closesAt', detail }])
const anotherOpen = () => new DomainError('another-round-open', 'Close the round that is open first.')
