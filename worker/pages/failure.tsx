import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { messagesOf } from '../i18n'
import { type Action, authorize } from '../services/authorize'
import { Page } from './layout'

const statuses = { notFound: 404, internal: 500, forbidden: 403 } as const

/** A page that could not be shown, and the way back. */
export function failurePage(c: Context<AppEnv>, kind: keyof typeof statuses) {
  const locale = c.get('locale') ?? 'en'
  const t = messagesOf(locale)
  return c.html(
    <Page c={c} title={t.failure.title} sample={false} path="/" signedIn={false}>
      <div class="pagehead">
        <h1>{t.failure.title}</h1>
        <p class="sub">{t.failure[kind]}</p>
        {kind === 'internal' ? <p class="note">{t.failure.reference(c.get('requestId'))}</p> : null}
      </div>
      <a class="btn" href="/overview">
        {t.failure.back}
      </a>
    </Page>,
    statuses[kind],
  )
}

/**
 * Pressing a button twice, or in two windows, is not an error: what should be gone is gone.
 *
 * @example await deletePerson(services, id).catch(goneAnyway)
 */
export function goneAnyway(error: unknown): undefined {
  if (!(error instanceof DomainError && error.code === 'not-found')) throw error
}

/**
 * Shows the page to those whom the table allows, and the others why not. Nobody was sent to sign in before.
 *
 * @example new Hono<AppEnv>().get('/', permit('settings:read'), async (c) => …)
 */
export const permit = (action: Action) =>
  createMiddleware<AppEnv>(async (c, next) => {
    if (!authorize(c.var.actor, action)) return failurePage(c, 'forbidden')
    return next()
  })
