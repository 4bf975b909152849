/**
 * The tree of teams, put in order with buttons and forms: by keyboard, and without a script. Every change but archiving can
 * be taken back; what it takes stands in the address of the page that says that it was made.
 */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import type { Side } from '../core/round'
import { fieldOfReason, sides, subtree, type TeamChange, type TeamStep, TreeError, type TreeReason, teamsAfter } from '../core/teams'
import { readSettings } from '../db/settings'
import { type Messages, messagesOf } from '../i18n'
import { formatOf, isolate } from '../i18n/format'
import { openRoundOf } from '../services/people'
import { archiveTeam, createTeam, getTeam, listTeams, type TeamView, undoTeamChange, updateTeam } from '../services/teams'
import { Mistakes } from './components/field'
import { teamPaths } from './components/people-lists'
import { SidesSecondLook, TeamFields, TeamOrder, TreeNotice } from './components/team-tree'
import { goneAnyway, permit } from './failure'
import { Page } from './layout'

const path = '/people/teams'
const small = bodyLimit({ maxSize: 64 * 1024 })
/** Sides that an address can carry; a change of more cannot be taken back by one press. */
const undoLimit = 200

const Step = z.strictObject({
  id: z.string().max(64),
  name: z.string().max(200).optional(),
  place: z.strictObject({ parentId: z.string().max(64).nullable(), position: z.int().min(0) }).optional(),
  sides: z.array(z.tuple([z.string().max(64), z.enum(sides)])).max(undoLimit),
})

export const teamsPages = new Hono<AppEnv>()
  .get('/', permit('people:read'), (c) => treePage(c))
  .post('/', permit('people:write'), small, async (c) => {
    const values = await formOf(c)
    try {
      const side = sides.find((known) => known === values.side)
      const { id } = await createTeam(c.var.services, { name: values.name, parentId: values.parentId || null, side })
      return c.redirect(`${path}?done=added&team=${id}`, 303)
    } catch (error) {
      return treePage(c, { values, error: refusalIn(error) })
    }
  })
  .post('/order', permit('people:write'), small, async (c) => {
    const { up, down } = await c.req.parseBody()
    const id = typeof up === 'string' ? up : typeof down === 'string' ? down : ''
    const { position } = await getTeam(c.var.services.db, id)
    const { step } = await updateTeam(c.var.services, id, { position: up ? Math.max(0, position - 1) : position + 1 })
    return changed(c, step, up ? 'up' : 'down')
  })
  .post('/undo', permit('people:write'), small, async (c) => {
    const step = stepIn((await c.req.parseBody()).step)
    if (!step) return c.redirect(path, 303)
    try {
      await undoTeamChange(c.var.services, step)
      return c.redirect(`${path}?done=undone&team=${step.id}`, 303)
    } catch (error) {
      return treePage(c, { values: emptyForm, error: refusalIn(error) })
    }
  })
  .get('/:id', permit('people:read'), (c) => teamPage(c, c.req.param('id')))
  .post('/:id', permit('people:write'), small, async (c) => {
    const id = c.req.param('id')
    const values = await formOf(c)
    const teams = await listTeams(c.var.services.db)
    const team = await getTeam(c.var.services.db, id)
    try {
      const { change, follow } = changeOf(values, team, teams)
      if (follow.length > 0 && values.confirmed !== 'yes') return followPage(c, team, values, follow)
      const { step } = await updateTeam(c.var.services, id, change)
      return changed(c, step, 'edit')
    } catch (error) {
      return teamPage(c, id, { values, error: refusalIn(error) })
    }
  })
  .get('/:id/archival', permit('people:write'), (c) => archivalPage(c, c.req.param('id')))
  .post('/:id/archival', permit('people:write'), async (c) => {
    try {
      await archiveTeam(c.var.services, c.req.param('id'))
    } catch (error) {
      if (error instanceof DomainError && error.code === 'team-not-empty') return archivalPage(c, c.req.param('id'))
      goneAnyway(error)
    }
    return c.redirect(`${path}?done=archived`, 303)
  })

// ── What a form says ────────────────────────────────────────────────────────────────────────────────────────────────

export interface TeamForm {
  name: string
  /** Empty for a topmost team. */
  parentId: string
  side: string
  /** `yes` after a second look at the sides that follow. */
  confirmed: string
}

interface Refused {
  values: TeamForm
  error: TreeError
}

const emptyForm: TeamForm = { name: '', parentId: '', side: '', confirmed: '' }

async function formOf(c: Context<AppEnv>): Promise<TeamForm> {
  const body = await c.req.parseBody()
  const text = (name: string) => (typeof body[name] === 'string' ? body[name].slice(0, 1000) : '')
  return { name: text('name'), parentId: text('parentId'), side: text('side'), confirmed: text('confirmed') }
}

/** A team whose side would follow from a move. */
export interface Following {
  name: string
  from: Side
  to: Side
}

/**
 * Only what is different: a field that was left alone says nothing. A move below a team of sales or marketing takes over
 * its side, and `follow` names whose: somebody has to look at that first, because it decides for which side people answer.
 *
 * @throws TreeError
 */
function changeOf(values: TeamForm, team: TeamView, teams: readonly TeamView[]): { change: TeamChange; follow: Following[] } {
  const parentId = values.parentId || null
  const side = sides.find((known) => known === values.side)
  const change: TeamChange = {
    ...(values.name !== team.name && { name: values.name }),
    ...(parentId !== team.parentId && { parentId }),
    ...(side !== undefined && side !== team.side && { side }),
  }
  const above = teams.find(({ id }) => id === parentId)
  if (!change.parentId || change.side || !above || above.side === 'other') return { change, follow: [] }
  const whole = { ...change, side: above.side }
  const after = new Map(teamsAfter(teams, team.id, whole).map(({ id, side }) => [id, side]))
  const follow = subtree(teams, team.id).flatMap(({ id, name, side }) => {
    const to = after.get(id) ?? side
    return to === side ? [] : [{ name, from: side, to }]
  })
  return { change: whole, follow }
}

function refusalIn(error: unknown): TreeError {
  if (error instanceof TreeError) return error
  throw error
}

function stepIn(text: unknown): TeamStep | undefined {
  try {
    return Step.safeParse(JSON.parse(typeof text === 'string' ? text : '')).data
  } catch {
    return undefined
  }
}

/** To the tree, with what takes the change back, and the focus where the hand was. */
function changed(c: Context<AppEnv>, step: TeamStep, focus: 'up' | 'down' | 'edit') {
  const isNothing = step.name === undefined && !step.place && step.sides.length === 0
  const undo = step.sides.length > undoLimit ? {} : { step: JSON.stringify(step) }
  const query = new URLSearchParams({ done: isNothing ? 'same' : 'changed', team: step.id, focus, ...(isNothing ? {} : undo) })
  return c.redirect(`${path}?${query}`, 303)
}

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function treePage(c: Context<AppEnv>, refused?: Refused) {
  const { services, locale } = c.var
  const [settings, teams, round] = await Promise.all([readSettings(services.db), listTeams(services.db), openRoundOf(services.db, '')])
  const texts = messagesOf(locale)
  const t = texts.peoplePage.tree
  const isUndo = refused?.error.reason === 'tree-changed'
  const mistakes = refused && !isUndo ? mistakesOf(texts, refused.error) : []
  const { done, team: about, focus } = c.req.query()
  return c.html(
    <Page c={c} title={t.title} section="people" sample={settings.sample !== null} path={path}>
      <div class="pagehead">
        <h1>{t.title}</h1>
        <p class="sub">{t.sub}</p>
        {round ? <p class="note">{t.roundOpen(round.number)}</p> : null}
        <p class="side">
          <a class="btn" href="/people">
            {t.back}
          </a>
        </p>
      </div>
      {isUndo ? (
        <p class="oops" role="alert">
          {t.problems['tree-changed']()}
        </p>
      ) : null}
      <Mistakes mistakes={mistakes} title={texts.settingsPage.unusable} />
      {refused ? null : (
        <TreeNotice texts={texts} teams={teams} done={done} about={about} step={stepIn(c.req.query('step'))} action={`${path}/undo`} />
      )}
      <section class="sec">
        {teams.length === 0 ? (
          <div class="state small">
            <strong>{t.empty}</strong>
            <p>{t.emptyWhat}</p>
          </div>
        ) : (
          <TeamOrder
            texts={texts}
            figure={formatOf(locale, settings.timeZone).number}
            teams={teams}
            k={settings.minimumGroupSize}
            path={path}
            focus={refused ? undefined : { id: about ?? '', on: focus === 'up' || focus === 'down' ? focus : 'edit' }}
          />
        )}
      </section>
      <section class="sec" aria-labelledby="add">
        <div class="title">
          <h2 id="add">{t.add}</h2>
          <p class="what">{t.addWhat}</p>
        </div>
        <form class="form" method="post" action={path} novalidate>
          <TeamFields texts={texts} values={refused && !isUndo ? refused.values : emptyForm} parents={teams} mistakes={mistakes} isNew />
          <button class="btn solid" type="submit">
            {t.addYes}
          </button>
        </form>
      </section>
    </Page>,
    isUndo ? 409 : refused ? 422 : 200,
  )
}

async function teamPage(c: Context<AppEnv>, id: string, refused?: Refused) {
  const { services, locale } = c.var
  const team = await getTeam(services.db, id)
  const [settings, teams, round] = await Promise.all([readSettings(services.db), listTeams(services.db), openRoundOf(services.db, '')])
  const texts = messagesOf(locale)
  const t = texts.peoplePage.tree
  const below = new Set(subtree(teams, id).map((team) => team.id))
  const mistakes = refused ? mistakesOf(texts, refused.error) : []
  const title = isolate(team.name)
  return c.html(
    <Page c={c} title={title} section="people" sample={settings.sample !== null} path={`${path}/${id}`}>
      <div class="pagehead">
        <h1>{title}</h1>
        <p class="sub">
          {team.parentId ? (
            <>
              <bdi>{teamPaths(teams).get(team.parentId)}</bdi>
              {' · '}
            </>
          ) : null}
          <a href={`/people?team=${id}`}>{texts.peoplePage.headCount(team.peopleBelow)}</a>
        </p>
        {round ? <p class="note">{t.roundOpen(round.number)}</p> : null}
        <p class="side">
          <a class="btn" href={path}>
            {t.title}
          </a>
        </p>
      </div>
      <Mistakes mistakes={mistakes} title={texts.settingsPage.unusable} />
      <section class="sec">
        <form class="form" method="post" action={`${path}/${id}`} novalidate>
          <TeamFields
            texts={texts}
            values={refused?.values ?? { ...emptyForm, name: team.name, parentId: team.parentId ?? '', side: team.side }}
            parents={teams.filter((other) => !below.has(other.id))}
            mistakes={mistakes}
          />
          <div class="actions">
            <button class="btn solid" type="submit">
              {t.save}
            </button>
            <a class="btn" href={path}>
              {texts.peoplePage.cancel}
            </a>
          </div>
        </form>
      </section>
      <section class="sec" aria-labelledby="archive">
        <div class="title">
          <h2 id="archive">{t.archive}</h2>
          <p class="what">{t.archiveWhat}</p>
        </div>
        <a class="btn danger" href={`${path}/${id}/archival`}>
          {t.archiveGo}
        </a>
      </section>
    </Page>,
    refused ? 422 : 200,
  )
}

/** A second look before a move that changes for which side people answer. */
async function followPage(c: Context<AppEnv>, team: TeamView, values: TeamForm, follow: readonly Following[]) {
  const settings = await readSettings(c.var.services.db)
  const texts = messagesOf(c.var.locale)
  const title = texts.peoplePage.tree.followTitle(isolate(team.name))
  return c.html(
    <Page c={c} title={title} section="people" sample={settings.sample !== null} path={`${path}/${team.id}`}>
      <div class="pagehead">
        <h1>{title}</h1>
        <p class="sub">{texts.peoplePage.tree.followWhat(texts.peoplePage.headCount(team.peopleBelow))}</p>
      </div>
      <SidesSecondLook texts={texts} path={`${path}/${team.id}`} values={values} follow={follow} />
    </Page>,
  )
}

async function archivalPage(c: Context<AppEnv>, id: string) {
  const { services, locale } = c.var
  const team = await getTeam(services.db, id)
  const [settings, teams] = await Promise.all([readSettings(services.db), listTeams(services.db)])
  const texts = messagesOf(locale)
  const t = texts.peoplePage.tree
  const title = t.archiveTitle(isolate(team.name))
  const below = teams.filter(({ parentId }) => parentId === id)
  const isEmpty = team.people === 0 && below.length === 0
  return c.html(
    <Page c={c} title={title} section="people" sample={settings.sample !== null} path={`${path}/${id}/archival`}>
      <div class="pagehead">
        <h1>{title}</h1>
        <p class="sub">{isEmpty ? t.archiveFinal : t.archiveFirst}</p>
      </div>
      <form class="form" method="post" action={`${path}/${id}/archival`}>
        {isEmpty ? null : (
          <ul class="plain">
            {team.people > 0 ? (
              <li>
                <a href={`/people?team=${id}`}>{texts.peoplePage.headCount(team.people)}</a>
              </li>
            ) : null}
            {below.map((child) => (
              <li>
                <a href={`${path}/${child.id}`}>
                  <bdi>{child.name}</bdi>
                </a>
              </li>
            ))}
          </ul>
        )}
        <div class="actions">
          {isEmpty ? (
            <button class="btn danger" type="submit">
              {t.archiveYes}
            </button>
          ) : null}
          <a class="btn" href={`${path}/${id}`}>
            {texts.peoplePage.cancel}
          </a>
        </div>
      </form>
    </Page>,
    c.req.method === 'POST' ? 409 : 200,
  )
}

function mistakesOf({ peoplePage }: Messages, { reason, facts }: TreeError) {
  const named = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, wordOf(peoplePage, value)]))
  const problems: Record<TreeReason, (facts: Record<string, string>) => string> = peoplePage.tree.problems
  return [{ field: fieldOfReason(reason), reason: problems[reason](named) }]
}

/** A side in the language of the page; anything else as it is, apart from the direction around it. */
function wordOf({ sides: words }: Messages['peoplePage'], value: string | number): string {
  const side = sides.find((known) => known === value)
  return side ? words[side] : isolate(String(value))
}
