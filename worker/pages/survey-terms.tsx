/** What the terms mean here: the answers that people choose among, and the one that is agreed on. */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { answerLimit } from '../core/own-words'
import { type Term, type Texts, terms } from '../core/round'
import { cleanLine } from '../core/text'
import { type Locale, locales } from '../i18n'
import { optionOf } from '../i18n/items'
import { itemsIn, readNextSurvey, type Survey, type TermView } from '../services/survey'
import {
  type AnswerInput,
  bankAnswers,
  bankQuestion,
  changeTerm,
  planTerm,
  type TermInput,
  type TermProblem,
} from '../services/term-answers'
import { type Mistake, Mistakes } from './components/field'
import { Scroll } from './components/scroll'
import { Gap } from './components/survey-rows'
import { plainQuestion, type SurveyView, surveyView } from './components/survey-view'
import { Worded } from './components/worded'
import { permit } from './failure'
import { Page } from './layout'
import { WordFields, wordsReason } from './survey-statements'

const path = '/survey/terms'

export const termPages = new Hono<AppEnv>()
  .get('/', permit('survey:read'), (c) => listPage(c))
  .get('/:term', permit('survey:write'), async (c) => {
    const term = termIn(c)
    return termPage(c, term, { answers: null })
  })
  .post('/:term', permit('survey:write'), async (c) => {
    const term = termIn(c)
    const sent = await readForm(c, term)
    if (sent.step !== 'save') return termPage(c, term, afterStep(term, sent))
    const input = inputOf(sent)
    const { before, problems } = await planTerm(c.var.services, term, input)
    if (before.version !== sent.version) return termPage(c, term, { answers: null, overtaken: true })
    if (problems.length > 0) return termPage(c, term, { ...sent, problems })
    try {
      await changeTerm(c.var.services, term, sent.version, input)
    } catch (error) {
      if (error instanceof DomainError && error.code === 'survey-overtaken') return termPage(c, term, { answers: null, overtaken: true })
      throw error
    }
    return c.redirect(`${path}?done=saved`, 303)
  })

function termIn(c: Context<AppEnv>): Term {
  const found = terms.find((term) => term === c.req.param('term'))
  if (!found) throw new DomainError('not-found', 'There is no such term.')
  return found
}

// ── What the form says ──────────────────────────────────────────────────────────────────────────────────────────────

/** One answer of the form: ours by its id, or own words; `id` is empty for one that was never saved. */
interface FormAnswer {
  id: string
  texts: Texts
}

interface Sent {
  answers: FormAnswer[]
  /** Its place among the answers; null for none. */
  official: number | null
  version: number
  step: string
}

/** More rows than can be saved are read, so that nothing that was typed is lost when there are too many. */
const mostRows = 20

async function readForm(c: Context<AppEnv>, term: Term): Promise<Sent> {
  const body = await c.req.parseBody()
  const line = (name: string) => (typeof body[name] === 'string' ? cleanLine(body[name]) : '')
  const count = Math.min(Number(line('count')) || 0, mostRows)
  const rows = Array.from(
    { length: count },
    (_, at): FormAnswer => ({
      id: line(`id-${at}`),
      texts: Object.fromEntries(locales.map((locale) => [locale, line(fieldOf(at, locale))])),
    }),
  )
  const isEmpty = ({ id, texts }: FormAnswer) => !bankAnswers(term).includes(id) && Object.values(texts).every((text) => text === '')
  const step = line('do') || 'save'
  const official = /^\d{1,2}$/.test(line('official')) ? Number(line('official')) : null
  if (step !== 'save') return { answers: rows, official, version: Number(line('version')), step }
  // A row that was left empty is no answer.
  const kept = rows.flatMap((row, at) => (isEmpty(row) ? [] : [{ row, at }]))
  const place = kept.findIndex(({ at }) => at === official)
  const chosen = official === null ? null : place === -1 ? kept.length : place
  return { answers: kept.map(({ row }) => row), official: chosen, version: Number(line('version')), step }
}

const fieldOf = (at: number, locale: Locale) => `text-${at}-${locale}`

const inputOf = ({ answers, official }: Sent): TermInput => ({
  options: answers.map(({ id, texts }): AnswerInput => ({ ...(id !== '' && { id }), texts })),
  official,
})

/** The form after a button was pressed that saves nothing. */
function afterStep(term: Term, { answers, official, version, step }: Sent): Shown & { answers: FormAnswer[] } {
  const [, kind, at, id] = /^(up|down|remove|more|use|ours)(?:\.(\d+))?(?:\.([\w-]{1,64}))?$/.exec(step) ?? []
  const same = { answers, official, version }
  if (kind === 'ours') return { ...same, answers: bankAnswers(term).map((answer) => ({ id: answer, texts: {} })), official: null }
  if (kind === 'more') return { ...same, answers: [...answers, { id: '', texts: {} }], focus: { kind: 'words', at: answers.length } }
  if (kind === 'use' && id) return { ...same, answers: [...answers, { id, texts: {} }], focus: { kind: 'up', at: answers.length } }
  const place = Number(at)
  const answer = answers[place]
  if (!answer || !(kind === 'up' || kind === 'down' || kind === 'remove')) return same
  const others = answers.toSpliced(place, 1)
  if (kind === 'remove') return { ...same, answers: others, official: withoutPlace(official, place) }
  const to = Math.min(Math.max(kind === 'up' ? place - 1 : place + 1, 0), others.length)
  const swapped = official === place ? to : official === to ? place : official
  return { ...same, answers: others.toSpliced(to, 0, answer), official: swapped, focus: { kind, at: to } }
}

/** Places after the one that is gone move up by one. */
function withoutPlace(official: number | null, gone: number): number | null {
  if (official === null || official === gone) return null
  return official > gone ? official - 1 : official
}

function mistakeOf(view: SurveyView, problem: TermProblem): Mistake {
  const { f } = view
  const t = view.t.terms
  switch (problem.code) {
    case 'few':
      return { field: 'answers', reason: t.few(f.number(problem.limit)) }
    case 'many':
      return { field: 'answers', reason: t.many(f.number(problem.limit)) }
    case 'official':
      return { field: 'official-none', reason: t.officialGone }
    case 'twice':
      return { field: `answer-${problem.at}`, reason: t.twice }
    case 'unknown':
      return { field: `answer-${problem.at}`, reason: t.unknown }
    case 'words':
      return { field: fieldOf(problem.at, problem.words.language as Locale), reason: wordsReason(view, problem.words, answerLimit) }
  }
}

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function listPage(c: Context<AppEnv>) {
  const [view, { survey, round }] = await Promise.all([surveyView(c), readNextSurvey(c.var.services.db)])
  const { t, texts, f, locale, settings, mayWrite } = view
  const next = turnsOf(survey, round.number)
  return c.html(
    <Page
      locale={locale}
      title={t.terms.title}
      nonce={c.get('secureHeadersNonce') ?? ''}
      section="survey"
      sample={settings.sample !== null}
      path={path}
    >
      <div class="pagehead">
        <h1>{t.terms.title}</h1>
        <p class="sub">{t.terms.what}</p>
      </div>
      {c.req.query('done') === 'saved' ? (
        <p class="done" role="status">
          {t.terms.saved}
        </p>
      ) : null}
      <div class="pile">
        <Scroll label={t.terms.title}>
          <table class="data figures">
            <thead>
              <tr>
                <th scope="col">{t.terms.term}</th>
                <th scope="col">{t.terms.answers}</th>
                <th scope="col">{t.terms.official}</th>
                <th scope="col">{t.terms.nextAsked}</th>
                <th scope="col" />
              </tr>
            </thead>
            <tbody>
              {survey.terms.map((one) => (
                <tr>
                  <th scope="row">
                    {texts.terms[one.term]}
                    <p class="note">{plainQuestion(view, bankQuestion(one.term))}</p>
                  </th>
                  <td>
                    {answersLine(view, one)}
                    <Gap view={view} languages={[...new Set(one.missing.map(({ language }) => language))]} href={`${path}/${one.term}`} />
                  </td>
                  <td>{one.official === null ? t.terms.none : <Answer view={view} term={one} id={one.official} />}</td>
                  <td class="nowrap">{next.has(one.term) ? t.terms.inRound(f.number(next.get(one.term) as number)) : t.terms.never}</td>
                  <td>
                    {mayWrite ? (
                      <a href={`${path}/${one.term}`} aria-label={t.terms.editOf(texts.terms[one.term])}>
                        {t.terms.edit}
                      </a>
                    ) : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
        <p>
          <a class="btn" href="/survey">
            {t.statement.back}
          </a>
        </p>
      </div>
    </Page>,
  )
}

const answersLine = ({ t, f }: SurveyView, { term, options }: TermView) =>
  options === null ? t.terms.ours(f.number(bankAnswers(term).length)) : t.terms.yours(f.number(options.length))

/** The next round that asks about each term, by the turns that they take. */
function turnsOf(survey: Survey, first: number): Map<Term, number> {
  const found = new Map<Term, number>()
  for (let number = first; number < first + terms.length; number++) {
    for (const item of itemsIn(survey, number)) {
      if (item.kind === 'definition' && !found.has(item.term)) found.set(item.term, number)
    }
  }
  return found
}

/** An answer as this administrator reads it. */
function Answer({ view, term, id }: { view: SurveyView; term: TermView; id: string }) {
  const known = [...(term.options ?? []), ...term.former].find((one) => one.id === id)
  const item = { ...bankQuestion(term.term), ...(known && { optionTexts: { [id]: known.texts } }) }
  return <Worded words={optionOf(view.reader, item, id)} />
}

/** What had the focus when the page was left. */
interface Focus {
  kind: 'up' | 'down' | 'words'
  at: number
}

interface Shown {
  /** As they were typed; null for those that hold. */
  answers: FormAnswer[] | null
  official?: number | null
  version?: number
  problems?: readonly TermProblem[]
  overtaken?: boolean
  focus?: Focus
}

async function termPage(c: Context<AppEnv>, name: Term, shown: Shown) {
  const [view, { survey }] = await Promise.all([surveyView(c), readNextSurvey(c.var.services.db)])
  const { t, texts, locale, settings } = view
  const term = survey.terms.find((one) => one.term === name) as TermView
  const answers = shown.answers ?? holding(term)
  const official = shown.answers ? (shown.official ?? null) : placeOf(term, answers)
  const mistakes = (shown.problems ?? []).map((problem) => mistakeOf(view, problem))
  return c.html(
    <Page
      locale={locale}
      title={texts.terms[name]}
      nonce={c.get('secureHeadersNonce') ?? ''}
      section="survey"
      sample={settings.sample !== null}
      path={`${path}/${name}`}
    >
      <div class="pagehead">
        <h1>{texts.terms[name]}</h1>
        <p class="sub">{plainQuestion(view, bankQuestion(name))}</p>
      </div>
      <Mistakes mistakes={mistakes} title={t.unusable} />
      {shown.overtaken ? (
        <p class="oops" role="alert">
          {t.terms.again}
        </p>
      ) : null}
      <div class="pile">
        <p class="note">{t.terms.sub}</p>
        <TermForm
          view={view}
          term={term}
          answers={answers}
          official={official}
          version={shown.version ?? term.version}
          mistakes={mistakes}
          focus={shown.focus}
        />
      </div>
    </Page>,
    shown.overtaken ? 409 : mistakes.length > 0 ? 422 : 200,
  )
}

const holding = ({ term, options }: TermView): FormAnswer[] =>
  options?.map(({ id, texts }) => ({ id, texts })) ?? bankAnswers(term).map((id) => ({ id, texts: {} }))

function placeOf({ official }: TermView, answers: readonly FormAnswer[]): number | null {
  const place = answers.findIndex(({ id }) => id === official)
  return place === -1 ? null : place
}

interface Form {
  view: SurveyView
  term: TermView
  answers: readonly FormAnswer[]
  official: number | null
  version: number
  mistakes: readonly Mistake[]
  focus: Focus | undefined
}

function TermForm({ view, term, answers, official, version, mistakes, focus }: Form) {
  const { t, texts } = view
  const shown = new Set(answers.map(({ id }) => id))
  const others = [...bankAnswers(term.term), ...(term.options ?? []).map(({ id }) => id), ...term.former.map(({ id }) => id)]
  const unused = [...new Set(others)].filter((id) => !shown.has(id))
  return (
    <form class="form wide" method="post" action={`${path}/${term.term}`} novalidate>
      <button class="vh" type="submit" name="do" value="save" hidden />
      <input type="hidden" name="version" value={String(version)} />
      <input type="hidden" name="count" value={String(answers.length)} />
      <ol class="questions" id="answers" tabindex={-1}>
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
        <a class="btn" href={path}>
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
