import type { BatchItem } from 'drizzle-orm/batch'
import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { readSettings, type Settings, writeSettings } from '../db/settings'
import { allow } from '../guard'
import { locales } from '../i18n'
import { valid } from '../validate'

const isTimeZone = (name: string) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

export const SettingsChange = z.strictObject({
  organisationName: z.string().trim().min(1, 'Give the organisation a name.').max(120, 'Use at most 120 characters.').optional(),
  timeZone: z.string().max(64).refine(isTimeZone, 'Use an IANA time zone such as Europe/Berlin.').optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'Use a currency code such as EUR.')
    .optional(),
  locale: z.enum(locales, { error: `Use one of: ${locales.join(', ')}.` }).optional(),
  minimumGroupSize: z.int().min(3, 'Use at least 3: fewer would give people away.').max(20, 'Use at most 20.').optional(),
})

const view = ({ sample, ...rest }: Settings) => ({ ...rest, sample: sample !== null })

export const settings = new Hono<AppEnv>()
  .get('/', allow('settings:read'), async (c) => c.json(view(await readSettings(c.var.services.db))))
  .patch('/', allow('settings:write'), valid('json', SettingsChange), async (c) => {
    const { db } = c.var.services
    const writes = writeSettings(db, c.req.valid('json') as Partial<Settings>)
    if (writes.length > 0) await db.batch(writes as [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]])
    return c.json(view(await readSettings(db)))
  })
