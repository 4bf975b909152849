import type { Context } from 'hono'
import type { AppEnv } from '../../context'
import type { Round } from '../../db/rounds'
import type { Settings } from '../../db/settings'
import { acceptedLanguages, intlTag, type Locale, type Messages, messagesOf, negotiate } from '../../i18n'
import { dateFormat } from '../../i18n/intl'
import { SurveyDocument, SurveyNotice } from './survey-document'

/** What every page under /s is made of. */
export interface RespondentView {
  t: Messages
  locale: Locale
  settings: Settings
  round: Round | undefined
  /** "Round 12, October 2026". */
  name: string
  /** Any round, named in the same way. */
  nameOf: (round: { number: number; period: string }) => string
  /** A moment as a day of the organisation's time zone, in words. */
  day: (moment: Date) => string
}

/** The language is that of the address, then of the browser: no cookie is read here. */
export function respondentView(c: Context<AppEnv>, round: Round | undefined, settings: Settings): RespondentView {
  const locale = negotiate([c.req.query('lang'), ...acceptedLanguages(c.req.header('accept-language'))])
  const t = messagesOf(locale)
  const format = (options: Intl.DateTimeFormatOptions) => dateFormat(intlTag(locale), options)
  const month = format({ month: 'long', year: 'numeric', timeZone: 'UTC' })
  const day = format({ weekday: 'long', day: 'numeric', month: 'long', timeZone: settings.timeZone })
  const nameOf: RespondentView['nameOf'] = ({ number, period }) => t.survey.round(number, month.format(new Date(`${period}-01`)))
  return { t, locale, round, settings, name: round ? nameOf(round) : '', nameOf, day: (moment) => day.format(moment) }
}

interface NoticeProps {
  title: string
  lines: readonly (string | null)[]
  meta?: string
}

const Notice = ({ view, ...notice }: NoticeProps & { view: RespondentView }) => (
  <SurveyDocument locale={view.locale} title={notice.title} sample={view.settings.sample !== null} skip={view.t.layout.skip}>
    <SurveyNotice {...notice} />
  </SurveyDocument>
)

export const Closed = (view: RespondentView) => {
  const { t, round, name, day } = view
  const { title, on, text } = t.survey.closed
  return <Notice view={view} title={title} meta={name} lines={[round?.closedAt ? on(day(round.closedAt)) : null, text]} />
}

export const NotOpen = (view: RespondentView) => {
  const { t, round, name, day } = view
  const { title, opens, text } = t.survey.notOpen
  return <Notice view={view} title={title} meta={name} lines={[round?.opensAt ? opens(day(round.opensAt)) : null, text]} />
}

export const NotFound = (view: RespondentView) => {
  const { title, text } = view.t.survey.notFound
  return <Notice view={view} title={title} lines={[text]} />
}
