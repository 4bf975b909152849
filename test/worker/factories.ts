/**
 * Organisations, open rounds, and people who answer: `collect` and `cast` are the protocol as the survey page speaks it,
 * over HTTP, with the same client code.
 */
import { eq } from 'drizzle-orm'
import { type Answer, ballotMessage } from '../../worker/core/ballot'
import { blind, finalize, fromBase64Url, toBase64Url } from '../../worker/core/blind-rsa'
import type { Item, Side } from '../../worker/core/round'
import { defaultRules, type ScoringRules } from '../../worker/core/scoring-rules'
import type { Database } from '../../worker/db/client'
import { findRound } from '../../worker/db/rounds'
import { people, settings, teams } from '../../worker/db/schema'
import { insertRules } from '../../worker/db/scoring-rules'
import { closeRound } from '../../worker/services/closing'
import { newId, type ServiceContext } from '../../worker/services/context'
import { createRound, type Invitation, openRound, type RoundKeys, type RoundView } from '../../worker/services/rounds'
import { fetchWorker, services } from './client'

export const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))

export interface TeamSpec {
  name: string
  side: Side
  people: number
  parent?: string
}

/** Sales 6 and Marketing 6, enough for both to be reported. */
export const twoSides: TeamSpec[] = [
  { name: 'Sales', side: 'sales', people: 6 },
  { name: 'Marketing', side: 'marketing', people: 6 },
]

/** Teams with that many people each; the id of a team is its name in lower case. */
export async function anOrganisation(specs: readonly TeamSpec[] = twoSides, context: ServiceContext = services()): Promise<void> {
  const { db } = context
  await db.batch([
    db.insert(settings).values({ key: 'organisationName', value: 'Acme' }).onConflictDoNothing(),
    ...specs.map(({ name, side, parent }, position) =>
      db.insert(teams).values({ id: name.toLowerCase(), name, side, parentId: parent?.toLowerCase() ?? null, position }),
    ),
    ...specs.flatMap(({ name, people: count }) =>
      Array.from({ length: count }, (_, index) =>
        db.insert(people).values({
          id: newId(context),
          email: `${name.toLowerCase()}${index + 1}@acme.example`,
          name: `${name} ${index + 1}`,
          locale: 'en',
          teamId: name.toLowerCase(),
        }),
      ),
    ),
  ])
}

/** The statement that decides these rules as version 2, without scoring anything by them. */
export const decided = (db: Database, rules: Partial<ScoringRules>) =>
  insertRules(db, { ...defaultRules, version: 2, ...rules }, new Date('2026-01-01T00:00:00Z'))

export interface OpenRound {
  round: RoundView
  invitations: Invitation[]
  items: Item[]
}

/** An organisation with a round that takes ballots. */
export async function anOpenRound(specs: readonly TeamSpec[] = twoSides): Promise<OpenRound> {
  const context = services()
  await anOrganisation(specs, context)
  return openAnother(context)
}

/** Lets these teams answer through one link each, from the next round on. */
export async function withOpenLinks(...teamIds: string[]): Promise<void> {
  const { db } = services()
  await db.batch([
    db.insert(settings).values({ key: 'openLinks', value: true }),
    ...teamIds.map((id) => db.update(teams).set({ openLink: true }).where(eq(teams.id, id))),
  ])
}

/** The next round of an organisation that is there. */
export async function openAnother(context: ServiceContext = services()): Promise<OpenRound> {
  const scheduled = await createRound(context, { period: '2026-11' })
  const opened = await openRound(context, scheduled.id)
  const stored = await findRound(context.db, scheduled.id)
  return { ...opened, items: [...(stored?.frozen?.items ?? [])] }
}

/** A ballot that was collected and not cast yet: all that the voter keeps. */
export interface SealedBallot {
  roundId: string
  cohort: string
  message: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
}

export const postJson = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetchWorker(path, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } })

/** The parts of a personal link. */
export function partsOf(url: string): { roundId: string; cohort: string; invitation: string } {
  const { pathname, hash } = new URL(url)
  const [cohort = '', invitation = ''] = hash.slice(1).split('.')
  return { roundId: pathname.split('/').at(-1) ?? '', cohort, invitation }
}

/** A message and its blinded form, for the cohort of the link. */
export async function blindFor(url: string) {
  const { roundId, cohort, invitation } = partsOf(url)
  const { keys } = await (await fetchWorker(`/api/v1/rounds/${roundId}/keys`)).json<RoundKeys>()
  const key = keys.find((candidate) => candidate.cohort === cohort)
  if (!key) throw new Error(`no key for ${cohort}`)
  const message = ballotMessage(roundId, cohort, random)
  const { blinded, inverse } = await blind(key, message, random)
  return { key, message, inverse, request: { roundId, cohort, invitation, blindedMessage: toBase64Url(blinded) } }
}

/** Blinds, has signed, finalises. */
export async function collect(url: string): Promise<SealedBallot> {
  const { key, message, inverse, request } = await blindFor(url)
  const response = await postJson('/api/v1/issuances', request)
  if (response.status !== 201) throw new Error(`issuance answered ${response.status}: ${await response.text()}`)
  const { blindSignature } = await response.json<{ blindSignature: string }>()
  const signature = await finalize(key, message, fromBase64Url(blindSignature), inverse)
  return { roundId: request.roundId, cohort: request.cohort, message, signature }
}

/** The body of `POST /ballots`. */
export const ballotOf = (sealed: SealedBallot, answers: readonly Answer[], comment: string | null = null) => ({
  roundId: sealed.roundId,
  cohort: sealed.cohort,
  message: toBase64Url(sealed.message),
  signature: toBase64Url(sealed.signature),
  answers,
  comment,
})

export const cast = (sealed: SealedBallot, answers: readonly Answer[], comment: string | null = null) =>
  postJson('/api/v1/ballots', ballotOf(sealed, answers, comment))

/** Answers a survey from link to stored ballot. */
export async function answer(url: string, answers: readonly Answer[], comment: string | null = null): Promise<SealedBallot> {
  const sealed = await collect(url)
  const response = await cast(sealed, answers, comment)
  if (response.status !== 201) throw new Error(`casting answered ${response.status}: ${await response.text()}`)
  return sealed
}

/** The same answer to every agreement item; the headline and the definitions get one that is theirs. */
export const sameAnswers = (items: readonly Item[], agreement: number, headline = 8, option = 0): Answer[] =>
  items.map((item) => (item.kind === 'agreement' ? agreement : item.kind === 'headline' ? headline : option))

/** Closes a round that has nothing to wait for. */
export async function closeNow(context: ServiceContext, roundId: string) {
  const closure = await closeRound(context, roundId)
  if (closure.countsAt !== null) throw new Error(`It is counted at ${closure.countsAt}.`)
  return closure
}
