/**
 * What is promised to whoever answers, for anybody to read: no session, no cookie, the same bytes for everybody in one
 * language. `docs/privacy.md` says the same sentences, with where each is enforced.
 */
import { Hono } from 'hono'
import type { AppEnv } from '../context'
import { readSettings } from '../db/settings'
import { acceptedLanguages, type Messages, messagesOf, negotiate, type PrivacyFacts } from '../i18n'
import { SurveyDocument } from './components/survey-document'

export const privacyPages = new Hono<AppEnv>().get('/', async (c) => {
  const { db, mixer } = c.var.services
  const { minimumGroupSize, retention, sample } = await readSettings(db)
  const mixMinutes = typeof mixer === 'object' ? (mixer?.minutes ?? null) : null // unusable: no ballot is taken
  const locale = negotiate([c.req.query('lang'), ...acceptedLanguages(c.req.header('accept-language'))])
  const t = messagesOf(locale)
  return c.html(
    <SurveyDocument locale={locale} title={t.privacy.title} sample={sample !== null} sheet="reading" skip={t.layout.skip} plain>
      <Promises t={t} facts={{ minimum: minimumGroupSize, mixMinutes, ...retention }} />
    </SurveyDocument>,
  )
})

function Promises({ t, facts }: { t: Messages; facts: PrivacyFacts }) {
  const { title, reading, short, travel, leaders, kept, limits, check, employer, rights } = t.privacy
  return (
    <article class="reading" id="questions" tabindex={-1}>
      <h1>{title}</h1>
      <p class="meta">{reading}</p>
      <section class="lead">
        <h2>{short.title}</h2>
        <List list={short.list} facts={facts} />
      </section>
      <section>
        <h2>{travel.title}</h2>
        <p>{travel.lead}</p>
        <ol class="steps">
          {Object.values(travel.steps).map((step) => (
            <li>
              <b>{step.title}</b>
              {step.text}
            </li>
          ))}
        </ol>
      </section>
      <Points of={leaders} facts={facts} />
      <section>
        <h2 id="kept">{kept.title}</h2>
        <table aria-labelledby="kept">
          <thead>
            <tr>
              <th scope="col">{kept.what}</th>
              <th scope="col">{kept.howLong}</th>
            </tr>
          </thead>
          <tbody>
            {Object.values(kept.rows).map(({ what, howLong }) => (
              <tr>
                <th scope="row">{what}</th>
                <td>{said(howLong, facts)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {[limits, check, employer, rights].map((points) => (
        <Points of={points} facts={facts} />
      ))}
    </article>
  )
}

type Sentence = string | ((facts: PrivacyFacts) => string)
type Sentences = Readonly<Record<string, Sentence>>

const said = (sentence: Sentence, facts: PrivacyFacts) => (typeof sentence === 'string' ? sentence : sentence(facts))

const Points = ({ of, facts }: { of: { title: string; list: Sentences }; facts: PrivacyFacts }) => (
  <section>
    <h2>{of.title}</h2>
    <List list={of.list} facts={facts} />
  </section>
)

const List = ({ list, facts }: { list: Sentences; facts: PrivacyFacts }) => (
  <ul class="dashes">
    {Object.values(list).map((sentence) => (
      <li>{said(sentence, facts)}</li>
    ))}
  </ul>
)
