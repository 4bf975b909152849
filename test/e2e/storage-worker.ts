/**
 * Runs whole rounds inside workerd on a real D1: with the product's own statements, or with those that somebody would
 * write who does not think of the file. Bundled by `storage-rounds.ts`.
 */
import { eq } from 'drizzle-orm'
import { bindInvitation, insertBallotBox, readBallotBox, shred, storeBallot } from '../../worker/db/ballots'
import { type Database, database } from '../../worker/db/client'
import { bindOpenIssuance } from '../../worker/db/open-links'
import { replaceRoster } from '../../worker/db/roster'
import { cohorts, people, results, rounds, teams } from '../../worker/db/schema'
import type { Call, Voter } from './storage-rounds'

export default {
  async fetch(request, env) {
    const call = await request.json<Call>()
    const variant = { product, shared, naive }[call.way](database(env.DB))
    if (call.do === 'prepare') await variant.prepare(call.personIds)
    if (call.do === 'open') await variant.open(call)
    if (call.do === 'answer') for (const { act, voter } of call.steps) await variant[act](call.roundId, voter)
    if (call.do === 'close') await variant.close(call.roundId, call.ballots)
    return new Response()
  },
} satisfies ExportedHandler<{ DB: D1Database }>

type Open = Extract<Call, { do: 'open' }>

interface Variant {
  prepare(personIds: string[]): Promise<void>
  open(call: Open): Promise<void>
  collect(roundId: string, voter: Voter): Promise<void>
  cast(roundId: string, voter: Voter): Promise<void>
  close(roundId: string, ballots: number): Promise<void>
}

const bytes = (hex: string) => Uint8Array.fromHex(hex)

/** @param link hex, of the team whose link all of c2 answer through */
const product = (db: Database, link?: string): Variant => ({
  async prepare(personIds) {
    await db.insert(teams).values({ id: 'team', name: 'Team', side: 'sales' })
    await addPeople(db, personIds)
  },

  async open({ roundId, number, invited, members, answerBytes }) {
    const sizes = Map.groupBy(invited, ({ cohort }) => cohort)
    const period = `${2000 + number}-01`
    await db.batch([
      db.insert(rounds).values({ id: roundId, number, period, state: 'open', openedAt: new Date(0), frozen: {} }),
      ...[...sizes].map(([cohort, { length }]) =>
        db.insert(cohorts).values({ roundId, cohort, nodeId: cohort, invited: length, publicKey: '', fingerprint: '', privateKey: 'key' }),
      ),
      ...insertBallotBox(db, roundId, {
        invited: invited.filter(({ cohort }) => !(link && cohort === 'c2')).map((row) => ({ ...row, tokenHash: bytes(row.tokenHash) })),
        shared: link ? [{ teamId: 'team', cohort: 'c2', tokenHash: bytes(link), people: sizes.get('c2')?.length ?? 0 }] : [],
        answerBytes,
      }),
      ...replaceRoster(db, roundId, members),
    ])
  },

  async collect(roundId, { cohort, tokenHash, blindedHash }) {
    const { bound } = await bindInvitation(db, { roundId, cohort, tokenHash: bytes(tokenHash), blindedHash: bytes(blindedHash) })
    if (!bound) throw new Error('The invitation was not bound.')
  },

  async cast(roundId, { cohort, token, answers, comment, draws }) {
    const body = comment === null ? null : bytes(comment)
    const { cast } = await storeBallot(db, { roundId, cohort, token: bytes(token), answers: bytes(answers), comment: body, draws })
    if (!cast) throw new Error('The ballot was not stored.')
  },

  /** As services/closing.ts does. */
  async close(roundId, ballots) {
    const box = await readBallotBox(db, roundId)
    if (box.ballots.length !== ballots) throw new Error(`${box.ballots.length} ballots were stored.`)
    const result = { roundId, methodVersion: '1', inputsHash: roundId, body: { ballots }, publishedAt: new Date(0) }
    await db.batch([
      db.update(rounds).set({ state: 'closed' }).where(eq(rounds.id, roundId)),
      db.insert(results).values(result),
      ...shred(db, roundId),
    ])
  },
})

/** One link for all of c2: nobody there has a link of their own. */
const shared = (db: Database): Variant => {
  const link = 'c2'.repeat(32)
  const own = product(db, link)
  return {
    ...own,
    async collect(roundId, voter) {
      if (voter.cohort !== 'c2') return own.collect(roundId, voter)
      const blindedHash = bytes(voter.blindedHash)
      const draw = new DataView(blindedHash.buffer).getUint32(0) // as random as any, and the same at every run
      const outcome = await bindOpenIssuance(db, { roundId, teamId: 'team', cohort: 'c2', tokenHash: bytes(link), blindedHash, draw })
      if (outcome !== 'bound') throw new Error(`The place was not taken: ${outcome}.`)
    },
  }
}

/** Rows as they come, with a counter; the invitation remembers what was collected with it; closing deletes. */
const naive = (db: Database): Variant => {
  const run = (text: string, ...values: unknown[]) => db.$client.prepare(text).bind(...values)
  return {
    async prepare(personIds) {
      await db.$client.batch([
        run(
          'create table naive_invitations (id integer primary key autoincrement, cohort text, person_id text, token_hash blob, issued blob)',
        ),
        run(
          'create table naive_ballots (id integer primary key autoincrement, cohort text, token blob unique, answers blob, comment blob)',
        ),
      ])
      await product(db).prepare(personIds)
    },

    async open({ invited }) {
      await db.$client.batch(
        invited.map(({ cohort, personId, tokenHash }) =>
          run('insert into naive_invitations (cohort, person_id, token_hash) values (?, ?, ?)', cohort, personId, bytes(tokenHash)),
        ),
      )
    },

    async collect(_roundId, { tokenHash, blindedHash }) {
      await run('update naive_invitations set issued = ? where token_hash = ?', bytes(blindedHash), bytes(tokenHash)).run()
    },

    async cast(_roundId, { cohort, token, answers, comment }) {
      const values = [cohort, bytes(token), bytes(answers), comment === null ? null : bytes(comment)]
      await run('insert into naive_ballots (cohort, token, answers, comment) values (?, ?, ?, ?)', ...values).run()
    },

    async close() {
      await db.$client.batch([run('delete from naive_ballots'), run('delete from naive_invitations')])
    },
  }
}

async function addPeople(db: Database, ids: string[]): Promise<void> {
  for (const id of ids) await db.insert(people).values({ id, email: `${id}@acme.example`, name: id, locale: 'en', teamId: 'team' })
}
