/** Links that are not sent: those of whole teams, with a poster each, and personal ones on paper. */
import { type Context, Hono } from 'hono'
import type { Child } from 'hono/jsx'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { readSettings, type Settings } from '../db/settings'
import { localeNames, locales, type Messages, messagesOf, negotiate } from '../i18n'
import { type Format, formatOf, isolate } from '../i18n/format'
import { authorize } from '../services/authorize'
import { getOpenLink, listOpenLinks, renewOpenLink } from '../services/open-links'
import { listInvited, printLinks, stripsPerSheet } from '../services/printed-links'
import { getRound, type RoundView } from '../services/rounds'
import { listTeams } from '../services/teams'
import { Mistakes } from './components/field'
import { OpenLinkList, Poster, Strips } from './components/open-links'
import { permit } from './failure'
import { among, chosenIn, language, whole } from './query'
import { showInRounds } from './round-frame'

/** Below `/rounds`. A round that takes no more ballots has no links: its own page says how things stand. */
export const openLinkPages = new Hono<AppEnv>()
  .get('/:id/open-links/:teamId', permit('rounds:write'), (c) => whileOpen(c, () => posterPage(c)))
  .post('/:id/open-links/:teamId/renewal', permit('rounds:write'), (c) =>
    whileOpen(c, async () => {
      const { id, teamId } = c.req.param() as { id: string; teamId: string }
      await renewOpenLink(c.var.services, id, teamId)
      return c.redirect(`/rounds/${id}?done=link-renewed#team-links`, 303)
    }),
  )
  .get('/:id/sheet', permit('rounds:write'), (c) => whileOpen(c, () => pickPage(c)))
  .post('/:id/sheet', permit('rounds:write'), (c) => whileOpen(c, () => sheetPage(c)))

/** The sections of an open round's page, for whoever may run it. */
export async function OpenLinksPart({ c, round }: { c: Context<AppEnv>; round: RoundView }) {
  if (!authorize(c.var.actor, 'rounds:write') || round.countsAt) return null
  const { texts, f } = await frameOf(c)
  const { openLinks: t } = texts
  const links = await listOpenLinks(c.var.services, round.id)
  return (
    <>
      {links.length > 0 ? (
        <section class="sec tight" id="team-links">
          <div class="title">
            <h2>{t.title}</h2>
            <p class="what">{t.what}</p>
          </div>
          <div class="pile">
            {c.req.query('done') === 'link-renewed' ? (
              <p class="done" role="status">
                {t.renewed}
              </p>
            ) : null}
            <OpenLinkList texts={texts} f={f} links={links} path={`/rounds/${round.id}/open-links`} />
          </div>
        </section>
      ) : null}
      <section class="sec tight">
        <div class="title">
          <h2>{t.sheet.title}</h2>
          <p class="what">{t.sheet.openWhat}</p>
        </div>
        <a class="btn" href={`/rounds/${round.id}/sheet`}>
          {t.sheet.open}
        </a>
      </section>
    </>
  )
}

interface Frame {
  texts: Messages
  f: Format
  settings: Settings
}

async function frameOf(c: Context<AppEnv>): Promise<Frame> {
  const settings = await readSettings(c.var.services.db)
  return { texts: messagesOf(c.var.locale), f: formatOf(c.var.locale, settings.timeZone), settings }
}

async function whileOpen(c: Context<AppEnv>, show: () => Promise<Response>): Promise<Response> {
  try {
    return await show()
  } catch (error) {
    if (error instanceof DomainError && error.code === 'round-not-open') return c.redirect(`/rounds/${c.req.param('id')}`, 303)
    throw error
  }
}

const show = (c: Context<AppEnv>, frame: Frame, page: { title: string; what: string; path: string; body: Child; status?: 422 }) =>
  showInRounds(c, frame, {
    ...page,
    body: (
      <>
        <div class="pagehead unprinted">
          <h1>{page.title}</h1>
          <p class="sub">{page.what}</p>
        </div>
        {page.body}
      </>
    ),
  })

async function posterPage(c: Context<AppEnv>) {
  const frame = await frameOf(c)
  const { texts, settings } = frame
  const { id, teamId } = c.req.param() as { id: string; teamId: string }
  const locale = chosenIn(c, { in: language() }).in ?? negotiate([settings.locale, c.var.locale])
  const [round, link] = await Promise.all([getRound(c.var.services.db, id), getOpenLink(c.var.services, id, teamId, locale)])
  const t = texts.openLinks.poster
  const own = formatOf(locale, settings.timeZone)
  const path = `/rounds/${id}/open-links/${teamId}`
  return show(c, frame, {
    title: t.title(isolate(link.name)),
    what: t.what,
    path: `${path}?in=${locale}`,
    body: (
      <>
        <form class="actions unprinted" method="get" action={path}>
          <label for="in">{t.language}</label>
          <select class="pick" id="in" name="in" data-submit>
            {locales.map((code) => (
              <option value={code} lang={code} selected={code === locale}>
                {localeNames[code]}
              </option>
            ))}
          </select>
          <button class="btn" type="submit">
            {t.show}
          </button>
          <Print label={t.print} />
          <a class="btn" href={`/rounds/${id}#team-links`}>
            {texts.openLinks.back}
          </a>
        </form>
        <Poster
          locale={locale}
          link={link}
          organisation={settings.organisationName}
          minimum={round.minimumGroupSize ?? settings.minimumGroupSize}
          closes={round.closesAt ? own.date(new Date(round.closesAt)) : null}
          f={own}
        />
      </>
    ),
  })
}

async function pickPage(c: Context<AppEnv>, refused = false) {
  const frame = await frameOf(c)
  const { texts, f } = frame
  const { sheet: t } = texts.openLinks
  const id = c.req.param('id') ?? ''
  const teams = await listTeams(c.var.services.db)
  const { team: teamId, from: offset = 0 } = chosenIn(c, { team: among(teams), from: whole(texts) })
  const { rows, total } = await listInvited(c.var.services, id, { teamId, offset })
  const path = `/rounds/${id}/sheet`
  const query = (from: number) => new URLSearchParams({ ...(teamId && { team: teamId }), ...(from && { from: String(from) }) })
  return show(c, frame, {
    title: t.title,
    what: t.openWhat,
    path: `${path}?${query(offset)}`,
    ...(refused && { status: 422 as const }),
    body: (
      <>
        <Mistakes mistakes={refused ? [{ field: 'people', reason: t.nobody }] : []} title={texts.settingsPage.unusable} />
        <form class="group-pick result-links" method="get" action={path}>
          <label for="team">{t.team}</label>
          <select class="pick" id="team" name="team">
            <option value="">{t.everybody}</option>
            {teams.map((team) => (
              <option value={team.id} selected={team.id === teamId}>
                {team.name}
              </option>
            ))}
          </select>
          <button class="btn" type="submit">
            {t.show}
          </button>
          <a class="btn" href={`/rounds/${id}`}>
            {texts.openLinks.back}
          </a>
        </form>
        <section class="sec tight">
          {rows.length === 0 ? (
            <p class="note">{t.none}</p>
          ) : (
            <form method="post" action={`${path}?${query(offset)}`} class="pile">
              <fieldset id="people" class="choices" tabindex={-1}>
                <legend>{t.pick}</legend>
                <p class="note">{t.pickWhat}</p>
                {rows.map(({ personId, name }) => (
                  <label>
                    <input type="checkbox" name="person" value={personId} checked={!refused} /> <bdi>{name}</bdi>
                  </label>
                ))}
              </fieldset>
              {total > stripsPerSheet ? (
                <p class="note">
                  {t.part(f.number(offset + 1), f.number(offset + rows.length), f.number(total))}{' '}
                  {offset + rows.length < total ? <a href={`${path}?${query(offset + rows.length)}`}>{t.next}</a> : null}
                </p>
              ) : null}
              <p class="note">{t.hand}</p>
              <div class="actions">
                <button class="btn solid" type="submit">
                  {t.make}
                </button>
              </div>
            </form>
          )}
        </section>
      </>
    ),
  })
}

async function sheetPage(c: Context<AppEnv>) {
  const id = c.req.param('id') ?? ''
  const chosen = (await c.req.parseBody({ all: true })).person ?? []
  const people = (Array.isArray(chosen) ? chosen : [chosen]).filter((value) => typeof value === 'string')
  if (people.length === 0) return pickPage(c, true)
  const frame = await frameOf(c)
  const { sheet: t } = frame.texts.openLinks
  const [round, links] = await Promise.all([getRound(c.var.services.db, id), printLinks(c.var.services, id, people)])
  const path = `/rounds/${id}/sheet`
  return show(c, frame, {
    title: t.title,
    what: t.hand,
    path,
    body: (
      <>
        <div class="actions unprinted">
          <Print label={t.print} />
          <a class="btn" href={`${path}${new URL(c.req.url).search}`}>
            {t.back}
          </a>
        </div>
        <Strips links={links} minimum={round.minimumGroupSize ?? frame.settings.minimumGroupSize} />
      </>
    ),
  })
}

/** Hidden until the script that can do it has arrived; without it, the browser's own menu prints. */
const Print = ({ label }: { label: string }) => (
  <button class="btn solid" type="button" hidden data-print>
    {label}
  </button>
)
