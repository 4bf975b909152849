/** What was agreed to do about a result: the list with its buttons, and the form of one action. */
import { type AgreedAction, actionTextLimit, ownerLimit } from '../../core/agreed-action'
import type { Messages } from '../../i18n'
import { isolate } from '../../i18n/format'
import type { ActionView } from '../../services/actions'
import { Field, type Mistake } from './field'

type Texts = Messages['actions']

/** An action as its form sends it. */
export type ActionValues = { [K in keyof AgreedAction]: string }

export const emptyAction: ActionValues = { text: '', salesOwner: '', marketingOwner: '', dueDay: '' }

/**
 * @param props.day writes a day, with its year
 * @param props.today `YYYY-MM-DD`: what was due before and is not done is late
 * @param props.path of the list
 * @param props.namesOwners whether who looks may know them
 */
export function ActionList(props: {
  t: Texts
  actions: readonly ActionView[]
  day: (day: string) => string
  today: string
  path: string
  mayWrite: boolean
  namesOwners: boolean
}) {
  const { t, path } = props
  if (props.actions.length === 0) {
    return (
      <div class="state small">
        <h3>{t.none}</h3>
        <p>{t.noneWhat}</p>
      </div>
    )
  }
  return (
    <ul class="plain agreed">
      {props.actions.map((action) => (
        <li>
          <p>{action.doneDay === null ? <bdi>{action.text}</bdi> : <del dir="auto">{action.text}</del>}</p>
          <p class="note">
            {props.namesOwners ? t.owners(isolate(action.salesOwner), isolate(action.marketingOwner)) : null}{' '}
            <Standing {...props} action={action} />
          </p>
          {props.mayWrite ? (
            <form class="actions" method="post" action={`${path}/${action.id}/completion`}>
              <input type="hidden" name="done" value={action.doneDay === null ? 'yes' : 'no'} />
              <button class="btn" type="submit">
                {action.doneDay === null ? t.done : t.undo}
              </button>
              <a class="btn" href={`${path}/${action.id}`}>
                {t.change}
                <span class="vh">
                  : <bdi>{action.text}</bdi>
                </span>
              </a>
            </form>
          ) : null}
        </li>
      ))}
    </ul>
  )
}

function Standing({ t, action, day, today }: { t: Texts; action: ActionView; day: (day: string) => string; today: string }) {
  if (action.doneDay !== null) return <strong>· {t.doneOn(day(action.doneDay))}</strong>
  if (action.dueDay === null) return null
  return action.dueDay < today ? <strong>· {t.overdue(day(action.dueDay))}</strong> : <span>· {t.due(day(action.dueDay))}</span>
}

export const ActionForm = (props: { t: Texts; action: string; values: ActionValues; mistakes: readonly Mistake[]; submit: string }) => (
  <form class="form" method="post" action={props.action} novalidate>
    <Field name="text" label={props.t.text} hint={props.t.textHint(actionTextLimit)} mistakes={props.mistakes}>
      {(control) => <input {...control} type="text" value={props.values.text} maxlength={actionTextLimit} required dir="auto" />}
    </Field>
    <Field name="salesOwner" label={props.t.salesOwner} mistakes={props.mistakes} short>
      {(control) => <input {...control} type="text" value={props.values.salesOwner} maxlength={ownerLimit} required dir="auto" />}
    </Field>
    <Field name="marketingOwner" label={props.t.marketingOwner} mistakes={props.mistakes} short>
      {(control) => <input {...control} type="text" value={props.values.marketingOwner} maxlength={ownerLimit} required dir="auto" />}
    </Field>
    <Field name="dueDay" label={props.t.dueDay} hint={props.t.dueDayHint} mistakes={props.mistakes} short>
      {(control) => <input {...control} type="date" value={props.values.dueDay} />}
    </Field>
    <p class="note">{props.t.seen}</p>
    <button class="btn" type="submit">
      {props.submit}
    </button>
  </form>
)
