/**
 * The survey of a round: the same bytes for everybody who asks for it in one language. Who answers is in the address's
 * fragment, which never reaches us; `web/survey.ts` seals the ballot.
 */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import type { FrozenRound } from '../core/round'
import { findRound, type Round } from '../db/rounds'
import { readSettings, type Settings } from '../db/settings'
import { acceptedLanguages, intlTag, type Locale, type Messages, messagesOf, negotiate } from '../i18n'
import { SurveyDocument, SurveyNotice } from './components/survey-document'
import { Assurance } from './components/survey-intro'
import { Finished, Outcomes, Receipt } from './components/survey-outcomes'
import { Comment, Question, Reasons, sectionsOf } from './components/survey-questions'

export const surveyPages = new Hono<AppEnv>().get('/:roundId', async (c) => {
  const { db } = c.var.services
  const [round, settings] = await Promise.all([findRound(db, c.req.param('roundId')), readSettings(db)])
  const view = viewOf(c, round, settings)
  if (!round) return c.html(<NotFound {...view} />, 404)
  if (round.state === 'closed' || round.closingAt) return c.html(<Closed {...view} />)
  if (round.state === 'scheduled' || !round.frozen) return c.html(<NotOpen {...view} />)
  return c.html(<Survey {...view} round={round} frozen={round.frozen} />)
})

interface View {
  t: Messages
  locale: Locale
  settings: Settings
  round: Round | undefined
  /** "Round 12, October 2026". */
  name: string
  /** A moment as a day of the organisation's time zone, in words. */
  day: (moment: Date) => string
}

/** The language is that of the address, then of the browser: no cookie is read here. */
function viewOf(c: Context<AppEnv>, round: Round | undefined, settings: Settings): View {
  const locale = negotiate([c.req.query('lang'), ...acceptedLanguages(c.req.header('accept-language'))])
  const t = messagesOf(locale)
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(intlTag(locale), options)
  const month = format({ month: 'long', year: 'numeric', timeZone: 'UTC' })
  const day = format({ weekday: 'long', day: 'numeric', month: 'long', timeZone: settings.timeZone })
  return {
    t,
    locale,
    round,
    settings,
    name: round ? t.survey.round(round.number, month.format(new Date(`${round.period}-01`))) : '',
    day: (moment) => day.format(moment),
  }
}

function Survey({ t, locale, settings, name, day, round, frozen }: View & { round: Round; frozen: FrozenRound }) {
  const sections = sectionsOf(t, frozen.items)
  const total = frozen.items.length
  const reader = { locale, organisation: negotiate([settings.locale]) }
  const closes = round.closesAt && day(round.closesAt)
  return (
    <SurveyDocument locale={locale} title={t.survey.title} sample={settings.sample !== null}>
      <div class="survey" id="survey">
        <nav class="rail" aria-label={t.survey.sections}>
          <i class="line" />
          <ol>
            {sections.map(({ id, title, entries }) => (
              <li data-part={id}>
                <a href={`#${id}`}>{title}</a> <bdi>0/{entries.length}</bdi>
              </li>
            ))}
          </ol>
        </nav>
        <div class="body">
          <h1>{t.survey.title}</h1>
          <p class="meta">
            <span>{name}</span> <span>{t.survey.duration}</span> {closes ? <span>{t.survey.closes(closes)}</span> : null}
          </p>
          <noscript>
            <p class="oops">{t.survey.noScript}</p>
          </noscript>
          <Outcomes t={t} />
          <Reasons t={t} />
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
            {sections.map(({ id, title, entries }, index) => (
              <section id={id} tabindex={-1} aria-labelledby={`${id}-title`}>
                <h2 id={`${id}-title`}>{title}</h2>
                {entries.map((entry) => (
                  <Question t={t} reader={reader} entry={entry} />
                ))}
                {frozen.comment && index === sections.length - 1 ? <Comment t={t} limit={commentLimit[locale]} /> : null}
              </section>
            ))}
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
      <Finished t={t} code="done" />
      <Finished t={t} code="already" />
      <Receipt t={t} locale={locale} name={name} />
    </SurveyDocument>
  )
}

/** Characters that fit 800 bytes of UTF-8 in the page's own script, at most 600. */
const commentLimit = { en: 600, ms: 600, ar: 400, th: 260 } as const satisfies Record<Locale, number>

const Closed = ({ t, locale, settings, name, day, round }: View) => (
  <SurveyDocument locale={locale} title={t.survey.closed.title} sample={settings.sample !== null}>
    <SurveyNotice
      title={t.survey.closed.title}
      meta={name}
      lines={[round?.closedAt ? t.survey.closed.on(day(round.closedAt)) : null, t.survey.closed.text]}
    />
  </SurveyDocument>
)

const NotOpen = ({ t, locale, settings, name, day, round }: View) => (
  <SurveyDocument locale={locale} title={t.survey.notOpen.title} sample={settings.sample !== null}>
    <SurveyNotice
      title={t.survey.notOpen.title}
      meta={name}
      lines={[round?.opensAt ? t.survey.notOpen.opens(day(round.opensAt)) : null, t.survey.notOpen.text]}
    />
  </SurveyDocument>
)

const NotFound = ({ t, locale, settings }: View) => (
  <SurveyDocument locale={locale} title={t.survey.notFound.title} sample={settings.sample !== null}>
    <SurveyNotice title={t.survey.notFound.title} lines={[t.survey.notFound.text]} />
  </SurveyDocument>
)
