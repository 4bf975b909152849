/** Agreeing on what to do about a result: part of the page of a closed round, and a page to change or remove one action. */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { type ActionFault, actionTextLimit, cleanAction, mostActions, ownerLimit } from '../core/agreed-action'
import { dayOf } from '../core/calendar'
import { DomainError } from '../core/errors'
import { readSettings } from '../db/settings'
import { type Messages, messagesOf } from '../i18n'
import { formatOf } from '../i18n/format'
import { type ActionView, addAction, changeAction, getAction, listActions, removeAction } from '../services/actions'
import { authorize } from '../services/authorize'
import { Confirm } from './components/confirm'
import type { Mistake } from './components/field'
import { Mistakes } from './components/field'
import { ActionForm, ActionList, type ActionValues, emptyAction } from './components/round-actions'
import { goneAnyway, permit } from './failure'
import { Page } from './layout'

/** The form of a new action as it was refused. */
export interface RefusedAction {
  values: ActionValues
  mistakes: readonly Mistake[]
}

/** Shows the page of the round again, with the form as it was sent. */
type Refuse = (c: Context<AppEnv>, roundId: string, refused: RefusedAction) => Response | Promise<Response>

/** Below `/rounds`. @param refuse shows the page that the form is on */
export const actionPages = (refuse: Refuse) =>
  new Hono<AppEnv>()
    .post('/:id/actions', permit('rounds:write'), async (c) => {
      const id = c.req.param('id')
      const { values, action, mistakes } = await readForm(c)
      if (mistakes.length > 0) return refuse(c, id, { values, mistakes })
      try {
        await addAction(c.var.services, id, action)
      } catch (error) {
        if (!(error instanceof DomainError && error.code === 'invalid-input')) throw error
        const reason = messagesOf(c.var.locale).actions.tooMany(mostActions)
        return refuse(c, id, { values, mistakes: [{ field: 'text', reason }] })
      }
      return back(c, id, 'added')
    })
    .get('/:id/actions/:actionId', permit('rounds:write'), async (c) => {
      const { id, actionId } = c.req.param()
      return changePage(c, id, await getAction(c.var.services.db, id, actionId))
    })
    .post('/:id/actions/:actionId', permit('rounds:write'), async (c) => {
      const { id, actionId } = c.req.param()
      const { values, action, mistakes } = await readForm(c)
      if (mistakes.length > 0) return changePage(c, id, await getAction(c.var.services.db, id, actionId), { values, mistakes })
      await changeAction(c.var.services, id, actionId, action)
      return back(c, id, 'changed')
    })
    .post('/:id/actions/:actionId/completion', permit('rounds:write'), async (c) => {
      const { id, actionId } = c.req.param()
      const done = (await c.req.parseBody()).done === 'yes'
      await changeAction(c.var.services, id, actionId, { done })
      return back(c, id, done ? 'done' : 'undone')
    })
    .post('/:id/actions/:actionId/removal', permit('rounds:write'), async (c) => {
      const { id, actionId } = c.req.param()
      await removeAction(c.var.services, id, actionId).catch(goneAnyway)
      return back(c, id, 'removed')
    })

type Texts = Messages['actions']

/** What happened, as the address of the page says it. */
const said = (what: keyof Texts['message']) => `action-${what}`

/** What was done a moment ago; undefined where the address of the page says nothing of actions. */
function actionMessage(t: Texts, done: string | undefined): string | undefined {
  return (Object.keys(t.message) as (keyof Texts['message'])[]).filter((what) => said(what) === done).map((what) => t.message[what])[0]
}

/** The section of a closed round's page. */
export async function ActionsPart({ c, roundId, refused }: { c: Context<AppEnv>; roundId: string; refused?: RefusedAction | undefined }) {
  const { db, now } = c.var.services
  const [actions, { timeZone }] = await Promise.all([listActions(db, roundId), readSettings(db)])
  const t = messagesOf(c.var.locale).actions
  const mayWrite = authorize(c.var.actor, 'rounds:write')
  const path = pathOf(roundId)
  const message = refused ? undefined : actionMessage(t, c.req.query('done'))
  return (
    <section class="sec tight" id="actions">
      <div class="title">
        <h2>{t.title}</h2>
        <p class="what">{t.what}</p>
      </div>
      <div class="pile">
        {message ? (
          <p class="done" role="status">
            {message}
          </p>
        ) : null}
        <ActionList
          t={t}
          actions={actions}
          day={dayIn(c)}
          today={dayOf(now, timeZone)}
          path={path}
          mayWrite={mayWrite}
          namesOwners={c.var.actor.kind !== 'share'}
        />
        {mayWrite ? (
          <details open={refused !== undefined}>
            <summary>{t.add}</summary>
            <ActionForm t={t} action={path} values={refused?.values ?? emptyAction} mistakes={refused?.mistakes ?? []} submit={t.add} />
          </details>
        ) : null}
      </div>
    </section>
  )
}

async function changePage(c: Context<AppEnv>, roundId: string, action: ActionView, refused?: RefusedAction) {
  const texts = messagesOf(c.var.locale)
  const t = texts.actions
  const { sample } = await readSettings(c.var.services.db)
  const path = `${pathOf(roundId)}/${action.id}`
  const values = refused?.values ?? { ...action, dueDay: action.dueDay ?? '' }
  return c.html(
    <Page c={c} title={t.changeTitle} section="rounds" sample={sample !== null} path={path}>
      <div class="pagehead">
        <h1>{t.changeTitle}</h1>
        <p class="sub">
          <a href={`/rounds/${roundId}#actions`}>{texts.settingsPage.cancel}</a>
        </p>
      </div>
      <Mistakes mistakes={refused?.mistakes ?? []} title={texts.settingsPage.unusable} />
      <section class="sec tight">
        <ActionForm t={t} action={path} values={values} mistakes={refused?.mistakes ?? []} submit={t.save} />
      </section>
      <section class="sec tight">
        <Confirm summary={t.remove} question={t.removeAsk} action={`${path}/removal`} yes={t.removeYes} />
      </section>
    </Page>,
    refused ? 422 : 200,
  )
}

async function readForm(c: Context<AppEnv>) {
  const body = await c.req.parseBody()
  const textOf = (field: keyof ActionValues) => (typeof body[field] === 'string' ? body[field] : '')
  const { action, faults } = cleanAction({
    text: textOf('text'),
    salesOwner: textOf('salesOwner'),
    marketingOwner: textOf('marketingOwner'),
    dueDay: textOf('dueDay'),
  })
  const texts = messagesOf(c.var.locale)
  const values: ActionValues = { ...action, dueDay: action.dueDay ?? '' }
  return { values, action, mistakes: faults.map((fault) => ({ field: fault.field, reason: reasonOf(fault, texts) })) }
}

function reasonOf({ field, why }: ActionFault, { actions: t, settingsPage }: Messages): string {
  if (why === 'no-day') return t.dayWrong
  if (why === 'too-long') return settingsPage.tooLong(field === 'text' ? actionTextLimit : ownerLimit)
  return field === 'text' ? t.textMissing : t.ownerMissing[field === 'salesOwner' ? 'sales' : 'marketing']
}

/** Days are texts without a zone, and are written as they stand. */
const dayIn = (c: Context<AppEnv>) => {
  const format = formatOf(c.var.locale, 'UTC')
  return (day: string) => format.date(new Date(day))
}

const pathOf = (roundId: string) => `/rounds/${roundId}/actions`

const back = (c: Context<AppEnv>, roundId: string, what: keyof Texts['message']) =>
  c.redirect(`/rounds/${roundId}?done=${said(what)}#actions`, 303)
