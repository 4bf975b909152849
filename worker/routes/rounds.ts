import { Hono } from 'hono'
import { etag } from 'hono/etag'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { toCsv } from '../core/csv'
import { resultRows } from '../core/result-table'
import { allow } from '../guard'
import { closeRound } from '../services/closing'
import { resultFindings, wordsOf } from '../services/findings'
import { participation } from '../services/participation'
import { getChanges, getResult, withoutInputs } from '../services/results'
import { createRound, getRound, getRoundKeys, listRounds, openRound } from '../services/rounds'
import { listRevisions } from '../services/scores'
import { noBody, valid } from '../validate'
import { pageLimit } from './paging'

const NewRound = z.strictObject({
  period: z
    .string('Give the month that the round stands for, such as 2026-11.')
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'Use a month such as 2026-11.'),
  closesAt: z.iso.datetime({ error: 'Use a date and time such as 2026-11-30T16:00:00Z.' }).nullable().optional(),
})
const RoundId = z.strictObject({ id: z.string().max(64, 'There is no such round.') })
const RoundsQuery = z.strictObject({
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'Use the `next` of an earlier page.')
    .optional(),
  limit: pageLimit(100).default(50),
})

/** The one thing about a round that respondents read: without a session, and the same for everybody. */
export const roundKeys = new Hono<AppEnv>().get('/:id/keys', etag(), valid('param', RoundId), async (c) => {
  const keys = await getRoundKeys(c.var.services.db, c.req.valid('param').id)
  return c.json(keys, 200, { 'Cache-Control': 'public, max-age=31536000, immutable' })
})

export const rounds = new Hono<AppEnv>()
  .get('/', allow('rounds:read'), valid('query', RoundsQuery), async (c) => {
    const { cursor, limit } = c.req.valid('query')
    const items = await listRounds(c.var.services.db, { before: cursor ? Number(cursor) : undefined, limit: limit + 1 })
    const page = items.slice(0, limit)
    return c.json({ items: page, next: items.length > limit ? String(page.at(-1)?.number) : null })
  })
  .post('/', allow('rounds:write'), valid('json', NewRound), async (c) => {
    const { period, closesAt } = c.req.valid('json')
    return c.json(await createRound(c.var.services, { period, ...(closesAt ? { closesAt: new Date(closesAt) } : {}) }), 201)
  })
  .get('/:id', allow('rounds:read'), valid('param', RoundId), async (c) => {
    const { id } = c.req.valid('param')
    const { db } = c.var.services
    return c.json({ ...(await getRound(db, id)), participation: await participation(db, id) })
  })
  /** The personal links are in this answer and nowhere else. */
  .post('/:id/opening', allow('rounds:write'), noBody, valid('param', RoundId), async (c) =>
    c.json(await openRound(c.var.services, c.req.valid('param').id), 201),
  )
  .post('/:id/closure', allow('rounds:write'), noBody, valid('param', RoundId), async (c) => {
    const { round, countsAt, result, score, already } = await closeRound(c.var.services, c.req.valid('param').id)
    if (!result) return c.json({ round, countsAt }, 202) // ballots are still arriving; the rest follows by itself
    return c.json({ round, result: withoutInputs(result), score, already }, already ? 200 : 201)
  })
  /** With the sentences that pages say of it, in the language of the request. */
  .get('/:id/result', allow('results:read'), valid('param', RoundId), async (c) => {
    const result = await getResult(c.var.services.db, c.req.valid('param').id)
    return c.json({ ...result, findings: resultFindings(result, wordsOf(c.var.locale, 'UTC')) })
  })
  /** The same as a table for a spreadsheet, with the byte order mark that some need to read it as UTF-8. */
  .get('/:id/result.csv', allow('results:read'), valid('param', RoundId), async (c) => {
    const result = await getResult(c.var.services.db, c.req.valid('param').id)
    return c.body(`\ufeff${toCsv(resultRows(result))}`, 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="round-${result.number}-result.csv"`,
    })
  })
  /** Every revision of the round's score, newest first: what was shown once stays to be seen. */
  .get('/:id/scores', allow('scores:read'), valid('param', RoundId), async (c) =>
    c.json({ items: await listRevisions(c.var.services.db, c.req.valid('param').id), next: null }),
  )
  .get('/:id/changes', allow('results:read'), valid('param', RoundId), async (c) =>
    c.json(await getChanges(c.var.services.db, c.req.valid('param').id)),
  )
