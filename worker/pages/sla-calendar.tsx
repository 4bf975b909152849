/** The work calendar, and a report of a due date that no source knows of. */
import type { Context } from 'hono'
import type { AppEnv } from '../context'
import { dayOf, isCalendarDay } from '../core/calendar'
import { DomainError } from '../core/errors'
import { type Holiday, hoursProblems, mostHolidays, usualCalendar, type WorkHours } from '../core/work-calendar'
import { readSettings } from '../db/settings'
import { messagesOf } from '../i18n'
import { weekdayName } from '../services/clause-words'
import { type ClauseView, reportClause, setCalendar } from '../services/clauses'
import { Field, type Mistake, Mistakes, Why } from './components/field'
import type { View } from './components/view'
import { showInKpis } from './kpis-frame'
import { slaPath } from './sla-form'

/** Monday first. */
const weekdays = [1, 2, 3, 4, 5, 6, 0]

interface CalendarForm {
  days: string[]
  opens: string
  closes: string
  fromDay: string
  holidays: string
}

export async function calendarPage(c: Context<AppEnv>, refused?: { form: CalendarForm; mistakes: Mistake[] }) {
  const { services, locale } = c.var
  const { workCalendar, timeZone } = await readSettings(services.db)
  const texts = messagesOf(locale)
  const t = texts.sla.calendar
  const latest = workCalendar.hours.at(-1) ?? (usualCalendar.hours[0] as WorkHours)
  const form = refused?.form ?? {
    days: latest.days.map(String),
    opens: latest.opens,
    closes: latest.closes,
    fromDay: dayOf(services.now, timeZone),
    holidays: linesOf(workCalendar.holidays),
  }
  const mistakes = refused?.mistakes ?? []
  const daysMistake = mistakes.find(({ field }) => field === 'days')?.reason
  return showInKpis(c, {
    title: t.title,
    path: `${slaPath}/calendar`,
    tab: 'sla',
    status: refused ? 422 : 200,
    body: (view) => (
      <>
        <div class="pagehead">
          <h1>{t.title}</h1>
          <p class="sub">{t.what(timeZone)}</p>
        </div>
        <Mistakes mistakes={mistakes} title={texts.settingsPage.unusable} />
        <section class="sec tight">
          <div class="title">
            <h2>{t.hours}</h2>
            {workCalendar.hours.map((hours) => (
              <p class="what">
                {t.hoursWhat(daysText(view, hours.days), hours.opens, hours.closes)} ·{' '}
                {hours.fromDay === '' ? t.always : t.sinceDay(`${view.f.day(hours.fromDay)} ${hours.fromDay.slice(0, 4)}`)}
              </p>
            ))}
          </div>
          <form class="form" method="post" action={`${slaPath}/calendar/hours`} novalidate>
            <fieldset class={daysMistake ? 'field bad' : 'field'} id="days" aria-describedby={daysMistake ? 'days-why' : undefined}>
              <legend>{t.days}</legend>
              <div class="checks">
                {weekdays.map((day) => (
                  <label class="check">
                    <input type="checkbox" name="days" value={String(day)} checked={form.days.includes(String(day))} />
                    {weekdayName(view, day)}
                  </label>
                ))}
              </div>
              {daysMistake ? <Why id="days-why" reason={daysMistake} /> : null}
            </fieldset>
            <Field name="opens" label={t.opens} mistakes={mistakes} short>
              {(control) => <input {...control} type="text" inputmode="numeric" maxlength={5} value={form.opens} />}
            </Field>
            <Field name="closes" label={t.closes} hint={t.closesHint} mistakes={mistakes} short>
              {(control) => <input {...control} type="text" inputmode="numeric" maxlength={5} value={form.closes} />}
            </Field>
            <Field name="fromDay" label={t.fromDay} hint={t.fromDayHint} mistakes={mistakes} short>
              {(control) => <input {...control} type="date" value={form.fromDay} />}
            </Field>
            <button class="btn solid" type="submit">
              {t.saveHours}
            </button>
          </form>
        </section>
        <section class="sec tight">
          <form class="form" method="post" action={`${slaPath}/calendar/holidays`} novalidate>
            <Field name="holidays" label={t.holidays} hint={t.holidaysHint} mistakes={mistakes}>
              {(control) => (
                <textarea {...control} class="lines" rows={10} spellcheck={false} dir="auto">
                  {`\n${form.holidays}`}
                </textarea>
              )}
            </Field>
            <div class="actions">
              <button class="btn solid" type="submit">
                {t.saveHolidays}
              </button>
              <a class="btn" href={slaPath}>
                {texts.sla.actions.back}
              </a>
            </div>
          </form>
        </section>
      </>
    ),
  })
}

const daysText = (view: View, days: readonly number[]) =>
  weekdays
    .filter((day) => days.includes(day))
    .map((day) => weekdayName(view, day))
    .join(view.t.sourceSetup.comma)

const linesOf = (holidays: readonly Holiday[]) => holidays.map(({ day, name }) => `${day} ${name}`.trim()).join('\n')

/** Stores the hours that were sent. */
export async function saveHours(c: Context<AppEnv>) {
  const { services, locale } = c.var
  const { workCalendar } = await readSettings(services.db)
  const body = await c.req.parseBody({ all: true })
  const textOf = (name: string) => (typeof body[name] === 'string' ? body[name].trim().slice(0, 10) : '')
  const sent = [body.days ?? []].flat().map(String)
  const form = {
    days: sent,
    opens: textOf('opens'),
    closes: textOf('closes').slice(0, 5),
    fromDay: textOf('fromDay'),
    holidays: linesOf(workCalendar.holidays),
  }
  const hours: WorkHours = {
    fromDay: form.fromDay,
    days: weekdays.filter((day) => sent.includes(String(day))).sort((a, b) => a - b),
    opens: form.opens.slice(0, 5),
    closes: form.closes,
  }
  const t = messagesOf(locale).sla.calendar
  const mistakes: Mistake[] = hoursProblems(hours).map(({ field, code }) => ({
    field,
    reason: t.mistakes[code],
    ...(field === 'opens' || field === 'closes' ? { label: t[field] } : {}),
  }))
  if (form.fromDay === '') mistakes.push({ field: 'fromDay', reason: t.mistakes['bad-day'] })
  if (mistakes.length > 0) return calendarPage(c, { form, mistakes })
  await setCalendar(services, { hours })
  return c.redirect(`${slaPath}?done=calendar`, 303)
}

/** Stores the holidays that were sent, one a line. */
export async function saveHolidays(c: Context<AppEnv>) {
  const { services, locale } = c.var
  const { workCalendar, timeZone } = await readSettings(services.db)
  const { holidays: sent } = await c.req.parseBody()
  const text = typeof sent === 'string' ? sent : ''
  const t = messagesOf(locale).sla.calendar
  const read = readHolidays(text)
  if ('problem' in read) {
    const reason = read.line ? t.line(read.line, t.mistakes[read.problem]) : t.mistakes[read.problem]
    const latest = workCalendar.hours.at(-1) ?? (usualCalendar.hours[0] as WorkHours)
    const form = { ...latest, days: latest.days.map(String), fromDay: dayOf(services.now, timeZone), holidays: text }
    return calendarPage(c, { form, mistakes: [{ field: 'holidays', reason }] })
  }
  await setCalendar(services, { holidays: read.holidays })
  return c.redirect(`${slaPath}?done=calendar`, 303)
}

/** @example readHolidays('2026-12-25 Christmas Day') // { holidays: [{ day: '2026-12-25', name: 'Christmas Day' }] } */
export function readHolidays(
  text: string,
): { holidays: Holiday[] } | { problem: 'bad-holiday' | 'bad-day' | 'holiday-twice' | 'too-many'; line?: number } {
  const holidays: Holiday[] = []
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (line.trim() === '') continue
    const [, day, name = ''] = /^\s*(\d{4}-\d\d-\d\d)[\s,;:–-]*(.*)$/.exec(line) ?? []
    if (!day) return { problem: 'bad-holiday', line: index + 1 }
    if (!isCalendarDay(day)) return { problem: 'bad-day', line: index + 1 }
    if (holidays.some((known) => known.day === day)) return { problem: 'holiday-twice', line: index + 1 }
    holidays.push({ day, name: name.trim().slice(0, 80) })
    if (holidays.length > mostHolidays) return { problem: 'too-many' }
  }
  return { holidays }
}

// ── Reports ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export async function reportPage(
  c: Context<AppEnv>,
  promise: ClauseView,
  values: Record<string, string> = {},
  mistakes: readonly Mistake[] = [],
) {
  const { services, locale } = c.var
  const texts = messagesOf(locale)
  const t = texts.sla.report
  const due = promise.evaluations.filter(({ dueAt }) => dueAt <= services.now.getTime()).toReversed()
  const open = due.find(({ state }) => state === 'open') ?? due[0]
  const isShare = promise.clause.kind === 'reported' && promise.clause.unit === 'share'
  return showInKpis(c, {
    title: t.title,
    path: `${slaPath}/clauses/${promise.id}/report`,
    tab: 'sla',
    status: mistakes.length > 0 ? 422 : 200,
    body: ({ f }) => (
      <>
        <div class="pagehead">
          <h1>{t.title}</h1>
          {promise.clause.kind === 'reported' ? (
            <p class="sub">
              <bdi>{promise.clause.name}</bdi>
            </p>
          ) : null}
        </div>
        <Mistakes mistakes={mistakes} title={texts.settingsPage.unusable} />
        {due.length === 0 ? (
          <p>{texts.sla.heading.nothingJudged}</p>
        ) : (
          <form class="form" method="post" action={`${slaPath}/clauses/${promise.id}/report`} novalidate>
            <Field name="dueDay" label={t.due} mistakes={mistakes} short>
              {(control) => (
                <select {...control} class="pick">
                  {due.map(({ dueDay, state }) => (
                    <option value={dueDay} selected={dueDay === (values.dueDay ?? open?.dueDay)}>
                      {`${f.day(dueDay)} ${dueDay.slice(0, 4)} · ${texts.sla.states[state]}`}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Field name="numerator" label={t.value} mistakes={mistakes} short>
              {(control) => <input {...control} type="text" inputmode="decimal" maxlength={13} value={values.numerator ?? ''} />}
            </Field>
            {isShare ? (
              <Field name="denominator" label={t.of} mistakes={mistakes} short>
                {(control) => <input {...control} type="text" inputmode="decimal" maxlength={13} value={values.denominator ?? ''} />}
              </Field>
            ) : null}
            <button class="btn solid" type="submit">
              {t.save}
            </button>
          </form>
        )}
        <p>
          <a href={slaPath}>{texts.sla.actions.back}</a>
        </p>
      </>
    ),
  })
}

/** Stores the report that was sent. */
export async function saveReport(c: Context<AppEnv>, promise: ClauseView) {
  const { services, locale } = c.var
  const body = await c.req.parseBody()
  const values = Object.fromEntries(
    ['dueDay', 'numerator', 'denominator'].map((name) => [name, typeof body[name] === 'string' ? body[name].trim().slice(0, 13) : '']),
  )
  const words = messagesOf(locale).sla.mistakes
  const numberOf = (text = '') => (/^\d{1,12}([.,]\d{1,4})?$/.test(text) ? Number(text.replace(',', '.')) : null)
  const isShare = promise.clause.kind === 'reported' && promise.clause.unit === 'share'
  const [numerator, denominator] = [numberOf(values.numerator), isShare ? numberOf(values.denominator) : null]
  const mistakes: Mistake[] = []
  if (numerator === null) mistakes.push({ field: 'numerator', reason: words['report-number'] })
  if (isShare && !(denominator !== null && denominator > 0 && denominator >= (numerator ?? 0))) {
    mistakes.push({ field: 'denominator', reason: words['report-share'] })
  }
  const dueDay = values.dueDay ?? ''
  if (!isCalendarDay(dueDay)) mistakes.push({ field: 'dueDay', reason: words['report-day'] })
  if (numerator === null || mistakes.length > 0) return reportPage(c, promise, values, mistakes)
  try {
    await reportClause(services, promise.id, { dueDay, numerator, denominator })
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'invalid-input')) throw error
    return reportPage(c, promise, values, [{ field: 'dueDay', reason: words['report-day'] }])
  }
  return c.redirect(`${slaPath}?done=reported`, 303)
}
