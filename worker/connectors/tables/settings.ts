/** What sheets and JSON that are pulled have in common: an address, a way to prove who asks, and columns with a meaning. */
import * as z from 'zod'
import { PullSettings } from '../crm'
import { reading } from '../csv/settings'

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/

/** Whether a text may be an address at all; `hostAllowed` decides whether it is asked. */
function isAddress(text: string): boolean {
  const url = URL.parse(text)
  if (url?.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname))
}

export const TablePullSettings = PullSettings.extend({
  /** Public, over HTTPS. What must stay secret goes into the header, never into the address. */
  url: z
    .string('Give the address.')
    .trim()
    .min(1, 'Give the address.')
    .max(2_000, 'Use at most 2,000 characters.')
    .refine(isAddress, 'Use an address such as https://example.com/leads.csv, without a user name or a password in it.'),
  /** The header that the secret is sent in, where there is a secret. */
  header: z
    .string()
    .trim()
    .max(100, 'Use at most 100 characters.')
    .regex(/^[A-Za-z0-9-]+$/, 'Use the name of a header, such as Authorization.')
    .refine((name) => !refusedHeaders.test(name), 'This header cannot carry a secret.')
    .default('Authorization'),
  ...reading,
  /** `everything`: what is no longer there is gone. `news`: what is no longer there stays. */
  holds: z.enum(['everything', 'news'], { error: 'Use one of: everything, news.' }).default('everything'),
}).strict()

export type TablePullSettings = z.infer<typeof TablePullSettings>

/** They are about the connection, and not about who asks. */
const refusedHeaders =
  /^(host|connection|content-.*|transfer-encoding|te|trailer|upgrade|via|expect|keep-alive|accept.*|if-.*|range|user-agent|cf-.*|proxy-.*|sec-.*)$/i
