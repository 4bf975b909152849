/** What the page of rounds says of the schedule: in words, the next three rounds, and what is in the way. */
import { addDays } from '../../core/calendar'
import { placeInMonth, reminderDays, type ScheduleRule } from '../../core/schedule'
import type { Messages } from '../../i18n'
import type { Format } from '../../i18n/format'
import type { ScheduleView, UpcomingRound } from '../../services/schedule'
import { Confirm } from './confirm'
import { type Mistake, Why } from './field'
import { Scroll } from './scroll'

type Texts = Messages['schedule']

const rounds = '/rounds'
/** Rounds that did not take place are named as long as they are among the latest. */
const shownLeftOut = 3

export function SchedulePart(props: {
  t: Texts
  f: Format
  nameOf: (round: { number: number; period: string }) => string
  toPeople: string
  schedule: ScheduleView
  timeZone: string
  now: Date
  mayWrite: boolean
  mistakes: readonly Mistake[]
}) {
  const { t, f, schedule, timeZone, mayWrite } = props
  const { rule, pausedAt, next, leftOut, lastRunAt, isStopped } = schedule
  return (
    <section class="sec tight" id="schedule">
      <div class="title">
        <h2>{t.title}</h2>
        <p class="what">{rule ? ruleWords(t, f, rule, timeZone) : t.none}</p>
      </div>
      {rule && isStopped ? (
        <div class="state err small">
          <p>{t.stopped(lastRunAt && f.moment(new Date(lastRunAt)))}</p>
        </div>
      ) : null}
      {pausedAt ? (
        <div class="state small">
          <h3>{t.paused(f.moment(new Date(pausedAt)))}</h3>
          <p>{t.pausedWhat}</p>
          {mayWrite ? (
            <form method="post" action={`${rounds}/schedule/resumption`}>
              <button class="btn solid" type="submit">
                {t.resume}
              </button>
            </form>
          ) : null}
        </div>
      ) : null}
      {next.length > 0 ? <NextRounds {...props} /> : null}
      {leftOut.slice(-shownLeftOut).map(({ day, reason }) => (
        <p class="note">
          {t.leftOut(`${f.day(day)} ${day.slice(0, 4)}`)} {t.leftOutWhy[reason]}
        </p>
      ))}
      {mayWrite ? (
        <div class="actions">
          <a class={rule ? 'btn' : 'btn solid'} href={`${rounds}/schedule`}>
            {rule ? t.change : t.set}
          </a>
          {rule && !pausedAt ? (
            <Confirm summary={t.pause} question={t.pauseAsk} action={`${rounds}/schedule/pause`} yes={t.pauseYes} />
          ) : null}
          {rule ? <Confirm summary={t.remove} question={t.removeAsk} action={`${rounds}/schedule/removal`} yes={t.removeYes} /> : null}
        </div>
      ) : null}
    </section>
  )
}

/**
 * A rule as two sentences.
 *
 * @example ruleWords(t, f, rule, 'Europe/Berlin')
 * // 'A round opens on the first Tuesday of each month at 09:00 (Europe/Berlin) and takes ballots for 14 days. Who has not answered …'
 */
export function ruleWords(t: Texts, f: Format, rule: ScheduleRule, timeZone: string): string {
  const { cadence, firstDay, openingTime, windowDays, reminders } = rule
  const on = t.on[cadence](f.weekday(firstDay), placeInMonth(firstDay), `${f.day(firstDay)} ${firstDay.slice(0, 4)}`)
  const days = reminderDays(windowDays, reminders)
  return `${t.words(on, openingTime, timeZone, windowDays)} ${days.length > 0 ? t.reminds(days) : t.remindsNever}`
}

type Props = Parameters<typeof SchedulePart>[0]

function NextRounds(props: Props) {
  const { t, f, nameOf, toPeople, schedule, now, mayWrite, mistakes } = props
  const waiting = schedule.pausedAt ? undefined : schedule.next.find(({ opensAt }) => new Date(opensAt) <= now)
  return (
    <>
      <Scroll label={t.next}>
        <table class="data pin stack upcoming">
          <thead>
            <tr>
              <th scope="col">{t.columns.round}</th>
              <th scope="col">{t.columns.opens}</th>
              <th scope="col">{t.columns.lastDay}</th>
              {mayWrite ? (
                <>
                  <th scope="col">{t.columns.move}</th>
                  <th scope="col">{t.columns.other}</th>
                </>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {schedule.next.map((round, index) => (
              <tr>
                <th scope="row" class="nowrap">
                  <a href={`${rounds}/${round.id}`}>{nameOf(round)}</a>
                </th>
                <td data-head={t.columns.opens}>
                  <span class="nowrap">{f.upcoming(new Date(round.opensAt))}</span>
                  {round.shiftedDays === 0 ? null : <div class="note">{t.shifted(round.shiftedDays)}</div>}
                </td>
                <td class="nowrap" data-head={t.columns.lastDay}>
                  {f.date(new Date(round.closesAt))}
                </td>
                {mayWrite ? (
                  <>
                    <td data-head={t.columns.move}>
                      <Shift t={t} f={f} name={nameOf(round)} round={round} mistakes={mistakes} />
                    </td>
                    <td class="nowrap" data-head={t.columns.other}>
                      {index === 0 ? <a href={`${rounds}/${round.id}`}>{t.openNow}</a> : null}
                      <Confirm
                        summary={t.skip}
                        question={t.skipAsk(nameOf(round))}
                        action={`${rounds}/${round.id}/removal`}
                        yes={t.skipYes}
                      />
                    </td>
                  </>
                ) : null}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {waiting ? (
        <div class="state err small">
          <p>
            {t.overdue(f.moment(new Date(waiting.opensAt)))} {t.refused[waiting.refusal ?? 'waits']}
          </p>
          {waiting.refusal === 'too-few-people' || waiting.refusal === 'too-many-groups' ? (
            <a class="btn" href="/people">
              {toPeople}
            </a>
          ) : null}
        </div>
      ) : null}
    </>
  )
}

/** A list of the days that fit, so that no other can be asked for. */
function Shift({ t, f, name, round, mistakes }: { t: Texts; f: Format; name: string; round: UpcomingRound; mistakes: readonly Mistake[] }) {
  const { id, slot, shifts, shiftedDays } = round
  if (shifts.length === 0) return <span class="note">{t.cannotMove}</span>
  const field = `shift-${id}`
  const reason = mistakes.find((mistake) => mistake.field === field)?.reason
  return (
    <form method="post" action={`${rounds}/${id}/shift`}>
      <select
        class="pick"
        id={field}
        name="days"
        aria-label={t.moveTo(name)}
        aria-invalid={reason ? 'true' : undefined}
        aria-describedby={reason ? `${field}-why` : undefined}
      >
        {shifts.includes(shiftedDays) ? null : (
          <option value="" selected disabled>
            {`${f.weekday(addDays(slot, shiftedDays))} · ${f.day(addDays(slot, shiftedDays))}`}
          </option>
        )}
        {shifts.map((days) => {
          const day = addDays(slot, days)
          return (
            <option value={String(days)} selected={days === shiftedDays}>
              {`${f.weekday(day)} · ${f.day(day)}: ${days === 0 ? t.onTime : t.shifted(days)}`}
            </option>
          )
        })}
      </select>
      <button class="btn" type="submit">
        {t.move}
      </button>
      {reason ? <Why id={`${field}-why`} reason={reason} /> : null}
    </form>
  )
}
