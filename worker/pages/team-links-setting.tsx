/** Whether teams may answer through one shared link: a page that says what that costs, and the decision. */
import type { BatchItem } from 'drizzle-orm/batch'
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { readSettings, writeSettings } from '../db/settings'
import { messagesOf } from '../i18n'
import { chooseOpenLinks, listTeams } from '../services/teams'
import { permit } from './failure'
import { SecondLook } from './second-look'

const path = '/settings/team-links'

export const teamLinksSetting = new Hono<AppEnv>()
  .get('/', permit('settings:write'), (c) => confirmPage(c))
  .post('/', permit('settings:write'), async (c) => {
    const openLinks = (await c.req.parseBody()).allowed === 'yes'
    const { db } = c.var.services
    await db.batch(writeSettings(db, { openLinks }) as [BatchItem<'sqlite'>])
    return c.redirect(`/settings?done=${openLinks ? 'teamLinksOn' : 'teamLinksOff'}#team-links`, 303)
  })
  .post('/teams', permit('settings:write'), async (c) => {
    const chosen = (await c.req.parseBody({ all: true })).team ?? []
    await chooseOpenLinks(
      c.var.services,
      [chosen].flat().filter((value) => typeof value === 'string'),
    )
    return c.redirect('/settings?done=teamLinksChosen#team-links', 303)
  })

/** How things stand, and the way to change it: turning it on asks first, turning it off loses nothing. */
export async function TeamLinksSetting({ c, allowed }: { c: Context<AppEnv>; allowed: boolean }) {
  const t = messagesOf(c.var.locale).openLinks.setting
  if (!allowed) {
    return (
      <>
        <p>{t.off}</p>
        <p>
          <a class="btn" href={path}>
            {t.allow}
          </a>
        </p>
      </>
    )
  }
  const teams = await listTeams(c.var.services.db)
  return (
    <>
      <p>{t.on}</p>
      {teams.length === 0 ? (
        <p class="note">{t.teamsNone}</p>
      ) : (
        <form method="post" action={`${path}/teams`} class="pile">
          <fieldset class="choices">
            <legend>{t.team}</legend>
            <p class="note">{t.teamHint}</p>
            {teams.map(({ id, name, openLink, people }) => (
              <label>
                <input type="checkbox" name="team" value={id} checked={openLink} /> <bdi>{name}</bdi> ({people})
              </label>
            ))}
          </fieldset>
          <div class="actions">
            <button class="btn" type="submit">
              {t.save}
            </button>
          </div>
        </form>
      )}
      <form method="post" action={path}>
        <input type="hidden" name="allowed" value="no" />
        <button class="btn" type="submit">
          {t.forbid}
        </button>
      </form>
    </>
  )
}

async function confirmPage(c: Context<AppEnv>) {
  const settings = await readSettings(c.var.services.db)
  const t = messagesOf(c.var.locale).openLinks.setting
  if (settings.openLinks) return c.redirect('/settings#team-links', 303)
  return c.html(
    <SecondLook
      c={c}
      settings={settings}
      path={path}
      values={{ allowed: 'yes' }}
      texts={t}
      about={t.rule}
      rules={[{ name: t.name, now: t.no, later: t.yes }]}
      part="team-links"
    >
      <ul class="plain">
        {t.losses.map((loss) => (
          <li>{loss}</li>
        ))}
      </ul>
    </SecondLook>,
  )
}
