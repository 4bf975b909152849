/** Links that open one page without signing in: which there are, a new one, and the end of one. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { type SharedPage, shareDays, sharedPath, shareNameLimit } from '../core/sharing'
import { cleanLine } from '../core/text'
import { readSettings } from '../db/settings'
import { type Messages, messagesOf } from '../i18n'
import { type Format, formatOf, isolate } from '../i18n/format'
import { listRounds } from '../services/rounds'
import { createShare, listShares, revokeShare, type ShareView } from '../services/sharing'
import { Confirm } from './components/confirm'
import { CopyButton } from './components/copy'
import { Field, type Mistake } from './components/field'
import { Part } from './components/part'
import { Scroll } from './components/scroll'
import { SharingPage } from './components/sharing-parts'
import { goneAnyway, permit } from './failure'
import { chosenIn } from './query'

const path = '/settings/sharing'

/** What is offered where nobody came from a page. */
const usual = ['/overview', '/kpis', '/kpis/funnel', '/kpis/sla', '/kpis/attribution', '/definitions'] as const

export const sharingPages = new Hono<AppEnv>()
  .use(bodyLimit({ maxSize: 16 * 1024 }))
  .get('/', permit('shares:write'), (c) => sharingPage(c))
  .post('/', permit('shares:write'), async (c) => {
    const body = await c.req.parseBody()
    const textOf = (name: string) => (typeof body[name] === 'string' ? body[name] : '')
    const values = { path: textOf('path'), name: cleanLine(textOf('name')), days: textOf('days').trim() }
    try {
      const days = /^\d{1,3}$/.test(values.days) ? Number(values.days) : 0
      return sharingPage(c, { made: await createShare(c.var.services, { ...values, days }) })
    } catch (error) {
      if (!(error instanceof DomainError && error.errors)) throw error
      const t = messagesOf(c.var.locale).sharing
      const mistakes = error.errors.map(({ pointer }) => {
        const field = pointer.slice(2) as keyof typeof t.wrong
        return { field, reason: t.wrong[field] }
      })
      return sharingPage(c, { values, mistakes })
    }
  })
  .post('/:id/revocation', permit('shares:write'), async (c) => {
    await revokeShare(c.var.services, c.req.param('id')).catch(goneAnyway)
    return c.redirect(`${path}?done=revoked#links`, 303)
  })

interface Values {
  path: string
  name: string
  days: string
}

type Shown = { values?: Values; mistakes?: readonly Mistake[]; made?: ShareView & { url: string } }

async function sharingPage(c: Context<AppEnv>, { values, mistakes = [], made }: Shown = {}) {
  const { services, locale } = c.var
  const [settings, shares, rounds] = await Promise.all([
    readSettings(services.db),
    listShares(services),
    listRounds(services.db, { limit: 200 }),
  ])
  const texts = messagesOf(locale)
  const t = texts.sharing
  const f = formatOf(locale, settings.timeZone)
  const pageName = (address: string) =>
    pageText(texts, address, (id) => {
      const round = rounds.find((one) => one.id === id)
      return round ? texts.roundsPage.name(f.number(round.number), f.period(round.period)) : id
    })
  const { path: asked } = chosenIn(c, { path: z.string().refine((text) => sharedPath(text) !== undefined) })
  return c.html(
    <SharingPage
      c={c}
      shown="links"
      t={t}
      sample={settings.sample !== null}
      mistakes={mistakes}
      done={c.req.query('done') === 'revoked' && t.revoked}
    >
      <Part id="new" title={t.newLink} what={t.newLinkWhat}>
        {made ? <Made t={t} f={f} made={made} /> : null}
        <ShareForm
          texts={texts}
          pageName={pageName}
          values={{ path: sharedPath(asked ?? '')?.path ?? usual[0], name: '', days: String(shareDays.usual), ...values }}
          mistakes={mistakes}
        />
      </Part>
      <Part id="links" title={t.links} what={t.linksWhat}>
        <ShareList texts={texts} f={f} shares={shares} pageName={pageName} />
      </Part>
    </SharingPage>,
    mistakes.length > 0 ? 422 : 200,
  )
}

const Made = ({ t, f, made }: { t: Messages['sharing']; f: Format; made: ShareView & { url: string } }) => (
  <div class="done" role="status">
    <h3>{t.made(isolate(made.name), f.date(made.expiresAt))}</h3>
    <p>{t.once}</p>
    <div class="actions">
      <code id="new-link" class="secret" dir="ltr">
        {made.url}
      </code>
      <CopyButton of="new-link" label={t.copy} done={t.copied} />
    </div>
  </div>
)

type PageName = (address: string) => string

function ShareForm(props: { texts: Messages; pageName: PageName; values: Values; mistakes: readonly Mistake[] }) {
  const { texts, pageName, values, mistakes } = props
  const t = texts.sharing
  const offered = usual.some((one) => one === values.path) ? usual : [values.path, ...usual]
  return (
    <form class="form" method="post" action={`${path}#new`} novalidate>
      <Field name="path" label={t.page} hint={t.pageHint} mistakes={mistakes}>
        {(control) => (
          <select {...control} class="pick">
            {offered.map((one) => (
              <option value={one} selected={one === values.path}>
                {pageName(one)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name="name" label={t.name} hint={t.nameHint} mistakes={mistakes}>
        {(control) => <input {...control} type="text" value={values.name} maxlength={shareNameLimit} required dir="auto" />}
      </Field>
      <Field name="days" label={t.days} hint={t.daysHint} mistakes={mistakes} short>
        {(control) => (
          <input {...control} type="number" inputmode="numeric" min={shareDays.least} max={shareDays.most} value={values.days} required />
        )}
      </Field>
      <button class="btn solid" type="submit">
        {t.make}
      </button>
    </form>
  )
}

function ShareList(props: { texts: Messages; f: Format; shares: readonly ShareView[]; pageName: PageName }) {
  const { texts, f, shares, pageName } = props
  const t = texts.sharing
  if (shares.length === 0) return <p class="note">{t.none}</p>
  return (
    <Scroll label={t.links}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t.name}</th>
            <th scope="col">{t.page}</th>
            <th scope="col">{t.madeOn}</th>
            <th scope="col">{t.until}</th>
            <th scope="col">{t.state}</th>
          </tr>
        </thead>
        <tbody>
          {shares.map((share) => (
            <tr>
              <th scope="row">
                <bdi>{share.name}</bdi>
              </th>
              <td>
                <a href={share.path}>{pageName(share.path)}</a>
              </td>
              <td class="nowrap">{f.date(share.createdAt)}</td>
              <td class="nowrap">{f.date(share.expiresAt)}</td>
              <td>
                {t.states[share.state]}
                {share.state === 'working' ? (
                  <Confirm
                    summary={t.revoke}
                    question={t.revokeAsk(isolate(share.name))}
                    action={`${path}/${share.id}/revocation`}
                    yes={t.revokeYes}
                  />
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** What a page is called in the list: its kind, and what was chosen on it as it stands in its address. */
function pageText({ sharing: t }: Messages, address: string, roundName: (id: string) => string): string {
  const shared = sharedPath(address)
  if (!shared) return isolate(address)
  const { page, path: own } = shared
  const { pathname, searchParams } = new URL(own, 'https://plumbline.invalid')
  if (page === 'overview' && !searchParams.has('round')) return t.latest
  const within = pathname.split('/').slice(page === 'metric' ? 3 : 2)
  const named =
    page === 'round' || page === 'comparison' ? [roundName(within[0] ?? '')] : page === 'metric' || page === 'explore' ? within : []
  const asked = [...searchParams].map(([name, value]) => `${name} = ${name === 'with' ? roundName(value) : value}`)
  const chosen = [...named, ...asked]
  const kinds: Readonly<Record<SharedPage, string>> = t.pages
  return chosen.length === 0 ? kinds[page] : `${kinds[page]} (${isolate(chosen.join(', '))})`
}
