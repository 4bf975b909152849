/** What was published, from the score down to a statement; every view is an address. */
import { type Context, Hono } from 'hono'
import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { AppEnv } from '../context'
import type { Course } from '../core/course'
import { DomainError } from '../core/errors'
import { isBeyondChance, isHidden } from '../core/findings'
import { type Figure, type Hidden, type NodeFigures, type Pillar, pillars, type Score } from '../core/result'
import { type Theme, themes } from '../core/round'
import { type FigureChange, isUnshown, type Unshown } from '../core/round-change'
import { themeItems } from '../core/tally'
import { messagesOf } from '../i18n'
import { roundTo } from '../i18n/format'
import { remembered } from '../remember'
import {
  changeOf,
  type Explored,
  groupCourse,
  otherRules,
  partFigure,
  pillarOf,
  RoundOutside,
  readAlignment,
  readExplored,
  scoreCourse,
  type Wanted,
} from '../services/explore'
import { wordsOf } from '../services/findings'
import { CourseFigure, changeFact, type Fact, Facts, intervalFact, startFact, valueFact } from './components/explore-course'
import { Breadcrumbs, type Crumbs, Filters, groupName, type Level, linkOf } from './components/explore-frame'
import { AlignedCharts, alignmentFile, areDots, BothSeries, kpiName, RelationFacts, relationSentence } from './components/explore-kpi'
import {
  ClassStacks,
  GroupTable,
  HeatByRound,
  OwnTable,
  PartTable,
  PillarTable,
  SidesByRound,
  StatementTable,
  statementRows,
  themeRows,
  wordsOfItem,
} from './components/explore-tables'
import { type Mistake, Mistakes } from './components/field'
import { Footnote } from './components/footnote'
import { Bringer } from './components/pillars'
import { Relations } from './components/relations'
import { Scroll } from './components/scroll'
import { Verdict } from './components/verdict'
import { changeDecimals, type View } from './components/view'
import { Worded } from './components/worded'
import { permit } from './failure'
import { Page, Sheet } from './layout'
import { addressOf, askedIn, id, month, oneOf, whole } from './query'

export const explorePages = new Hono<AppEnv>()
  .use(permit('scores:read'), remembered, (c, next) => {
    c.set('isLasting', true)
    return next()
  })
  .get('/', (c) =>
    explorePage(c, { path: '/explore', title: () => messagesOf(c.var.locale).explore.title, crumbs: () => [], body: scoreBody }),
  )
  .get('/pillars/:pillar', (c) => {
    const pillar = named(pillars, c.req.param('pillar'))
    const t = messagesOf(c.var.locale)
    const title = t.overview.pillars.names[pillar]
    return explorePage(c, {
      path: `/explore/pillars/${pillar}`,
      title: () => title,
      crumbs: () => [],
      body: (level) => pillarBody(level, pillar),
    })
  })
  .get('/themes/:theme', (c) => {
    const theme = named(themes, c.req.param('theme'))
    const t = messagesOf(c.var.locale)
    return explorePage(c, {
      path: `/explore/themes/${theme}`,
      title: () => t.themes[theme],
      crumbs: () => [perception(c)],
      body: (level) => themeBody(level, theme),
    })
  })
  .get('/items/:item', (c) => itemPage(c, c.req.param('item')))
  .get('/kpis/:key', permit('metrics:read'), (c) => kpiPage(c, c.req.param('key')))

/** @throws DomainError not-found */
function named<const Name extends string>(known: readonly Name[], text: string): Name {
  const found = known.find((one) => one === text)
  if (!found) throw new DomainError('not-found', 'There is nothing here.')
  return found
}

const perception = (c: Context<AppEnv>): Crumbs[number] => ({
  text: messagesOf(c.var.locale).overview.pillars.names.perception,
  path: '/explore/pillars/perception',
})

// ── The frame ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface Place {
  /** Of the page, without its query. */
  path: string
  /** Of the window, and the heading of a refused or an empty page. */
  title: (explored: Explored, view: View) => string
  /** Between Explore and the page itself. */
  crumbs: (explored: Explored, view: View) => Crumbs
  /** Whose figures every round brings, where no group is chosen; and the item that is looked at. */
  reads?: Parameters<typeof readExplored>[2]
  body: (level: Level) => Child
}

function askedOf(c: Context<AppEnv>) {
  const t = messagesOf(c.var.locale)
  const asked = askedIn(c, { from: month(t), to: month(t), round: whole(t), team: id(), side: oneOf(t, ['sales', 'marketing']) })
  const { from, to, team, side } = asked.values
  if (from !== undefined && to !== undefined && from > to) asked.mistakes.push({ field: 'to', reason: t.explore.asked.order })
  if (team !== undefined && side !== undefined) asked.mistakes.push({ field: 'team', reason: t.explore.asked.both })
  return asked
}

async function explorePage(c: Context<AppEnv>, place: Place) {
  const { services, locale } = c.var
  const { values, given, mistakes } = askedOf(c)
  const t = messagesOf(locale)
  const { explored, refused } = await readAsked(values, mistakes)
  const isRefused = refused.length > 0
  const view: View = { ...wordsOf(locale, explored.settings.timeZone), sheet: new Sheet(), actor: c.var.actor }
  const link = linkOf(isRefused ? {} : values)
  const { chosen } = explored
  const title = place.title(explored, view)
  const here = { text: title, path: place.path }
  const crumbs: Crumbs =
    place.path === '/explore' ? [here] : [{ text: t.explore.title, path: '/explore' }, ...place.crumbs(explored, view), here]
  const filters =
    explored.rounds.length === 0 ? null : (
      <Filters
        view={view}
        path={place.path}
        periods={[...new Set(explored.rounds.map(({ period }) => period))]}
        given={given}
        mistakes={refused}
        within={explored}
      />
    )
  const body = raw(
    await (
      <>
        <Breadcrumbs t={t} crumbs={crumbs} link={link} />
        {!isRefused && chosen ? (
          place.body({
            c,
            view,
            path: place.path,
            explored,
            chosen,
            filters,
            wanted: values,
            link: (path, other) => linkOf(other ?? values)(path),
          })
        ) : (
          <>
            <div class="pagehead">
              <h1>{title}</h1>
            </div>
            <Mistakes mistakes={refused} title={t.settingsPage.unusable} />
            {filters}
            {isRefused ? null : <Nothing view={view} explored={explored} />}
          </>
        )}
      </>
    ).toString(),
  )
  return c.html(
    <Page
      c={c}
      title={title}
      section="explore"
      sample={explored.settings.sample !== null}
      sheet={view.sheet}
      styles={['explore']}
      path={isRefused ? addressOf(place.path, given) : link(place.path)}
      footer={<Footnote view={view} minimum={chosen?.result.minimumGroupSize ?? explored.settings.minimumGroupSize} />}
    >
      {body}
    </Page>,
    isRefused ? 422 : 200,
  )

  /** Of a refused address only what the form needs is read. */
  async function readAsked(wanted: Wanted, wrong: readonly Mistake[]): Promise<{ explored: Explored; refused: readonly Mistake[] }> {
    if (wrong.length > 0) return { explored: await readExplored(services, {}), refused: wrong }
    try {
      return { explored: await readExplored(services, wanted, place.reads), refused: [] }
    } catch (error) {
      if (!(error instanceof RoundOutside)) throw error
      return { explored: await readExplored(services, {}), refused: [{ field: 'round', reason: t.explore.asked.outside }] }
    }
  }
}

function Nothing({ view: { t }, explored }: { view: View; explored: Explored }) {
  const { empty } = t.overview
  const isFirst = explored.rounds.length === 0
  const { hasPeople } = explored
  return (
    <div class="state">
      <strong>{!isFirst ? t.explore.none : hasPeople ? empty.title : empty.people}</strong>
      <p>{!isFirst ? t.explore.noneWhat : hasPeople ? empty.sub : empty.peopleWhat}</p>
      {isFirst ? (
        <a class="btn" href={hasPeople ? '/rounds' : '/people'}>
          {hasPeople ? empty.toRounds : empty.toPeople}
        </a>
      ) : null}
    </div>
  )
}

/** The heading of a page, and what is chosen. */
const Head = ({ title, sub, level }: { title: Child; sub?: Child; level: Level }) => {
  const { t, f } = level.view
  const { number, period, closedAt, group } = level.chosen
  return (
    <>
      <div class="pagehead">
        <h1>{title}</h1>
        {sub ? <p class="sub">{sub}</p> : null}
        <p class="side">
          {group ? (
            <>
              <bdi>{groupName(level.view, group)}</bdi>
              <br />
            </>
          ) : null}
          {t.overview.roundOption(f.number(number), f.period(period))}
          {closedAt ? (
            <>
              <br />
              {t.overview.closed(f.date(closedAt))}
            </>
          ) : null}
        </p>
      </div>
      {level.filters}
    </>
  )
}

/** A side whose figures are hidden in the chosen round: words, and no number. */
const HiddenGroup = ({ level }: { level: Level }) => {
  const { t, f } = level.view
  const { group, result } = level.chosen
  const minimum = f.number(result.minimumGroupSize)
  return (
    <div class="state hatch">
      <div>
        <strong>{group ? groupName(level.view, group) : t.sides[level.wanted.side ?? 'other']}</strong>
        <p>{group && isHidden(group) ? t.roundsPage.hidden[group.hidden](minimum) : t.overview.sides.missingWhat(minimum)}</p>
      </div>
    </div>
  )
}

// ── The score ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The chosen group where it is published; undefined where both sides are looked at together. */
const publishedGroup = ({ chosen: { group } }: Level): NodeFigures | undefined => (group && !isHidden(group) ? group : undefined)
const hasGroup = ({ wanted }: Level) => wanted.side !== undefined || wanted.team !== undefined

function scoreBody(level: Level) {
  const { view, explored, chosen } = level
  const { t } = view
  if (hasGroup(level)) return groupBody(level)
  const scored = explored.view
  const course = scoreCourse({ ...explored, chosen }, (score) => score)
  const name = t.overview.score.heading
  const facts: Fact[] = scored
    ? [
        valueFact(view, 'percent', scored.score.value, 1),
        intervalFact(view, 'percent', scored.score.interval, 1),
        { name: t.explore.facts.ballots, value: ballotsText(view, scored.score) },
        changeFact(
          view,
          t.explore.facts.sincePrevious,
          scored.sinceLast ? { from: scored.sinceLast.from.value, to: scored.sinceLast.to.value, verdict: scored.sinceLast.verdict } : null,
        ),
        changeFact(
          view,
          t.explore.facts.sinceStart,
          scored.sinceBaseline && scored.baseline && scored.score.value !== null
            ? { from: scored.baseline.value, to: scored.score.value, verdict: scored.sinceBaseline.verdict }
            : null,
        ),
      ]
    : [valueFact(view, 'percent', null)]
  return (
    <>
      <Head level={level} title={t.explore.title} sub={t.explore.sub} />
      <section class="sec tight">
        <CourseFigure
          level={level}
          id="score"
          name={name}
          course={course}
          scale="percent"
          decimals={1}
          note={rulesNote(level)}
          none={t.overview.trend.noneWhat}
        />
      </section>
      <Facts level={level} facts={facts} />
      <PillarTable level={level} />
      {explored.relations.length > 0 ? (
        <Relations view={view} relations={explored.relations} title={t.findings.relations.neutral} link={(key) => kpiLink(level, key)} />
      ) : (
        <section class="sec tight">
          <div class="title">
            <h2>{t.findings.relations.neutral}</h2>
            <p class="what">
              {t.overview.pillars.missing['no-kpis'].why} {t.overview.pillars.missing['no-kpis'].brings}{' '}
              <Bringer view={view} missing="no-kpis" />
            </p>
          </div>
        </section>
      )}
    </>
  )
}

const kpiLink = ({ link, wanted: { from, to } }: Level, key: string): string => link(`/explore/kpis/${key}`, { from, to })

const ballotsText = ({ t, f }: View, { ballots, invited }: Score): string =>
  ballots === null ? '–' : t.overview.ofInvited(f.number(ballots), f.number(invited))

const rulesNote = ({ view, explored }: Level): string | null => {
  const left = otherRules(explored)
  return left > 0 ? view.t.overview.trend.otherRules(left) : null
}

/** One group: its overall rating over rounds, and every theme. A group alone has no score. */
function groupBody(level: Level) {
  const { view, explored, chosen } = level
  const { t } = view
  const { group } = chosen
  const name = group ? groupName(view, group) : t.sides[level.wanted.side ?? 'other']
  const node = publishedGroup(level)
  const own = node ? changeOf(chosen, node.id) : undefined
  const course = groupCourse({ ...explored, chosen }, ({ headline }) => headline, [-100, 100])
  return (
    <>
      <Head level={level} title={name} sub={t.explore.sub} />
      {node ? null : <HiddenGroup level={level} />}
      <section class="sec tight">
        <CourseFigure level={level} id="rating" name={t.roundsPage.overall} course={course} scale="net" decimals={0} />
      </section>
      {node ? (
        <>
          <Facts level={level} facts={figureFacts(level, node.headline, own && !isUnshown(own) ? own.headline : own, course, 'net')}>
            <p class="note">
              <a href={level.link('/explore/items/headline')}>
                <Worded words={wordsOfItem(level, 'headline')} />
              </a>
            </p>
          </Facts>
          <OwnTable level={level} node={node} title={t.explore.theme.all} what={t.explore.theme.groupsWhat} rows={themeRows(level, node)} />
        </>
      ) : null}
      <HeatByRound level={level} name={name} />
    </>
  )
}

/** Value, interval, answers and changes of a figure of one group; in words what is not said of it. */
function figureFacts(
  level: Level,
  figure: Figure | Hidden | undefined,
  change: FigureChange | Unshown | undefined,
  course: Course,
  scale: 'percent' | 'net',
): Fact[] {
  const { view, chosen } = level
  const { t, f } = view
  const texts = t.explore.facts
  if (!figure) return [valueFact(view, scale, null)]
  if (isHidden(figure)) {
    const why = t.roundsPage.hidden[figure.hidden](f.number(chosen.result.minimumGroupSize))
    return [
      {
        name: texts.value,
        value: (
          <span class="hatch">
            <span class="paper">{why}</span>
          </span>
        ),
      },
    ]
  }
  const banded = figure.value === null && figure.band ? `${t.roundsPage.bands[figure.band]}. ${texts.band}` : null
  return [
    banded === null ? valueFact(view, scale, figure.value) : { name: texts.value, value: banded },
    intervalFact(view, scale, figure.interval),
    { name: texts.answers, value: f.number(figure.n) },
    change && isUnshown(change)
      ? { name: texts.sincePrevious, value: <span class="note">{t.roundsPage.changes.hidden[change.hidden]}</span> }
      : changeFact(view, texts.sincePrevious, change ? { ...change, decimals: changeDecimals(change) } : null),
    figure.n < 10 ? { name: texts.sinceStart, value: texts.small } : startFact(view, course, figure.value),
  ]
}

// ── Pillars and themes ──────────────────────────────────────────────────────────────────────────────────────────────

function pillarBody(level: Level, pillar: Pillar) {
  const { view, explored, chosen } = level
  const { t } = view
  const name = t.overview.pillars.names[pillar]
  const scored = explored.view
  const course = scoreCourse({ ...explored, chosen }, (score) => {
    const own = pillarOf(score, pillar)
    return own ? { value: own.value, interval: null } : null
  })
  const own = scored ? pillarOf(scored.score, pillar) : undefined
  const group = chosen.group ? groupName(view, chosen.group) : null
  const node = publishedGroup(level)
  return (
    <>
      <Head level={level} title={name} sub={t.overview.pillars.what[pillar]} />
      <section class="sec tight">
        {group ? <p class="note">{t.explore.pillar.group(group)}</p> : null}
        <CourseFigure level={level} id={pillar} name={name} course={course} scale="fixed" decimals={1} note={rulesNote(level)} />
      </section>
      <Facts
        level={level}
        facts={[
          valueFact(view, 'percent', own?.value ?? null, 1),
          { name: t.explore.pillar.weight, value: own ? view.f.percent(own.weight) : '–' },
          changeFact(view, t.explore.facts.sincePrevious, course.step),
          startFact(view, course, own?.value ?? null),
        ]}
      />
      {pillar === 'perception' && node ? (
        <>
          <OwnTable level={level} node={node} title={group ?? ''} what={t.explore.theme.groupsWhat} rows={themeRows(level, node)} />
          <HeatByRound level={level} name={group ?? ''} />
        </>
      ) : null}
      {own ? <PartTable level={level} pillar={own} /> : null}
    </>
  )
}

function themeBody(level: Level, theme: Theme) {
  const { view, explored, chosen } = level
  const { t } = view
  const name = t.themes[theme]
  const { result } = chosen
  const statements = statementsOf(level, theme)
  const gap = result.gaps.find((one) => one.theme === theme)
  const themeChange = (nodeId: string) => {
    const change = changeOf(chosen, nodeId)
    return change && !isUnshown(change) ? change.themes[theme] : change
  }
  const groups = (
    <GroupTable
      level={level}
      title={t.explore.theme.groups}
      what={t.explore.theme.groupsWhat}
      figureOf={(node) => node.themes[theme]}
      changeOf={themeChange}
    />
  )
  if (hasGroup(level)) {
    const node = publishedGroup(level)
    const group = chosen.group ? groupName(view, chosen.group) : ''
    const course = groupCourse({ ...explored, chosen }, ({ themes: own }) => own[theme])
    return (
      <>
        <Head level={level} title={t.explore.theme.said(group, name)} />
        {node ? null : <HiddenGroup level={level} />}
        <section class="sec tight">
          <CourseFigure level={level} id={theme} name={name} course={course} scale="percent" decimals={0} />
        </section>
        {node ? (
          <>
            <Facts level={level} facts={figureFacts(level, node.themes[theme], themeChange(node.id), course, 'percent')} />
            <OwnTable
              level={level}
              node={node}
              title={t.explore.theme.statements}
              what={t.explore.theme.statementsWhat}
              within
              rows={statementRows(level, node, statements)}
            />
          </>
        ) : null}
        {groups}
      </>
    )
  }
  const scored = explored.view
  const partIn = (score: Score) => pillarOf(score, 'perception')?.parts.find(({ key }) => key === theme)
  const course = scoreCourse({ ...explored, chosen }, (score) => {
    const part = partIn(score)
    return part ? partFigure(part, score) : null
  })
  const [now, previous] = [scored ? partIn(scored.score) : undefined, scored?.previous ? partIn(scored.previous) : undefined]
  const moved = scored?.sinceLast?.contributions.find(({ key, pillar }) => key === theme && pillar === 'perception')
  const isApart = gap !== undefined && isBeyondChance(gap)
  return (
    <>
      <Head
        level={level}
        title={isApart ? t.explore.theme.gap(name, view.f.number(Math.abs(roundTo(gap.gap, 0)))) : name}
        sub={gap ? sidesText(level, gap) : undefined}
      />
      <section class="sec tight">
        <CourseFigure
          level={level}
          id={theme}
          name={t.explore.theme.inScore(name)}
          course={course}
          scale="percent"
          decimals={1}
          note={rulesNote(level)}
        />
      </section>
      <Facts
        level={level}
        {...(now && gap ? { what: `${t.explore.theme.valueWhat} ${t.roundsPage.distanceWhat}` } : {})}
        facts={[
          valueFact(view, 'percent', now?.value ?? null, 1),
          intervalFact(view, 'percent', now && scored ? partFigure(now, scored.score).interval : null, 1),
          { name: t.roundsPage.gap, value: gap ? <GapText level={level} gap={gap} /> : '–' },
          { name: t.roundsPage.distance, value: gap ? view.f.number(gap.distance, 2) : '–' },
          changeFact(
            view,
            t.explore.facts.sincePrevious,
            now && previous && moved ? { from: previous.value, to: now.value, verdict: moved.withinNoise ? 'normal' : 'signal' } : null,
          ),
          startFact(view, course, now?.value ?? null),
        ]}
      />
      <section class="sec tight">
        <SidesByRound level={level} id="sides" gapOf={({ gaps }) => gaps?.find((one) => one.theme === theme)} />
      </section>
      <StatementTable level={level} ids={statements} />
      {groups}
    </>
  )
}

const sidesText = ({ view: { t, f } }: Level, { sales, marketing }: { sales: number; marketing: number }): string =>
  `${t.sides.sales} ${f.number(sales)} · ${t.sides.marketing} ${f.number(marketing)}`

const GapText = ({ level, gap }: { level: Level; gap: { gap: number; interval: { low: number; high: number }; p: number } }) => (
  <>
    <bdi>{level.view.f.signed(gap.gap, 1)}</bdi> <Verdict view={level.view} verdict={isBeyondChance(gap) ? 'signal' : 'normal'} />
  </>
)

/** Of a theme, in the order of the page: those that the chosen round asked. */
function statementsOf({ chosen: { items, result } }: Level, theme: Theme): string[] {
  const asked = result.asked?.[theme] ?? themeItems(items, theme).map((item) => item.id)
  if (asked.length > 0) return asked
  const node = result.nodes.find((one): one is NodeFigures => !isHidden(one))
  return node?.themes[theme] ? Object.keys(node.items).filter((item) => item.startsWith(theme)) : []
}

// ── A statement ─────────────────────────────────────────────────────────────────────────────────────────────────────

function itemPage(c: Context<AppEnv>, item: string) {
  const words = (explored: Explored, view: View) =>
    explored.chosen ? wordsOfItem({ view, explored, chosen: explored.chosen }, item).text : messagesOf(c.var.locale).explore.title
  return explorePage(c, {
    path: `/explore/items/${encodeURIComponent(item)}`,
    title: words,
    crumbs: ({ chosen }) => {
      const own = chosen?.items.find((one) => one.id === item)
      if (own?.kind !== 'agreement') return []
      return [perception(c), { text: messagesOf(c.var.locale).themes[own.theme], path: `/explore/themes/${own.theme}` }]
    },
    reads: { pick: 'company', item },
    body: (level) => itemBody(level, item),
  })
}

function itemBody(level: Level, item: string) {
  const { view, explored, chosen } = level
  const { t } = view
  const own = chosen.items.find((one) => one.id === item)
  const isNet = item === 'headline'
  const scale = isNet ? 'net' : 'percent'
  const figureOf = (node: NodeFigures) => (isNet ? node.headline : node.items[item])
  const course = groupCourse({ ...explored, chosen }, figureOf, isNet ? [-100, 100] : [0, 100])
  const whole = explored.range.find(({ number }) => number === chosen.number)?.node
  const node = hasGroup(level)
    ? publishedGroup(level)
    : whole && !isHidden(whole)
      ? chosen.result.nodes.find((one): one is NodeFigures => one.id === whole.id && !isHidden(one))
      : undefined
  const itemChange = (nodeId: string) => {
    const change = changeOf(chosen, nodeId)
    return change && !isUnshown(change) ? (isNet ? change.headline : change.items[item]) : change
  }
  const isTerm = own !== undefined && 'term' in own
  const isAsked = isNet || chosen.result.nodes.some((one) => !isHidden(one) && one.items[item] !== undefined)
  const name = hasGroup(level) && chosen.group ? groupName(view, chosen.group) : t.sides.company
  if (isTerm) {
    return (
      <>
        <Head level={level} title={<Worded words={wordsOfItem(level, item)} />} />
        <p>
          <a class="btn" href={`/definitions?round=${chosen.number}`}>
            {t.layout.definitions}
          </a>
        </p>
      </>
    )
  }
  return (
    <>
      <Head
        level={level}
        title={<Worded words={wordsOfItem(level, item)} />}
        sub={own?.kind === 'agreement' ? t.themes[own.theme] : undefined}
      />
      {hasGroup(level) && !node ? <HiddenGroup level={level} /> : null}
      <section class="sec tight">
        <CourseFigure level={level} id="statement" name={name} course={course} scale={scale} decimals={0} />
      </section>
      {isAsked ? (
        <>
          {node ? <Facts level={level} facts={figureFacts(level, figureOf(node), itemChange(node.id), course, scale)} /> : null}
          {isNet ? null : (
            <section class="sec tight">
              <SidesByRound level={level} id="sides" gapOf={({ statements }) => statements?.find(({ itemId }) => itemId === item)} />
            </section>
          )}
          <ClassStacks level={level} figureOf={figureOf} />
          <GroupTable
            level={level}
            title={t.explore.theme.groups}
            what={isNet ? t.roundsPage.groupsWhat : t.explore.theme.groupsWhat}
            figureOf={figureOf}
            changeOf={itemChange}
            net={isNet}
            within
          />
        </>
      ) : (
        <p class="note">{t.explore.item.notAsked}</p>
      )}
    </>
  )
}

// ── A KPI ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function kpiPage(c: Context<AppEnv>, text: string) {
  const { services, locale } = c.var
  const isFile = text.endsWith('.csv')
  const key = isFile ? text.slice(0, -4) : text
  const t = messagesOf(locale)
  const asked = askedIn(c, { from: month(t), to: month(t) })
  const { from, to } = asked.values
  if (from !== undefined && to !== undefined && from > to) asked.mistakes.push({ field: 'to', reason: t.explore.asked.order })
  const refused = asked.mistakes
  const alignment = await readAlignment(services, key, refused.length > 0 ? {} : asked.values)
  if (isFile && refused.length === 0) {
    return c.body(alignmentFile(alignment), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="${alignment.metric.key}-alignment.csv"`,
    })
  }
  const view: View = { ...wordsOf(locale, alignment.settings.timeZone), sheet: new Sheet() }
  const name = kpiName(view, alignment)
  const link = linkOf({ from, to })
  const path = `/explore/kpis/${alignment.metric.key}`
  const { relation } = alignment
  const texts = t.explore.kpi
  const body = raw(
    await (
      <>
        <Breadcrumbs
          t={t}
          crumbs={[
            { text: t.explore.title, path: '/explore' },
            { text: name, path },
          ]}
          link={link}
        />
        <div class="pagehead">
          <h1>{texts.title(name)}</h1>
          <p class="sub">{relationSentence(view, relation, name)}</p>
        </div>
        <Mistakes mistakes={refused} title={t.settingsPage.unusable} />
        <Filters view={view} periods={alignment.periods} path={path} given={asked.given} mistakes={refused} />
        {refused.length > 0 ? null : (
          <>
            <section class="sec tight aligned">
              <div class="title">
                <h2>{texts.charts}</h2>
                <p class="what">{texts.chartsWhat}</p>
                {areDots(alignment) ? <p class="what">{texts.dots}</p> : null}
              </div>
              <AlignedCharts c={c} view={view} alignment={alignment} />
              {alignment.otherRules > 0 ? <p class="note">{t.overview.trend.otherRules(alignment.otherRules)}</p> : null}
            </section>
            <section class="sec tight">
              <div class="title">
                <h2>{texts.finding}</h2>
                {relation?.kind === 'measured' ? <p class="what">{texts.over(view.f.number(relation.periods))}</p> : null}
                {relation ? <p class="what">{t.overview.relations.what}</p> : <p class="what">{texts.notCompared}</p>}
                {relation?.kind === 'measured' ? <p class="what">{t.overview.relations.note}</p> : null}
              </div>
              {relation ? <RelationFacts view={view} relation={relation} /> : null}
            </section>
            {alignment.months.length > 0 ? (
              <section class="sec tight">
                <div class="title">
                  <h2>{texts.table}</h2>
                </div>
                <Scroll label={texts.table}>
                  <BothSeries view={view} alignment={alignment} />
                </Scroll>
              </section>
            ) : null}
            <p class="actions">
              {alignment.months.length > 0 ? (
                <a class="btn" href={link(`${path}.csv`)} download={`${alignment.metric.key}-alignment.csv`}>
                  {texts.csv}
                </a>
              ) : null}
              <a class="btn" href={`/kpis/metrics/${alignment.metric.key}`}>
                {texts.toKpi}
              </a>
              <a class="btn" href="/kpis/funnel">
                {texts.toFunnel}
              </a>
            </p>
          </>
        )}
      </>
    ).toString(),
  )
  return c.html(
    <Page
      c={c}
      title={texts.title(name)}
      section="explore"
      sample={alignment.settings.sample !== null}
      sheet={view.sheet}
      styles={['explore']}
      path={link(path)}
    >
      {body}
    </Page>,
    refused.length > 0 ? 422 : 200,
  )
}
