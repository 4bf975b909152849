import type * as z from 'zod'
import { PullSettings } from '../crm'

/** How rows are read that leave something out: the zone of times without an offset, the currency of amounts without one. */
export const PushSettings = PullSettings.pick({ timeZone: true, currency: true, expectedEveryDays: true }).strict()

export type PushSettings = z.infer<typeof PushSettings>
