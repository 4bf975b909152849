import { type Context, Hono } from 'hono'
import { raw } from 'hono/html'
import type { AppEnv } from '../context'
import { messagesOf } from '../i18n'
import { formatOf } from '../i18n/format'
import { remembered } from '../remember'
import { authorize } from '../services/authorize'
import { type About, type Finding, overviewFindings, wordsOf } from '../services/findings'
import { type Overview, readOverview, type ShownRound } from '../services/overview'
import { AddEvent } from './components/add-event'
import { Agenda } from './components/agenda'
import { Answers } from './components/answers'
import { DefinitionsFigure } from './components/definitions'
import { scorePath } from './components/drill'
import { Mistakes } from './components/field'
import { Footnote } from './components/footnote'
import { HeatTable } from './components/heat-table'
import { KpiStrip } from './components/kpi-strip'
import { PillarStrip } from './components/pillars'
import { RoundTools } from './components/round-tools'
import { ScoreHero } from './components/score-hero'
import { SidesFigure } from './components/sides'
import { ThreeNumbers } from './components/three-numbers'
import { TrendFigure } from './components/trend'
import type { View } from './components/view'
import { Waterfall } from './components/waterfall'
import { WeightsFigure } from './components/weights'
import { permit } from './failure'
import { Page, Sheet } from './layout'
import { addressOf, askedIn, whole } from './query'

/** The page that a leader opens: the latest closed round, or the one with `?round=<number>`. */
export const overviewPages = new Hono<AppEnv>().get('/', permit('results:read'), remembered, async (c) => {
  const { locale } = c.var
  const { values, mistakes } = askedIn(c, { round: whole(messagesOf(locale)) })
  const number = mistakes.length > 0 ? undefined : values.round
  const overview = await readOverview(c.var.services, number)
  c.set('isLasting', overview.shown !== null)
  const view: View = { ...wordsOf(locale, overview.settings.timeZone), sheet: new Sheet(), actor: c.var.actor }
  // Rendered first, so that the sheet in the head knows every mark.
  const body = raw(
    await (overview.shown ? (
      <Shown c={c} view={view} overview={overview} shown={overview.shown} />
    ) : (
      <Empty c={c} view={view} overview={overview} />
    )),
  )
  return c.html(
    <Page
      c={c}
      title={documentTitle(view, overview)}
      section="overview"
      sample={overview.settings.sample !== null}
      sheet={view.sheet}
      styles={mistakes.length > 0 ? ['overview', 'forms'] : ['overview']}
      path={addressOf('/overview', { round: number })}
      tools={
        overview.shown ? <RoundTools view={view} action="/overview" rounds={overview.rounds} shown={overview.shown.result.number} /> : null
      }
      footer={<Footnote view={view} minimum={overview.shown?.result.minimumGroupSize ?? overview.settings.minimumGroupSize} />}
    >
      <Mistakes mistakes={mistakes} title={view.t.settingsPage.unusable} />
      {body}
    </Page>,
    mistakes.length > 0 ? 422 : 200,
  )
})

function documentTitle({ t, f }: View, { shown }: Overview): string {
  return shown ? `${t.overview.title}, ${f.period(shown.result.period)}` : t.overview.title
}

function Shown({ c, view, overview, shown }: { c: Context<AppEnv>; view: View; overview: Overview; shown: ShownRound }) {
  const said = overviewFindings(overview, view)
  const textOf = (what: About) => said.find(({ about }) => about === what)?.text ?? ''
  const { t, f } = view
  const { settings } = overview
  const { result, sinceLast } = shown
  return (
    <>
      <div class="pagehead">
        <h1>{textOf('score')}</h1>
        <p class="sub">{textOf('cause')}</p>
        <p class="side">
          <bdi>{settings.organisationName}</bdi>
          <br />
          {shown.closedAt ? t.overview.closed(f.date(shown.closedAt)) : null}
        </p>
      </div>
      <Agenda view={view} overview={overview} shown={shown} said={said} />
      <section class="sec tight">
        <div class="cols">
          <ScoreHero view={view} shown={shown} />
          <TrendFigure view={view} shown={shown} title={textOf('trend')} under={<AddEvent c={c} chart="trend" />} />
        </div>
      </section>
      <PillarStrip view={view} shown={shown} />
      <section class="sec">
        <div class="cols">
          {sinceLast ? <Waterfall view={view} change={sinceLast} /> : <NothingMoved view={view} />}
          <SidesFigure view={view} result={result} title={textOf('sides')} />
          <WeightsFigure view={view} shown={shown} title={textOf('weights')} />
          <DefinitionsFigure
            view={view}
            shown={shown}
            closed={overview.rounds.filter(({ number }) => number <= result.number).length}
            title={textOf('definitions')}
          />
        </div>
      </section>
      <ThreeNumbers view={view} lines={shown.lines} minimum={result.minimumGroupSize} />
      <section class="sec">
        <div class="cols">
          <HeatTable view={view} result={result} merged={shown.merged} title={textOf('groups')} />
          <Answers view={view} result={result} />
        </div>
      </section>
      <KpiStrip view={view} overview={overview} title={textOf('kpis')} />
      <Further view={view} overview={overview} said={said} round={result.number} />
    </>
  )
}

/** What was found over many months: one sentence each here, the tables where they are looked into. */
function Further(props: { view: View; overview: Overview; said: readonly Finding[]; round: number }) {
  const { around, relations } = props.overview
  const { around: texts, relations: others } = props.view.t.overview
  const textOf = (what: About) => props.said.find(({ about }) => about === what)?.text
  if (!around && relations.length === 0) return null
  return (
    <section class="sec tight">
      <div class="cols">
        {around ? (
          <div class="c6">
            <div class="title">
              <h2>
                <a href={`/events/${around.event.id}`}>{textOf('around')}</a>
              </h2>
              {/* A day, which is the same in every time zone. */}
              <p class="what">{texts.what(formatOf(props.view.locale, 'UTC').date(new Date(around.event.day)))}</p>
            </div>
          </div>
        ) : null}
        {relations.length > 0 ? (
          <div class="c6">
            <div class="title">
              <h2>
                <a href={scorePath(props.round)}>{textOf('relations')}</a>
              </h2>
              <p class="what">{others.what}</p>
            </div>
          </div>
        ) : null}
      </div>
    </section>
  )
}

function NothingMoved({ view: { t } }: { view: View }) {
  return (
    <figure class="c7">
      <div class="title">
        <h2>{t.overview.moved.neutral}</h2>
      </div>
      <div class="state">
        <strong>{t.overview.moved.none}</strong>
        <p>{t.overview.moved.noneWhat}</p>
      </div>
    </figure>
  )
}

/** Before the first round has closed: what will be here, and the one step that helps now. */
function Empty({ c, view, overview }: { c: Context<AppEnv>; view: View; overview: Overview }) {
  const { t } = view
  return (
    <>
      <div class="pagehead">
        <h1>{t.overview.empty.title}</h1>
        <p class="sub">{t.overview.empty.sub}</p>
        <p class="side">
          <bdi>{overview.settings.organisationName}</bdi>
        </p>
      </div>
      <section class="sec">
        <NextStep view={view} overview={overview} maySetUp={authorize(c.var.actor, 'settings:write')} />
      </section>
      <KpiStrip view={view} overview={overview} title={view.t.findings.kpis.neutral} />
    </>
  )
}

function NextStep(props: { view: View; overview: Overview; maySetUp: boolean }) {
  const { view, overview, maySetUp } = props
  const { t, f } = view
  const { next, hasPeople } = overview

  const { empty } = t.overview
  if (next?.state === 'open') {
    const { number, closesAt, invited, answered } = next
    return (
      <div class="state">
        <strong>{empty.open(f.number(number))}</strong>
        <p>
          {[
            answered !== null && invited !== null
              ? empty.answered(f.number(answered), f.number(invited))
              : invited !== null
                ? empty.invited(f.number(invited))
                : null,
            closesAt ? empty.closes(f.date(closesAt)) : null,
            empty.resultsWait,
          ]
            .filter((sentence) => sentence !== null)
            .join(' ')}
        </p>
        <a class="btn" href="/rounds">
          {empty.toRounds}
        </a>
      </div>
    )
  }
  return (
    <div class="state">
      <strong>{hasPeople ? empty.round : empty.people}</strong>
      <p>{hasPeople ? empty.roundWhat : empty.peopleWhat}</p>
      {maySetUp ? (
        <div class="actions">
          <a class="btn solid" href={hasPeople ? '/rounds' : '/people'}>
            {hasPeople ? empty.toRounds : empty.toPeople}
          </a>
          <a class="btn" href="/first-steps">
            {t.firstRun.all}
          </a>
        </div>
      ) : null}
    </div>
  )
}
