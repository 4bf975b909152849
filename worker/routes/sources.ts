import { Hono } from 'hono'
import * as z from 'zod'
import { pullAtOnce, resumeAtOnce } from '../at-once'
import { sourceKinds } from '../connectors'
import type { AppEnv } from '../context'
import { decodeText } from '../core/csv'
import { allow } from '../guard'
import { problem } from '../problem'
import { cancelPull, pauseSource, startPull } from '../services/pulling'
import { getPull, listPulls, pullCsv, pullErrorsCsv } from '../services/pulls'
import { assertFewEnough, pushRows } from '../services/pushing'
import { discover, dryRun, testConnection } from '../services/source-setup'
import { activateSource, changeSource, createSource, getSource, listSources, removeSource } from '../services/sources'
import { noBody, valid } from '../validate'
import { pageLimit } from './paging'

const name = z.string('Name the source.').trim().min(1, 'Name the source.').max(80, 'Use at most 80 characters.')
const settings = z
  .record(z.string(), z.unknown(), 'Give its settings as an object.')
  .meta({ description: 'As its kind of source wants them; docs/connectors.md lists them. What has a default may be left out.' })
const part = z.string().max(4_096, 'Use at most 4,096 characters.').optional()
const secret = z
  .strictObject({ token: part, clientId: part, clientSecret: part, headerValue: part })
  .meta({ description: 'All parts that its kind needs. They are stored encrypted and never returned.' })
const ownerEmail = z
  .string()
  .max(254, 'Use at most 254 characters.')
  .nullable()
  .meta({ description: 'Told once when the source stops working, and once when it works again.' })
const NewSource = z.strictObject({
  name,
  kind: z.enum(sourceKinds, { error: `Use one of: ${sourceKinds.join(', ')}.` }),
  settings,
  secret: secret.optional(),
  ownerEmail: ownerEmail.optional(),
})
const SourceChange = z.strictObject({
  name: name.optional(),
  settings: settings.optional(),
  secret: secret.optional(),
  ownerEmail: ownerEmail.optional(),
  state: z.literal('active', 'Say active to end its set-up; pausing and resuming have addresses of their own.').optional(),
})
const SourceId = z.strictObject({ id: z.string().max(64) })
const PullId = z.strictObject({ id: z.string().max(64), pullId: z.string().max(64) })
const PageQuery = z.strictObject({
  cursor: z
    .string()
    .regex(/^\d{1,15}~[\w-]{1,64}$/, 'Use the `next` of an earlier page.')
    .optional(),
  limit: pageLimit(500).optional(),
})
const PullQuery = z.strictObject({
  dryRun: z.enum(['true', 'false'], { error: 'Say dryRun=true to look or dryRun=false to import.' }),
  fileName: z.string().trim().min(1, 'Leave it out or name the file.').max(200, 'Use at most 200 characters.').optional(),
})
const PullStart = z.strictObject({
  from: z.enum(['bookmark', 'start'], { error: 'Use bookmark to go on, or start to read everything again.' }).optional(),
  acceptsEmpty: z.boolean('Use true or false.').optional(),
})
const PushHeaders = z.object({
  'idempotency-key': z
    .string('Give every request a key of its own, and a repetition the same one.')
    .regex(/^[\x21-\x7e]{1,64}$/, 'Use 1 to 64 visible ASCII characters.'),
})
const PushedRows = z
  .strictObject({ rows: z.array(z.unknown(), 'Give the rows as a list.').min(1, 'Send at least one row.') })
  .meta({ description: 'At most 500 rows, each with a `type`: lead, stage, deal, activity, spend, headcount, touch or value.' })
const Deletion = z.strictObject({ confirmed: z.literal('true', { error: 'Say confirmed=true: the facts of this source go as well.' }) })

export const sources = new Hono<AppEnv>()
  .get('/', allow('sources:read'), valid('query', PageQuery), async (c) => {
    const { db, now } = c.var.services
    return c.json(await listSources(db, { ...c.req.valid('query'), now }))
  })
  .post('/', allow('sources:write'), valid('json', NewSource), async (c) =>
    c.json(await createSource(c.var.services, c.req.valid('json')), 201),
  )
  .get('/:id', allow('sources:read'), valid('param', SourceId), async (c) =>
    c.json(await getSource(c.var.services, c.req.valid('param').id)),
  )
  .patch('/:id', allow('sources:write'), valid('param', SourceId), valid('json', SourceChange), async (c) => {
    const { id } = c.req.valid('param')
    const { state, ...change } = c.req.valid('json')
    const source = await changeSource(c.var.services, id, change)
    return c.json(state === 'active' ? await activateSource(c.var.services, id) : source)
  })
  .delete('/:id', allow('sources:write'), valid('param', SourceId), valid('query', Deletion), async (c) => {
    await removeSource(c.var.services, c.req.valid('param').id)
    return c.body(null, 204)
  })
  .post('/:id/connection-tests', allow('sources:write'), valid('param', SourceId), noBody, async (c) =>
    c.json(await testConnection(c.var.services, c.req.valid('param').id)),
  )
  .get('/:id/discovery', allow('sources:write'), valid('param', SourceId), async (c) =>
    c.json(await discover(c.var.services, c.req.valid('param').id)),
  )
  .post('/:id/dry-runs', allow('sources:write'), valid('param', SourceId), noBody, async (c) =>
    c.json(await dryRun(c.var.services, c.req.valid('param').id)),
  )
  .get('/:id/pulls', allow('sources:read'), valid('param', SourceId), valid('query', PageQuery), async (c) =>
    c.json(await listPulls(c.var.services, c.req.valid('param').id, c.req.valid('query'))),
  )
  .post('/:id/pulls', allow('pulls:write'), valid('param', SourceId), valid('query', PullQuery), async (c) => {
    if (!isCsv(c.req.header('content-type'))) return problem(c, 'unsupported-media-type', 'Send the file as text/csv.')
    const { dryRun, fileName } = c.req.valid('query')
    const csv = decodeText(new Uint8Array(await c.req.arrayBuffer()))
    const options = { dryRun: dryRun === 'true', ...(fileName ? { fileName } : {}) }
    return c.json(await pullCsv(c.var.services, c.req.valid('param').id, csv, options))
  })
  .post('/:id/rows', allow('pulls:write'), valid('param', SourceId), valid('header', PushHeaders), valid('json', PushedRows), async (c) => {
    const { rows } = c.req.valid('json')
    assertFewEnough(rows)
    const key = c.req.valid('header')['idempotency-key']
    const {
      status: _always200,
      body,
      replayed,
    } = await pushRows(c.var.services, c.req.valid('param').id, { key, text: await c.req.text(), rows })
    if (replayed) c.header('Idempotency-Replayed', 'true')
    return c.json(body)
  })
  .put('/:id/pulls/running', allow('sources:write'), valid('param', SourceId), valid('json', PullStart), async (c) => {
    const pull = await startPull(c.var.services, c.req.valid('param').id, c.req.valid('json'))
    pullAtOnce(c, pull.id)
    return c.json(pull, 202)
  })
  .delete('/:id/pulls/:pullId', allow('sources:write'), valid('param', PullId), async (c) => {
    const { id, pullId } = c.req.valid('param')
    await cancelPull(c.var.services, id, pullId)
    return c.json(await getPull(c.var.services, id, pullId))
  })
  .put('/:id/pause', allow('sources:write'), valid('param', SourceId), noBody, async (c) => {
    const { id } = c.req.valid('param')
    await pauseSource(c.var.services, id)
    return c.json(await getSource(c.var.services, id))
  })
  .delete('/:id/pause', allow('sources:write'), valid('param', SourceId), async (c) => {
    const { id } = c.req.valid('param')
    await resumeAtOnce(c, id)
    return c.json(await getSource(c.var.services, id))
  })
  .get('/:id/pulls/:pullId', allow('sources:read'), valid('param', PullId), async (c) => {
    const { id, pullId } = c.req.valid('param')
    return c.json(await getPull(c.var.services, id, pullId))
  })
  .get('/:id/pulls/:pullId/errors', allow('sources:read'), valid('param', PullId), async (c) => {
    const { id, pullId } = c.req.valid('param')
    return c.body(await pullErrorsCsv(c.var.services, id, pullId), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="row-errors.csv"',
    })
  })

const isCsv = (contentType: string | undefined) => /^text\/csv(\s*;.*)?$/i.test(contentType ?? '')
