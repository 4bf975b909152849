import { dayOf } from '../../core/calendar'
import type { Clause } from '../../core/clause'
import { type Compliance, complianceOf, isJudged, shortestRun, withoutUnknown } from '../../core/sla'
import { clauseName, sentenceOf, valueText } from '../../services/clause-words'
import type { ClauseView } from '../../services/clauses'
import { span } from '../../services/findings'
import { type Overdue, overdueShown } from '../../services/overdue'
import { Confirm } from './confirm'
import { PromiseStrip } from './promise-strip'
import { Scroll } from './scroll'
import { Verdict } from './verdict'
import type { View } from './view'

/** How far the facts behind a clause reach; null where no source has them. Of reported clauses nothing is said. */
export type Reach = (clause: Clause) => number | null | undefined

interface Shown {
  view: View
  promise: ClauseView
  reach: Reach
  now: Date
  timeZone: string
  mayWrite: boolean
  heading?: 'h2' | 'h3'
}

/** One promise: in words, how it came out, and what can be done about it. */
export function PromiseRow(props: Shown) {
  const { view, promise, now, timeZone } = props
  const { t } = view
  const { id, clause, course, state, fromDay, endDay, versions } = promise
  const evaluations = withoutUnknown(promise.evaluations)
  const next = versions.findLast((one) => one.version > promise.version && one.fromDay > dayOf(now, timeZone))
  const all = complianceOf(evaluations)
  const anchor = `clause-${id}`
  const standing = (
    <div class="standing">
      {state === 'planned' ? <p class="note">{t.sla.starts(dayText(view, fromDay))}</p> : null}
      {endDay !== null ? <p class="note">{t.sla.ended(dayText(view, endDay))}</p> : null}
      {next ? (
        <p class="note">
          {t.sla.upcomingChange(dayText(view, next.fromDay))} {sentenceOf(view, next.body)}
        </p>
      ) : null}
      {course.latest.due > 0 ? <Standing {...props} all={all} /> : null}
      <DueNext {...props} />
    </div>
  )
  const deeds = props.mayWrite ? <Deeds view={view} promise={promise} /> : null
  const heading = props.heading ?? 'h2'
  if (evaluations.length === 0) {
    const Heading = heading
    return (
      <section class="promise-row" id={anchor} aria-labelledby={`${anchor}-title`}>
        <div class="title">
          <Heading id={`${anchor}-title`}>{sentenceOf(view, clause)}</Heading>
        </div>
        {standing}
        {deeds}
      </section>
    )
  }
  return (
    <PromiseStrip
      view={view}
      id={anchor}
      title={sentenceOf(view, clause)}
      heading={heading}
      clause={clause}
      evaluations={evaluations}
      now={now}
      standing={standing}
      under={deeds}
    />
  )
}

const dayText = ({ f }: View, day: string) => `${f.day(day)} ${day.slice(0, 4)}`

/** How many of the last due dates were kept, against those before, and the run at the end. */
function Standing({ view, promise, all }: Shown & { all: Compliance }) {
  const { t, f } = view
  const { latest, before, verdict, run } = promise.course
  const first = promise.evaluations.find(isJudged)
  return (
    <>
      <p class="stat">{t.sla.ofDue(f.number(latest.kept), f.number(latest.due))}</p>
      <p class="note">
        {before === null
          ? t.sla.before.none
          : before.kept === latest.kept
            ? t.sla.before.same(f.number(before.due))
            : t.sla.before[latest.kept > before.kept ? 'up' : 'down'](f.number(before.kept), f.number(before.due))}
      </p>
      <p class="verdicts">
        {verdict ? <Verdict view={view} verdict={verdict} /> : null}
        {run && run.length >= shortestRun && (run.verdict === 'signal' || run.isLongest) ? (
          <Verdict view={view} verdict={run.verdict} text={t.sla.inARow[run.state](run.length, run.isLongest)} />
        ) : null}
      </p>
      {all.interval && first && all.due > latest.due ? (
        <p class="note">
          {t.sla.since(
            dayText(view, first.dueDay),
            f.number(all.kept),
            f.number(all.due),
            t.roundsPage.range(f.percent(all.interval.low), f.percent(all.interval.high)),
          )}
        </p>
      ) : null}
    </>
  )
}

/** What is due next, how far it is, and what it waits for. */
function DueNext({ view, promise, reach, now, mayWrite }: Shown) {
  const { t, f } = view
  const { clause } = promise
  const evaluations = withoutUnknown(promise.evaluations)
  const next = evaluations.find(({ state, dueAt }) => state === 'open' && dueAt > now.getTime())
  const waits = evaluations.some(({ state, dueAt }) => state === 'open' && dueAt <= now.getTime())
  const until = reach(clause)
  return (
    <>
      {next ? (
        <p class="note">
          {next.value !== null
            ? t.sla.soFar(valueText(view, clause, next.value), f.moment(new Date(next.dueAt)))
            : t.sla.dueAt(f.moment(new Date(next.dueAt)))}
        </p>
      ) : null}
      {until === null ? (
        <p class="note">
          <strong>{t.sla.noFacts}</strong> {mayWrite ? <a href="/sources">{t.sla.toSources}</a> : null}
        </p>
      ) : waits && until !== undefined ? (
        <p class="note">
          <strong>{t.sla.reaches(f.moment(new Date(until)))}</strong> {mayWrite ? <a href="/sources">{t.sla.toSources}</a> : null}
        </p>
      ) : null}
    </>
  )
}

const path = '/kpis/sla'

function Deeds({ view: { t }, promise }: { view: View; promise: ClauseView }) {
  const { actions } = t.sla
  const { id, endDay, takeBack, clause } = promise
  const at = `${path}/clauses/${id}`
  return (
    <div class="actions deeds">
      {endDay === null ? (
        <a class="btn" href={`${at}/change`}>
          {actions.change}
        </a>
      ) : null}
      {clause.kind === 'reported' ? (
        <a class="btn" href={`${at}/report`}>
          {actions.report}
        </a>
      ) : null}
      {takeBack === 'version' ? (
        <Confirm
          summary={actions.takeBackVersion}
          question={actions.takeBackVersionAsk}
          action={`${at}/take-back`}
          yes={actions.takeBackYes}
        />
      ) : null}
      {takeBack === 'clause' ? (
        <Confirm summary={actions.takeBackClause} question={actions.takeBackClauseAsk} action={`${at}/take-back`} yes={actions.removeYes} />
      ) : null}
      {endDay === null ? (
        <Confirm summary={actions.end} question={actions.endAsk} action={`${at}/end`} yes={actions.endYes} />
      ) : (
        <form method="post" action={`${at}/resume`}>
          <button class="btn" type="submit">
            {actions.resume}
          </button>
        </form>
      )}
    </div>
  )
}

/**
 * Leads that something is overdue for, by their id at the source and nothing else.
 *
 * @param props.reaches up to when that is known, of each clause that leads can be overdue for
 */
export function OverdueLeads({ view, overdue, reaches }: { view: View; overdue: readonly Overdue[]; reaches: readonly number[] }) {
  const { t, f } = view
  const texts = t.sla.overdue
  const leads = overdue.flatMap(({ clause, leads: own }) => own.map((lead) => ({ ...lead, clause })))
  const total = overdue.reduce((sum, one) => sum + (one.unreported.length > 0 ? 0 : one.total), 0)
  const reports = overdue.flatMap(({ clause, unreported }) => unreported.map((one) => ({ ...one, clause })))
  const rows: OverdueRow[] = [
    ...leads.map(({ leadId, source, clause, since }) => ({ name: leadId, source, clause, since })),
    ...reports.map(({ dueDay, clause, since }) => ({ name: `${texts.report}: ${f.day(dueDay)}`, source: null, clause, since })),
  ]
  const left = overdue.reduce((sum, one) => sum + Math.max(0, one.total - Math.max(overdueShown, one.unreported.length)), 0)
  if (reaches.length === 0 && rows.length === 0) return null // nothing is known, also not that there is none
  const date = (reach: number) => f.date(new Date(reach))
  const days = reaches.length > 0 ? span(date(Math.min(...reaches)), date(Math.max(...reaches))) : ''
  return (
    <section class="sec" id="overdue">
      <div class="title">
        <h2>{total > 0 ? texts.title(total, days) : reports.length > 0 ? texts.reports(reports.length) : texts.none(days)}</h2>
        <p class="what">{texts.what}</p>
      </div>
      {rows.length > 0 ? <OverdueTable view={view} rows={rows.slice(0, listedAtOnce)} /> : null}
      {rows.length > listedAtOnce ? (
        <details class="rest">
          <summary>{texts.all(rows.length)}</summary>
          <OverdueTable view={view} rows={rows.slice(listedAtOnce)} />
        </details>
      ) : null}
      {left > 0 ? <p class="note">{texts.more(left)}</p> : null}
    </section>
  )
}

/** More rows than this are folded. */
const listedAtOnce = 20

interface OverdueRow {
  name: string
  source: string | null
  clause: ClauseView
  since: number
}

function OverdueTable({ view, rows }: { view: View; rows: readonly OverdueRow[] }) {
  const { t, f } = view
  const texts = t.sla.overdue
  return (
    <Scroll label={texts.what}>
      <table class="data stack">
        <thead>
          <tr>
            <th scope="col">{texts.lead}</th>
            <th scope="col">{texts.source}</th>
            <th scope="col">{texts.clause}</th>
            <th scope="col">{texts.since}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, source, clause, since }) => (
            <tr>
              <th scope="row" class="nowrap">
                <bdi>{name}</bdi>
              </th>
              <td class={source === null ? 'none' : undefined} data-head={texts.source}>
                {source === null ? '–' : <bdi>{source}</bdi>}
              </td>
              <td data-head={texts.clause}>
                <a href={`#clause-${clause.id}`}>{clauseName(view, clause.clause)}</a>
              </td>
              <td class="nowrap" data-head={texts.since}>
                {f.moment(new Date(since))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
