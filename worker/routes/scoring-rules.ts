import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { kappas } from '../core/scoring-rules'
import { allow } from '../guard'
import { listVersions, previewRules, setRules } from '../services/scoring-rules'
import { valid } from '../validate'

const share = z.number('Give a share from 0 to 1.').min(0, 'Use 0 or more.').max(1, 'Use at most 1.')

/** What is left out stays as it is. */
const RulesChange = z.strictObject({
  weights: z.strictObject({ perception: share, definitions: share, process: share, performance: share }).optional(),
  kappa: z.literal([...kappas], { error: `Use one of: ${kappas.join(', ')}.` }).optional(),
  baselineEventId: z.string().max(64, 'Use the id of an event.').nullable().optional(),
})
const Dry = z.strictObject({ dryRun: z.enum(['true', 'false'], { error: 'Use true or false.' }).default('false') })

export const scoringRules = new Hono<AppEnv>()
  /** Every version, newest first: the first one holds, the last one is that of the defaults. */
  .get('/', allow('scores:read'), async (c) => c.json({ items: await listVersions(c.var.services.db), next: null }))
  /** Decides a new version, under which every score is computed again. A dry run says what the scores would be. */
  .patch('/', allow('settings:write'), valid('query', Dry), valid('json', RulesChange), async (c) => {
    const change = c.req.valid('json')
    if (c.req.valid('query').dryRun === 'true') {
      const { rules, scores } = await previewRules(c.var.services, change)
      return c.json({
        dryRun: true as const,
        rules,
        scores: scores.map(({ now: { roundId, number, period, value }, later }) => ({
          roundId,
          number,
          period,
          now: value,
          later: later?.value ?? null,
        })),
      })
    }
    return c.json(await setRules(c.var.services, change))
  })
