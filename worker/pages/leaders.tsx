/** Letting leaders in: a one-time link that gives a session which reads, and the end of one. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { cleanLine } from '../core/text'
import { readSettings } from '../db/settings'
import { type Messages, messagesOf } from '../i18n'
import { type Format, formatOf } from '../i18n/format'
import { endLeaderAccess, inviteLeader, type LeaderAccess, leaderLinkDays, leaderNameLimit, listLeaderAccess } from '../services/access'
import { Confirm } from './components/confirm'
import { CopyButton } from './components/copy'
import { Field, type Mistake, Mistakes } from './components/field'
import { Part } from './components/part'
import { Scroll } from './components/scroll'
import { goneAnyway, permit } from './failure'
import { Page } from './layout'

const path = '/settings/leaders'

/** The link is on the answer to the form alone: it is stored nowhere. */
export const leaderPages = new Hono<AppEnv>()
  .use(bodyLimit({ maxSize: 16 * 1024 }))
  .use(permit('leaders:write'))
  .get('/', (c) => leadersPage(c))
  .post('/', async (c) => {
    const body = await c.req.parseBody()
    const values = {
      name: cleanLine(typeof body.name === 'string' ? body.name : ''),
      days: leaderLinkDays.find((one) => String(one) === body.days) ?? 0,
    }
    try {
      return leadersPage(c, { made: await inviteLeader(c.var.services, values) })
    } catch (error) {
      if (!(error instanceof DomainError && error.errors)) throw error
      const { wrong } = messagesOf(c.var.locale).leaders
      const mistakes = error.errors.map(({ pointer }) => {
        const field = pointer.slice(2) as keyof typeof wrong
        return { field, reason: wrong[field] }
      })
      return leadersPage(c, { values, mistakes })
    }
  })
  .post('/:id/end', async (c) => {
    await endLeaderAccess(c.var.services, c.req.param('id')).catch(goneAnyway)
    return c.redirect(`${path}?done=ended`, 303)
  })

interface Shown {
  values?: { name: string; days: number }
  mistakes?: readonly Mistake[]
  made?: Awaited<ReturnType<typeof inviteLeader>>
}

async function leadersPage(c: Context<AppEnv>, { values, mistakes = [], made }: Shown = {}) {
  const { services, locale } = c.var
  const [settings, ways] = await Promise.all([readSettings(services.db), listLeaderAccess(services)])
  const texts = messagesOf(locale)
  const t = texts.leaders
  const f = formatOf(locale, settings.timeZone)
  return c.html(
    <Page c={c} title={t.title} section="settings" sample={settings.sample !== null} path={path}>
      <div class="pagehead">
        <h1>{t.title}</h1>
        <p class="sub">{t.sub}</p>
      </div>
      <Mistakes mistakes={mistakes} title={texts.settingsPage.unusable} />
      {c.req.query('done') === 'ended' && !made && mistakes.length === 0 ? (
        <p class="done" role="status">
          {t.ended}
        </p>
      ) : null}
      <Part id="invite" title={t.invite} what={t.inviteWhat}>
        {made ? (
          <div class="done" role="status">
            <h3>{t.made}</h3>
            <p>{t.once(f.moment(made.state.until))}</p>
            <div class="actions">
              <code id="new-link" class="secret" dir="ltr">
                {made.url}
              </code>
              <CopyButton of="new-link" label={texts.settingsPage.copy} done={texts.settingsPage.copied} />
            </div>
          </div>
        ) : null}
        <form class="form" method="post" action={path} novalidate>
          <Field name="name" label={t.name} hint={t.nameHint} mistakes={mistakes}>
            {(control) => <input {...control} type="text" value={values?.name ?? ''} maxlength={leaderNameLimit} dir="auto" />}
          </Field>
          <Field name="days" label={t.days} mistakes={mistakes} short>
            {(control) => (
              <select {...control} class="pick">
                {leaderLinkDays.map((days) => (
                  <option value={days} selected={days === values?.days}>
                    {t.dayCount(days, f.number(days))}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <button class="btn" type="submit">
            {t.make}
          </button>
        </form>
      </Part>
      <Part id="access" title={t.access} what={t.accessWhat}>
        {ways.length === 0 ? <p class="note">{t.none}</p> : <Ways t={t} f={f} ways={ways} />}
      </Part>
    </Page>,
    mistakes.length > 0 ? 422 : 200,
  )
}

const Ways = ({ t, f, ways }: { t: Messages['leaders']; f: Format; ways: readonly LeaderAccess[] }) => (
  <Scroll label={t.access}>
    <table class="data">
      <thead>
        <tr>
          <th scope="col">{t.name}</th>
          <th scope="col">{t.state}</th>
          <th scope="col">{t.when}</th>
          <th scope="col">
            <span class="vh">{t.end}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {ways.map(({ id, name, state }) => (
          <tr>
            <th scope="row">{name ? <bdi>{name}</bdi> : t.unnamed}</th>
            <td>{state.kind === 'invited' ? t.invited : t.signedIn}</td>
            <td>
              {/* When a person last read something is nobody's matter to the minute. */}
              {state.kind === 'invited' ? t.until(f.moment(state.until)) : t.since(f.date(state.since), f.date(state.lastSeenAt))}
            </td>
            <td>
              <Confirm
                summary={t.end}
                question={state.kind === 'invited' ? t.endLinkAsk : t.endSessionAsk}
                action={`${path}/${id}/end`}
                yes={t.endYes}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Scroll>
)
