/** What happened on a date: all of it, and adding, correcting and deleting one event. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { raw } from 'hono/html'
import type { AppEnv } from '../context'
import { cleanEvent, type EventFault, eventAuthorLimit, eventNameLimit } from '../core/event'
import { returnPath, withParameter } from '../core/return-path'
import { readRules } from '../db/scoring-rules'
import { readSettings } from '../db/settings'
import { type Messages, messagesOf } from '../i18n'
import { formatOf, isolate } from '../i18n/format'
import { authorize } from '../services/authorize'
import { readAround } from '../services/event-around'
import { addEvent, changeEvent, type EventView, getEvent, listEvents, removeEvent } from '../services/events'
import { aroundOf, wordsOf } from '../services/findings'
import { addedParameter, EventForm, type EventValues, noEvent } from './components/add-event'
import { AroundCharts } from './components/around-charts'
import { AroundEvent } from './components/around-event'
import { Confirm } from './components/confirm'
import { type Mistake, Mistakes } from './components/field'
import { Scroll } from './components/scroll'
import type { View } from './components/view'
import { goneAnyway, permit } from './failure'
import { Page, Sheet } from './layout'
import { addressOf, id as anId, chosenIn } from './query'

const path = '/events'

export const eventPages = new Hono<AppEnv>()
  .use(bodyLimit({ maxSize: 16 * 1024 }))
  .get('/', permit('results:read'), (c) => listPage(c))
  .post('/', permit('events:write'), async (c) => {
    const { values, event, mistakes, back, chart } = await readForm(c)
    if (mistakes.length > 0) return formPage(c, { values, mistakes, back, chart })
    const { id } = await addEvent(c.var.services, event)
    return c.redirect(withParameter(back, addedParameter, `${chart || 'list'}~${id}`), 303)
  })
  .get('/new', permit('events:write'), (c) => formPage(c, { back: returnPath(c.req.query('back'), path) }))
  .get('/:id', permit('scores:read'), (c) => eventPage(c))
  .get('/:id/change', permit('events:write'), async (c) => formPage(c, { of: await getEvent(c.var.services.db, c.req.param('id')) }))
  .post('/:id/change', permit('events:write'), async (c) => {
    const of = await getEvent(c.var.services.db, c.req.param('id'))
    const { values, event, mistakes } = await readForm(c)
    if (mistakes.length > 0) return formPage(c, { of, values, mistakes })
    await changeEvent(c.var.services, of.id, event)
    return c.redirect(`${path}?done=changed`, 303)
  })
  .post('/:id/removal', permit('events:write'), async (c) => {
    await removeEvent(c.var.services, c.req.param('id')).catch(goneAnyway)
    return c.redirect(`${path}?done=deleted`, 303)
  })

// ── What a form says ────────────────────────────────────────────────────────────────────────────────────────────────

async function readForm(c: Context<AppEnv>) {
  const body = await c.req.parseBody()
  const textOf = (field: string) => (typeof body[field] === 'string' ? body[field] : '')
  const sent: EventValues = { day: textOf('day'), name: textOf('name'), author: textOf('author'), scope: textOf('scope') }
  const { event, faults } = cleanEvent(sent)
  const t = messagesOf(c.var.locale)
  const mistakes = faults.map((fault) => ({ field: fault.field, reason: reasonOf(fault, t) }))
  // A program may leave it out; somebody who sits in front of a form knows who says so.
  if (event.author === '') mistakes.push({ field: 'author', reason: t.events.authorMissing })
  const chart = textOf('chart')
  return {
    values: { ...sent, name: event.name, author: event.author },
    event,
    mistakes,
    back: returnPath(body.back, path),
    chart: /^[\w-]{1,40}$/.test(chart) ? chart : '',
  }
}

function reasonOf({ field, why }: EventFault, { events: t, settingsPage }: Messages): string {
  if (why === 'too-long') return settingsPage.tooLong(field === 'name' ? eventNameLimit : eventAuthorLimit)
  return { missing: t.nameMissing, 'no-day': t.dayWrong, unknown: t.scopeWrong }[why]
}

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A form that was refused, as it was sent; or the one that changes an event. */
async function formPage(
  c: Context<AppEnv>,
  shown: { of?: EventView; values?: EventValues; mistakes?: readonly Mistake[]; back?: string; chart?: string },
) {
  const { db } = c.var.services
  const [{ sample }, { baseline }] = await Promise.all([readSettings(db), readRules(db)])
  const texts = messagesOf(c.var.locale)
  const t = texts.events
  const { of, mistakes = [], back = path } = shown
  const action = of ? `${path}/${of.id}/change` : path
  const title = of ? t.changeTitle : t.add
  return c.html(
    <Page
      c={c}
      title={title}
      section="overview"
      styles={['forms']}
      sample={sample !== null}
      path={of ? action : `${path}/new?${new URLSearchParams({ back })}`}
    >
      <div class="pagehead">
        <h1>{title}</h1>
        <p class="sub">{of && of.day === baseline?.day && of.name === baseline.name ? t.isBaseline : t.what}</p>
      </div>
      <Mistakes mistakes={mistakes} title={texts.settingsPage.unusable} />
      <section class="sec tight">
        <EventForm
          t={t}
          action={action}
          submit={of ? t.saveChange : t.save}
          values={shown.values ?? of ?? noEvent}
          mistakes={mistakes}
          cancel={{ href: back, text: texts.settingsPage.cancel }}
          {...(of ? {} : { back, sentBy: shown.chart ?? '' })}
        />
      </section>
    </Page>,
    mistakes.length > 0 ? 422 : 200,
  )
}

async function listPage(c: Context<AppEnv>) {
  const { db } = c.var.services
  const [settings, { items }] = await Promise.all([readSettings(db), listEvents(db, { limit: 500 })])
  const { locale } = c.var
  const t = messagesOf(locale).events
  const mayWrite = authorize(c.var.actor, 'events:write')
  const done = c.req.query('done')
  const message = c.req.query(addedParameter) ? t.added : done === 'changed' ? t.changed : done === 'deleted' ? t.deleted : undefined
  return c.html(
    <Page c={c} title={t.title} section="overview" styles={['forms']} sample={settings.sample !== null} path={path}>
      <div class="pagehead">
        <h1>{t.title}</h1>
        <p class="sub">{t.what}</p>
      </div>
      {message ? (
        <p class="done" role="status">
          {message}
        </p>
      ) : null}
      <section class="sec tight">
        <div class="pile">
          {items.length === 0 ? (
            <div class="state">
              <strong>{t.none}</strong>
              <p>{t.noneWhat}</p>
              {mayWrite ? (
                <a class="btn" href={`${path}/new`}>
                  {t.add}
                </a>
              ) : null}
            </div>
          ) : (
            <EventTable t={t} year={yearText(formatOf(locale, 'UTC'))} events={items.toReversed()} mayWrite={mayWrite} />
          )}
          {mayWrite && items.length > 0 ? (
            <p>
              <a class="btn" href={`${path}/new`}>
                {t.add}
              </a>
            </p>
          ) : null}
        </div>
      </section>
    </Page>,
  )
}

/** What stood before an event and after it. */
async function eventPage(c: Context<AppEnv>) {
  const { db } = c.var.services
  const values = chosenIn(c, { measure: anId() })
  const [settings, around] = await Promise.all([readSettings(db), readAround(db, c.req.param('id') ?? '', values.measure)])
  const { event, others } = around
  const { id, day, scope, author } = event
  const view: View = { ...wordsOf(c.var.locale, settings.timeZone), sheet: new Sheet() }
  const { t } = view
  const date = yearText(formatOf(c.var.locale, 'UTC')) // a day, which is the same in every time zone
  const body = await (
    <>
      <AroundCharts view={view} around={around} currency={settings.currency} />
      <AroundEvent view={view} around={around} currency={settings.currency} title={t.events.around} />
    </>
  ).toString()
  return c.html(
    <Page
      c={c}
      title={isolate(event.name)}
      section="overview"
      sample={settings.sample !== null}
      sheet={view.sheet}
      styles={['forms', 'kpis']}
      path={addressOf(`${path}/${id}`, { measure: values.measure })}
    >
      <div class="pagehead">
        <h1>{aroundOf(around, view).text}</h1>
        <p class="sub">
          {author === ''
            ? t.events.said(date(day), t.events.scopes[scope])
            : t.events.saidBy(date(day), t.events.scopes[scope], isolate(author))}
        </p>
        <p class="side">
          <a href={path}>{t.events.all}</a>
          {authorize(c.var.actor, 'events:write') ? (
            <>
              <br />
              <a href={`${path}/${id}/change`}>{t.events.change}</a>
            </>
          ) : null}
        </p>
      </div>
      {others.length > 0 ? (
        <section class="sec tight part">
          <div class="title">
            <h2>{t.events.others}</h2>
            <p class="what">{t.events.othersWhat}</p>
          </div>
          <ul class="plain">
            {others.map((other) => (
              <li>
                <a href={`${path}/${other.id}`}>
                  <bdi>{other.name}</bdi>
                </a>
                <span class="note"> · {date(other.day)}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {raw(body)}
    </Page>,
  )
}

/** `2026-06-15` → `15 June 2026`. */
const yearText = (f: ReturnType<typeof formatOf>) => (day: string) => f.date(new Date(day))

function EventTable(props: { t: Messages['events']; year: (day: string) => string; events: readonly EventView[]; mayWrite: boolean }) {
  const { t, mayWrite } = props
  return (
    <Scroll label={t.title}>
      <table class="data stack">
        <thead>
          <tr>
            <th scope="col">{t.day}</th>
            <th scope="col">{t.name}</th>
            <th scope="col">{t.scope}</th>
            <th scope="col">{t.author}</th>
            {mayWrite ? (
              <th scope="col">
                <span class="vh">{t.change}</span>
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {props.events.map(({ id, day, name, scope, author }) => (
            <tr>
              <td class="nowrap" data-head={t.day}>
                {props.year(day)}
              </td>
              <th scope="row">
                <a href={`${path}/${id}`}>
                  <bdi>{name}</bdi>
                </a>
              </th>
              <td data-head={t.scope}>{t.scopes[scope]}</td>
              <td data-head={t.author}>{author === '' ? '–' : <bdi>{author}</bdi>}</td>
              {mayWrite ? (
                <td>
                  <a href={`${path}/${id}/change`}>{t.change}</a>
                  <Confirm summary={t.remove} question={t.removeAsk(isolate(name))} action={`${path}/${id}/removal`} yes={t.removeYes} />
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
