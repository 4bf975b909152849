import type { SecureHeadersVariables } from 'hono/secure-headers'
import type { Locale } from './i18n'
import type { Actor, ServiceContext } from './services/context'

/** What every request carries. */
export interface AppEnv {
  Bindings: Env
  Variables: SecureHeadersVariables & {
    requestId: string
    /** Who asks: a session, a key, the operator or nobody. */
    actor: Actor
    /** What services need: database, time, randomness, secrets. */
    services: ServiceContext
    locale: Locale
    /** Of what the overview and the scores are made of, read before them (`remember.ts`). */
    contentVersion?: string | null
    /** What is answered stays right until the content's version changes. */
    isLasting?: boolean
    /** Of a page that is read through a shared link: the link's own path, whom it is for, and until when, in the organisation's zone. */
    share?: { path: string; name: string; expiresAt: Date; timeZone: string } | undefined
    /** On the pages of the first steps, while they are under way: a link leads back to them. */
    isLed?: boolean
    /** What is answered is a message as a mailbox shows it, with styles on its elements. */
    isLetter?: boolean
  }
}
