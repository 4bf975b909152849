/**
 * What everybody is asked: the coming round's questions, put together as a draft in the address of the page, and decided
 * after a second look.
 */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import type { MissingWords } from '../core/own-words'
import { defaultPlan, estimatedSeconds, questionsOfRound, type SurveyPlan, turns } from '../core/survey-plan'
import { localeNames, locales } from '../i18n'
import {
  changeSurvey,
  itemsIn,
  listSurveys,
  missingIn,
  problemsIn,
  readNextSurvey,
  readSurvey,
  type Survey,
  type SurveyVersion,
  sameSurvey,
  themesIn,
} from '../services/survey'
import { Field, type Mistake, Mistakes } from './components/field'
import { Part } from './components/part'
import { Scroll } from './components/scroll'
import { planChanges, planFollows, problemMistake } from './components/survey-changes'
import { afterStep, draftFields, draftIn, inPageOrder, type Step, stepIn } from './components/survey-draft'
import { OwnList, PackLists, QuestionRows, wordsPage } from './components/survey-rows'
import { durationText, languageName, languageNames, plainQuestion, type SurveyView, surveyView } from './components/survey-view'
import { permit } from './failure'
import { Page } from './layout'
import { SecondLook } from './second-look'
import { previewPages } from './survey-preview'
import { statementPages } from './survey-statements'
import { termPages } from './survey-terms'

const path = '/survey'

export const surveyEditorPages = new Hono<AppEnv>()
  .use(bodyLimit({ maxSize: 64 * 1024 }))
  .get('/', permit('survey:read'), async (c) => {
    const query = c.req.queries()
    const [draft, step] = [draftIn(query), query.do?.[0]]
    if (!draft || step === undefined) return editorPage(c, draft)
    if (step === 'look') return c.redirect(addressOf(`${path}/review`, draft), 303)
    const wanted = stepIn(step)
    const themes = themesIn(await readSurvey(c.var.services.db))
    return c.redirect(addressOf(path, wanted ? afterStep(draft, wanted, themes) : draft, wanted), 303)
  })
  .get('/review', permit('survey:write'), (c) => reviewPage(c))
  .post('/', permit('survey:write'), async (c) => {
    const body = await c.req.parseBody()
    const sent = Object.fromEntries(Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, [value]]] : [])))
    const draft = draftIn(sent)
    if (!draft) return c.redirect(path, 303)
    const { version, ...change } = draft
    try {
      await changeSurvey(c.var.services, version, change)
    } catch (error) {
      // Overtaken, or refused by now: the second look says how things stand.
      if (error instanceof DomainError) return c.redirect(addressOf(`${path}/review`, draft), 303)
      throw error
    }
    return c.redirect(`${path}?done=saved`, 303)
  })
  .route('/preview', previewPages)
  .route('/statements', statementPages)
  .route('/terms', termPages)

/** @param step that was done, so that its button keeps the focus */
function addressOf(page: string, plan: SurveyPlan, step?: Step): string {
  return `${page}?${new URLSearchParams({ ...draftFields(plan), ...(step && { at: `${step.kind}.${step.id}` }) })}`
}

interface Shown {
  view: SurveyView
  survey: Survey
  /** What is shown: the draft where there is one. */
  plan: SurveyPlan
  number: number
  isDraft: boolean
}

/** @param mistakes what has to be changed in the draft before it can be asked */
async function editorPage(c: Context<AppEnv>, draft: SurveyPlan | undefined, mistakes: readonly Mistake[] = []) {
  const { db } = c.var.services
  const [view, { survey, round }, versions] = await Promise.all([surveyView(c), readNextSurvey(db), listSurveys(db)])
  const [held, plan] = [survey.plan, draft ?? survey.plan].map((one) => inPageOrder(one, themesIn(survey))) as [SurveyPlan, SurveyPlan]
  const isDraft = !sameSurvey(plan, held)
  const shown: Shown = { view, survey, plan, number: round.number, isDraft }
  const { t } = view
  return c.html(
    <Page c={c} title={t.title} section="survey" sample={view.settings.sample !== null} path={draft ? addressOf(path, plan) : path}>
      <div class="pagehead">
        <h1>{t.title}</h1>
        <p class="sub">{t.sub}</p>
      </div>
      <Mistakes mistakes={mistakes} title={t.unusable} />
      <Done view={view} survey={survey} done={c.req.query('done')} step={stepIn(c.req.query('at'))} plan={plan} />
      {isDraft ? <Draft {...shown} /> : null}
      <Coming {...shown} last={stepIn(c.req.query('at'))} />
      <Part id="add" title={t.addTitle} what={t.addWhat}>
        <div>
          <PackLists view={view} plan={plan} form="plan" />
        </div>
      </Part>
      <Part id="own" title={t.ownTitle} what={t.statement.what}>
        <OwnList view={view} plan={plan} own={survey.items} retired={survey.retired} form="plan" />
        {view.mayWrite ? (
          <p>
            <a class="btn" href={addressOf(`${path}/statements/new`, plan)}>
              {t.write}
            </a>
          </p>
        ) : null}
      </Part>
      <Part id="terms" title={t.termsTitle} what={t.termsWhat}>
        <p>
          <a class="btn" href={`${path}/terms`}>
            {t.toTerms}
          </a>
        </p>
      </Part>
      <Part id="versions" title={t.versions(view.f.number(versions.length))} what={versionLine(view, survey)}>
        <Versions view={view} versions={versions} current={survey.plan} />
      </Part>
    </Page>,
    mistakes.length > 0 ? 422 : 200,
  )
}

const versionLine = ({ t, f }: SurveyView, { plan, since }: Survey) =>
  since === null ? t.standard : t.inForce(f.number(plan.version), f.date(since))

/** What was just done, for eyes and for screen readers. */
function Done(props: { view: SurveyView; survey: Survey; done: string | undefined; step: Step | undefined; plan: SurveyPlan }) {
  const message = doneText(props)
  return message ? (
    // The row of a statement that was taken out has no button left to keep the focus.
    <p class="done" role="status" {...(props.step?.kind === 'remove' && { tabindex: -1, autofocus: true })}>
      {message}
    </p>
  ) : null
}

function doneText({ view, survey, done, step, plan }: Parameters<typeof Done>[0]): string | null {
  const { t, f } = view
  const known = { saved: t.saved, same: t.same, away: t.wasPutAway, back: t.wasTakenBack, asked: t.stillAsked }
  const { wasSaved, wasReplaced } = t.statement
  const said = { ...known, translated: wasSaved, replaced: wasReplaced }[done ?? '']
  if (said) return said
  if (!step) return null
  if (step.kind === 'earlier' || step.kind === 'later') {
    const themes = [...new Set(plan.items.flatMap(({ id }) => themesIn(survey).get(id) ?? []))]
    const theme = themes.find((one) => one === step.id)
    return theme ? t.movedTo(view.texts.themes[theme], f.number(themes.indexOf(theme) + 1), f.number(themes.length)) : null
  }
  const name = nameIn(view, survey, step.id)
  if (step.kind === 'remove') return t.wasRemoved(name)
  if (step.kind === 'add') return t.wasAdded(name)
  return t.movedTo(name, f.number(plan.items.findIndex(({ id }) => id === step.id) + 1), f.number(plan.items.length))
}

/** A statement as it is called in a sentence; its id where nothing knows it. */
function nameIn(view: SurveyView, survey: Survey, id: string): string {
  const [item] = itemsIn(survey, 1, { ...survey.plan, items: [{ id }], definitions: 0, cases: 0 })
  return item ? plainQuestion(view, item) : id
}

function Draft({ view: { t }, survey, plan }: Shown) {
  return (
    <div class="done">
      <h2>{t.draft}</h2>
      <p>{plan.version === survey.plan.version ? t.draftWhat : t.draftOld}</p>
      <div class="actions">
        <a class="btn solid" href={addressOf(`${path}/review`, plan)}>
          {t.look}
        </a>
        <a class="btn" href={path}>
          {t.discard}
        </a>
      </div>
    </div>
  )
}

/** The coming round as the draft would ask it, in the order of the page. */
function Coming(props: Shown & { last: Step | undefined }) {
  const { view, survey, plan, number, last, isDraft } = props
  const { t, f, mayWrite } = view
  const items = itemsIn(survey, number, plan)
  const missing = missingIn(survey, plan)
  const { items: _, optional: __, ...rest } = draftFields(plan)
  return (
    <section class="sec tight" aria-labelledby="next-title">
      <div class="title">
        <h2 id="next-title">{t.next(f.number(number), items.length, durationText(t, estimatedSeconds(items)))}</h2>
        <p class="what">{t.nextWhat(f.number(questionsOfRound.least), f.number(questionsOfRound.most))}</p>
      </div>
      <div class="pile">
        <Previews view={view} plan={plan} isDraft={isDraft} />
        <MissingList view={view} survey={survey} missing={missing} />
        <form id="plan" class="pile" method="get" action={path}>
          {/* Enter presses the first button: this one changes nothing but what the fields say. */}
          <button class="vh" type="submit" name="do" value="" hidden />
          <input type="hidden" name="items" value={plan.items.map(({ id }) => id).join('.')} />
          <input type="hidden" name="version" value={rest.version} />
          <QuestionRows view={view} plan={plan} items={items} missing={languagesById(missing)} last={last} />
          {mayWrite ? <Turns view={view} plan={plan} /> : null}
        </form>
      </div>
    </section>
  )
}

function languagesById(missing: readonly MissingWords[]): Map<string, string[]> {
  const found = new Map<string, Set<string>>()
  for (const { itemId, language } of missing) found.set(itemId, (found.get(itemId) ?? new Set()).add(language))
  return new Map([...found].map(([id, languages]) => [id, [...languages]]))
}

function Previews({ view: { t }, plan, isDraft }: Pick<Shown, 'view' | 'plan' | 'isDraft'>) {
  const query = (lang: string) => `${new URLSearchParams({ lang, ...(isDraft && draftFields(plan)) })}`
  return (
    <p class="actions">
      <span class="note">{t.previewIn}</span>
      {locales.map((locale) => (
        <a href={`${path}/preview?${query(locale)}`} lang={locale} hreflang={locale}>
          {localeNames[locale]}
        </a>
      ))}
    </p>
  )
}

/** How many translations are missing, of which question, and the way to each. */
function MissingList({ view, survey, missing }: { view: SurveyView; survey: Survey; missing: readonly MissingWords[] }) {
  const { t, texts, reader } = view
  if (missing.length === 0) return null
  const term = (id: string) => survey.terms.find((one) => `definition-${one.term}` === id)?.term
  const nameOf = (id: string) => {
    const known = term(id)
    return known ? texts.terms[known] : nameIn(view, survey, id)
  }
  return (
    <details class="state small gaps" open={missing.length <= 8}>
      <summary>
        <strong>{t.missing(missing.length)}</strong>
      </summary>
      <p>{t.missingWhat(languageName(view.locale, reader.organisation))}</p>
      <ul class="plain">
        {[...languagesById(missing)].map(([id, languages]) => (
          <li>
            <a href={wordsPage({ id, ...(term(id) && { term: term(id) as string }) })}>
              <bdi>{nameOf(id)}</bdi>
            </a>
            : {languageNames(view.locale, languages)}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** What takes turns, and the comment. */
function Turns({ view: { t }, plan }: { view: SurveyView; plan: SurveyPlan }) {
  const pick = (name: 'definitions' | 'cases', label: string, hint: string) => (
    <Field name={name} label={label} hint={hint} mistakes={[]}>
      {(control) => (
        <select {...control} class="pick">
          {turns.map((turn) => (
            <option value={String(turn)} selected={turn === plan[name]}>
              {t.turns[turn]}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
  return (
    <div class="form">
      {pick('definitions', t.definitions, t.definitionsHint)}
      {pick('cases', t.cases, t.casesHint)}
      <label class="check">
        <input type="checkbox" name="comment" value="yes" checked={plan.comment} />
        {t.comment}
      </label>
      <button class="btn solid" type="submit" name="do" value="look">
        {t.look}
      </button>
    </div>
  )
}

function Versions({ view, versions, current }: { view: SurveyView; versions: readonly SurveyVersion[]; current: SurveyPlan }) {
  const { t, f, mayWrite } = view
  const isOther = (one: SurveyPlan) => mayWrite && !sameSurvey(one, current)
  return (
    <>
      <Scroll label={t.versions(f.number(versions.length))}>
        <table class="data stack">
          <thead>
            <tr>
              <th scope="col">{t.version}</th>
              <th scope="col" class="num">
                {t.statements}
              </th>
              <th scope="col">{t.columns.definitions}</th>
              <th scope="col">{t.columns.cases}</th>
              <th scope="col">{t.columns.comment}</th>
              <th scope="col">
                <span class="vh">{t.compare}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {versions.map((one) => (
              <tr>
                <th scope="row" class="nowrap" data-head={t.version}>
                  <bdi>{f.number(one.version)}</bdi>
                  <p class="note">{one.since === null ? t.default : f.date(new Date(one.since))}</p>
                </th>
                <td class="num" data-head={t.statements}>
                  {f.number(one.items.length)}
                </td>
                <td data-head={t.columns.definitions}>{t.turns[one.definitions]}</td>
                <td data-head={t.columns.cases}>{t.turns[one.cases]}</td>
                <td data-head={t.columns.comment}>{one.comment ? t.commentYes : t.commentNo}</td>
                <td class={isOther(one) ? undefined : 'none'}>
                  {isOther(one) ? (
                    <a
                      href={addressOf(`${path}/review`, { ...one, version: current.version })}
                      aria-label={t.compareOf(f.number(one.version))}
                    >
                      {t.compare}
                    </a>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {isOther(defaultPlan) ? (
        <p>
          <a class="btn" href={addressOf(`${path}/review`, { ...defaultPlan, version: current.version })}>
            {t.toDefault}
          </a>
        </p>
      ) : null}
    </>
  )
}

/** A second look: what would change, what follows from it, and what has to be changed first. */
async function reviewPage(c: Context<AppEnv>) {
  const { db } = c.var.services
  const [view, { survey, round }] = await Promise.all([surveyView(c), readNextSurvey(db)])
  const sent = draftIn(c.req.queries())
  if (!sent) return c.redirect(path, 303)
  const draft = inPageOrder(sent, themesIn(survey))
  if (sameSurvey(draft, survey.plan)) return c.redirect(`${path}?done=same`, 303)
  const mistakes = problemsIn(survey, draft).map((problem) => problemMistake(view, problem, (id) => nameIn(view, survey, id)))
  if (mistakes.length > 0) return editorPage(c, draft, mistakes)
  const plan = { ...draft, version: survey.plan.version }
  const { t } = view
  const follows = planFollows(view, itemsIn(survey, round.number), itemsIn(survey, round.number, plan))
  const { version, ...values } = draftFields(plan)
  return c.html(
    <SecondLook
      c={c}
      settings={view.settings}
      path={`${path}/review`}
      action={path}
      section="survey"
      cancel={{ href: addressOf(path, plan), text: t.cancel }}
      values={values}
      version={Number(version)}
      texts={t}
      about={t.change}
      rules={planChanges(view, { survey, number: round.number, after: plan, nameOf: (id) => nameIn(view, survey, id) })}
    >
      <h2>{t.follows}</h2>
      {follows.length === 0 ? (
        <p>{t.followsNothing}</p>
      ) : (
        <ul class="plain">
          {follows.map((one) => (
            <li>{one}</li>
          ))}
        </ul>
      )}
      <Previews view={view} plan={plan} isDraft />
    </SecondLook>,
  )
}
