/**
 * Invitations and slots. Each rule of a ballot is one statement, so that two requests at once cannot both pass it; D1
 * has one writer. See docs/decisions/003-ballots.md before changing a line.
 */
import { and, count, eq, or, type SQL, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { commentBytes } from '../core/ballot'
import type { FrozenRound } from '../core/round'
import type { Database } from './client'
import { zeros } from './overwrite'
import { ballotSlots, cohorts, commentSlots, deliveries, invitations, openIssuances, openLinks, rounds } from './schema'

type Bytes = Uint8Array<ArrayBuffer>

/** Rows of a JSON parameter in one statement: D1 takes 100 parameters and 2 MB. */
const bulkRows = 5000

export interface BallotBox {
  /** Each with a link of their own. */
  invited: readonly { tokenHash: Bytes; cohort: string; personId: string }[]
  /** Teams with one link for all; `people` ballots can be collected with it. */
  shared: readonly { teamId: string; tokenHash: Bytes; cohort: string; people: number }[]
  answerBytes: number
}

/** Everything that a round needs while it is open, for the batch that opens it. Runs after its cohorts are inserted. */
export function insertBallotBox(db: Database, roundId: string, { invited, shared, answerBytes }: BallotBox): BatchItem<'sqlite'>[] {
  const chunks = Array.from({ length: Math.ceil(invited.length / bulkRows) }, (_, index) =>
    invited.slice(index * bulkRows, (index + 1) * bulkRows).map((row) => [row.tokenHash.toHex(), row.cohort, row.personId]),
  )
  const isKnown = sql`exists (select 1 from people where id = value ->> 2)` // not somebody who was deleted a moment ago
  const numbers = sql`with recursive n(i) as
    (select 1 union all select i + 1 from n where i < (select max(invited) from cohorts where round_id = ${roundId}))`
  const everySlot = sql`from cohorts join n on n.i <= cohorts.invited where cohorts.round_id = ${roundId}`
  return [
    ...chunks.map((rows) =>
      db
        .insert(invitations)
        .select(
          sql`select unhex(value ->> 0), ${roundId}, value ->> 1, value ->> 2, zeroblob(32), 0 from json_each(${JSON.stringify(rows)}) where ${isKnown}`,
        ),
    ),
    db
      .insert(ballotSlots)
      .select(sql`${numbers} select cohorts.round_id, cohorts.cohort, n.i, zeroblob(32), zeroblob(${answerBytes}) ${everySlot}`),
    db.insert(commentSlots).select(sql`${numbers} select cohorts.round_id, cohorts.cohort, n.i, zeroblob(${commentBytes}) ${everySlot}`),
    ...shared.flatMap(({ teamId, tokenHash, cohort, people }) => [
      db.insert(openLinks).values({ roundId, teamId, cohort, tokenHash }),
      db
        .insert(openIssuances)
        .select(
          sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${people}) select ${roundId}, ${teamId}, n.i, zeroblob(32) from n`,
        ),
    ]),
  ]
}

/** What issuing needs to know, in one read: the round, the cohort's key, and the personal invitation or the team's link. */
export async function findIssuance(db: Database, key: { roundId: string; cohort: string; tokenHash: Bytes }) {
  const [row] = await db
    .select({
      ...roundState,
      publicKey: cohorts.publicKey,
      fingerprint: cohorts.fingerprint,
      privateKey: cohorts.privateKey,
      invitedTo: invitations.cohort,
      blindedHash: sql<string | null>`hex(${invitations.blindedHash})`,
      openTo: openLinks.cohort,
      openTeam: openLinks.teamId,
    })
    .from(rounds)
    .leftJoin(cohorts, and(eq(cohorts.roundId, rounds.id), eq(cohorts.cohort, key.cohort)))
    .leftJoin(invitations, and(eq(invitations.roundId, rounds.id), eq(invitations.tokenHash, key.tokenHash)))
    .leftJoin(openLinks, and(eq(openLinks.roundId, rounds.id), eq(openLinks.tokenHash, key.tokenHash)))
    .where(eq(rounds.id, key.roundId))
  return row
}

/**
 * Binds the invitation to this blinded message: the first one wins, the same one may come again.
 *
 * @returns whether it is bound to it now; nothing else than the round's closing or another message can be the reason
 */
export async function bindInvitation(
  db: Database,
  key: { roundId: string; cohort: string; tokenHash: Bytes; blindedHash: Bytes },
): Promise<{ bound: boolean; open: boolean }> {
  const [bound, open] = await db.batch([
    db
      .update(invitations)
      .set({ blindedHash: key.blindedHash })
      .where(
        and(
          eq(invitations.tokenHash, key.tokenHash),
          eq(invitations.roundId, key.roundId),
          eq(invitations.cohort, key.cohort),
          or(sql`${invitations.blindedHash} = zeroblob(32)`, eq(invitations.blindedHash, key.blindedHash)),
          roundIsOpen(key.roundId),
        ),
      )
      .returning({ cohort: invitations.cohort }),
    db
      .select({ id: rounds.id })
      .from(rounds)
      .where(and(eq(rounds.id, key.roundId), roundIsOpen(key.roundId))),
  ])
  return { bound: bound.length === 1, open: open.length === 1 }
}

/** The secret of an invitation that was not used yet, where it is still of generation `from`; the same one again changes nothing. */
export async function replaceToken(db: Database, key: NewToken): Promise<{ cohort: string } | undefined> {
  const [row] = await tokenReplacement(db, key)
  return row?.free ? { cohort: row.cohort } : undefined
}

export interface NewToken {
  roundId: string
  personId: string
  tokenHash: Bytes
  from: number
  generation: number
}

/**
 * The statement of `replaceToken`, for a batch of the caller's. Of an invitation that was used only the generation is
 * counted on: a link that is printed is derived from it, and would tell by staying the same.
 */
export const tokenReplacement = (db: Database, key: NewToken) =>
  db
    .update(invitations)
    .set({
      tokenHash: sql`case when ${invitations.blindedHash} = zeroblob(32) then ${key.tokenHash} else ${invitations.tokenHash} end`,
      generation: key.generation,
    })
    .where(
      and(
        eq(invitations.roundId, key.roundId),
        eq(invitations.personId, key.personId),
        eq(invitations.generation, key.from),
        roundIsOpen(key.roundId),
      ),
    )
    .returning({ cohort: invitations.cohort, free: sql`${invitations.blindedHash} = zeroblob(32)`.mapWith(Boolean) })

/** What casting needs to know, in one read. */
export async function findBallotRules(db: Database, key: { roundId: string; cohort: string }) {
  const [row] = await db
    .select({ ...roundState, frozen: rounds.frozen, publicKey: cohorts.publicKey })
    .from(rounds)
    .leftJoin(cohorts, and(eq(cohorts.roundId, rounds.id), eq(cohorts.cohort, key.cohort)))
    .where(eq(rounds.id, key.roundId))
  return row && { ...row, frozen: row.frozen as FrozenRound | null }
}

/** What would become of a ballot that were stored now, in one read: whether it is in, a slot is free, the round open. */
export async function ballotStanding(db: Database, { roundId, cohort, token }: { roundId: string; cohort: string; token: Bytes }) {
  const slots = sql`select 1 from ballot_slots where round_id = ${roundId} and cohort = ${cohort}`
  const [row] = await db
    .select({
      known: sql<number>`exists (${slots} and token = ${token})`,
      free: sql<number>`exists (${slots} and token = zeroblob(32))`,
      open: sql<number>`${roundIsOpen(roundId)}`,
    })
    .from(rounds)
    .where(eq(rounds.id, roundId))
  return { known: row?.known === 1, free: row?.free === 1, open: row?.open === 1 }
}

/**
 * Puts a ballot into a random free slot, and its comment into a random free comment slot of its own: both or neither,
 * and only where the round is open, the token is new and there is a free ballot slot.
 *
 * @param ballot.hasWaited it was cast while the round was open, and is stored until the round is counted
 * @param ballot.draws two random numbers, 0 ≤ draw < 2³²: which free slots. Drawn by the caller, so that a test can fix them
 * @returns `cast` when it was stored now; `known` when its token is stored; `open` whether the round still is
 */
export async function storeBallot(
  db: Database,
  ballot: {
    roundId: string
    cohort: string
    token: Bytes
    answers: Bytes
    comment: Bytes | null
    draws: readonly [number, number]
    hasWaited?: boolean
  },
): Promise<{ cast: boolean; known: boolean; open: boolean }> {
  const here = sql`round_id = ${ballot.roundId} and cohort = ${ballot.cohort}`
  const known = sql`exists (select 1 from ballot_slots where ${here} and token = ${ballot.token})`
  const open = ballot.hasWaited ? roundIsUncounted(ballot.roundId) : roundIsOpen(ballot.roundId)
  const freeSlot = sql`from ballot_slots where ${here} and token = zeroblob(32)`
  const freeComment = sql`from comment_slots where ${here} and substr(body, 1, 1) = x'00'`
  const drawn = (free: SQL, draw: number) =>
    sql`(select slot ${free} order by slot limit 1 offset cast(${draw} as integer) % max(1, (select count(*) ${free})))`
  const [, stored, [state]] = await db.batch([
    db
      .update(commentSlots)
      .set({ body: sql`${ballot.comment}` })
      .where(
        sql`${here} and slot = ${drawn(freeComment, ballot.draws[1])}
          and ${ballot.comment} is not null and not ${known} and ${open} and exists (select 1 ${freeSlot})`,
      ),
    db
      .update(ballotSlots)
      .set({ token: ballot.token, answers: ballot.answers })
      .where(sql`${here} and slot = ${drawn(freeSlot, ballot.draws[0])} and not ${known} and ${open}`)
      .returning({ cohort: ballotSlots.cohort }),
    db
      .select({ known: sql<number>`${known}`, open: sql<number>`${open}` })
      .from(rounds)
      .where(eq(rounds.id, ballot.roundId)),
  ])
  return { cast: stored.length === 1, known: state?.known === 1, open: state?.open === 1 }
}

/**
 * Every ballot and comment of a round whose casting has stopped, how many links were used by cohort, and the round's state.
 * Read a piece at a time, comments without their padding: no answer of the database is larger than about 1.6 MB.
 *
 * Ballots before comments: a comment is stored with its ballot, so that one which arrives too late to be read here comes
 * with a ballot that is missing, and the number of ballots tells.
 */
export async function readBallotBox(db: Database, roundId: string, piece = { ballots: 5000, comments: 1000 }) {
  const used = sql`blinded_hash <> zeroblob(32)`
  const [found, issued, shared] = await db.batch([
    db.select({ state: rounds.state }).from(rounds).where(eq(rounds.id, roundId)),
    db
      .select({ cohort: invitations.cohort, count: count() })
      .from(invitations)
      .where(and(eq(invitations.roundId, roundId), used))
      .groupBy(invitations.cohort),
    db
      .select({ cohort: openLinks.cohort, count: count() })
      .from(openIssuances)
      .innerJoin(openLinks, and(eq(openLinks.roundId, openIssuances.roundId), eq(openLinks.teamId, openIssuances.teamId)))
      .where(and(eq(openIssuances.roundId, roundId), used))
      .groupBy(openLinks.cohort),
  ])
  const ballots = await inPieces(piece.ballots, (after) =>
    db
      .select({ cohort: ballotSlots.cohort, slot: ballotSlots.slot, bytes: sql<string>`hex(${ballotSlots.answers})` })
      .from(ballotSlots)
      .where(and(eq(ballotSlots.roundId, roundId), after, sql`${ballotSlots.token} <> zeroblob(32)`))
      .orderBy(ballotSlots.cohort, ballotSlots.slot)
      .limit(piece.ballots),
  )
  const text = sql<string>`hex(substr(body, 1, coalesce(nullif(instr(body, x'00'), 0) - 1, ${commentBytes})))`
  const comments = await inPieces(piece.comments, (after) =>
    db
      .select({ cohort: commentSlots.cohort, slot: commentSlots.slot, bytes: text })
      .from(commentSlots)
      .where(and(eq(commentSlots.roundId, roundId), after, sql`substr(${commentSlots.body}, 1, 1) <> x'00'`))
      .orderBy(commentSlots.cohort, commentSlots.slot)
      .limit(piece.comments),
  )
  return {
    state: found[0]?.state,
    issued: summed([...issued, ...shared]),
    ballots: ballots.map(({ cohort, bytes }) => ({ cohort, answers: Uint8Array.fromHex(bytes) })),
    comments: comments.map(({ cohort, bytes }) => ({ cohort, body: Uint8Array.fromHex(bytes) })),
  }
}

function summed(rows: readonly { cohort: string; count: number }[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { cohort, count } of rows) sums.set(cohort, (sums.get(cohort) ?? 0) + count)
  return sums
}

/** All rows of a table of slots, in the order of its key. */
async function inPieces<T extends { cohort: string; slot: number }>(size: number, read: (after: SQL) => PromiseLike<T[]>): Promise<T[]> {
  const rows: T[] = []
  for (;;) {
    const last = rows.at(-1)
    const piece = await read(last ? sql`(cohort, slot) > (${last.cohort}, ${last.slot})` : sql`true`)
    rows.push(...piece)
    if (piece.length < size) return rows
  }
}

/**
 * Everything that could tie a person to an answer, for the batch that closes the round. Overwritten before it is
 * deleted: SQLite leaves the bytes of a deleted row in its page. Who was invited is only deleted: those are keys, and
 * changing a key leaves the old bytes behind too (docs/decisions/009-scrubbing.md).
 */
export function shred(db: Database, roundId: string): BatchItem<'sqlite'>[] {
  const free = sql`zeroblob(32)`
  return [
    db.update(ballotSlots).set({ token: free, answers: sql`zeroblob(length(answers))` }).where(eq(ballotSlots.roundId, roundId)),
    db.delete(ballotSlots).where(eq(ballotSlots.roundId, roundId)),
    db
      .update(commentSlots)
      .set({ body: sql`zeroblob(${commentBytes})` })
      .where(eq(commentSlots.roundId, roundId)),
    db.delete(commentSlots).where(eq(commentSlots.roundId, roundId)),
    db.update(invitations).set({ blindedHash: free }).where(eq(invitations.roundId, roundId)),
    db.delete(invitations).where(eq(invitations.roundId, roundId)),
    db
      .update(cohorts)
      .set({ privateKey: zeros(sql`length(private_key)`) })
      .where(eq(cohorts.roundId, roundId)),
    db.update(cohorts).set({ privateKey: null }).where(eq(cohorts.roundId, roundId)),
    db
      .update(rounds)
      .set({ linkKey: zeros(sql`length(link_key)`) })
      .where(eq(rounds.id, roundId)),
    db.update(rounds).set({ linkKey: null }).where(eq(rounds.id, roundId)),
    db.delete(deliveries).where(eq(deliveries.roundId, roundId)),
    db.update(openIssuances).set({ blindedHash: free }).where(eq(openIssuances.roundId, roundId)),
    db.delete(openIssuances).where(eq(openIssuances.roundId, roundId)),
    db.delete(openLinks).where(eq(openLinks.roundId, roundId)),
  ]
}

const roundState = { state: rounds.state, closingAt: rounds.closingAt }

/** Inside the statement that writes, so that closing cannot slip in between. */
export const roundIsOpen = (roundId: string): SQL =>
  sql`exists (select 1 from rounds where id = ${roundId} and state = 'open' and closing_at is null)`

/** Until its closing is done: what shreds the slots ends this state in the same batch. */
const roundIsUncounted = (roundId: string): SQL => sql`exists (select 1 from rounds where id = ${roundId} and state = 'open')`
