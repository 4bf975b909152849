/** What the terms mean here: the answers that people choose among, and the one that is agreed on. */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { answerLimit } from '../core/own-words'
import { type Term, terms } from '../core/round'
import type { Locale } from '../i18n'
import { readNextSurvey, type TermView, turnsOf } from '../services/survey'
import { bankAnswers, bankQuestion, changeTerm, planTerm, type TermProblem } from '../services/term-answers'
import { type Mistake, Mistakes } from './components/field'
import { Scroll } from './components/scroll'
import { Gap } from './components/survey-rows'
import { plainQuestion, type SurveyView, surveyView } from './components/survey-view'
import { afterButton, type Focus, type FormAnswer, fieldOf, inputOf, readTermForm } from './components/term-fields'
import { Answer, TermForm } from './components/term-form'
import { wordsReason } from './components/word-fields'
import { permit } from './failure'
import { Page } from './layout'

const path = '/survey/terms'

export const termPages = new Hono<AppEnv>()
  .get('/', permit('survey:read'), (c) => listPage(c))
  .get('/:term', permit('survey:write'), async (c) => {
    const term = termIn(c)
    return termPage(c, term, { answers: null })
  })
  .post('/:term', permit('survey:write'), async (c) => {
    const term = termIn(c)
    const sent = await readTermForm(await c.req.parseBody(), term)
    if (sent.step !== 'save') return termPage(c, term, afterButton(term, sent))
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
  const { t, texts, f, settings, mayWrite } = view
  const next = turnsOf(survey, round.number)
  return c.html(
    <Page c={c} title={t.terms.title} section="survey" sample={settings.sample !== null} path={path}>
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
          <table class="data figures stack">
            <thead>
              <tr>
                <th scope="col">{t.terms.term}</th>
                <th scope="col">{t.terms.answers}</th>
                <th scope="col">{t.terms.official}</th>
                <th scope="col">{t.terms.nextAsked}</th>
                <th scope="col">
                  <span class="vh">{t.terms.edit}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {survey.terms.map((one) => (
                <tr>
                  <th scope="row">
                    {texts.terms[one.term]}
                    <p class="note">{plainQuestion(view, bankQuestion(one.term))}</p>
                  </th>
                  <td data-head={t.terms.answers}>
                    <span class="nowrap">{answersLine(view, one)}</span>
                    <Gap view={view} languages={[...new Set(one.missing.map(({ language }) => language))]} href={`${path}/${one.term}`} />
                  </td>
                  <td data-head={t.terms.official}>
                    {one.official === null ? t.terms.none : <Answer view={view} term={one} id={one.official} />}
                  </td>
                  <td class="nowrap" data-head={t.terms.nextAsked}>
                    {next.has(one.term) ? t.terms.inRound(f.number(next.get(one.term) as number)) : t.terms.never}
                  </td>
                  <td>
                    <div class="actions">
                      {mayWrite ? (
                        <a href={`${path}/${one.term}`} aria-label={t.terms.editOf(texts.terms[one.term])}>
                          {t.terms.edit}
                        </a>
                      ) : null}
                      <a href={`/definitions#${one.term}`} aria-label={`${t.terms.results}: ${texts.terms[one.term]}`}>
                        {t.terms.results}
                      </a>
                    </div>
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
  const { t, texts, settings } = view
  const term = survey.terms.find((one) => one.term === name) as TermView
  const answers = shown.answers ?? holding(term)
  const official = shown.answers ? (shown.official ?? null) : placeOf(term, answers)
  const mistakes = (shown.problems ?? []).map((problem) => mistakeOf(view, problem))
  return c.html(
    <Page c={c} title={texts.terms[name]} section="survey" sample={settings.sample !== null} path={`${path}/${name}`}>
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
