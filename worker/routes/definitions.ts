import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { allow } from '../guard'
import { definitionsText, readDefinitions, termChangesText } from '../services/definitions'
import { wordsOf } from '../services/findings'
import { valid } from '../validate'
import { lang } from './language'
import { summary } from './summary'

const Query = z.strictObject({
  round: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'Use the number of a closed round.')
    .transform(Number)
    .optional(),
  lang,
})

/** Where every term stands, with the sentences that the page says of it, in the language of the request. */
export const definitions = new Hono<AppEnv>().get(
  '/',
  summary('Gives where all terms stand: each by its latest round, with how each side answered and what changed since the time before'),
  allow('results:read'),
  valid('query', Query),
  async (c) => {
    const { shown, turns, events } = await readDefinitions(c.var.services, c.req.valid('query').round)
    if (!shown) throw new DomainError('not-found', 'No round has closed yet.')
    const { id: roundId, minimumGroupSize: _, terms, ...rest } = shown
    const words = wordsOf(c.var.locale, 'UTC')
    return c.json({
      roundId,
      ...rest,
      terms: terms.map((one) => ({ ...one, next: turns.get(one.term) ?? null })),
      findings: [
        { about: 'definitions', text: definitionsText(shown, words) },
        { about: 'changes', text: termChangesText(shown, events, words) },
      ],
    })
  },
)
