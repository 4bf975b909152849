/**
 * The survey of a round: the same bytes for everybody who asks for it in one language. Who answers is in the address's
 * fragment, which never reaches us; `web/survey.ts` seals the ballot.
 */
import { Hono } from 'hono'
import type { AppEnv } from '../context'
import { minutesOf } from '../core/message'
import type { FrozenRound } from '../core/round'
import { estimatedSeconds } from '../core/survey-plan'
import { findRound, type Round } from '../db/rounds'
import { readSettings } from '../db/settings'
import { negotiate } from '../i18n'
import { Closed, NotFound, NotOpen, type RespondentView, respondentView } from './components/respondent-view'
import { SurveyDocument } from './components/survey-document'
import { Assurance } from './components/survey-intro'
import { Cast, Outcomes } from './components/survey-outcomes'
import { neededOf, Rail, Reasons, Sections, sectionsOf } from './components/survey-questions'

export const surveyPages = new Hono<AppEnv>().get('/:roundId', async (c) => {
  const { db } = c.var.services
  const [round, settings] = await Promise.all([findRound(db, c.req.param('roundId')), readSettings(db)])
  const view = respondentView(c, round, settings)
  if (!round) return c.html(<NotFound {...view} />, 404)
  if (round.state === 'closed' || round.closingAt) return c.html(<Closed {...view} />)
  if (round.state === 'scheduled' || !round.frozen) return c.html(<NotOpen {...view} />)
  return c.html(<Survey {...view} round={round} frozen={round.frozen} />)
})

function Survey({ t, locale, settings, name, day, round, frozen }: RespondentView & { round: Round; frozen: FrozenRound }) {
  const sections = sectionsOf(t, frozen.items)
  const total = neededOf(frozen.items.map((item) => ({ item })))
  const reader = { locale, organisation: negotiate([settings.locale]) }
  const closes = round.closesAt && day(round.closesAt)
  return (
    <SurveyDocument locale={locale} title={t.survey.title} sample={settings.sample !== null}>
      <div class="survey" id="survey">
        <Rail t={t} sections={sections} />
        <div class="body">
          <h1>{t.survey.title}</h1>
          <p class="meta">
            <span>{name}</span> <span>{t.survey.duration(minutesOf(estimatedSeconds(frozen.items)))}</span>{' '}
            {closes ? <span>{t.survey.closes(closes)}</span> : null}
          </p>
          <noscript>
            <p class="oops">{t.survey.noScript}</p>
          </noscript>
          <Outcomes t={t} shared={frozen.openLinks !== undefined} />
          <Reasons t={t} items={frozen.items} />
          <Assurance t={t} locale={locale} terms={{ frozen, closes, commentMonths: settings.retention.commentMonths }} />
          {/* Never leaves the page by itself: without its script, sending would put answers into an address. */}
          <form
            method="dialog"
            novalidate
            autocomplete="off"
            id="questions"
            tabindex={-1}
            data-round={round.id}
            data-error={t.survey.errorTitle('{0}')}
          >
            <p class="progress">
              <b>{sections[0]?.title}</b>{' '}
              <span id="answered" data-text={t.survey.answered('{0}', '{1}')}>
                {t.survey.answered('0', String(total))}
              </span>
              <i class="line" />
            </p>
            <Sections t={t} reader={reader} sections={sections} comment={frozen.comment} />
            <div class="send">
              <button class="button solid" type="submit" disabled>
                {t.survey.send}
              </button>
              <p id="status" role="status" data-stamp={t.survey.sending.stamp} data-cast={t.survey.sending.cast} />
              <p>{t.survey.sendHint}</p>
            </div>
          </form>
        </div>
      </div>
      <Cast t={t} locale={locale} roundId={round.id} shared={frozen.openLinks !== undefined} />
    </SurveyDocument>
  )
}
