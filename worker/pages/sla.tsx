/** The promises between the sides: how they came out, what is overdue, and the forms that they are decided with. */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { dayOf } from '../core/calendar'
import { clauseKinds } from '../core/clause'
import { DomainError } from '../core/errors'
import { slaFinding } from '../core/sla'
import { messagesOf } from '../i18n'
import { authorize } from '../services/authorize'
import { isBehind, reachOf, readClauses, readKnown } from '../services/clause-evaluation'
import { sentenceOf } from '../services/clause-words'
import { addClause, type ClauseView, changeClause, endClause, getClause, resumeClause, takeBackClause, viewsIn } from '../services/clauses'
import { slaText, wordsOf } from '../services/findings'
import { sourceProblems } from '../services/import-problems'
import { listOverdue, overdueReach } from '../services/overdue'
import { usualClauses, valuesOf } from './components/clause-fields'
import { SourcesFirst } from './components/import-problems'
import { OverdueLeads, PromiseRow } from './components/promises'
import type { View } from './components/view'
import { goneAnyway, permit } from './failure'
import { showInKpis } from './kpis-frame'
import { chosenIn, oneOf } from './query'
import { calendarPage, reportPage, saveHolidays, saveHours, saveReport } from './sla-calendar'
import { clauseFormPage, clausePreviewPage, firstValues, KindList, readClauseForm, sentenceIfAny, slaPath, valuesSent } from './sla-form'

export const slaPages = new Hono<AppEnv>()
  .get('/', permit('metrics:read'), (c) => listPage(c))
  .get('/sentence', permit('clauses:write'), async (c) => {
    const { timeZone } = await readClauses(c.var.services.db)
    return c.text(
      sentenceIfAny(
        wordsOf(c.var.locale, timeZone),
        valuesSent((name) => c.req.query(name)),
      ),
    )
  })
  .get('/clauses/new', permit('clauses:write'), async (c) => {
    const { kind } = chosenIn(c, { kind: oneOf(messagesOf(c.var.locale), clauseKinds) })
    if (!kind) return kindPage(c)
    const values = { ...(await firstValues(c, kind)), ...valuesSent((name) => c.req.query(name)) }
    return clauseFormPage(c, values, null)
  })
  .get('/clauses/preview', permit('clauses:write'), (c) =>
    clausePreviewPage(
      c,
      valuesSent((name) => c.req.query(name)),
      null,
    ),
  )
  .post('/clauses', permit('clauses:write'), async (c) => {
    const body = await c.req.parseBody()
    const values = valuesSent((name) => body[name])
    const read = await readClauseForm(c, values)
    if ('mistakes' in read) return clauseFormPage(c, values, null, read.mistakes)
    try {
      const { id } = await addClause(c.var.services, read.clause, read.fromDay)
      return done(c, 'added', id)
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'invalid-input')) throw error
      return clauseFormPage(c, values, null, [{ field: 'kind', reason: messagesOf(c.var.locale).sla.mistakes['too-many'] }])
    }
  })
  .get('/clauses/:id/change', permit('clauses:write'), async (c) => {
    const promise = await found(c)
    const newest = promise.versions.at(-1)?.body ?? promise.clause
    const { fromDay } = await firstValues(c, newest.kind)
    const sent = valuesSent((name) => c.req.query(name))
    return clauseFormPage(c, { ...valuesOf(newest, fromDay ?? ''), ...sent, kind: newest.kind }, promise)
  })
  .get('/clauses/:id/preview', permit('clauses:write'), async (c) =>
    clausePreviewPage(
      c,
      valuesSent((name) => c.req.query(name)),
      await found(c),
    ),
  )
  .post('/clauses/:id', permit('clauses:write'), async (c) => {
    const promise = await found(c)
    const body = await c.req.parseBody()
    const values = valuesSent((name) => body[name])
    const read = await readClauseForm(c, values, promise.id)
    if ('mistakes' in read) return clauseFormPage(c, values, promise, read.mistakes)
    return attempt(c, 'changed', promise.id, () => changeClause(c.var.services, promise.id, read.clause, read.fromDay))
  })
  .post('/clauses/:id/end', permit('clauses:write'), (c) =>
    attempt(c, 'ended', c.req.param('id'), () => endClause(c.var.services, c.req.param('id'))),
  )
  .post('/clauses/:id/resume', permit('clauses:write'), (c) =>
    attempt(c, 'resumed', c.req.param('id'), () => resumeClause(c.var.services, c.req.param('id'))),
  )
  .post('/clauses/:id/take-back', permit('clauses:write'), async (c) => {
    let what: 'version' | 'clause' = 'clause'
    return attempt(
      c,
      () => `${what}-taken-back`,
      null,
      async () => {
        what = await takeBackClause(c.var.services, c.req.param('id'))
      },
    )
  })
  .get('/clauses/:id/report', permit('clauses:write'), async (c) => reportPage(c, await reportedOnly(c)))
  .post('/clauses/:id/report', permit('clauses:write'), async (c) => saveReport(c, await reportedOnly(c)))
  .get('/calendar', permit('clauses:write'), (c) => calendarPage(c))
  .post('/calendar/hours', permit('clauses:write'), saveHours)
  .post('/calendar/holidays', permit('clauses:write'), saveHolidays)

const done = (c: Context<AppEnv>, what: string, id: string | null) => c.redirect(`${slaPath}?done=${what}${id ? `&clause=${id}` : ''}`, 303)

/** Somebody was faster, or it is too late: the page says so. What is gone is gone anyway. */
async function attempt(c: Context<AppEnv>, what: string | (() => string), id: string | null, act: () => Promise<unknown>) {
  try {
    await act()
  } catch (error) {
    if (error instanceof DomainError && (error.code === 'clause-changed' || error.code === 'clause-ended')) return listPage(c, 'overtaken')
    if (error instanceof DomainError && error.code === 'clause-judged') return listPage(c, 'kept')
    goneAnyway(error)
  }
  return done(c, typeof what === 'string' ? what : what(), id)
}

/** @throws DomainError not-found */
const found = (c: Context<AppEnv>): Promise<ClauseView> => getClause(c.var.services, c.req.param('id') ?? '')

async function reportedOnly(c: Context<AppEnv>): Promise<ClauseView> {
  const promise = await found(c)
  if (promise.clause.kind !== 'reported') throw new DomainError('not-found', 'Nothing is reported of this clause.')
  return promise
}

async function listPage(c: Context<AppEnv>, refusal?: 'overtaken' | 'kept') {
  const { services, locale, actor } = c.var
  const [reading, known] = await Promise.all([readClauses(services.db), readKnown(services.db)])
  const promises = viewsIn(reading, services.now)
  const overdue = await listOverdue(services, promises, reading, known)
  const t = messagesOf(locale).sla
  const words = wordsOf(locale, reading.timeZone)
  const held = promises.filter(({ state }) => state === 'holds')
  const finding = slaFinding(held)
  const title = slaText(finding, words)
  const reaches = held.flatMap(({ clause }) => overdueReach(clause, known, services.now) ?? [])
  const mayWrite = authorize(actor, 'clauses:write')
  const problems = sourceProblems(
    known.sources.filter((source) => held.some(({ clause }) => isBehind(source, clause))),
    services.now,
  )
  return showInKpis(c, {
    title,
    path: slaPath,
    tab: 'sla',
    status: refusal ? 422 : 200,
    settings: reading.settings,
    body: (view) => (
      <>
        <div class="pagehead">
          <h1>{title}</h1>
          {finding.kind === 'missed' && finding.others > 0 ? <p class="sub">{t.heading.others(finding.others)}</p> : null}
          <p class="sub">{promises.length > 0 ? `${t.what} ${hasVersions(promises) ? t.newer : ''}` : t.empty.what}</p>
        </div>
        <SourcesFirst view={view} problems={problems} mayOpen={authorize(actor, 'sources:read')} />
        <Notice c={c} view={view} promises={promises} refusal={refusal} mayWrite={mayWrite} />
        {promises.length === 0 && mayWrite ? <Empty view={view} today={dayOf(services.now, reading.timeZone)} /> : null}
        {promises.map((promise) => (
          <PromiseRow
            view={view}
            promise={promise}
            reach={(clause) => (clause.kind === 'reported' ? undefined : reachOf(clause, known))}
            now={services.now}
            timeZone={reading.timeZone}
            mayWrite={mayWrite}
          />
        ))}
        {held.length > 0 && c.var.actor.kind !== 'share' ? <OverdueLeads view={view} overdue={overdue} reaches={reaches} /> : null}
        {mayWrite ? (
          <section class="sec tight">
            <div class="actions">
              {promises.length > 0 ? (
                <a class="btn" href={`${slaPath}/clauses/new`}>
                  {t.actions.add}
                </a>
              ) : null}
              <a class="btn" href={`${slaPath}/calendar`}>
                {t.actions.calendar}
              </a>
            </div>
          </section>
        ) : null}
      </>
    ),
  })
}

const hasVersions = (promises: readonly ClauseView[]) => promises.some(({ versions }) => versions.length > 1)

/** What was just done, with the way back. */
function Notice(props: {
  c: Context<AppEnv>
  view: View
  promises: ClauseView[]
  refusal: 'overtaken' | 'kept' | undefined
  mayWrite: boolean
}) {
  const { c, view, promises, refusal, mayWrite } = props
  const t = view.t.sla
  if (refusal) {
    return (
      <div class="state err small" role="alert">
        <p>{t[refusal]}</p>
      </div>
    )
  }
  const what = Object.entries(t.done).find(([key]) => key === c.req.query('done'))
  if (!what) return null
  const promise = promises.find(({ id }) => id === c.req.query('clause'))
  const way = what[0] === 'ended' ? 'resume' : what[0] === 'added' || what[0] === 'changed' ? 'take-back' : null
  const canUndo = mayWrite && promise && way && (way === 'resume' || promise.takeBack !== null)
  return (
    <div class="done" role="status">
      <p>{what[1]}</p>
      {canUndo ? (
        <form method="post" action={`${slaPath}/clauses/${promise.id}/${way}`}>
          <button class="btn" type="submit">
            {t.actions.undo}
          </button>
        </form>
      ) : null}
    </div>
  )
}

/** The two that most begin with, each a click away from its second look, and every kind. */
function Empty({ view, today }: { view: View; today: string }) {
  const { t } = view
  return (
    <section class="sec tight">
      <div class="title">
        <h2>{t.sla.empty.classic}</h2>
      </div>
      <ul class="classics">
        {(['volume', 'follow-on'] as const).map((kind) => (
          <li>
            <p>{sentenceOf(view, usualClauses[kind])}</p>
            <a class="btn solid" href={`${slaPath}/clauses/preview?${new URLSearchParams(valuesOf(usualClauses[kind], today))}`}>
              {t.sla.empty.take}
            </a>
          </li>
        ))}
      </ul>
      <p>{t.sla.empty.other}</p>
      <KindList view={view} />
    </section>
  )
}

const kindPage = (c: Context<AppEnv>) => {
  const t = messagesOf(c.var.locale).sla
  return showInKpis(c, {
    title: t.form.add,
    path: `${slaPath}/clauses/new`,
    tab: 'sla',
    body: (view) => (
      <>
        <div class="pagehead">
          <h1>{t.form.add}</h1>
          <p class="sub">{t.empty.what}</p>
        </div>
        <KindList view={view} />
      </>
    ),
  })
}
