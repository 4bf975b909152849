import type { Child } from 'hono/jsx'
import { rangeOf } from '../../core/ballot'
import { type Item, isChoice, themes } from '../../core/round'
import type { Messages } from '../../i18n'
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

/** The items under their headings: the themes, what words mean, overall. Order is the frozen one. */
export function sectionsOf(t: Messages, items: readonly Item[]): SurveySection[] {
  const entries = items.map((item, index) => ({ item, index }))
  const sections = [
    ...themes.map((theme) => ({
      id: `part-${theme}`,
      title: t.themes[theme],
      entries: entries.filter(({ item }) => item.kind === 'agreement' && item.theme === theme),
    })),
    { id: 'part-wording', title: t.survey.wording, entries: entries.filter(({ item }) => 'term' in item) },
    { id: 'part-overall', title: t.survey.overall, entries: entries.filter(({ item }) => item.kind === 'headline') },
  ]
  return sections.filter((section) => section.entries.length > 0)
}

/** One fieldset of native radios. `q<index>` names it for the script, the summary of errors and the ballot. */
export function Question({ t, reader, entry }: { t: Messages; reader: Reader; entry: Entry }) {
  const { item, index } = entry
  const name = `q${index}`
  return (
    <fieldset class="q" id={name} aria-describedby={item.kind === 'headline' ? `${name}-ends` : undefined}>
      <legend>
        <Worded words={questionOf(reader, item)} note={t.survey.untranslated} />
      </legend>
      <Choices t={t} reader={reader} item={item} name={name} />
    </fieldset>
  )
}

function Choices({ t, reader, item, name }: { t: Messages; reader: Reader; item: Item; name: string }) {
  if (isChoice(item)) {
    return (
      <div class="list">
        {item.options.map((option, value) => (
          <Choice name={name} value={value}>
            <Worded words={optionOf(reader, item, option)} />
          </Choice>
        ))}
      </div>
    )
  }
  const { first, last } = rangeOf(item)
  const values = Array.from({ length: last - first + 1 }, (_, step) => first + step)
  return (
    <div class={item.kind === 'headline' ? 'scale eleven' : 'scale'}>
      <div class="cells">
        {values.map((value) =>
          item.kind === 'headline' ? (
            <label class="choice">
              <input type="radio" name={name} value={value} required aria-label={t.survey.points(value)} />
              <bdi>{value}</bdi>
            </label>
          ) : (
            <Choice name={name} value={value}>
              {t.survey.scale[value - first] ?? ''}
            </Choice>
          ),
        )}
      </div>
      {item.kind === 'headline' ? (
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

const Choice = (props: { name: string; value: number | ''; children: Child }) => (
  <label class="choice">
    <input type="radio" name={props.name} value={props.value} required />
    <span>{props.children}</span>
  </label>
)

/** Why an answer is missing: the script puts a copy under each question that has none. */
export const Reasons = ({ t }: { t: Messages }) => (
  <>
    <p class="why" id="why-scale" hidden>
      <Cross />
      {t.survey.chooseOne}
    </p>
    <p class="why" id="why-list" hidden>
      <Cross />
      {t.survey.chooseMeaning}
    </p>
  </>
)

/** The optional comment. Its limit is bytes on the server; the counter says what that means for the script in use. */
export function Comment({ t, limit }: { t: Messages; limit: number }) {
  return (
    <div class="q" id="comment">
      <label class="legend" for="comment-text">
        {t.survey.comment} <span class="optional">{t.survey.optional}</span>
      </label>
      <p class="why" id="comment-why" hidden>
        <Cross />
        {t.survey.tooLong}
      </p>
      <textarea id="comment-text" rows={4} dir="auto" aria-describedby="comment-hint" data-limit={limit} />
      <p class="hint">
        <span id="comment-hint">{t.survey.commentHint}</span>
        <bdi id="comment-count">0/{limit}</bdi>
      </p>
      <p id="telling" role="status" data-text={t.survey.telling('{0}')} />
    </div>
  )
}

export const Cross = () => (
  <svg viewBox="0 0 16 16" aria-hidden="true">
    <circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" stroke-width="1.4" />
    <path d="M8 4.4v4.4M8 10.4v1.4" stroke="currentColor" stroke-width="1.6" />
  </svg>
)
