/**
 * The last page of the survey: the receipt, what the group said last round, and what was done about it. The same bytes for
 * everybody of a cohort and language. Its address names the cohort, as the ballot did, and nothing of the person; it is
 * asked for after the ballot, and without the link.
 */
import { Hono } from 'hono'
import type { AppEnv } from '../context'
import type { FrozenRound } from '../core/round'
import { findRound } from '../db/rounds'
import { readSettings } from '../db/settings'
import { formatOf } from '../i18n/format'
import { type LastRound, lastRoundOf } from '../services/last-round'
import { Done, LastTime, Receipt } from './components/last-round'
import { NotFound, NotOpen, type RespondentView, respondentView } from './components/respondent-view'
import { SurveyDocument } from './components/survey-document'

export const thanksPages = new Hono<AppEnv>().get('/:roundId/thanks', async (c) => {
  const { db } = c.var.services
  const [round, settings] = await Promise.all([findRound(db, c.req.param('roundId')), readSettings(db)])
  const view = respondentView(c, round, settings)
  if (!round) return c.html(<NotFound {...view} />, 404)
  if (round.state === 'scheduled' || !round.frozen) return c.html(<NotOpen {...view} />)
  const cohort = /^c\d{1,4}$/.exec(c.req.query('cohort') ?? '')?.[0]
  const last = await lastRoundOf(db, round, cohort)
  return c.html(<Thanks {...view} cohort={cohort} frozen={round.frozen} last={last} />)
})

type Shown = RespondentView & { cohort: string | undefined; frozen: FrozenRound; last: LastRound | undefined }

function Thanks({ cohort, frozen, last, ...view }: Shown) {
  const { t, locale, settings, round, name, nameOf, day } = view
  const closes = round?.closesAt && day(round.closesAt)
  return (
    <SurveyDocument
      locale={locale}
      title={t.lastRound.title}
      sample={settings.sample !== null}
      sheet="thanks"
      skip={t.layout.skip}
      query={cohort ? { cohort } : {}}
    >
      <div class="thanks" id="questions" tabindex={-1}>
        <p class="meta">{name}</p>
        <Done id="done" title={t.survey.done.title} text={t.survey.done.text} />
        <Done id="already" title={t.survey.already.title} text={t.survey.already.text} />
        <h1 class="plain">{t.lastRound.title}</h1>
        <p>{round?.closedAt ? t.survey.closed.on(day(round.closedAt)) : t.lastRound.next(closes ?? null)}</p>
        <LastTime t={t} locale={locale} f={formatOf(locale, settings.timeZone)} last={last} name={last ? nameOf(last) : ''} />
        <Receipt
          t={t}
          locale={locale}
          name={name}
          round={round?.id ?? ''}
          cohort={cohort}
          terms={{ frozen, closes: closes ?? null, commentMonths: settings.retention.commentMonths }}
        />
      </div>
    </SurveyDocument>
  )
}
