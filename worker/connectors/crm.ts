/**
 * The settings that all CRMs share, so that one set of pages sets them up: what is read, what the CRM's stages and fields
 * mean here, how far back, how often and with how much of the vendor's quota.
 */
import * as z from 'zod'
import { isCalendarDay, isTimeZone } from '../core/calendar'
import { isCurrency } from '../core/values'
import { dealMeanings, leadMeanings } from './connector'

const stage = z.string().min(1, 'Name a stage.').max(200, 'Use at most 200 characters.')
const field = z.string('Name a field.').trim().min(1, 'Name a field.').max(200, 'Use at most 200 characters.')
const atMost200 = (mapped: object) => Object.keys(mapped).length <= 200

/** Shared by every source that is pulled. */
export const PullSettings = z.object({
  /** Of times without an offset. */
  timeZone: z.string('Name a time zone.').max(64).refine(isTimeZone, 'Use an IANA time zone such as Europe/Berlin.'),
  /** Of amounts that name none. */
  currency: z.string('Name a currency.').refine(isCurrency, 'Use a currency code such as EUR.'),
  /** Older data is late, twice as old is stale. */
  expectedEveryDays: z.int('Use a whole number of days.').min(1, 'Use at least 1 day.').max(400, 'Use at most 400 days.').default(1),
  /** How often it is pulled. */
  everyMinutes: z.int('Use a whole number of minutes.').min(15, 'Use at least 15 minutes.').max(44_640, 'Use at most 31 days.').default(60),
})

export const CrmSettings = PullSettings.extend({
  /** Where the CRM is, for those that have an address of one's own: `acme.my.salesforce.com`. Empty for the others. */
  domain: z.string().trim().max(253, 'Use at most 253 characters.').default(''),
  /** The first pull reads what changed since this day; what did not change since stays out. */
  changedSince: z.string('Name a day.').refine(isCalendarDay, 'Use a day such as 2026-01-31.'),
  /** Share of the vendor's daily quota that this source may spend. */
  quotaShare: z.number('Use a number.').min(0.01, 'Use at least 0.01.').max(0.8, 'Use at most 0.8: others need the rest.').default(0.25),
  reads: z
    .strictObject({ leads: z.boolean(), deals: z.boolean(), activities: z.boolean(), spend: z.boolean() })
    .refine((reads) => Object.values(reads).some(Boolean), 'Choose at least one thing to read.'),
  /** By the CRM's own stage or status of a lead. One that is not listed is named in the pull and not dropped silently. */
  leadStages: z.record(stage, z.enum(leadMeanings)).refine(atMost200, 'Map at most 200 stages.').default({}),
  dealStages: z.record(stage, z.enum(dealMeanings)).refine(atMost200, 'Map at most 200 stages.').default({}),
  /** Fields of the CRM, by what they mean here; those that are left out are the vendor's usual ones. */
  fields: z
    .strictObject({
      leadChannel: field.optional(),
      leadType: field.optional(),
      returnReason: field.optional(),
      dealChannel: field.optional(),
      lostReason: field.optional(),
      amount: field.optional(),
    })
    .default({}),
  /** What a lead is here: a record of its own in the CRM, or every deal is one from its creation on. */
  lead: z.enum(['record', 'deal']).default('record'),
  /** What a customer is here: each deal is one, or deals of one company are one. */
  customer: z.enum(['deal', 'company']).default('company'),
}).strict()

export type CrmSettings = z.infer<typeof CrmSettings>
