/** Adding an event where it is missed: under any chart over time, and the form of a page of its own. */
import type { Context } from 'hono'
import type { AppEnv } from '../../context'
import type { LineSpec } from '../../core/chart'
import { type EventScope, type EventText, eventAuthorLimit, eventNameLimit, eventScopes, placeAmong } from '../../core/event'
import { type Messages, messagesOf } from '../../i18n'
import { isolate } from '../../i18n/format'
import { authorize } from '../../services/authorize'
import type { Words } from '../../services/findings'
import { Field, type Mistake } from './field'

/** Of the address that a chart's form leads back to: what was added, and under which chart. */
export const addedParameter = 'added'
const addedRe = /^([\w-]{1,40})~([\w-]{22})$/

export type EventValues = Record<keyof EventText, string>
export const noEvent: EventValues = { day: '', name: '', author: '', scope: 'company' }

/**
 * "Add an event" under a chart, for those who may, and the way to all events; after one was added, where it can be read about. The
 * page is left for the form's answer alone, which leads back to this chart. Guests have no other page to go to.
 *
 * @param props.chart the `id` of the chart's figure
 * @example <ChartFigure … id="trend" under={<AddEvent c={c} chart="trend" />}>
 */
export function AddEvent({ c, chart }: { c: Context<AppEnv>; chart: string }) {
  if (c.var.actor.kind === 'share') return null
  const t = messagesOf(c.var.locale).events
  const [, under, id] = addedRe.exec(c.req.query(addedParameter) ?? '') ?? []
  return (
    <div class="add-event unprinted">
      {under === chart ? (
        <p role="status">
          {t.added} <a href={`/events/${id}`}>{t.around}</a>
        </p>
      ) : null}
      {authorize(c.var.actor, 'events:write') ? (
        <details>
          <summary>{t.add}</summary>
          <EventForm t={t} action="/events" submit={t.save} back={`${addressOf(c)}#${chart}`} chart={chart} mistakes={[]} />
        </details>
      ) : null}
      <a href="/events">{t.all}</a>
    </div>
  )
}

/** This page as it was asked for, without its language and what was said about an earlier event. */
function addressOf(c: Context<AppEnv>): string {
  const query = new URLSearchParams(new URL(c.req.url).search)
  for (const name of ['lang', addedParameter, 'done']) query.delete(name)
  return query.size > 0 ? `${c.req.path}?${query}` : c.req.path
}

/** @param props.chart under which the form stands; it has a page of its own where there is none */
export function EventForm(props: {
  t: Messages['events']
  action: string
  submit: string
  back?: string
  chart?: string
  /** The chart that a refused form came from. */
  sentBy?: string
  /** The way back from a page of its own. */
  cancel?: { href: string; text: string }
  values?: EventValues
  mistakes: readonly Mistake[]
}) {
  const { t, chart, mistakes, values = noEvent } = props
  const idOf = (field: string) => (chart ? { id: `${chart}-event-${field}` } : {})
  return (
    <form class="form" method="post" action={props.action} novalidate={!chart}>
      {props.back ? <input type="hidden" name="back" value={props.back} /> : null}
      {chart || props.sentBy ? <input type="hidden" name="chart" value={chart || props.sentBy} /> : null}
      <Field name="name" {...idOf('name')} label={t.name} mistakes={mistakes}>
        {(control) => <input {...control} type="text" value={values.name} maxlength={eventNameLimit} required dir="auto" />}
      </Field>
      <Field name="day" {...idOf('day')} label={t.day} mistakes={mistakes} short>
        {(control) => <input {...control} type="date" value={values.day} required />}
      </Field>
      <Field name="scope" {...idOf('scope')} label={t.scope} mistakes={mistakes} short>
        {(control) => (
          <select {...control} class="pick">
            {eventScopes.map((scope) => (
              <option value={scope} selected={scope === values.scope}>
                {t.scopes[scope]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {/* The browser remembers who writes here: there are no accounts to take a name from. */}
      <Field name="author" {...idOf('author')} label={t.author} hint={t.authorHint} mistakes={mistakes}>
        {(control) => (
          <input {...control} type="text" value={values.author} maxlength={eventAuthorLimit} autocomplete="name" required dir="auto" />
        )}
      </Field>
      <p class="actions">
        <button class={props.cancel ? 'btn solid' : 'btn'} type="submit">
          {props.submit}
        </button>
        {props.cancel ? (
          <a class="btn" href={props.cancel.href}>
            {props.cancel.text}
          </a>
        ) : null}
      </p>
    </form>
  )
}

/** An event as it is drawn at `x`. */
export const eventMark = (
  { t, f }: Words,
  event: { day: string; name: string; scope?: EventScope },
  x: number,
): LineSpec['events'][number] => ({
  x,
  name: isolate(event.name),
  day: f.day(event.day),
  ...(event.scope && event.scope !== 'company' ? { scope: t.events.scopes[event.scope] } : {}),
})

/**
 * Events on an axis whose points are these periods, 0 for the first; what lies outside is left out.
 *
 * @example eventMarks(view, events, items.map(({ period }) => period))
 */
export const eventMarks = (
  words: Words,
  events: readonly { day: string; name: string; scope?: EventScope }[],
  periods: readonly string[],
): LineSpec['events'] =>
  events.flatMap((event) => {
    const x = placeAmong(event.day, periods)
    return x === null ? [] : [eventMark(words, event, x)]
  })
