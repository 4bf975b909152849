/** The coming survey as it will be read, in each language: the real questions, and nothing that could be sent. */
import { Hono } from 'hono'
import type { AppEnv } from '../context'
import { messagesOf, negotiate } from '../i18n'
import { itemsIn, readNextSurvey } from '../services/survey'
import { SurveyDocument } from './components/survey-document'
import { draftFields, draftIn } from './components/survey-draft'
import { Rail, Sections, sectionsOf } from './components/survey-questions'
import { surveyView } from './components/survey-view'
import { permit } from './failure'

export const previewPages = new Hono<AppEnv>().get('/', permit('survey:read'), async (c) => {
  const [view, { survey, round }] = await Promise.all([surveyView(c), readNextSurvey(c.var.services.db)])
  const draft = draftIn(c.req.queries())
  const plan = draft ?? survey.plan
  const items = itemsIn(survey, round.number, plan)
  const locale = negotiate([c.req.query('lang'), c.var.locale])
  const t = messagesOf(locale)
  const reader = { locale, organisation: view.reader.organisation }
  const words = t.surveyPage.preview
  const sections = sectionsOf(t, items)
  return c.html(
    <SurveyDocument
      locale={locale}
      title={`${words.mark}: ${t.survey.title}`}
      sample={view.settings.sample !== null}
      sheet="reading"
      skip={t.layout.skip}
      plain
      query={draft ? draftFields(plan) : {}}
    >
      <div class="survey">
        <Rail t={t} sections={sections} />
        <div class="body">
          <h1>{t.survey.title}</h1>
          <p class="oops preview">
            <strong>{words.mark}:</strong> {draft ? words.draft(String(round.number)) : words.what(String(round.number))}{' '}
            <a href={draft ? `/survey?${new URLSearchParams(draftFields(plan))}` : '/survey'}>{words.back}</a>
          </p>
          {/* Nothing can leave it: its only button is off, and a dialog form has nowhere to go. */}
          <form method="dialog" novalidate autocomplete="off" id="questions" tabindex={-1}>
            <Sections t={t} reader={reader} sections={sections} comment={plan.comment} />
            <div class="send">
              <button class="button solid" type="submit" disabled>
                {t.survey.send}
              </button>
            </div>
          </form>
        </div>
      </div>
    </SurveyDocument>,
  )
})
