import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import type { Clause } from '../core/clause'
import { stages } from '../core/facts'
import type { Evaluation } from '../core/sla'
import { readSettings } from '../db/settings'
import { allow } from '../guard'
import type { Locale } from '../i18n'
import { clauseName, sentenceOf } from '../services/clause-words'
import {
  addClause,
  type ClauseView,
  changeClause,
  endClause,
  getClause,
  listClauseViews,
  readCalendar,
  reportClause,
  resumeClause,
  setCalendar,
  takeBackClause,
} from '../services/clauses'
import type { ServiceContext } from '../services/context'
import { type Words, wordsOf } from '../services/findings'
import { valid } from '../validate'
import { Language } from './language'

const day = z.iso.date('Use a day such as 2026-06-15.')
const number = z.number('Use a number.')
const whole = z.int('Use a whole number.')
const time = z.string('Use a time such as 09:00.').max(5, 'Use a time such as 09:00.')
const stage = z.enum(stages, { error: `Use one of: ${stages.join(', ')}.` })
const due = z.discriminatedUnion(
  'every',
  [
    z.strictObject({ every: z.literal('week'), weekday: whole, time }),
    z.strictObject({ every: z.literal('month'), /** 1 to 28, or 31 for the last. */ day: whole, time }),
  ],
  { error: 'Use every: week or every: month.' },
)
const promised = {
  side: z.enum(['sales', 'marketing'], { error: 'Use sales or marketing.' }),
  due,
  onHoliday: z.enum(['next-workday', 'as-is'], { error: 'Use next-workday or as-is.' }),
}
const counts = z.enum(['since-last', 'that-day'], { error: 'Use since-last or that-day.' })

/** Ranges are rules of the product: `clauseProblems` says them. */
const ClauseBody = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('volume'), ...promised, stage, atLeast: whole, counts }),
    z.strictObject({ kind: z.literal('follow-on'), ...promised, stage, reaches: stage, share: number, counts, daysLater: whole, time }),
    z.strictObject({
      kind: z.literal('response'),
      ...promised,
      stage,
      minutes: whole,
      clock: z.enum(['working', 'all'], { error: 'Use working or all.' }),
      share: number,
    }),
    z.strictObject({ kind: z.literal('attempts'), ...promised, atLeast: whole, share: number }),
    z.strictObject({
      kind: z.literal('reported'),
      ...promised,
      name: z.string().trim().max(200, 'Use at most 120 characters.'),
      unit: z.enum(['count', 'share'], { error: 'Use count or share.' }),
      target: number,
    }),
  ],
  { error: 'Use one of: volume, follow-on, response, attempts, reported.' },
)

const Decision = z.strictObject({ clause: ClauseBody, fromDay: day })
/** Other contents from a day on, or an end taken back. */
const Change = z.union([Decision, z.strictObject({ endDay: z.null() })], { error: 'Send clause and fromDay, or endDay: null.' })
const Id = z.strictObject({ id: z.string().max(64) })
const amount = z.number('Use a number.').min(0, 'Use 0 or more.').max(1e12, 'Use at most 10¹².')
const Report = z.strictObject({
  dueDay: day,
  numerator: amount,
  denominator: amount.min(Number.MIN_VALUE, 'Use a number above 0.').optional(),
})
const Calendar = z.strictObject({
  hours: z
    .strictObject({
      fromDay: z.union([day, z.literal('')]),
      days: z.array(whole).max(7, 'Use at most seven days.'),
      opens: time,
      closes: time,
    })
    .optional(),
  holidays: z
    .array(z.strictObject({ day, name: z.string().trim().max(80, 'Use at most 80 characters.') }))
    .max(500, 'Use at most 500 holidays.')
    .optional(),
})

/** Clauses of the SLA and how their due dates came out. */
export const clauses = new Hono<AppEnv>()
  .get('/', allow('metrics:read'), valid('query', Language), async (c) => {
    const words = await wordsFor(c.var.services, c.req.valid('query').lang ?? 'en')
    return c.json({ items: (await listClauseViews(c.var.services)).map((view) => viewIn(words, view)) })
  })
  .post('/', allow('clauses:write'), valid('json', Decision), async (c) => {
    const { clause, fromDay } = c.req.valid('json')
    return c.json(await told(c.var.services, addClause(c.var.services, clause satisfies Clause, fromDay)), 201)
  })
  .get('/:id', allow('metrics:read'), valid('param', Id), async (c) =>
    c.json(await told(c.var.services, getClause(c.var.services, c.req.valid('param').id))),
  )
  .patch('/:id', allow('clauses:write'), valid('param', Id), valid('json', Change), async (c) => {
    const { id } = c.req.valid('param')
    const change = c.req.valid('json')
    const done = 'clause' in change ? changeClause(c.var.services, id, change.clause, change.fromDay) : resumeClause(c.var.services, id)
    return c.json(await told(c.var.services, done))
  })
  /** Ends it today; what was judged stays. */
  .delete('/:id', allow('clauses:write'), valid('param', Id), async (c) =>
    c.json(await told(c.var.services, endClause(c.var.services, c.req.valid('param').id))),
  )
  /** Takes the last decision on it back: its change, or the clause itself. */
  .delete('/:id/versions/last', allow('clauses:write'), valid('param', Id), async (c) =>
    c.json({ takenBack: await takeBackClause(c.var.services, c.req.valid('param').id) }),
  )
  /** How a due date came out that no source knows of; the same day again replaces. */
  .post('/:id/reports', allow('pulls:write'), valid('param', Id), valid('json', Report), async (c) =>
    c.json(evaluationIn(await reportClause(c.var.services, c.req.valid('param').id, c.req.valid('json')))),
  )

/** Working hours and holidays. */
export const workCalendar = new Hono<AppEnv>()
  .get('/', allow('metrics:read'), async (c) => c.json(await readCalendar(c.var.services.db)))
  .put('/', allow('clauses:write'), valid('json', Calendar), async (c) => c.json(await setCalendar(c.var.services, c.req.valid('json'))))

const wordsFor = async ({ db }: ServiceContext, locale: Locale): Promise<Words> => wordsOf(locale, (await readSettings(db)).timeZone)

async function told(services: ServiceContext, view: Promise<ClauseView>) {
  const found = await view
  return viewIn(await wordsFor(services, 'en'), found)
}

const viewIn = (words: Words, { evaluations, ...view }: ClauseView) => ({
  ...view,
  name: clauseName(words, view.clause),
  sentence: sentenceOf(words, view.clause),
  evaluations: evaluations.map(evaluationIn),
})

const evaluationIn = ({ dueAt, asOf, ...rest }: Evaluation) => ({
  ...rest,
  dueAt: new Date(dueAt).toISOString(),
  asOf: asOf === null ? null : new Date(asOf).toISOString(),
})
