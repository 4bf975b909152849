import { type Context, Hono } from 'hono'
import { etag } from 'hono/etag'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { actionTextLimit, ownerLimit } from '../core/agreed-action'
import { comparisonRows } from '../core/comparison-table'
import { toCsv } from '../core/csv'
import { resultRows } from '../core/result-table'
import { longestShift } from '../core/schedule'
import { allow } from '../guard'
import { problem } from '../problem'
import { addAction, changeAction, listActions, removeAction } from '../services/actions'
import { authorize } from '../services/authorize'
import { closeRound } from '../services/closing'
import { getComparison } from '../services/comparison'
import { deliveryProgress, queueDeliveries } from '../services/deliveries'
import { readReminders } from '../services/due'
import { resultFindings, wordsOf } from '../services/findings'
import { getOpenLink, listOpenLinks, renewOpenLink } from '../services/open-links'
import { participation } from '../services/participation'
import { getChanges, getResult, getStories, withoutComments, withoutInputs } from '../services/results'
import { createRound, getRound, getRoundKeys, listRounds } from '../services/rounds'
import { openExtra, openNow, shiftRound, skipRound } from '../services/schedule'
import { listRevisions } from '../services/scores'
import { questionsOfRound } from '../services/survey'
import { noBody, valid } from '../validate'
import { Language } from './language'
import { pageLimit } from './paging'

/** Scheduled, to be opened by hand; or with `immediate` opened at once, where nothing else is said for this month and as long as usual. */
const NewRound = z
  .strictObject({
    period: z
      .string('Give the month that the round stands for, such as 2026-11.')
      .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'Use a month such as 2026-11.')
      .optional(),
    closesAt: z.iso.datetime({ error: 'Use a date and time such as 2026-11-30T16:00:00Z.' }).nullable().optional(),
    immediate: z.boolean('Use true or false.').optional(),
  })
  .refine(({ period, immediate }) => period !== undefined || immediate, {
    path: ['period'],
    error: 'Give the month that the round stands for, such as 2026-11.',
  })
const Shift = z.strictObject({
  shiftedDays: z
    .int('Use a whole number of days.')
    .min(-longestShift, `Use at least −${longestShift}.`)
    .max(longestShift, `Use at most ${longestShift}.`),
})
const RoundId = z.strictObject({ id: z.string().max(64, 'There is no such round.') })
const actionText = z
  .string('Say what was agreed.')
  .trim()
  .min(1, 'Say what was agreed.')
  .max(actionTextLimit, `Use at most ${actionTextLimit} characters.`)
const owner = z
  .string('Name an owner from each side.')
  .trim()
  .min(1, 'Name an owner from each side.')
  .max(ownerLimit, `Use at most ${ownerLimit} characters.`)
const dueDay = z.union([z.iso.date(), z.null()], { error: 'Use a day such as 2026-12-01, or null.' })
const NewAction = z.strictObject({ text: actionText, salesOwner: owner, marketingOwner: owner, dueDay: dueDay.default(null) })
const ActionChange = z.strictObject({
  text: actionText.optional(),
  salesOwner: owner.optional(),
  marketingOwner: owner.optional(),
  dueDay: dueDay.optional(),
  /** True writes today's day of the organisation's time zone into `doneDay`, false takes it out. */
  done: z.boolean('Use true or false.').optional(),
})
const OpenLinkId = RoundId.extend({ teamId: z.string().max(64, 'There is no such team.') })
const ActionId = RoundId.extend({ actionId: z.string().max(64, 'There is no such action.') })
const ComparisonQuery = z.strictObject({ with: z.string().max(64, 'There is no such round.').optional() })
const RoundsQuery = z.strictObject({
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'Use the `next` of an earlier page.')
    .optional(),
  limit: pageLimit(100).default(50),
})

/** What people wrote is for those who may read it; whoever opened a shared link gets the rest. */
async function readableResult(c: Context<AppEnv>, id: string) {
  const result = await getResult(c.var.services.db, id)
  return authorize(c.var.actor, 'comments:read') ? result : withoutComments(result)
}

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
    const { period, closesAt, immediate } = c.req.valid('json')
    const closing = closesAt ? { closesAt: new Date(closesAt) } : {}
    if (immediate || !period) return c.json(await openExtra(c.var.services, { ...(period ? { period } : {}), ...closing }), 201)
    return c.json(await createRound(c.var.services, { period, ...closing }), 201)
  })
  /** While it is open, with who takes part and the reminders it has sent; never to how many. */
  .get('/:id', allow('rounds:read'), valid('param', RoundId), async (c) => {
    const { id } = c.req.valid('param')
    const { services } = c.var
    const [round, groups, reminders] = await Promise.all([
      getRound(services.db, id),
      participation(services.db, id),
      readReminders(services, id),
    ])
    return c.json({ ...round, participation: groups, reminders })
  })
  /** What it asks or asked, with the words in every language: what the ids of its result stand for. */
  .get('/:id/questions', allow('results:read'), valid('param', RoundId), async (c) =>
    c.json(await questionsOfRound(c.var.services.db, c.req.valid('param').id)),
  )
  /** Moves one of the next rounds of the schedule, by days counted from its own day. */
  .patch('/:id', allow('rounds:write'), valid('param', RoundId), valid('json', Shift), async (c) =>
    c.json(await shiftRound(c.var.services, c.req.valid('param').id, c.req.valid('json').shiftedDays)),
  )
  /** Leaves out a round that has not been opened. */
  .delete('/:id', allow('rounds:write'), valid('param', RoundId), async (c) => {
    await skipRound(c.var.services, c.req.valid('param').id)
    return c.body(null, 204)
  })
  /** The personal links are in this answer and nowhere else. */
  .post('/:id/opening', allow('rounds:write'), noBody, valid('param', RoundId), async (c) =>
    c.json(await openNow(c.var.services, c.req.valid('param').id), 201),
  )
  /** How far the invitations of an open round are, and whom they could not reach. Of reminders nothing is said. */
  .get('/:id/deliveries', allow('rounds:write'), valid('param', RoundId), async (c) => {
    const progress = await deliveryProgress(c.var.services.db, c.req.valid('param').id)
    return progress ? c.json(progress) : problem(c, 'round-not-open', 'Messages are sent while a round is open.')
  })
  /** Has the invitations of an open round sent; asked again it writes to nobody twice. */
  .post('/:id/deliveries', allow('rounds:write'), noBody, valid('param', RoundId), async (c) => {
    const { services } = c.var
    const { id } = c.req.valid('param')
    await queueDeliveries(services, id, 'invitation')
    const progress = await deliveryProgress(services.db, id)
    return progress ? c.json(progress, 202) : problem(c, 'round-not-open', 'Messages are sent while a round is open.')
  })
  .post('/:id/closure', allow('rounds:write'), noBody, valid('param', RoundId), async (c) => {
    const { round, countsAt, result, score, already } = await closeRound(c.var.services, c.req.valid('param').id)
    if (!result) return c.json({ round, countsAt }, 202) // ballots are still arriving; the rest follows by itself
    return c.json({ round, result: withoutInputs(result), score, already }, already ? 200 : 201)
  })
  /** Links that stand for a whole team, while the round takes ballots: whoever holds one can answer. */
  .get('/:id/open-links', allow('rounds:write'), valid('param', RoundId), async (c) =>
    c.json({ items: await listOpenLinks(c.var.services, c.req.valid('param').id), next: null }),
  )
  .get('/:id/open-links/:teamId', allow('rounds:write'), valid('param', OpenLinkId), async (c) => {
    const { id, teamId } = c.req.valid('param')
    return c.json(await getOpenLink(c.var.services, id, teamId))
  })
  /** A new link; the one before ends, and the places that it took stay taken. */
  .post('/:id/open-links/:teamId/renewals', allow('rounds:write'), noBody, valid('param', OpenLinkId), async (c) => {
    const { id, teamId } = c.req.valid('param')
    return c.json(await renewOpenLink(c.var.services, id, teamId), 201)
  })
  /** With how alike people judge stories, and the sentences that pages say of it, in the language of the request. */
  .get('/:id/result', allow('results:read'), valid('param', RoundId), valid('query', Language), async (c) => {
    const { db } = c.var.services
    const { id } = c.req.valid('param')
    const [result, stories] = await Promise.all([readableResult(c, id), getStories(db, id)])
    return c.json({ ...result, stories, findings: resultFindings(result, wordsOf(c.var.locale, 'UTC')) })
  })
  /** The same as a table for a spreadsheet, with the byte order mark that some need to read it as UTF-8. */
  .get('/:id/result.csv', allow('results:read'), valid('param', RoundId), async (c) => {
    const result = await readableResult(c, c.req.valid('param').id)
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
  /** Beside the round before, or with `with` beside any other that has closed; the earlier of the two comes first. */
  .get('/:id/comparison', allow('results:read'), valid('param', RoundId), valid('query', ComparisonQuery), async (c) =>
    c.json(await getComparison(c.var.services, c.req.valid('param').id, c.req.valid('query').with)),
  )
  .get('/:id/comparison.csv', allow('results:read'), valid('param', RoundId), valid('query', ComparisonQuery), async (c) => {
    const comparison = await getComparison(c.var.services, c.req.valid('param').id, c.req.valid('query').with)
    return c.body(`\ufeff${toCsv(comparisonRows(comparison))}`, 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="rounds-${comparison.from.number}-${comparison.to.number}.csv"`,
    })
  })
  /** What was agreed to do about the result; employees read it at the end of the next survey. */
  .get('/:id/actions', allow('results:read'), valid('param', RoundId), async (c) => {
    const { db } = c.var.services
    const { id } = await getRound(db, c.req.valid('param').id)
    return c.json({ items: await listActions(db, id), next: null })
  })
  .post('/:id/actions', allow('rounds:write'), valid('param', RoundId), valid('json', NewAction), async (c) =>
    c.json(await addAction(c.var.services, c.req.valid('param').id, c.req.valid('json')), 201),
  )
  .patch('/:id/actions/:actionId', allow('rounds:write'), valid('param', ActionId), valid('json', ActionChange), async (c) => {
    const { id, actionId } = c.req.valid('param')
    return c.json(await changeAction(c.var.services, id, actionId, c.req.valid('json')))
  })
  .delete('/:id/actions/:actionId', allow('rounds:write'), valid('param', ActionId), async (c) => {
    const { id, actionId } = c.req.valid('param')
    await removeAction(c.var.services, id, actionId)
    return c.body(null, 204)
  })
