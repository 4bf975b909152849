/** Statements of the organisation's own: written in every language that people read, and put away when they are not asked any more. */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { statementLimit } from '../core/own-words'
import { themes } from '../core/round'
import { cleanLine } from '../core/text'
import { locales } from '../i18n'
import { addStatement, changeStatement, putStatementAway, statementProblems, takeStatementBack } from '../services/own-statements'
import { type OwnItemView, readSurvey, themesIn } from '../services/survey'
import { Field, type Mistake, Mistakes } from './components/field'
import { afterStep, draftFields, draftIn } from './components/survey-draft'
import { type SurveyView, surveyView } from './components/survey-view'
import { WordFields, wordsReason } from './components/word-fields'
import { goneAnyway, permit } from './failure'
import { Page } from './layout'

const path = '/survey/statements'

export const statementPages = new Hono<AppEnv>()
  .get('/new', permit('survey:write'), (c) => formPage(c, { values: {}, draft: queryOf(c) }))
  .post('/', permit('survey:write'), async (c) => {
    const sent = await readForm(c)
    const mistakes = await mistakesOf(c, sent)
    if (mistakes.length > 0) return formPage(c, { ...sent, mistakes })
    const { id } = await addStatement(c.var.services, { theme: sent.theme, texts: sent.values })
    const survey = await readSurvey(c.var.services.db)
    const draft = draftIn(Object.fromEntries([...new URLSearchParams(sent.draft)].map(([name, value]) => [name, [value]]))) ?? survey.plan
    const added = draftFields(afterStep(draft, { kind: 'add', id }, themesIn(survey)))
    return c.redirect(`/survey?${new URLSearchParams({ ...added, at: `add.${id}` })}`, 303)
  })
  .get('/:id', permit('survey:write'), async (c) => {
    const item = await findItem(c, c.req.param('id'))
    return formPage(c, { item, values: valuesOf(item), draft: '' })
  })
  .post('/:id', permit('survey:write'), async (c) => {
    const id = c.req.param('id')
    const sent = await readForm(c)
    const item = await findItem(c, id)
    if (item.version !== sent.version) return formPage(c, { item, values: valuesOf(item), draft: '', overtaken: true })
    const mistakes = await mistakesOf(c, sent, id)
    if (mistakes.length > 0) return formPage(c, { ...sent, item, mistakes })
    const saved = await changeStatement(c.var.services, id, sent.version, { theme: sent.theme, texts: sent.values }).catch(overtakenAs)
    if (!saved) return c.redirect(`${path}/${id}`, 303)
    return c.redirect(`/survey?done=${saved.id === id ? 'translated' : 'replaced'}`, 303)
  })
  .post('/:id/removal', permit('survey:write'), async (c) => {
    const isAsked = await putStatementAway(c.var.services, c.req.param('id')).catch((error: unknown) => {
      if (error instanceof DomainError && error.code === 'item-asked') return true
      return goneAnyway(error)
    })
    return c.redirect(`/survey?done=${isAsked ? 'asked' : 'away'}`, 303)
  })
  .post('/:id/restoration', permit('survey:write'), async (c) => {
    await takeStatementBack(c.var.services, c.req.param('id')).catch(goneAnyway)
    return c.redirect('/survey?done=back', 303)
  })

/** The page of the statement says how it is now. */
function overtakenAs(error: unknown): undefined {
  if (!(error instanceof DomainError && error.code === 'survey-overtaken')) throw error
}

async function findItem(c: Context<AppEnv>, id: string): Promise<OwnItemView> {
  const item = (await readSurvey(c.var.services.db)).items.find((one) => one.id === id)
  if (!item) throw new DomainError('not-found', 'There is no such statement.')
  return item
}

type Values = Record<string, string>

const valuesOf = ({ theme, texts }: OwnItemView): Values => ({ ...texts, theme })

/** The draft of the survey that the page was opened from, as it stands in the address. */
function queryOf(c: Context<AppEnv>): string {
  const draft = draftIn(c.req.queries())
  return draft ? new URLSearchParams(draftFields(draft)).toString() : ''
}

async function readForm(c: Context<AppEnv>) {
  const body = await c.req.parseBody()
  const line = (name: string) => (typeof body[name] === 'string' ? cleanLine(body[name]) : '')
  const values: Values = Object.fromEntries(['theme', ...locales].map((name) => [name, line(name)]))
  const theme = themes.find((known) => known === values.theme)
  return { values, isTheme: theme !== undefined, theme: theme ?? 'goals', version: Number(line('version')), draft: line('draft') }
}

async function mistakesOf(c: Context<AppEnv>, sent: Awaited<ReturnType<typeof readForm>>, except?: string): Promise<Mistake[]> {
  const view = await surveyView(c)
  const problems = await statementProblems(c.var.services.db, sent.values, except)
  const theme = sent.isTheme ? [] : [{ field: 'theme', reason: view.t.statement.themeWrong }]
  return [...theme, ...problems.map((problem) => ({ field: problem.language, reason: wordsReason(view, problem, statementLimit) }))]
}

interface Shown {
  item?: OwnItemView
  values: Values
  mistakes?: readonly Mistake[]
  draft: string
  overtaken?: boolean
}

async function formPage(c: Context<AppEnv>, { item, values, mistakes = [], draft, overtaken }: Shown) {
  const view = await surveyView(c)
  const { t, settings } = view
  const title = item ? t.statement.edit : t.statement.new
  return c.html(
    <Page
      c={c}
      title={title}
      section="survey"
      sample={settings.sample !== null}
      path={item ? `${path}/${item.id}` : `${path}/new${draft ? `?${draft}` : ''}`}
    >
      <div class="pagehead">
        <h1>{title}</h1>
        <p class="sub">{t.statement.what}</p>
      </div>
      <Mistakes mistakes={mistakes} title={t.unusable} />
      {overtaken ? (
        <p class="oops" role="alert">
          {t.statement.again}
        </p>
      ) : null}
      <StatementForm view={view} item={item} values={values} mistakes={mistakes} draft={draft} />
    </Page>,
    overtaken ? 409 : mistakes.length > 0 ? 422 : 200,
  )
}

function StatementForm(props: {
  view: SurveyView
  item: OwnItemView | undefined
  values: Values
  mistakes: readonly Mistake[]
  draft: string
}) {
  const { view, item, values, mistakes, draft } = props
  const { t, texts } = view
  return (
    <form class="form" method="post" action={item ? `${path}/${item.id}` : path} novalidate>
      <input type="hidden" name="version" value={String(item?.version ?? 0)} />
      <input type="hidden" name="draft" value={draft} />
      <Field name="theme" label={t.statement.theme} mistakes={mistakes}>
        {(control) => (
          <select {...control} class="pick">
            {themes.map((theme) => (
              <option value={theme} selected={theme === values.theme}>
                {texts.themes[theme]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <WordFields view={view} name={(language) => language} values={values} limit={statementLimit} mistakes={mistakes} long />
      {item ? <p class="note">{t.statement.keeps}</p> : null}
      <div class="actions">
        <button class="btn solid" type="submit">
          {item ? t.statement.save : t.statement.add}
        </button>
        <a class="btn" href={draft ? `/survey?${draft}` : '/survey'}>
          {t.statement.back}
        </a>
      </div>
    </form>
  )
}
