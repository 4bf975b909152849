import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { answerLimit, statementLimit } from '../core/own-words'
import { terms, themes } from '../core/round'
import { estimatedSeconds, mostQuestions, turns } from '../core/survey-plan'
import { allow } from '../guard'
import { locales } from '../i18n'
import { addStatement, changeStatement, putStatementAway, takeStatementBack } from '../services/own-statements'
import { changeSurvey, itemsIn, listSurveys, missingIn, readNextSurvey, readSurvey, type SurveyChange } from '../services/survey'
import { changeTerm } from '../services/term-answers'
import { noBody, valid } from '../validate'

const version = z.int('Send the version that you read.').min(0, 'Send the version that you read.')
const itemId = z.string('Name a statement by its id.').regex(/^[\w-]{1,64}$/, 'This is not an id.')
const turn = z.literal([...turns], { error: `Use one of: ${turns.join(', ')}.` })

/** By language. More characters than any of these texts may have are not even read. */
const texts = (limit: number) =>
  z.strictObject(
    Object.fromEntries(
      locales.map((locale) => [
        locale,
        z
          .string()
          .max(10 * limit, `Use at most ${limit} characters.`)
          .optional(),
      ]),
    ),
  )

const Change = z.strictObject({
  version,
  items: z
    .array(z.strictObject({ id: itemId, optional: z.boolean('Use true or false.').optional() }), 'List the statements.')
    .max(mostQuestions, `Ask at most ${mostQuestions}.`)
    .optional(),
  definitions: turn.optional(),
  cases: turn.optional(),
  comment: z.boolean('Use true or false.').optional(),
})
const theme = z.enum(themes, { error: `Use one of: ${themes.join(', ')}.` })
const NewStatement = z.strictObject({ theme, texts: texts(statementLimit) })
const StatementChange = z.strictObject({ version, theme, texts: texts(statementLimit) })
const ItemId = z.strictObject({ id: itemId })
const TermName = z.strictObject({ term: z.enum(terms, { error: `Use one of: ${terms.join(', ')}.` }) })
const Answers = z.strictObject({
  version,
  options: z
    .array(z.strictObject({ id: itemId.optional(), texts: texts(answerLimit).optional() }))
    .max(50, 'Give fewer answers.')
    .nullable(),
  official: z.union([itemId, z.int().min(0).max(50), z.null()], { error: 'Use an id, a place among the options from 0, or null.' }),
})

/** What is asked from the next round on; rounds that were opened before keep what they asked. */
export const survey = new Hono<AppEnv>()
  .get('/', allow('survey:read'), async (c) => {
    const { survey: current, round } = await readNextSurvey(c.var.services.db)
    const asked = itemsIn(current, round.number)
    const { plan, since } = current
    return c.json({
      ...plan,
      since: since?.toISOString() ?? null,
      missing: missingIn(current),
      next: { number: round.number, items: asked, seconds: estimatedSeconds(asked) },
    })
  })
  /** A new version; 409 where `version` is not the one that holds. */
  .patch('/', allow('survey:write'), valid('json', Change), async (c) => {
    const { version: read, items, ...rest } = c.req.valid('json')
    const change: SurveyChange = { ...rest, items: items?.map(({ id, optional }) => ({ id, ...(optional && { optional }) })) }
    return c.json(await changeSurvey(c.var.services, read, change))
  })
  /** Newest first; the last one is the default. */
  .get('/versions', allow('survey:read'), async (c) => c.json({ items: await listSurveys(c.var.services.db), next: null }))
  .get('/statements', allow('survey:read'), async (c) => {
    const { items, retired } = await readSurvey(c.var.services.db)
    const all = [...items.map((item) => ({ ...item, putAway: false })), ...retired.map((item) => ({ ...item, putAway: true }))]
    return c.json({ items: all, next: null })
  })
  .post('/statements', allow('survey:write'), valid('json', NewStatement), async (c) =>
    c.json(await addStatement(c.var.services, c.req.valid('json')), 201),
  )
  /** Other words make another statement, with an id of its own; a translation alone does not. */
  .patch('/statements/:id', allow('survey:write'), valid('param', ItemId), valid('json', StatementChange), async (c) => {
    const { version: read, ...change } = c.req.valid('json')
    return c.json(await changeStatement(c.var.services, c.req.valid('param').id, read, change))
  })
  .delete('/statements/:id', allow('survey:write'), valid('param', ItemId), async (c) => {
    await putStatementAway(c.var.services, c.req.valid('param').id)
    return c.body(null, 204)
  })
  .post('/statements/:id/restoration', allow('survey:write'), noBody, valid('param', ItemId), async (c) => {
    await takeStatementBack(c.var.services, c.req.valid('param').id)
    return c.body(null, 204)
  })
  .get('/terms', allow('survey:read'), async (c) => c.json({ items: (await readSurvey(c.var.services.db)).terms, next: null }))
  .put('/terms/:term', allow('survey:write'), valid('param', TermName), valid('json', Answers), async (c) => {
    const { version: read, ...input } = c.req.valid('json')
    return c.json(await changeTerm(c.var.services, c.req.valid('param').term, read, input))
  })
