import type { Child } from 'hono/jsx'
import { rangeOf } from '../../core/ballot'
import { type ChoiceItem, type ClassedItem, type Item, isChoice } from '../../core/round'
import type { Locale, Messages } from '../../i18n'
import { optionOf, questionOf, type Reader } from '../../i18n/items'
import { Worded } from './worded'

interface Entry {
  item: Item
  /** In the frozen round, and so in a ballot. */
  index: number
}

export interface SurveySection {
  id: string
  title: string
  entries: Entry[]
}

/** From this many questions about terms on, cases have a part of their own. */
const manyTerms = 6

/**
 * The items under their headings: themes in the order of their first statement, what words mean, overall. Within a part the
 * order is the frozen one.
 */
export function sectionsOf(t: Messages, items: readonly Item[]): SurveySection[] {
  const entries = items.map((item, index) => ({ item, index }))
  const those = (fits: (item: Item) => boolean) => entries.filter(({ item }) => fits(item))
  const themes = [...new Set(items.flatMap((item) => (item.kind === 'agreement' ? [item.theme] : [])))]
  const apart = those((item) => 'term' in item).length >= manyTerms
  const isCase = (item: Item) => apart && item.kind === 'vignette'
  const sections = [
    ...themes.map((theme) => ({
      id: theme,
      title: t.themes[theme],
      entries: those((item) => item.kind === 'agreement' && item.theme === theme),
    })),
    { id: 'wording', title: t.survey.wording, entries: those((item) => 'term' in item && !isCase(item)) },
    { id: 'cases', title: t.survey.cases, entries: those(isCase) },
    { id: 'overall', title: t.survey.overall, entries: those((item) => item.kind === 'headline') },
  ]
  return sections.filter((section) => section.entries.length > 0)
}

/** How many of these have to be answered. */
export const neededOf = (entries: readonly { item: Item }[]) => entries.filter(({ item }) => !item.optional).length

/** The way to each part, and how much of it is answered. */
export const Rail = ({ t, sections }: { t: Messages; sections: readonly SurveySection[] }) => (
  <nav class="rail" aria-label={t.survey.sections}>
    <i class="line" />
    <ol>
      {sections.map(({ id, title, entries }) => (
        <li>
          <a href={`#${id}`}>{title}</a> <bdi>{neededOf(entries) > 0 ? `0/${neededOf(entries)}` : '–'}</bdi>
        </li>
      ))}
    </ol>
  </nav>
)

/** Every part with its questions; the comment closes the last one. */
export function Sections(props: { t: Messages; reader: Reader; sections: readonly SurveySection[]; comment: boolean }) {
  const { t, reader, sections, comment } = props
  return (
    <>
      {sections.map(({ id, title, entries }, index) => (
        <section>
          <h2 id={id} tabindex={-1}>
            {title}
          </h2>
          {entries.map((entry) => (
            <Question t={t} reader={reader} entry={entry} />
          ))}
          {comment && index === sections.length - 1 ? <Comment t={t} limit={commentLimit[reader.locale]} /> : null}
        </section>
      ))}
    </>
  )
}

/** Characters that fit 800 bytes of UTF-8 in the page's own script, at most 600. */
const commentLimit = { en: 600, ms: 600, ar: 400, th: 260 } as const satisfies Record<Locale, number>

/** One fieldset of native fields. `q<index>` names it for the script, the summary of errors and the ballot. */
function Question({ t, reader, entry }: { t: Messages; reader: Reader; entry: Entry }) {
  const { item, index } = entry
  const name = `q${index}`
  return (
    <fieldset class="q" id={name} aria-describedby={item.kind === 'headline' ? `${name}-ends` : undefined}>
      <legend>
        <Worded words={questionOf(reader, item)} note={t.survey.untranslated} />
        {item.optional ? <small class="optional"> {t.survey.optional}</small> : null}
      </legend>
      <Answers t={t} reader={reader} item={item} name={name} />
    </fieldset>
  )
}

type AnswersProps<I extends Item = Item> = { t: Messages; reader: Reader; item: I; name: string }

function Answers({ item, ...props }: AnswersProps) {
  if (isChoice(item)) return <Options {...props} item={item} />
  if (item.kind === 'number') return <NumberField {...props} item={item} />
  return <Scale {...props} item={item} />
}

const Options = ({ reader, item, name }: AnswersProps<ChoiceItem>) => (
  <div class="list">
    {item.options.map((option, value) => (
      <Choice name={name} value={value} required={!item.optional && value === 0}>
        <Worded words={optionOf(reader, item, option)} />
      </Choice>
    ))}
  </div>
)

/** Digits of any script are taken; "I'm not sure" empties the field, and a number takes that back. */
const NumberField = ({ t, item, name }: AnswersProps<Extract<Item, { kind: 'number' }>>) => (
  <>
    <div class="number">
      <label>
        <input type="text" inputmode="numeric" data-last={item.last} aria-describedby={`${name}-ends`} required={!item.optional} />{' '}
        {t.vignettes.units[item.unit]}
      </label>
      <Choice name={name} value="" type="checkbox">
        {t.survey.unsure}
      </Choice>
    </div>
    <p class="ends" id={`${name}-ends`}>
      {t.vignettes.range('0', String(item.last))}
    </p>
  </>
)

function Scale({ t, item, name }: AnswersProps<ClassedItem>) {
  const { first, last } = rangeOf(item)
  const values = Array.from({ length: last - first + 1 }, (_, step) => first + step)
  const isLong = item.kind === 'headline'
  return (
    <div class={isLong ? 'scale eleven' : 'scale'}>
      <div class="cells">
        {values.map((value) => (
          <Choice
            name={name}
            value={value}
            required={!item.optional && value === first}
            label={isLong ? t.survey.points(value) : undefined}
          >
            {isLong ? value : t.survey.scale[value - first]}
          </Choice>
        ))}
      </div>
      {isLong ? (
        <p class="ends" id={`${name}-ends`}>
          <span>
            <bdi>{first}</bdi> {t.survey.lowest}
          </span>
          <span>
            <bdi>{last}</bdi> {t.survey.highest}
          </span>
        </p>
      ) : null}
      <div class="outside">
        <Choice name={name} value="">
          {t.survey.cannotJudge}
        </Choice>
      </div>
    </div>
  )
}

interface ChoiceProps {
  name: string
  value: number | ''
  type?: 'radio' | 'checkbox'
  /** Said of one radio, it holds for its group. */
  required?: boolean
  /** In place of what is seen, where that is a digit alone. */
  label?: string | undefined
  children: Child
}

const Choice = ({ name, value, type = 'radio', required, label, children }: ChoiceProps) => (
  <label class="choice">
    {/* In this order it packs best. */}
    <input value={value} type={type} required={required} aria-label={label} name={name} />
    <span>{children}</span>
  </label>
)

/** Why an answer is missing: the script puts a copy under each question that has none. */
export const Reasons = ({ t, items }: { t: Messages; items: readonly Item[] }) => (
  <>
    <Reason id="why-scale">{t.survey.chooseOne}</Reason>
    <Reason id="why-list">{t.survey.chooseMeaning}</Reason>
    {items.some(({ kind }) => kind === 'number') ? <Reason id="why-number">{t.survey.chooseNumber}</Reason> : null}
  </>
)

const Reason = ({ id, children }: { id: string; children: Child }) => (
  <p class="why" id={id} hidden>
    {children}
  </p>
)

/** The optional comment. Its limit is bytes on the server; the counter says what that means for the script in use. */
function Comment({ t, limit }: { t: Messages; limit: number }) {
  return (
    <div class="q" id="comment">
      <label class="legend" for="comment-text">
        {t.survey.comment} <span class="optional">{t.survey.optional}</span>
      </label>
      <Reason id="comment-why">{t.survey.tooLong}</Reason>
      <textarea id="comment-text" rows={4} dir="auto" aria-describedby="comment-hint" data-limit={limit} />
      <p class="hint">
        <span id="comment-hint">{t.survey.commentHint}</span>
        <bdi id="comment-count">0/{limit}</bdi>
      </p>
      <p id="telling" role="status" data-text={t.survey.telling('{0}')} />
    </div>
  )
}
