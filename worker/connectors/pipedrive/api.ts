/** Pipedrive's answers, as far as they are used, and what its errors mean. Names, emails and phones are never looked at. */
import * as z from 'zod'
import type { Access } from '../connector'
import type { CrmSettings } from '../crm'
import { PullFailure, quoted } from '../failure'
import { type Answer, askJson, retryAfter } from '../http'

/** Both are in use: version 2 has no list of leads. */
const versions = { v1: '/v1', v2: '/api/v2' } as const

/** Largest page that both versions give. */
export const pageSize = 500

const text = z.string().nullish()
const moment = z.string().nullish()

export const Deal = z.object({
  id: z.int(),
  title: z.unknown().optional(), // may hold a person's name: not looked at
  org_id: z.int().nullish(),
  pipeline_id: z.int().nullish(),
  stage_id: z.int().nullish(),
  value: z.number().nullish(),
  currency: text,
  status: z.string(),
  add_time: moment,
  update_time: moment,
  stage_change_time: moment,
  won_time: moment,
  lost_time: moment,
  close_time: moment,
  lost_reason: text,
  is_deleted: z.boolean().nullish(),
  channel: z.union([z.int(), z.string()]).nullish(),
  origin: text,
  source_lead_id: text,
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
})
export type Deal = z.infer<typeof Deal>

export const Lead = z.looseObject({
  id: z.string(),
  label_ids: z.array(z.string()).nullish(),
  organization_id: z.int().nullish(),
  source_name: text,
  origin: text,
  channel: z.union([z.int(), z.string()]).nullish(),
  is_archived: z.boolean().nullish(),
  add_time: moment,
  update_time: moment,
})
export type Lead = z.infer<typeof Lead>

export const Activity = z.object({
  id: z.int(),
  type: text,
  done: z.boolean().nullish(),
  is_deleted: z.boolean().nullish(),
  deal_id: z.int().nullish(),
  lead_id: text,
  update_time: moment,
  marked_as_done_time: moment,
})
export type Activity = z.infer<typeof Activity>

const Stage = z.object({ id: z.int(), name: z.string(), pipeline_id: z.int().nullish(), order_nr: z.number().nullish() })
const Pipeline = z.object({ id: z.int(), name: z.string() })
const Option = z.object({ id: z.union([z.int(), z.string(), z.boolean()]), label: z.string() })
const Field = z.object({
  field_code: z.string(),
  field_name: z.string(),
  field_type: z.string(),
  options: z.array(Option).nullish(),
})
export type Field = z.infer<typeof Field>

const Me = z.object({
  data: z.object({ company_name: text, timezone_name: text, default_currency: text }),
})
const Labels = z.object({ data: z.array(z.object({ id: z.string(), name: z.string() })).nullish() })

/** A page of version 2. */
export const listOf = <T>(item: z.ZodType<T>) =>
  z.object({ data: z.array(item), additional_data: z.object({ next_cursor: z.string().nullish() }).nullish() })

/** A page of version 1, where an empty list may be null. */
export const oldListOf = <T>(item: z.ZodType<T>) => z.object({ data: z.array(item).nullish() })

/** One request. @throws PullFailure */
export async function get<T>(
  access: Access<CrmSettings>,
  version: keyof typeof versions,
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
  schema: z.ZodType<T>,
): Promise<{ value: T; answer: Answer }> {
  const url = new URL(`${originOf(access)}${versions[version]}${path}`)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  return askJson(access, { url: url.href, headers: { 'x-api-token': access.secret.token ?? '' } }, schema, readError)
}

/** @throws PullFailure host-refused for an address that is not Pipedrive's */
function originOf({ settings, allowedHosts }: Access<CrmSettings>): string {
  const host = settings.domain.replace(/^https:\/\//, '').replace(/\/.*$/, '') || 'api.pipedrive.com'
  if (allowedHosts.includes(host)) return `http://${host}`
  if (!/^[a-z0-9-]+\.pipedrive\.com$/i.test(host)) throw new PullFailure('host-refused', { host })
  return `https://${host}`
}

/**
 * Of a burst, `x-ratelimit-reset` says how many seconds to wait; where nothing is left of the day's tokens, waiting seconds
 * does not help.
 */
function readError({ status, headers, text: body }: Answer): PullFailure | null {
  if (status !== 429) return null
  const reply = quoted(body)
  if (headers.get('x-daily-ratelimit-token-remaining') === '0') return new PullFailure('quota-spent', { status, reply })
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN)
  return new PullFailure('rate-limited', { status, reply }, { waitSeconds: Number.isFinite(reset) ? reset : retryAfter(headers) })
}

/** How the day's tokens stand, where it says both. */
export function quotaIn({ headers }: Answer): { used: number; limit: number } | null {
  const [limit, remaining] = ['x-daily-ratelimit-token-limit', 'x-daily-ratelimit-token-remaining'].map((name) =>
    headers.has(name) ? Number(headers.get(name)) : Number.NaN,
  )
  return Number.isFinite(limit) && Number.isFinite(remaining) ? { used: (limit ?? 0) - (remaining ?? 0), limit: limit ?? 0 } : null
}

/** Of the account that the token is of. */
export const readMe = async (access: Access<CrmSettings>) => {
  const { value, answer } = await get(access, 'v1', '/users/me', {}, Me)
  return { me: value.data, quota: quotaIn(answer) }
}

export const readLabels = async (access: Access<CrmSettings>) => (await get(access, 'v1', '/leadLabels', {}, Labels)).value.data ?? []

export const readStages = (access: Access<CrmSettings>) => all(access, '/stages', Stage)
export const readPipelines = (access: Access<CrmSettings>) => all(access, '/pipelines', Pipeline)
export const readFields = (access: Access<CrmSettings>) => all(access, '/dealFields', Field)

/** Short lists, whole. */
async function all<T>(access: Access<CrmSettings>, path: string, item: z.ZodType<T>): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const { value } = await get(access, 'v2', path, { limit: pageSize, cursor }, listOf(item))
    items.push(...value.data)
    const next = value.additional_data?.next_cursor ?? undefined
    if (next === undefined || value.data.length === 0) return items
    if (next === cursor) throw new PullFailure('cursor-repeats', { field: path })
    cursor = next
  }
  throw new PullFailure('too-many-pages', { field: path })
}

const mostPages = 20
