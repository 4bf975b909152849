import * as z from 'zod'
import { locales } from '../i18n'

/** Of the sentences; without it, the languages that the request accepts. */
export const lang = z.enum(locales, { error: `Use one of: ${locales.join(', ')}.` }).optional()

export const Language = z.strictObject({ lang })
