import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { longestRetention } from '../core/retention'
import { isCurrency } from '../core/values'
import { readSettings, type Settings } from '../db/settings'
import { allow } from '../guard'
import { locales } from '../i18n'
import { shortenRetention } from '../services/retention'
import { changeSettings } from '../services/settings'
import { valid } from '../validate'

const isTimeZone = (name: string) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const term = (most: number) =>
  z.int('Use a whole number.').min(1, 'Use at least 1.').max(most, `Use at most ${most}: a term can only be made shorter.`).optional()

export const SettingsChange = z.strictObject({
  organisationName: z.string().trim().min(1, 'Give the organisation a name.').max(120, 'Use at most 120 characters.').optional(),
  timeZone: z.string().max(64).refine(isTimeZone, 'Use an IANA time zone such as Europe/Berlin.').optional(),
  currency: z.string().refine(isCurrency, 'Use a currency code such as EUR.').optional(),
  /** By so many months the lagged acquisition cost holds cost against later customers. */
  cacLagMonths: z.int('Use a whole number of months.').min(0, 'Use at least 0.').max(12, 'Use at most 12.').optional(),
  handOff: z.enum(['mql', 'sal'], { error: 'Use mql or sal.' }).optional(),
  attemptsExpected: z.int('Use a whole number.').min(1, 'Use at least 1.').max(50, 'Use at most 50.').optional(),
  locale: z.enum(locales, { error: `Use one of: ${locales.join(', ')}.` }).optional(),
  minimumGroupSize: z.int().min(3, 'Use at least 3: fewer would give people away.').max(20, 'Use at most 20.').optional(),
  /** True lets teams that are chosen for it (`openLink`) answer through one shared link from the next round on. */
  openLinks: z.boolean('Use true or false.').optional(),
  /** Terms, in their units. Each can be shortened and never made longer again; what is over by then is deleted within the hour. */
  retention: z
    .strictObject({
      commentMonths: term(longestRetention.commentMonths),
      inactivePeopleDays: term(longestRetention.inactivePeopleDays),
      importErrorDays: term(longestRetention.importErrorDays),
    })
    .optional(),
})

/** The schedule and the work calendar have addresses of their own; the first steps are of pages alone. */
const view = ({ sample, schedule: _, roundsLeftOut: __, workCalendar: ___, firstSteps: ____, ...rest }: Settings) => ({
  ...rest,
  sample: sample !== null,
})

export const settings = new Hono<AppEnv>()
  .get('/', allow('settings:read'), async (c) => c.json(view(await readSettings(c.var.services.db))))
  .patch('/', allow('settings:write'), valid('json', SettingsChange), async (c) => {
    const { db } = c.var.services
    const { retention = {}, ...rest } = c.req.valid('json')
    await changeSettings(c.var.services, rest as Partial<Settings>, await shortenRetention(db, retention))
    return c.json(view(await readSettings(db)))
  })
