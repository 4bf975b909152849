/** A source whose connector does what a test says, page by page, and a schedule with a clock that the test holds. */
import { env } from 'cloudflare:workers'
import * as z from 'zod'
import type { Access, Json, PullConnector, PulledPage } from '../../worker/connectors/connector'
import { PullFailure } from '../../worker/connectors/failure'
import { type FactRows, hashed, type Lead, noRows } from '../../worker/core/facts'
import { sources } from '../../worker/db/schema'
import type { ServiceContext } from '../../worker/services/context'
import type { Running } from '../../worker/services/pull-turn'
import { runPulls } from '../../worker/services/pulling'
import { services } from './client'

export const start = new Date('2026-03-02T10:00:00Z')
export const minutes = (count: number, from = start) => new Date(from.getTime() + count * 60_000)

export const aLead = (id: string, channel = 'web', more: Partial<Lead> = {}): Lead =>
  hashed<Lead>({ externalId: id, createdDay: '2026-02-03', createdAt: null, channel, leadType: '', stage: null, ...more })

export const leadsOf = (...ids: string[]): FactRows => ({ ...noRows(), lead: ids.map((id) => aLead(id)) })

/** A page as a connector returns it. */
export function aPage(rows: FactRows, more: Partial<PulledPage> = {}): PulledPage {
  const read = Object.values(rows).reduce((sum, facts) => sum + facts.length, 0)
  return { rows, errors: [], read, notices: [], next: null, bookmark: null, total: null, cost: 1, quota: null, ...more }
}

export interface Asked {
  cursor: Json | null
  bookmark: Json | null
  access: Access<unknown>
}

export interface Fake {
  connector: PullConnector<unknown>
  /** Every page that was asked for. */
  asked: Asked[]
  /** What a page is answered with; changed by the test at any time. */
  answer: (asked: Asked) => PulledPage | Promise<PulledPage>
}

export function aFake(answer: Fake['answer'] = () => aPage(noRows())): Fake {
  const fake: Fake = {
    asked: [],
    answer,
    connector: {
      kind: 'fake',
      brings: 'pulls',
      settings: z.record(z.string(), z.unknown()),
      secrets: [{ name: 'token' }],
      test: async () => ({ account: null, timeZone: null, currency: null, quota: null, missing: [] }),
      discover: async () => {
        throw new PullFailure('configuration')
      },
      page: async (access, { cursor, bookmark }) => {
        const asked = { cursor, bookmark, access }
        fake.asked.push(asked)
        return fake.answer(asked)
      },
    },
  }
  return fake
}

/** Pages of these leads, one lead a page; `next` is the number of the page. */
export const pageByPage =
  (...ids: string[]): Fake['answer'] =>
  ({ cursor }) => {
    const at = typeof cursor === 'number' ? cursor : 0
    const isLast = at >= ids.length - 1
    return aPage(leadsOf(ids[at] ?? ''), { next: isLast ? null : at + 1, bookmark: isLast ? ids.length : null, total: ids.length })
  }

export async function aSource(change: Partial<typeof sources.$inferInsert> = {}): Promise<string> {
  const id = change.id ?? `s${Math.random().toString(36).slice(2)}`
  await services()
    .db.insert(sources)
    .values({ id, kind: 'fake', name: 'CRM', settings: {}, expectedEveryDays: 1, createdAt: start, everyMinutes: 60, ...change })
  return id
}

/** What a run waited for without leaving its turn, in milliseconds. */
export const slept: number[] = []

/** A tick of cron at this moment. Time stands still in it, and nobody waits. */
export async function tick(
  fake: Fake,
  now: Date,
  { context = services(now), ...ways }: Partial<Running> & { context?: ServiceContext } = {},
): Promise<void> {
  await runPulls(context, {
    connectors: { fake: fake.connector },
    clock: () => now,
    random: () => 0.5,
    sleep: async (milliseconds) => {
      slept.push(milliseconds)
    },
    ...ways,
  })
}

export const all = async <Row>(sql: string) => (await env.DB.prepare(sql).all<Row>()).results
export const one = async <Row>(sql: string) => (await all<Row>(sql))[0]
export const leadIds = async () =>
  (await all<{ id: string }>('select external_id as id from leads where deleted_at is null order by 1')).map(({ id }) => id)
export const pullsOf = async (columns = 'state') => all<Record<string, unknown>>(`select ${columns} from pulls order by started_at, rowid`)
export const staged = async () => (await one<{ n: number }>('select count(*) as n from staged_facts'))?.n
