/** One person: adding, correcting, leaving out of the next rounds, deleting. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AppEnv } from '../context'
import { nameLimit, PersonError, type PersonFields, type PersonProblem } from '../core/person'
import { readSettings, type Settings } from '../db/settings'
import { isLocale, type Locale, localeNames, locales, type Messages, messagesOf } from '../i18n'
import { formatOf, isolate } from '../i18n/format'
import { createPerson, deletePerson, getPerson, openRoundOf, type PersonView, updatePerson } from '../services/people'
import { listTeams, type TeamView } from '../services/teams'
import { Field, type Mistake, Mistakes } from './components/field'
import { teamPaths } from './components/people-lists'
import { failurePage, goneAnyway, permit } from './failure'
import { Page } from './layout'
import { among, chosenIn } from './query'

const path = '/people'

const small = bodyLimit({ maxSize: 64 * 1024 })

export const personPages = new Hono<AppEnv>()
  .get('/new', permit('people:write'), (c) => personPage(c, null))
  .post('/new', permit('people:write'), small, async (c) => {
    const values = await formOf(c)
    return kept(c, null, values, async () => {
      const { id } = await createPerson(c.var.services, values)
      return c.redirect(`${path}/${id}?done=added`, 303)
    })
  })
  .get('/:id', permit('people:read'), (c) => personPage(c, c.req.param('id')))
  .post('/:id', permit('people:write'), small, async (c) => {
    const id = c.req.param('id')
    const values = await formOf(c)
    return kept(c, id, values, async () => {
      const before = await getPerson(c.var.services.db, id)
      const after = await updatePerson(c.var.services, id, values)
      return c.redirect(`${path}/${id}?done=${after.email === before.email ? 'saved' : 'readdressed'}`, 303)
    })
  })
  .post('/:id/deactivation', permit('people:write'), async (c) => {
    await updatePerson(c.var.services, c.req.param('id'), { active: false })
    return c.redirect(`${path}/${c.req.param('id')}?done=deactivated`, 303)
  })
  .post('/:id/reactivation', permit('people:write'), async (c) => {
    const id = c.req.param('id')
    return kept(c, id, undefined, async () => {
      await updatePerson(c.var.services, id, { active: true })
      return c.redirect(`${path}/${id}?done=reactivated`, 303)
    })
  })
  .get('/:id/deletion', permit('people:write'), (c) => deletionPage(c, c.req.param('id')))
  .post('/:id/deletion', permit('people:write'), async (c) => {
    await deletePerson(c.var.services, c.req.param('id')).catch(goneAnyway)
    return c.redirect(`${path}?done=deleted`, 303)
  })

type Texts = Messages['peoplePage']

/** As it was typed: what is wrong with it is for the service to say. */
async function formOf(c: Context<AppEnv>): Promise<PersonFields> {
  const body = await c.req.parseBody()
  const text = (name: string) => (typeof body[name] === 'string' ? body[name].slice(0, 1000) : '')
  return { email: text('email'), name: text('name'), locale: text('locale'), teamId: text('teamId') }
}

/** What was refused comes back filled in, with the reason beside its field. */
async function kept(
  c: Context<AppEnv>,
  id: string | null,
  values: PersonFields | undefined,
  store: () => Promise<Response>,
): Promise<Response> {
  try {
    return await store()
  } catch (error) {
    if (!(error instanceof PersonError)) throw error
    return personPage(c, id, { values, problems: error.problems })
  }
}

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Refused {
  values: PersonFields | undefined
  problems: readonly PersonProblem[]
}

/** @param id null for somebody who is to be added */
async function personPage(c: Context<AppEnv>, id: string | null, refused?: Refused) {
  const { services, locale } = c.var
  const { db } = services
  const person = id === null ? null : await getPerson(db, id)
  const [settings, teams, round] = await Promise.all([readSettings(db), listTeams(db), openRoundOf(db, id ?? '')])
  const texts = messagesOf(locale)
  const t = texts.peoplePage.person
  const { team } = chosenIn(c, { team: among(teams) })
  const title = person ? isolate(person.name) : t.addTitle
  const values = refused?.values ?? person ?? { email: '', name: '', locale: settings.locale, teamId: team ?? '' }
  const mistakes = (refused?.problems ?? []).map((problem) => ({ field: problem.field, reason: mistakeText(texts, problem) }))
  const done = refused ? undefined : doneText(t, c.req.query('done'))
  return c.html(
    <Page c={c} title={title} section="people" sample={settings.sample !== null} path={`${path}/${id ?? 'new'}`}>
      <div class="pagehead">
        <h1>{title}</h1>
        <p class="sub">{person ? (teamPaths(teams).get(person.teamId) ?? t.teamArchived) : t.addWhat}</p>
        <p class="side">
          <a class="btn" href={path}>
            {t.back}
          </a>
        </p>
      </div>
      <Mistakes mistakes={mistakes} title={texts.settingsPage.unusable} />
      {done ? (
        <p class="done" role="status">
          {done}
        </p>
      ) : null}
      <section class="sec">
        {teams.length === 0 ? (
          <p>
            {t.noTeams} <a href={`${path}/teams`}>{texts.peoplePage.tree.add}</a>
          </p>
        ) : (
          <PersonForm
            t={texts.peoplePage}
            action={`${path}/${id ?? 'new'}`}
            values={values}
            teams={teams}
            mistakes={mistakes}
            holder={refused?.problems.find(({ code }) => code === 'email-taken')?.facts}
            round={person ? round : undefined}
            isNew={person === null}
          />
        )}
      </section>
      {person ? <Standing texts={texts} person={person} settings={settings} locale={locale} /> : null}
    </Page>,
    refused ? 422 : 200,
  )
}

/** A second look before somebody is deleted: what goes, what stays, and that it is for good. */
async function deletionPage(c: Context<AppEnv>, id: string) {
  const { services, locale } = c.var
  const person = await getPerson(services.db, id).catch(goneAnyway)
  if (!person) return failurePage(c, 'notFound')
  const [settings, teams] = await Promise.all([readSettings(services.db), listTeams(services.db)])
  const texts = messagesOf(locale)
  const t = texts.retention.person
  const days = settings.retention.inactivePeopleDays
  const title = t.title(isolate(person.name))
  const team = teamPaths(teams).get(person.teamId)
  return c.html(
    <Page c={c} title={title} section="people" sample={settings.sample !== null} path={`${path}/${id}/deletion`}>
      <div class="pagehead">
        <h1>{title}</h1>
        <p class="sub">
          <bdi>{person.email}</bdi>
          {team ? (
            <>
              {' · '}
              <bdi>{team}</bdi>
            </>
          ) : null}
        </p>
        <p>{t.what}</p>
      </div>
      <form class="form" method="post" action={`${path}/${id}/deletion`}>
        <ItemList title={t.goes} items={t.going} />
        <ItemList title={t.stays} items={t.staying} />
        <p class="note">{t.next}</p>
        <p class="note">{t.byItself(days, formatOf(locale, settings.timeZone).number(days))}</p>
        <div class="actions">
          <button class="btn danger" type="submit">
            {t.confirm}
          </button>
          <a class="btn" href={`${path}/${id}`}>
            {texts.peoplePage.cancel}
          </a>
        </div>
      </form>
    </Page>,
  )
}

// ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function mistakeText({ peoplePage: t }: Messages, { code, facts }: PersonProblem): string {
  if (code === 'email-taken') return t.person.taken(isolate(String(facts.name)))
  if (code === 'team-missing' || code === 'team-unknown' || code === 'locale-unknown') return t.person.problems[code]
  const known: Record<string, (facts: Record<string, string | number>) => string> = t.problems
  return known[code]?.(facts) ?? code
}

const doneText = (t: Texts['person'], done: string | undefined): string | undefined =>
  Object.entries(t.done).find(([name]) => name === done)?.[1]

function PersonForm(props: {
  t: Texts
  action: string
  values: Pick<PersonFields, 'email' | 'name' | 'locale' | 'teamId'>
  teams: readonly TeamView[]
  mistakes: readonly Mistake[]
  /** Who has the address that was asked for. */
  holder: Record<string, string | number> | undefined
  round: { number: number; isInvited: boolean } | undefined
  isNew: boolean
}) {
  const { t, values, teams, mistakes, holder, round, isNew } = props
  const paths = teamPaths(teams)
  return (
    <form class="form" method="post" action={props.action} novalidate>
      <Field name="name" label={t.name} mistakes={mistakes}>
        {(control) => <input {...control} type="text" value={values.name} maxlength={nameLimit} required dir="auto" autocomplete="off" />}
      </Field>
      <Field
        name="email"
        label={t.email}
        hint={round?.isInvited ? t.person.emailRound(round.number) : t.person.emailHint}
        mistakes={mistakes}
      >
        {(control) => (
          <>
            <input
              {...control}
              type="email"
              value={values.email}
              maxlength={254}
              required
              dir="ltr"
              autocomplete="off"
              spellcheck={false}
            />
            {holder ? (
              <a href={`${path}/${holder.id}`} class="note">
                {t.person.takenOpen(isolate(String(holder.name)))}
              </a>
            ) : null}
          </>
        )}
      </Field>
      <Field name="teamId" label={t.team} hint={round ? t.person.teamRound(round.number) : t.person.teamHint} mistakes={mistakes}>
        {(control) => (
          <select {...control} class="pick" required>
            {paths.has(values.teamId) ? null : (
              <option value="" selected>
                {t.person.teamChoose}
              </option>
            )}
            {teams.map(({ id }) => (
              <option value={id} selected={id === values.teamId}>
                {paths.get(id)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name="locale" label={t.language} hint={t.person.languageHint} mistakes={mistakes} short>
        {(control) => (
          <select {...control} class="pick">
            {isLocale(values.locale) ? null : (
              <option value="" selected>
                {t.person.problems['locale-unknown']}
              </option>
            )}
            {locales.map((locale) => (
              <option value={locale} lang={locale} selected={locale === values.locale}>
                {localeNames[locale]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div class="actions">
        <button class="btn solid" type="submit">
          {isNew ? t.person.addYes : t.person.save}
        </button>
      </div>
    </form>
  )
}

/** Whether and how they are asked, and the two ways out. */
function Standing(props: { texts: Messages; person: PersonView; settings: Settings; locale: Locale }) {
  const { texts, person, settings, locale } = props
  const t = texts.peoplePage.person
  const format = formatOf(locale, settings.timeZone)
  const days = settings.retention.inactivePeopleDays
  const dayOf = (moment: string) => format.date(new Date(moment))
  const isActive = person.deactivatedAt === null
  return (
    <section class="sec" aria-labelledby="standing">
      <div class="title">
        <h2 id="standing">{t.standing}</h2>
      </div>
      <div class="form">
        <p>{person.deactivatedAt ? t.deactivatedOn(dayOf(person.deactivatedAt)) : t.isAsked}</p>
        {person.mailStoppedAt ? (
          <p>
            {t.mailStoppedOn(dayOf(person.mailStoppedAt))} {t.mailStoppedWhat}
          </p>
        ) : null}
        <p class="note">
          {isActive ? t.deactivateWhat : t.reactivateWhat} {texts.retention.person.byItself(days, format.number(days))}
        </p>
        <div class="actions">
          <form method="post" action={`${path}/${person.id}/${isActive ? 'deactivation' : 'reactivation'}`}>
            <button class="btn" type="submit">
              {isActive ? t.deactivate : t.reactivate}
            </button>
          </form>
          <a class="btn danger" href={`${path}/${person.id}/deletion`}>
            {texts.retention.person.remove}
          </a>
        </div>
      </div>
    </section>
  )
}

const ItemList = ({ title, items }: { title: string; items: readonly string[] }) => (
  <section>
    <h2>{title}</h2>
    <ul class="plain">
      {items.map((item) => (
        <li>{item}</li>
      ))}
    </ul>
  </section>
)
