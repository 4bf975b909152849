import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import type { ScoreChange } from '../core/result'
import type { ScoreView } from '../core/score-history'
import { allow } from '../guard'
import { remembered } from '../remember'
import { scoreFindings, trendOf, type Words, wordsOf } from '../services/findings'
import { pageOfScores } from '../services/scores'
import { valid } from '../validate'
import { lang } from './language'
import { pageLimit } from './paging'

const Period = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'Use a period such as 2026-09.')
const Range = z
  .strictObject({
    from: Period.optional(),
    to: Period.optional(),
    cursor: z
      .string()
      .regex(/^[1-9]\d{0,8}$/, 'Use the value of "next" from the page before.')
      .transform(Number)
      .optional(),
    limit: pageLimit(100).default(24),
    /** With what each pillar and each change is made of, and what other weights would make of them: four fifths of the answer, and not needed for a line. */
    parts: z.enum(['true', 'false'], { error: 'Use true or false.' }).default('false'),
    lang,
  })
  .refine(({ from, to }) => !from || !to || from <= to, { path: ['to'], message: 'Use a period that is not before "from".' })

export const scores = new Hono<AppEnv>().get('/', allow('scores:read'), valid('query', Range), remembered, async (c) => {
  c.set('isLasting', true)
  const { cursor, lang: _, parts, ...range } = c.req.valid('query')
  const { items, next } = await pageOfScores(c.var.services.db, { ...range, after: cursor })
  const words = wordsOf(c.var.locale, 'UTC')
  return c.json({
    items: items.map(({ view, revisions }) => listed(view, revisions, words, parts === 'true')),
    next: next === null ? null : String(next),
  })
})

/** A score with everything that pages say of it, sentences included. */
function listed(view: ScoreView, revisions: number, words: Words, isWhole: boolean) {
  const { score, previous: _, sinceLast, trend, courses, sensitivity, changeSensitivity, ...told } = view
  const mark = trend.rounds.at(-1)
  return {
    ...score,
    pillars: isWhole ? score.pillars : score.pillars.map(({ parts: _parts, absent: _absent, ...pillar }) => pillar),
    ...told,
    change: isWhole || !sinceLast ? sinceLast : withoutLines(sinceLast),
    ...(isWhole && { sensitivity, changeSensitivity }),
    revisions,
    /** Of the score, and of each pillar: null while there are too few rounds. */
    normalRange: mark?.verdict ? { verdict: mark.verdict, mean: mark.mean, low: mark.low, high: mark.high } : null,
    pillarRanges: courses.map(({ pillar, range }) => ({ pillar, range })),
    findings: [...scoreFindings(view, words), trendOf(trend, words)],
  }
}

const withoutLines = ({ contributions: _, ...change }: ScoreChange): Omit<ScoreChange, 'contributions'> => change
