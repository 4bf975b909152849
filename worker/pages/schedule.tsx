/** When rounds open by themselves: the form, what would follow from it, and the next three rounds with what can be done about each. */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { addDays, dayOf, weekdayOf } from '../core/calendar'
import { DomainError } from '../core/errors'
import { cadences, type RuleMistake, type ScheduleRule, usualRule } from '../core/schedule'
import { readSettings } from '../db/settings'
import { messagesOf } from '../i18n'
import { formatOf } from '../i18n/format'
import {
  findMistakes,
  getSchedule,
  pauseSchedule,
  previewSchedule,
  removeSchedule,
  resumeSchedule,
  setSchedule,
  shiftRound,
  skipRound,
} from '../services/schedule'
import { Field, type Mistake, Mistakes } from './components/field'
import { ruleWords } from './components/schedule-part'
import { goneAnyway, permit } from './failure'
import { Page } from './layout'
import { SecondLook } from './second-look'

const rounds = '/rounds'
const path = `${rounds}/schedule`

/** Below `/rounds`; what is refused there is shown by the page of rounds. */
export const schedulePages = (refused: (c: Context<AppEnv>, mistake: Mistake) => Response | Promise<Response>) =>
  new Hono<AppEnv>()
    .get('/schedule', permit('rounds:write'), async (c) => {
      const { rule } = await getSchedule(c.var.services)
      return formPage(c, fieldsOf(rule ?? (await firstRule(c))))
    })
    .get('/schedule/preview', permit('rounds:write'), (c) => previewPage(c))
    .post('/schedule', permit('rounds:write'), async (c) => {
      const body = await c.req.parseBody()
      const { rule, values, mistakes } = await readForm(c, (name) => body[name])
      if (mistakes.length > 0) return formPage(c, values, mistakes)
      await setSchedule(c.var.services, rule)
      return done(c, 'scheduled')
    })
    .post('/schedule/pause', permit('rounds:write'), async (c) => {
      await pauseSchedule(c.var.services).catch(goneAnyway)
      return done(c, 'paused')
    })
    .post('/schedule/resumption', permit('rounds:write'), async (c) => {
      await resumeSchedule(c.var.services).catch(goneAnyway)
      return done(c, 'resumed')
    })
    .post('/schedule/removal', permit('rounds:write'), async (c) => {
      await removeSchedule(c.var.services)
      return done(c, 'removed')
    })
    .post('/:id/shift', permit('rounds:write'), async (c) => {
      const id = c.req.param('id')
      const { days } = await c.req.parseBody()
      try {
        await shiftRound(c.var.services, id, /^-?\d{1,2}$/.test(String(days)) ? Number(days) : Number.NaN)
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
        if (error.code === 'invalid-input') {
          return refused(c, { field: `shift-${id}`, reason: messagesOf(c.var.locale).schedule.moveRefused })
        }
        if (error.code === 'not-found') throw error
        return c.redirect(`${rounds}/${id}`, 303) // it has opened meanwhile
      }
      return done(c, 'shifted')
    })
    .post('/:id/removal', permit('rounds:write'), async (c) => {
      const id = c.req.param('id')
      try {
        await skipRound(c.var.services, id)
      } catch (error) {
        if (error instanceof DomainError && error.code === 'round-not-scheduled') return c.redirect(`${rounds}/${id}`, 303)
        goneAnyway(error)
      }
      return done(c, 'skipped')
    })

const done = (c: Context<AppEnv>, what: string) => c.redirect(`${rounds}?done=${what}`, 303)

// ── What the form says ──────────────────────────────────────────────────────────────────────────────────────────────

type Values = Record<keyof ScheduleRule, string>

const fieldsOf = ({ cadence, firstDay, openingTime, windowDays, reminders }: ScheduleRule): Values => ({
  cadence,
  firstDay,
  openingTime,
  windowDays: String(windowDays),
  reminders: String(reminders),
})

/** Monthly, on the next Tuesday that leaves a week to prepare: few are on leave then, and it never is the first day of work. */
async function firstRule(c: Context<AppEnv>): Promise<ScheduleRule> {
  const { timeZone } = await readSettings(c.var.services.db)
  const earliest = addDays(dayOf(c.var.services.now, timeZone), 7)
  const tuesday = 2
  return { ...usualRule, firstDay: addDays(earliest, (tuesday - weekdayOf(earliest) + 7) % 7) }
}

async function readForm(c: Context<AppEnv>, sent: (name: string) => unknown) {
  const textOf = (name: string) => {
    const value = sent(name)
    return typeof value === 'string' ? value.trim().slice(0, 40) : ''
  }
  const numberOf = (text: string) => (/^\d{1,3}$/.test(text) ? Number(text) : Number.NaN)
  const values: Values = {
    cadence: textOf('cadence'),
    firstDay: textOf('firstDay'),
    openingTime: textOf('openingTime').slice(0, 5), // some browsers send seconds
    windowDays: textOf('windowDays'),
    reminders: textOf('reminders'),
  }
  const rule: ScheduleRule = {
    ...values,
    cadence: values.cadence as ScheduleRule['cadence'], // looked up in the list by `ruleMistakes`
    windowDays: numberOf(values.windowDays),
    reminders: numberOf(values.reminders),
  }
  return { rule, values, mistakes: await findMistakes(c.var.services, rule) }
}

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function formPage(c: Context<AppEnv>, values: Values, wrong: readonly RuleMistake[] = []) {
  const { locale, services } = c.var
  const settings = await readSettings(services.db)
  const texts = messagesOf(locale)
  const t = texts.schedule
  const f = formatOf(locale, settings.timeZone)
  const mistakes = wrong.map(({ field, code }) => ({ field, reason: t.mistakes[code] }))
  return c.html(
    <Page c={c} title={t.form.title} section="rounds" sample={settings.sample !== null} path={path}>
      <div class="pagehead">
        <h1>{t.form.title}</h1>
        <p class="sub">{t.form.sub(settings.timeZone)}</p>
      </div>
      <Mistakes mistakes={mistakes} title={texts.settingsPage.unusable} />
      <form class="form" method="get" action={`${path}/preview`} novalidate>
        <Field name="cadence" label={t.form.cadence} mistakes={mistakes} short>
          {(control) => (
            <select {...control} class="pick">
              {cadences.map((cadence) => (
                <option value={cadence} selected={cadence === values.cadence}>
                  {t.form.cadences[cadence]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field name="firstDay" label={t.form.firstDay} hint={t.form.firstDayHint} mistakes={mistakes} short>
          {(control) => <input {...control} type="date" value={values.firstDay} required />}
        </Field>
        <Field name="openingTime" label={t.form.openingTime} hint={t.form.openingTimeHint} mistakes={mistakes} short>
          {(control) => <input {...control} type="time" value={values.openingTime} required />}
        </Field>
        <Field name="windowDays" label={t.form.windowDays} hint={t.form.windowDaysHint} mistakes={mistakes} short>
          {(control) => <input {...control} type="number" min="1" max="28" value={values.windowDays} required />}
        </Field>
        <Field name="reminders" label={t.form.reminders} hint={t.form.remindersHint} mistakes={mistakes} short>
          {(control) => (
            <select {...control} class="pick">
              {[0, 1, 2].map((count) => (
                <option value={String(count)} selected={String(count) === values.reminders}>
                  {f.number(count)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div class="actions">
          <button class="btn solid" type="submit">
            {t.form.preview}
          </button>
          <a class="btn" href={rounds}>
            {texts.settingsPage.cancel}
          </a>
        </div>
      </form>
    </Page>,
    mistakes.length > 0 ? 422 : 200,
  )
}

/** A second look: the rule in words and the next three rounds, as they are and as they would be. */
async function previewPage(c: Context<AppEnv>) {
  const { rule, values, mistakes } = await readForm(c, (name) => c.req.query(name))
  if (mistakes.length > 0) return formPage(c, values, mistakes)
  const { locale, services } = c.var
  const [settings, before, { next }] = await Promise.all([
    readSettings(services.db),
    getSchedule(services),
    previewSchedule(services, rule),
  ])
  const t = messagesOf(locale).schedule
  const f = formatOf(locale, settings.timeZone)
  const said = (window: { opensAt: string | Date; closesAt: string | Date } | undefined) =>
    window ? t.confirm.fromTo(f.upcoming(new Date(window.opensAt)), f.date(new Date(window.closesAt))) : t.confirm.nothing
  return c.html(
    <SecondLook
      c={c}
      settings={settings}
      path={`${path}/preview`}
      action={path}
      values={values}
      texts={t.confirm}
      about={t.confirm.about}
      rules={[
        {
          name: t.confirm.words,
          now: before.rule ? ruleWords(t, f, before.rule, settings.timeZone) : t.confirm.nothing,
          later: ruleWords(t, f, rule, settings.timeZone),
        },
        ...next.map((opening, index) => ({ name: t.confirm.round(index + 1), now: said(before.next[index]), later: said(opening) })),
      ]}
      section="rounds"
      cancel={{ href: path, text: messagesOf(locale).settingsPage.cancel }}
    >
      {null}
    </SecondLook>,
  )
}
