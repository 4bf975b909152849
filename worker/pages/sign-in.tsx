import { Hono } from 'hono'
import type { AppEnv } from '../context'
import { messagesOf } from '../i18n'
import { Page } from './layout'

/** The link's secret is in the fragment; `web/sign-in.ts` posts it. Opening the page changes nothing. */
export const signInPages = new Hono<AppEnv>().get('/', (c) => {
  const t = messagesOf(c.var.locale)
  return c.html(
    <Page c={c} title={t.signIn.title} sample={false} path="/sign-in" signedIn={false}>
      <div class="pagehead">
        <h1>{t.signIn.title}</h1>
        <p class="sub" id="sign-in" role="status" data-working={t.signIn.working} data-spent={t.signIn.spent}>
          {t.signIn.help}
        </p>
        <noscript>
          <p class="sub">{t.signIn.noScript}</p>
        </noscript>
      </div>
      <script type="module" src="/assets/sign-in.js" />
    </Page>,
  )
})
