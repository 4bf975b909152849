/** Slack, by its web API and by an incoming webhook: two addresses, and no other is ever called. */
import type { Failure, FailureCode } from '../core/delivery-failure'
import type { Sent } from './smtp'

export interface SlackAccess {
  fetch: typeof fetch
  /** Slack's own, unless a test brings another. */
  api?: string
}

/** Text for notifications, and for everything where there are no blocks. */
export interface SlackMessage {
  text: string
  blocks?: readonly object[] | undefined
}

const slackApi = 'https://slack.com/api'
const patience = 15_000

/**
 * Writes to one person, found by their address.
 *
 * @returns `slack-unknown` where nobody in this Slack has the address
 */
export async function sendSlackMessage(
  { fetch, api = slackApi }: SlackAccess,
  token: string,
  { email, text, blocks }: { email: string } & SlackMessage,
): Promise<Sent> {
  const call = (method: string, body: Record<string, unknown> | URLSearchParams) => ask(fetch, `${api}/${method}`, body, token)
  const found = await call('users.lookupByEmail', new URLSearchParams({ email }))
  if (!('answer' in found)) return { ok: false, failure: found }
  const opened = await call('conversations.open', { users: idOf(found.answer.user) })
  if (!('answer' in opened)) return { ok: false, failure: opened }
  const posted = await call('chat.postMessage', {
    channel: idOf(opened.answer.channel),
    text,
    ...(blocks && { blocks }),
    unfurl_links: false,
    unfurl_media: false,
  })
  return 'answer' in posted ? { ok: true, reply: '' } : { ok: false, failure: posted }
}

/** Whether Slack knows the token. */
export async function checkSlackToken({ fetch, api = slackApi }: SlackAccess, token: string): Promise<Sent> {
  const answered = await ask(fetch, `${api}/auth.test`, {}, token)
  return 'answer' in answered ? { ok: true, reply: '' } : { ok: false, failure: answered }
}

/** Says something in the channel that the webhook belongs to. Never a personal link: everybody in the channel reads it. */
export async function postToWebhook({ fetch }: Pick<SlackAccess, 'fetch'>, url: string, message: string | SlackMessage): Promise<Sent> {
  const body = typeof message === 'string' ? { text: message } : message
  const answered = await request(fetch, url, { 'Content-Type': 'application/json; charset=utf-8' }, JSON.stringify(body))
  if (!(answered instanceof Response)) return { ok: false, failure: answered }
  const said = (await answered.text()).slice(0, 100)
  if (answered.ok) return { ok: true, reply: '' }
  return { ok: false, failure: server('slack-webhook', true, `${answered.status} ${errorName(said)}`) }
}

interface Answer {
  ok: boolean
  error?: string
  user?: unknown
  channel?: unknown
}

async function ask(
  fetch: SlackAccess['fetch'],
  url: string,
  body: Record<string, unknown> | URLSearchParams,
  token: string,
): Promise<{ answer: Answer } | Failure> {
  const isForm = body instanceof URLSearchParams
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json; charset=utf-8'
  const sent = isForm ? body.toString() : JSON.stringify(body)
  const answered = await request(fetch, url, { 'Content-Type': type, Authorization: `Bearer ${token}` }, sent)
  if (!(answered instanceof Response)) return answered
  const answer = await answered.json<Answer>().catch(() => null)
  if (!answer || typeof answer !== 'object') return server('slack-unreachable', false, String(answered.status))
  return answer.ok ? { answer } : failureOf(errorName(answer.error ?? ''), answered)
}

/** The answer, or why there was none: busy, down, silent. */
async function request(
  fetch: SlackAccess['fetch'],
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<Response | Failure> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(patience) })
    if (response.status === 429) return busy(response)
    return response.status >= 500 ? server('slack-unreachable', false, String(response.status)) : response
  } catch (error) {
    return server((error as Error).name === 'TimeoutError' ? 'timed-out' : 'slack-unreachable', false, null)
  }
}

const busy = (response: Response): Failure => {
  const seconds = Number(response.headers.get('Retry-After'))
  return { ...server('slack-busy', false, '429'), retryAfterSeconds: Number.isFinite(seconds) && seconds > 0 ? seconds : 60 }
}

/** Errors that are about the person, and those that somebody has to set right; any other may pass. */
const aboutPerson = /^(users_not_found|user_not_found|user_disabled|users_list_not_supplied|cannot_dm_bot|is_bot|user_not_visible)$/
const aboutToken =
  /^(not_authed|invalid_auth|account_inactive|token_revoked|token_expired|no_permission|missing_scope|org_login_required|ekm_access_denied|not_allowed_token_type|access_denied|invalid_token|enterprise_is_restricted)$/

function failureOf(error: string, response: Response): Failure {
  if (/^(ratelimited|rate_limited)$/.test(error)) return busy(response)
  if (aboutToken.test(error)) return server('slack-token', true, error)
  if (aboutPerson.test(error)) return { code: 'slack-unknown', scope: 'person', lasting: true, reply: error }
  return { code: 'slack-refused', scope: 'person', lasting: false, reply: error }
}

const server = (code: FailureCode, lasting: boolean, reply: string | null): Failure => ({
  code,
  scope: 'server',
  lasting,
  untouched: true,
  reply,
})

/** Slack names its errors in small letters; whatever else comes is not repeated. */
const errorName = (text: string): string => (/^[a-z_]{1,60}$/.test(text) ? text : '')

const idOf = (value: unknown): string => {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : ''
  return typeof id === 'string' ? id : ''
}
