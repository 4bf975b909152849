/** The answers of a term's question, to be put in order, taken out, taken back and written. */
import { answerLimit } from '../../core/own-words'
import type { Texts } from '../../core/round'
import { locales } from '../../i18n'
import { optionOf } from '../../i18n/items'
import type { TermView } from '../../services/survey'
import { bankAnswers, bankQuestion } from '../../services/term-answers'
import type { Mistake } from './field'
import type { SurveyView } from './survey-view'
import { type Focus, type FormAnswer, fieldOf } from './term-fields'
import { WordFields } from './word-fields'
import { Worded } from './worded'

interface Form {
  view: SurveyView
  term: TermView
  answers: readonly FormAnswer[]
  official: number | null
  version: number
  mistakes: readonly Mistake[]
  focus: Focus | undefined
}

export function TermForm({ view, term, answers, official, version, mistakes, focus }: Form) {
  const { t, texts } = view
  const shown = new Set(answers.map(({ id }) => id))
  const others = [...bankAnswers(term.term), ...(term.options ?? []).map(({ id }) => id), ...term.former.map(({ id }) => id)]
  const unused = [...new Set(others)].filter((id) => !shown.has(id))
  return (
    <form class="form roomy" method="post" action={`/survey/terms/${term.term}`} novalidate>
      <button class="vh" type="submit" name="do" value="save" hidden />
      <input type="hidden" name="version" value={String(version)} />
      <input type="hidden" name="count" value={String(answers.length)} />
      <ol class="questions numbered" id="answers" tabindex={-1}>
        {answers.map((answer, at) => (
          <AnswerRow
            view={view}
            term={term}
            answer={answer}
            at={at}
            last={answers.length - 1}
            isOfficial={at === official}
            mistakes={mistakes}
            focus={focus?.at === at ? focus.kind : undefined}
          />
        ))}
        <li>
          <div class="words">
            <p>{texts.survey.unsure}</p>
            <p class="note">{t.terms.unsure}</p>
          </div>
        </li>
      </ol>
      <label class="check" id="official-none">
        <input type="radio" name="official" value="" checked={official === null} />
        {t.terms.none}
      </label>
      <p class="note">{t.terms.officialWhat}</p>
      <div class="actions">
        <button class="btn" type="submit" name="do" value="more">
          {t.terms.more}
        </button>
        <button class="btn" type="submit" name="do" value="ours">
          {t.terms.backToOurs}
        </button>
      </div>
      {unused.length > 0 ? <Unused view={view} term={term} ids={unused} /> : null}
      <div class="actions">
        <button class="btn solid" type="submit" name="do" value="save">
          {t.terms.save}
        </button>
        <a class="btn" href="/survey/terms">
          {t.terms.back}
        </a>
      </div>
    </form>
  )
}

function AnswerRow(props: {
  view: SurveyView
  term: TermView
  answer: FormAnswer
  at: number
  last: number
  isOfficial: boolean
  mistakes: readonly Mistake[]
  focus: Focus['kind'] | undefined
}) {
  const { view, term, answer, at, last, isOfficial, mistakes } = props
  // At either end the button that was pressed cannot be pressed again: the other one takes the focus.
  const focus = props.focus === 'up' && at === 0 ? 'down' : props.focus === 'down' && at === last ? 'up' : props.focus
  const { t, f } = view
  const place = f.number(at + 1)
  const reason = mistakes.find(({ field }) => field === `answer-${at}`)?.reason
  const known = ownTexts(term, answer)
  return (
    <li id={`answer-${at}`}>
      <fieldset class="words" aria-describedby={reason ? `answer-${at}-why` : undefined}>
        <legend class="vh">{t.terms.answer(place)}</legend>
        <input type="hidden" name={`id-${at}`} value={answer.id} />
        {bankAnswers(term.term).includes(answer.id) ? (
          <p>
            <Answer view={view} term={term} id={answer.id} />
          </p>
        ) : (
          <WordFields
            view={view}
            name={(locale) => fieldOf(at, locale)}
            values={Object.fromEntries(locales.map((locale) => [fieldOf(at, locale), known[locale] ?? '']))}
            limit={answerLimit}
            mistakes={mistakes}
            autofocus={focus === 'words'}
          />
        )}
        {reason ? (
          <p class="why" id={`answer-${at}-why`}>
            {reason}
          </p>
        ) : null}
        <label class="check">
          <input type="radio" name="official" value={String(at)} checked={isOfficial} />
          {t.terms.isOfficial}
        </label>
      </fieldset>
      <span class="actions">
        <button
          class="btn icon"
          type="submit"
          name="do"
          value={`up.${at}`}
          aria-label={t.terms.up(place)}
          disabled={at === 0}
          autofocus={focus === 'up'}
        >
          ↑
        </button>
        <button
          class="btn icon"
          type="submit"
          name="do"
          value={`down.${at}`}
          aria-label={t.terms.down(place)}
          disabled={at === last}
          autofocus={focus === 'down'}
        >
          ↓
        </button>
        <button class="btn" type="submit" name="do" value={`remove.${at}`} aria-label={t.terms.removeOf(place)}>
          {t.terms.remove}
        </button>
      </span>
    </li>
  )
}

/** What was typed; of an answer that was just taken back, what it was. */
function ownTexts({ options, former }: TermView, { id, texts }: FormAnswer): Texts {
  if (Object.keys(texts).length > 0) return texts
  return [...(options ?? []), ...former].find((one) => one.id === id)?.texts ?? texts
}

/** Ours and former ones that are not asked at the moment: each can come back as what it was. */
function Unused({ view, term, ids }: { view: SurveyView; term: TermView; ids: readonly string[] }) {
  const { t } = view
  return (
    <details>
      <summary>{t.terms.others}</summary>
      <ul class="questions">
        {ids.map((id) => (
          <li>
            <p class="words" id={`use-${id}`}>
              <Answer view={view} term={term} id={id} />
            </p>
            <button class="btn" type="submit" name="do" value={`use.0.${id}`} aria-describedby={`use-${id}`}>
              {t.terms.use}
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}

/** An answer as this administrator reads it. */
export function Answer({ view, term, id }: { view: SurveyView; term: TermView; id: string }) {
  const known = [...(term.options ?? []), ...term.former].find((one) => one.id === id)
  const item = { ...bankQuestion(term.term), ...(known && { optionTexts: { [id]: known.texts } }) }
  return <Worded words={optionOf(view.reader, item, id)} />
}
