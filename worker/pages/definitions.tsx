/** What ten terms mean to both teams: which are shared, which are not, and what each team answered. */
import { type Context, Hono } from 'hono'
import { raw } from 'hono/html'
import type { AppEnv } from '../context'
import { terms } from '../core/round'
import { messagesOf, negotiate } from '../i18n'
import { questionOf } from '../i18n/items'
import { authorize } from '../services/authorize'
import { type Definitions, definitionsText, readDefinitions, type ShownDefinitions } from '../services/definitions'
import { wordsOf } from '../services/findings'
import { bankQuestion } from '../services/term-answers'
import { IndexHero, TermsFigure } from './components/agreement-index'
import { type DefinitionsView, roundName } from './components/definition-view'
import { type Mistake, Mistakes } from './components/field'
import { Footnote } from './components/footnote'
import { CaseSections } from './components/judged-cases'
import { RoundTools } from './components/round-tools'
import { nextText, TermSections } from './components/term-answers'
import { permit } from './failure'
import { Page, Sheet } from './layout'
import { addressOf, askedIn, whole } from './query'

const path = '/definitions'

/** The latest closed round, or the one with `?round=<number>`. */
export const definitionsPages = new Hono<AppEnv>().get('/', permit('results:read'), async (c) => {
  const { values, mistakes } = askedIn(c, { round: whole(messagesOf(c.var.locale)) })
  const definitions = await readDefinitions(c.var.services, values.round)
  const view = viewOf(c, definitions)
  // Rendered first, so that the sheet in the head knows every mark.
  const body = raw(
    await (definitions.shown ? (
      <Shown view={view} shown={definitions.shown} events={definitions.events} mistakes={mistakes} />
    ) : (
      <Empty view={view} definitions={definitions} />
    )),
  )
  const { t, f } = view
  const { shown, settings } = definitions
  return c.html(
    <Page
      c={c}
      title={shown ? `${t.definitionsPage.title}, ${f.period(shown.round.period)}` : t.definitionsPage.title}
      section="definitions"
      sample={settings.sample !== null}
      sheet={view.sheet}
      path={addressOf(path, { round: values.round })}
      styles={['definitions']}
      tools={shown ? <RoundTools view={view} action={path} rounds={definitions.rounds} shown={shown.round.number} /> : null}
      footer={<Footnote view={view} minimum={shown?.minimumGroupSize ?? settings.minimumGroupSize} />}
    >
      {body}
    </Page>,
    mistakes.length > 0 ? 422 : 200,
  )
})

function viewOf(c: Context<AppEnv>, { settings }: Definitions): DefinitionsView {
  const { locale, actor } = c.var
  return {
    ...wordsOf(locale, settings.timeZone),
    sheet: new Sheet(),
    reader: { locale, organisation: negotiate([settings.locale]) },
    mayEdit: authorize(actor, 'survey:write'),
  }
}

function Shown(props: { view: DefinitionsView; shown: ShownDefinitions; events: Definitions['events']; mistakes: readonly Mistake[] }) {
  const { view, shown, events, mistakes } = props
  const { t, f } = view
  const { sales, marketing } = shown.ballots
  return (
    <>
      <div class="pagehead">
        <h1>{definitionsText(shown, view)}</h1>
        <p class="sub">{t.definitionsPage.sub}</p>
        <p class="side">
          {roundName(view, shown.round)}
          {sales !== null && marketing !== null ? (
            <>
              <br />
              {t.definitionsPage.ballots(f.number(sales), f.number(marketing))}
            </>
          ) : null}
        </p>
      </div>
      <Mistakes mistakes={[...mistakes]} title={t.settingsPage.unusable} />
      <section class="sec">
        <div class="cols">
          <IndexHero view={view} shown={shown} />
          <TermsFigure view={view} shown={shown} events={events} />
        </div>
      </section>
      <TermSections view={view} shown={shown} />
      <CaseSections view={view} shown={shown} />
    </>
  )
}

/** Before the first round has closed: what will be here, the one step that helps, and when each term is asked. */
function Empty({ view, definitions }: { view: DefinitionsView; definitions: Definitions }) {
  const { t, f, reader } = view
  const texts = t.definitionsPage
  const { empty } = t.overview
  const { next, turns, hasPeople } = definitions
  const isOpen = next?.state === 'open'
  return (
    <>
      <div class="pagehead">
        <h1>{empty.title}</h1>
        <p class="sub">{texts.empty.sub}</p>
      </div>
      <section class="sec tight">
        <div class="state">
          <strong>{isOpen ? empty.open(f.number(next.number)) : hasPeople ? empty.round : empty.people}</strong>
          <p>
            {isOpen
              ? [next.closesAt ? empty.closes(f.date(next.closesAt)) : null, empty.resultsWait].filter((text) => text !== null).join(' ')
              : hasPeople
                ? empty.roundWhat
                : empty.peopleWhat}
          </p>
          <a class="btn" href={isOpen || hasPeople ? '/rounds' : '/people'}>
            {isOpen || hasPeople ? empty.toRounds : empty.toPeople}
          </a>
        </div>
      </section>
      <section class="sec">
        <div class="title">
          <h2>{texts.empty.turns}</h2>
          <p class="what">{texts.empty.turnsWhat}</p>
        </div>
        <ul class="unmeasured">
          {terms.map((term) => (
            <li id={term}>
              <h3>{t.terms[term]}</h3>
              <p>{questionOf(reader, bankQuestion(term)).text}</p>
              <p>{nextText(view, { next: turns.get(term) ?? null }) ?? texts.term.never}</p>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
