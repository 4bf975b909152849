/** The questions of the coming round in their order, each with what can be done about it. */
import type { Item } from '../../core/round'
import { packs } from '../../core/survey-packs'
import type { SurveyPlan } from '../../core/survey-plan'
import { questionOf } from '../../i18n/items'
import type { OwnItemView } from '../../services/survey'
import type { Step } from './survey-draft'
import { sectionsOf } from './survey-questions'
import { languageNames, plainQuestion, type SurveyView } from './survey-view'
import { Worded } from './worded'

interface Rows {
  view: SurveyView
  plan: SurveyPlan
  items: readonly Item[]
  /** What is missing of a question, by its id. */
  missing: ReadonlyMap<string, readonly string[]>
  /** The step that the page comes from: its button keeps the focus. */
  last: Step | undefined
}

/** Under their headings, as on the page: themes can change places, and statements within their theme. */
export function QuestionRows({ view, plan, items, missing, last }: Rows) {
  const sections = sectionsOf(view.texts, items)
  const movable = sections.filter(({ entries }) => entries.some(({ item }) => item.kind === 'agreement'))
  const planned = new Set(plan.items.map(({ id }) => id))
  return (
    <div class="numbered pile">
      {sections.map((section) => {
        const own = section.entries.filter(({ item }) => planned.has(item.id))
        return (
          <div>
            <div class="part-head">
              <h3>{section.title}</h3>
              {view.mayWrite && movable.length > 1 && movable.includes(section) ? (
                <Arrows
                  view={view}
                  name={section.title}
                  id={section.id}
                  kinds={['earlier', 'later']}
                  isFirst={section === movable[0]}
                  isLast={section === movable.at(-1)}
                  last={last}
                />
              ) : null}
            </div>
            <ol class="questions">
              {section.entries.map((entry) => (
                <li id={`item-${entry.item.id}`}>
                  <Words view={view} item={entry.item} missing={missing.get(entry.item.id) ?? []} />
                  {planned.has(entry.item.id) ? (
                    <Controls view={view} item={entry.item} isFirst={entry === own[0]} isLast={entry === own.at(-1)} last={last} />
                  ) : (
                    <span class="note turn">{view.t.byTurns}</span>
                  )}
                </li>
              ))}
            </ol>
          </div>
        )
      })}
    </div>
  )
}

/** The question, where it belongs, where it comes from, and what is missing of it. */
function Words({ view, item, missing }: { view: SurveyView; item: Item; missing: readonly string[] }) {
  const { t, reader } = view
  return (
    <div class="words">
      <p>
        <Worded words={questionOf(reader, item)} />
      </p>
      <p class="note">
        {belongsTo(view, item)} · <Source view={view} item={item} />
        <Gap view={view} languages={missing} href={wordsPage(item)} />
      </p>
      {item.optional && !view.mayWrite ? <p class="note">{t.optional}</p> : null}
    </div>
  )
}

/** A badge that names the languages, and leads to where they are filled in. */
export const Gap = ({ view, languages, href }: { view: SurveyView; languages: readonly string[]; href: string }) =>
  languages.length === 0 ? null : (
    <>
      {' '}
      <a class="gap" href={href}>
        {view.t.missingIn(languageNames(view.locale, languages))}
      </a>
    </>
  )

/** Where the words of a question are written. */
export const wordsPage = (item: Pick<Item, 'id'> & { term?: string }) =>
  item.term ? `/survey/terms/${item.term}` : `/survey/statements/${item.id}`

const belongsTo = ({ t, texts }: SurveyView, item: Item) =>
  item.kind === 'agreement' ? texts.themes[item.theme] : item.kind === 'headline' ? t.overall : texts.terms[item.term]

/** Whose wording it is, and what it was modelled on. */
export function Source({ view: { t }, item }: { view: SurveyView; item: Item }) {
  if (item.id.startsWith('own-')) return <>{t.own}</>
  const found = packs.flatMap((pack) => pack.items).find((one) => one.item.id === item.id)
  return <>{found?.modelledOn ? t.modelledOn(found.modelledOn) : t.ourIdea}</>
}

function Controls(props: { view: SurveyView; item: Item; isFirst: boolean; isLast: boolean; last: Step | undefined }) {
  const { view, item, isFirst, isLast, last } = props
  const { t } = view
  const name = plainQuestion(view, item)
  if (!view.mayWrite) return null
  return (
    <div class="row-tools">
      <label class="check">
        <input type="checkbox" name="optional" value={item.id} checked={item.optional === true} aria-label={t.optionalOf(name)} />
        {t.optional}
      </label>
      <span class="actions">
        {isFirst && isLast ? null : (
          <Arrows view={view} name={name} id={item.id} kinds={['up', 'down']} isFirst={isFirst} isLast={isLast} last={last} />
        )}
        <button
          class="btn"
          type="submit"
          name="do"
          value={`remove.${item.id}`}
          aria-label={t.removeOf(name)}
          autofocus={last?.kind === 'add' && last.id === item.id}
        >
          {t.remove}
        </button>
      </span>
    </div>
  )
}

function Arrows(props: {
  view: SurveyView
  name: string
  id: string
  kinds: readonly [Step['kind'], Step['kind']]
  isFirst: boolean
  isLast: boolean
  last: Step | undefined
}) {
  const { view, name, id, kinds, isFirst, isLast, last } = props
  const [before, after] = kinds
  const pressed = last?.id === id && kinds.includes(last.kind) ? last.kind : null
  // At either end the button that was pressed cannot be pressed again: the other one takes the focus.
  const focused = pressed === null ? null : isFirst ? after : isLast ? before : pressed
  const button = (kind: Step['kind'], label: string, sign: string, disabled: boolean) => (
    <button
      class="btn icon"
      type="submit"
      name="do"
      value={`${kind}.${id}`}
      aria-label={label}
      disabled={disabled}
      autofocus={focused === kind}
    >
      {sign}
    </button>
  )
  return (
    <span class="actions">
      {button(before, view.t.up(name), '↑', isFirst)}
      {button(after, view.t.down(name), '↓', isLast)}
    </span>
  )
}

/** Every pack with its statements: those that are asked, and a button for each that is not. */
export function PackLists({ view, plan, form }: { view: SurveyView; plan: SurveyPlan; form: string }) {
  const { t, f } = view
  const asked = new Set(plan.items.map(({ id }) => id))
  return (
    <>
      {packs.map((pack) => {
        const used = pack.items.filter(({ item }) => asked.has(item.id) || byTurns(plan, item)).length
        const count = pack.items.length
        return (
          <details open={used < count && pack.id === 'alignment'}>
            <summary>
              <strong>{t.packs[pack.id]}</strong>{' '}
              <span class="note">{used === count ? t.packFull(f.number(count)) : t.packLine(f.number(used), f.number(count))}</span>
            </summary>
            <ul class="questions">
              {pack.items.map(({ item }) => (
                <li>
                  <Words view={view} item={item} missing={[]} />
                  <AddButton view={view} item={item} isAsked={asked.has(item.id)} turns={byTurns(plan, item)} form={form} />
                </li>
              ))}
            </ul>
          </details>
        )
      })}
    </>
  )
}

/** Whether its kind takes turns in this survey. */
const byTurns = ({ definitions, cases }: SurveyPlan, item: Item) =>
  item.kind === 'definition' ? definitions !== 0 : (item.kind === 'vignette' || item.kind === 'number') && cases !== 0

function AddButton(props: { view: SurveyView; item: Item; isAsked: boolean; turns: boolean; form: string }) {
  const { view, item, isAsked, turns, form } = props
  const { t } = view
  if (isAsked) return <span class="note turn">{t.asked}</span>
  if (item.kind !== 'agreement' && item.kind !== 'headline') return <span class="note turn">{turns ? t.byTurns : t.notAsked}</span>
  if (!view.mayWrite) return <span class="note turn">{t.notAsked}</span>
  return (
    <button class="btn" type="submit" form={form} name="do" value={`add.${item.id}`} aria-label={t.addOf(plainQuestion(view, item))}>
      {t.add}
    </button>
  )
}

/** The organisation's own statements, asked or not, and those that were put away. */
export function OwnList(props: {
  view: SurveyView
  plan: SurveyPlan
  own: readonly OwnItemView[]
  retired: readonly OwnItemView[]
  form: string
}) {
  const { view, plan, own, retired, form } = props
  const { t, f } = view
  const asked = new Set(plan.items.map(({ id }) => id))
  return (
    <>
      {own.length === 0 ? (
        <p class="note">{t.ownNone}</p>
      ) : (
        <ul class="questions">
          {own.map((one) => (
            <li>
              <Words view={view} item={itemOf(one)} missing={one.missing} />
              <div class="actions">
                <AddButton view={view} item={itemOf(one)} isAsked={asked.has(one.id)} turns={false} form={form} />
                <OwnTools view={view} one={one} isAsked={asked.has(one.id)} />
              </div>
            </li>
          ))}
        </ul>
      )}
      {retired.length > 0 ? (
        <details>
          <summary>{t.retired(f.number(retired.length))}</summary>
          <ul class="questions">
            {retired.map((one) => (
              <li>
                <Words view={view} item={itemOf(one)} missing={[]} />
                {view.mayWrite ? (
                  <form method="post" action={`/survey/statements/${one.id}/restoration`}>
                    <button class="btn" type="submit" aria-label={t.takeBackOf(plainQuestion(view, itemOf(one)))}>
                      {t.takeBack}
                    </button>
                  </form>
                ) : null}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  )
}

function OwnTools({ view, one, isAsked }: { view: SurveyView; one: OwnItemView; isAsked: boolean }) {
  const { t } = view
  if (!view.mayWrite) return null
  const name = plainQuestion(view, itemOf(one))
  return (
    <>
      <a class="btn" href={`/survey/statements/${one.id}`} aria-label={t.editOf(name)}>
        {t.edit}
      </a>
      {isAsked ? null : (
        <form method="post" action={`/survey/statements/${one.id}/removal`}>
          <button class="btn" type="submit" aria-label={t.putAwayOf(name)}>
            {t.putAway}
          </button>
        </form>
      )}
    </>
  )
}

export const itemOf = ({ id, theme, texts }: OwnItemView): Item => ({ id, kind: 'agreement', theme, texts })
