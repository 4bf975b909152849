/** What a page of Explore is made of, one level down: every row is a link, every change has its verdict. */
import type { Child } from 'hono/jsx'
import { againstBaseline } from '../../core/baseline'
import { depthOf, isBeyondChance, isHidden, sideOf } from '../../core/findings'
import type { Figure, Hidden, NodeFigures, NodeResult, Pillar, PillarScore, Score, ScorePart, ThemeGap } from '../../core/result'
import { themes } from '../../core/round'
import { type FigureChange, isUnshown, type Unshown } from '../../core/round-change'
import type { PillarView } from '../../core/score-history'
import { apportion, splitOf } from '../../core/waterfall'
import { questionOf } from '../../i18n/items'
import { clauseName } from '../../services/clause-words'
import { changeOf, groupRows, partFigure } from '../../services/explore'
import { partName } from '../../services/findings'
import { ChartFigure } from './chart-figure'
import { Columns } from './columns'
import { Figured, limitsOf } from './explore-course'
import { groupName, type Level } from './explore-frame'
import { OpenLinkMark } from './open-links'
import { Bringer } from './pillars'
import { Scroll } from './scroll'
import { Chance, Delta, gapVerdict, Range, Verdict } from './verdict'
import { changeDecimals, shownChange, shownGap, ticksFor, type View } from './view'
import { Worded } from './worded'

/** A section with its table; on a phone row by row, as cells name their heads. */
export const TableSection = (props: { title: string; what?: string; note?: string | null; head: Child; children: Child; foot?: Child }) => (
  <section class="sec tight">
    <div class="title">
      <h2>{props.title}</h2>
      {props.what ? <p class="what">{props.what}</p> : null}
    </div>
    <Scroll label={props.title}>
      <table class="data pin stack">
        <thead>
          <tr>{props.head}</tr>
        </thead>
        <tbody>{props.children}</tbody>
        {props.foot ? <tfoot>{props.foot}</tfoot> : null}
      </table>
    </Scroll>
    {props.note ? <p class="note">{props.note}</p> : null}
  </section>
)

// ── The score and its pillars ───────────────────────────────────────────────────────────────────────────────────────

export function PillarTable({ level }: { level: Level }) {
  const { view, explored, link } = level
  const { t, f } = view
  const texts = t.explore.pillar
  const { value } = t.explore.facts
  const scored = explored.view
  if (!scored) return null
  const { score, sinceLast, courses, baseline, trend } = scored
  const range = againstBaseline(trend.rounds, limitsOf('percent'), baseline?.event ?? null)
  const added = pillarTenths(score)
  const split = sinceLast ? splitOf(sinceLast) : []
  return (
    <TableSection
      title={texts.title}
      what={score.value === null ? texts.what : `${texts.what} ${texts.sum}`}
      head={<Columns of={texts.pillar} figures={[value, texts.weight, texts.points, texts.moved]} last={texts.range} />}
      foot={
        score.value === null ? null : (
          <tr>
            <th scope="row">{texts.total}</th>
            <td class="num" data-head={value}>
              <Figured value={score.value} text={f.number(score.value, 1)} />
            </td>
            <td class="num" data-head={texts.weight}>
              {f.percent(score.weightPresent)}
            </td>
            <td class="num" data-head={texts.points}>
              <Figured value={score.value} text={f.number(score.value, 1)} />
            </td>
            <td class="num" data-head={texts.moved}>
              <Tenths value={sinceLast ? sumOf(split) : null} write={(value) => f.signed(value, 1)} />
            </td>
            <td data-head={texts.range}>
              {range ? (
                <RangeVerdict view={view} value={score.value} range={range} />
              ) : (
                <span class="note">{t.overview.pillars.noRange}</span>
              )}
            </td>
          </tr>
        )
      }
    >
      {score.pillars.map((pillar) => {
        const points = added?.get(pillar.pillar) ?? null
        const moved = split.find((one) => one.pillar === pillar.pillar)?.tenths ?? null
        const range = courses.find((one) => one.pillar === pillar.pillar)?.range
        const missing = pillar.missing ?? 'no-answers'
        return (
          <tr>
            <th scope="row">
              <a href={link(`/explore/pillars/${pillar.pillar}`)}>{t.overview.pillars.names[pillar.pillar]}</a>
              <small>{t.overview.pillars.what[pillar.pillar]}</small>
            </th>
            <td class="num" data-head={value}>
              <Figured value={pillar.value} text={f.number(pillar.value ?? 0, 1)} />
            </td>
            <td class="num" data-head={texts.weight}>
              {f.percent(pillar.weight)}
            </td>
            <td class="num" data-head={texts.points}>
              <Tenths value={pillar.value === null ? null : points} write={(value) => f.number(value, 1)} />
            </td>
            <td class="num" data-head={texts.moved}>
              <Tenths value={moved} write={(value) => f.signed(value, 1)} />
            </td>
            <td data-head={texts.range}>
              {pillar.value === null ? (
                <span class="note">
                  {t.overview.pillars.missing[missing].why} <Bringer view={view} missing={missing} />
                </span>
              ) : range ? (
                <RangeVerdict view={view} value={pillar.value} range={range} />
              ) : (
                <span class="note">{t.overview.pillars.noRange}</span>
              )}
            </td>
          </tr>
        )
      })}
    </TableSection>
  )
}

/** Points that add up as they are printed, in tenths. */
const Tenths = ({ value, write }: { value: number | null; write: (points: number) => string }) =>
  value === null ? <>–</> : <Figured value={value / 10} text={write(value / 10)} />

const sumOf = (split: readonly { tenths: number }[]): number => split.reduce((sum, { tenths }) => sum + tenths, 0)

/** What each pillar adds to the score: whole tenths that sum to the score as it is printed. */
function pillarTenths({ value, pillars }: Score): Map<Pillar, number> | null {
  if (value === null || pillars.some(({ parts }) => parts.some(({ points }) => points === null))) return null
  const exact = pillars.map(({ parts }) => 10 * parts.reduce((sum, { points }) => sum + (points ?? 0), 0))
  const tenths = apportion(exact, Math.round(10 * value))
  return new Map(pillars.map(({ pillar }, index) => [pillar, tenths[index] as number]))
}

export function RangeVerdict({ view, value, range }: { view: View; value: number; range: NonNullable<PillarView['range']> }) {
  const { t, f } = view
  const texts = t.overview.pillars
  const limits = [f.number(range.low), f.number(range.high)] as const
  const text =
    value > range.high
      ? texts.above(...limits)
      : value < range.low
        ? texts.below(...limits)
        : range.verdict === 'signal'
          ? texts.shifted(...limits)
          : texts.within(...limits)
  return <Verdict view={view} verdict={range.verdict} text={text} />
}

/** What a pillar is made of: themes and KPIs lead further down, terms and promises to their own pages. */
export function PartTable({ level, pillar }: { level: Level; pillar: PillarScore }) {
  const { view, explored } = level
  const { t, f } = view
  const texts = t.explore.parts
  const scored = explored.view
  if (!scored) return null
  const { score, sinceLast } = scored
  const name = t.overview.pillars.names[pillar.pillar]
  const total = pillarTenths(score)?.get(pillar.pillar) ?? null
  const added =
    total === null
      ? []
      : apportion(
          pillar.parts.map(({ points }) => 10 * (points ?? 0)),
          total,
        )
  const split = sinceLast ? splitOf(sinceLast).find((one) => one.pillar === pillar.pillar) : undefined
  const isMeasured = pillar.parts.length > 0
  const missing = pillar.missing ?? 'no-answers'
  const { value: valueHead } = t.explore.facts
  const { interval: intervalHead } = t.overview.trend
  const { points: pointsHead, moved: movedHead } = t.explore.pillar
  return (
    <TableSection
      title={texts.title(name)}
      what={texts.what}
      head={<Columns of={texts.part} figures={[valueHead, intervalHead, texts.share, pointsHead, movedHead]} last={texts.measured} />}
      foot={
        isMeasured && score.value !== null ? (
          <tr>
            <th scope="row">{texts.total}</th>
            <td class="num" data-head={valueHead}>
              <Figured value={pillar.value} text={f.number(pillar.value ?? 0, 1)} />
            </td>
            <td class="none" />
            <td class="num" data-head={texts.share}>
              {f.percent(1)}
            </td>
            <td class="num" data-head={pointsHead}>
              <Tenths value={total} write={(value) => f.number(value, 1)} />
            </td>
            <td class={split ? 'num' : 'num none'} data-head={movedHead}>
              <Tenths value={split?.tenths ?? null} write={(value) => f.signed(value, 1)} />
            </td>
            <td class="none" />
          </tr>
        ) : null
      }
    >
      {pillar.parts.map((part, index) => {
        const { value, interval } = partFigure(part, score)
        const change = split?.parts.find(({ key }) => key === part.key)
        return (
          <tr>
            <th scope="row">
              <a href={partAddress(level, pillar.pillar, part.key)}>
                {part.promise ? clauseName(view, part.promise.clause) : partName(t, part.key)}
              </a>
            </th>
            <td class="num" data-head={valueHead}>
              <Figured value={value} text={f.number(value ?? 0, 1)} />
            </td>
            <td class={interval ? 'num' : 'num none'} data-head={intervalHead}>
              <Range t={t} ends={interval} write={(end) => f.number(end, 1)} />
            </td>
            <td class="num" data-head={texts.share}>
              {f.percent(part.weight, 1)}
            </td>
            <td class="num" data-head={pointsHead}>
              <Tenths value={added[index] ?? null} write={(value) => f.number(value, 1)} />
            </td>
            <td class={change ? 'num' : 'num none'} data-head={movedHead}>
              {change ? (
                <>
                  <Tenths value={change.tenths} write={(value) => f.signed(value, 1)} />
                  {change.withinNoise ? <small>{texts.noise}</small> : null}
                </>
              ) : (
                '–'
              )}
            </td>
            <td data-head={texts.measured}>{measuredIn(view, part)}</td>
          </tr>
        )
      })}
      {pillar.absent?.map(({ key, reason }) => (
        <tr>
          <th scope="row">{partName(t, key)}</th>
          <td class="hatch" colspan={6}>
            <span class="paper">
              {texts.absent}. {reason === 'suppressed' ? t.overview.sides.missing : t.overview.pillars.missing[reason].why}
            </span>
          </td>
        </tr>
      ))}
      {!isMeasured && !pillar.absent?.length ? (
        <tr>
          <td colspan={7}>
            {t.overview.pillars.missing[missing].why} {t.overview.pillars.missing[missing].brings} <Bringer view={view} missing={missing} />
          </td>
        </tr>
      ) : null}
    </TableSection>
  )
}

const measuredIn = ({ t, f }: View, { from }: ScorePart): string =>
  /^\d+$/.test(from) ? `${t.overview.trend.round} ${f.number(Number(from))}` : f.period(from)

function partAddress({ link, wanted, chosen }: Level, pillar: Pillar, key: string): string {
  if (pillar === 'perception') return link(`/explore/themes/${key}`)
  if (pillar === 'definitions') return `/definitions?round=${chosen.number}#${key}`
  if (key.startsWith('clause-')) return `/kpis/sla#${key}`
  return link(`/explore/kpis/${key}`, { ...wanted, round: undefined, team: undefined, side: undefined })
}

// ── Groups ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One figure at every group of the round; the hidden ones by name alone. */
export function GroupTable(props: {
  level: Level
  title: string
  what: string
  figureOf: (node: NodeFigures) => Figure | Hidden | undefined
  changeOf: (id: string) => FigureChange | Unshown | undefined
  net?: boolean
  within?: boolean
}) {
  const { level, net = false } = props
  const { view, chosen } = level
  const { t, f } = view
  const texts = t.explore.theme
  const columns = props.within ? 7 : 6
  return (
    <TableSection
      title={props.title}
      what={props.what}
      head={
        <Columns
          of={texts.group}
          figures={[
            t.explore.facts.answers,
            t.explore.facts.value,
            t.overview.trend.interval,
            props.within && t.roundsPage.figure.within,
            texts.change,
          ]}
          last={t.overview.trend.verdict}
        />
      }
    >
      {chosen.result.nodes.map((node) => (
        <tr>
          <th scope="row">
            <GroupLink level={level} node={node} />
          </th>
          <FigureCells
            view={view}
            figure={isHidden(node) ? node : props.figureOf(node)}
            change={props.changeOf(node.id)}
            minimum={f.number(chosen.result.minimumGroupSize)}
            net={net}
            within={props.within === true}
            columns={columns - 1}
          />
        </tr>
      ))}
    </TableSection>
  )
}

/** A published group leads to its own line on the same page. */
function GroupLink({ level, node }: { level: Level; node: NodeResult }) {
  const { view, wanted, chosen, link } = level
  const name = groupName(view, node)
  const mark = node.side === 'sales' ? 's' : node.side === 'marketing' ? 'm' : null
  const isChosen = chosen.group?.id === node.id
  const depth = depthOf(chosen.result, node.id)
  return (
    <span class={`below-${Math.min(depth, 3)}`}>
      <span class="with-mk">
        {mark ? <i class={`mk ${mark}`} aria-hidden="true" /> : null}
        {isHidden(node) || node.parentId === null || isChosen ? (
          <span aria-current={isChosen ? 'true' : undefined}>{name}</span>
        ) : (
          <a href={link(level.path, { ...wanted, side: undefined, team: node.id, round: chosen.number })}>{name}</a>
        )}
        <OpenLinkMark t={view.t.openLinks} node={node} />
      </span>
    </span>
  )
}

function FigureCells(props: {
  view: View
  figure: Figure | Hidden | undefined
  change: FigureChange | Unshown | undefined
  minimum: string
  net: boolean
  within: boolean
  columns: number
}) {
  const { view, figure, change, net } = props
  const { t, f } = view
  if (!figure) return <td colspan={props.columns}>–</td>
  const { interval: intervalHead } = t.overview.trend
  if (isHidden(figure)) {
    return (
      <td class="hatch" colspan={props.columns}>
        <span class="paper">{t.roundsPage.hidden[figure.hidden](props.minimum)}</span>
      </td>
    )
  }
  const write = (value: number) => (net ? f.signed(value) : f.number(value))
  return (
    <>
      <td class="num" data-head={t.explore.facts.answers}>
        <Figured value={figure.n} text={f.number(figure.n)} />
      </td>
      <td class="num" data-head={t.explore.facts.value}>
        {figure.value === null ? (
          figure.band ? (
            t.roundsPage.bands[figure.band]
          ) : (
            '–'
          )
        ) : (
          <Figured value={figure.value} text={write(figure.value)} />
        )}
      </td>
      <td class={figure.interval ? 'num' : 'num none'} data-head={intervalHead}>
        <Range t={t} ends={figure.interval} write={write} />
      </td>
      {props.within ? (
        <td class={figure.within ? 'num' : 'num none'} data-head={t.roundsPage.figure.within}>
          {figure.within ? (
            <>
              <bdi>{f.number(figure.within.averageDeviation, 2)}</bdi>
              <small>
                {figure.within.twoCamps
                  ? t.roundsPage.withinGroup.camps
                  : figure.within.agreement
                    ? t.roundsPage.withinGroup.agree
                    : t.roundsPage.withinGroup.apart}
              </small>
            </>
          ) : (
            '–'
          )}
        </td>
      ) : null}
      <ChangeCells view={view} change={change} />
    </>
  )
}

/** A change and its verdict, or in words why it is not said. */
function ChangeCells({ view, change }: { view: View; change: FigureChange | Unshown | undefined }) {
  const { t } = view
  if (!change)
    return (
      <>
        <td class="num none">–</td>
        <td class="none">–</td>
      </>
    )
  if (isUnshown(change)) {
    return (
      <td colspan={2} data-head={t.explore.theme.change}>
        <span class="note">{t.roundsPage.changes.hidden[change.hidden]}</span>
      </td>
    )
  }
  return (
    <>
      <td class="num" data-head={t.explore.theme.change}>
        <Delta view={view} value={shownChange(change.from, change.to)} decimals={changeDecimals(change)} />
      </td>
      <td data-head={t.overview.trend.verdict}>
        <Verdict view={view} verdict={change.verdict} />
      </td>
    </>
  )
}

// ── Themes and statements of a group ────────────────────────────────────────────────────────────────────────────────

/** Every theme, or the statements of one, as the chosen group answered in the chosen round. */
export function OwnTable(props: {
  level: Level
  node: NodeFigures
  title: string
  what: string
  /** Whether people agree with each other is said of a statement, not of a theme. */
  within?: boolean
  rows: readonly { name: Child; href: string; figure: Figure | Hidden | undefined; change: FigureChange | Unshown | undefined }[]
}) {
  const { level } = props
  const { t, f } = level.view
  return (
    <TableSection
      title={props.title}
      what={props.what}
      head={
        <Columns
          of={props.within ? t.explore.theme.statement : t.overview.groups.theme}
          figures={[
            t.explore.facts.answers,
            t.explore.facts.value,
            t.overview.trend.interval,
            props.within && t.roundsPage.figure.within,
            t.explore.theme.change,
          ]}
          last={t.overview.trend.verdict}
        />
      }
    >
      {props.rows.map(({ name, href, figure, change }) => (
        <tr>
          <th scope="row">
            <a href={href}>{name}</a>
          </th>
          <FigureCells
            view={level.view}
            figure={figure}
            change={change}
            minimum={f.number(level.chosen.result.minimumGroupSize)}
            net={false}
            within={props.within === true}
            columns={props.within ? 6 : 5}
          />
        </tr>
      ))}
    </TableSection>
  )
}

/** Rows of `OwnTable`: the themes that the round asked. */
export function themeRows(level: Level, node: NodeFigures) {
  const { chosen, link, view } = level
  const own = changeOf(chosen, node.id)
  return themes
    .filter((theme) => node.themes[theme])
    .map((theme) => ({
      name: view.t.themes[theme] as Child,
      href: link(`/explore/themes/${theme}`),
      figure: node.themes[theme],
      change: own && !isUnshown(own) ? own.themes[theme] : own,
    }))
}

/** Rows of `OwnTable`: the statements of a theme. */
export function statementRows(level: Level, node: NodeFigures, ids: readonly string[]) {
  const { chosen, link } = level
  const own = changeOf(chosen, node.id)
  return ids.map((id) => ({
    name: <StatementText level={level} id={id} />,
    href: link(`/explore/items/${id}`),
    figure: node.items[id],
    change: own && !isUnshown(own) ? own.items[id] : own,
  }))
}

/** The words of a statement as they were read. */
export function wordsOfItem({ view, explored, chosen }: Pick<Level, 'view' | 'explored' | 'chosen'>, id: string) {
  const item = chosen.items.find((one) => one.id === id)
  const reader = { locale: view.locale, organisation: explored.settings.locale } as Parameters<typeof questionOf>[0]
  return questionOf(reader, item ?? (id === 'headline' ? { id, kind: 'headline' } : { id, kind: 'agreement', theme: 'goals' }))
}

const StatementText = ({ level, id }: { level: Level; id: string }) => <Worded words={wordsOfItem(level, id)} />

/** Heads of the columns that set the sides beside each other. */
const sideHeads = (t: View['t']): readonly string[] => [
  t.sides.sales,
  t.sides.marketing,
  t.roundsPage.gap,
  t.overview.trend.interval,
  t.roundsPage.distance,
  t.roundsPage.chance,
]

/** Statements of a theme at both sides; where the classes of one are not said, there is no distance. */
export function StatementTable({ level, ids }: { level: Level; ids: readonly string[] }) {
  const { view, chosen, link } = level
  const { t, f } = view
  const texts = t.explore.theme
  const nodes = { sales: sideOf(chosen.result, 'sales'), marketing: sideOf(chosen.result, 'marketing') }
  const minimum = f.number(chosen.result.minimumGroupSize)
  const cell = (side: 'sales' | 'marketing', id: string) => {
    const [node, head] = [nodes[side], t.sides[side]]
    const figure = node && !isHidden(node) ? node.items[id] : node
    if (!figure) return <td class="num none">–</td>
    if (isHidden(figure)) {
      return (
        <td class="hatch" data-head={head}>
          <span class="vh">{t.roundsPage.hidden[figure.hidden](minimum)}</span>
          <span class="paper" aria-hidden="true">
            {t.overview.hidden}
          </span>
        </td>
      )
    }
    if (!('value' in figure)) return <td class="num none">–</td>
    return (
      <td class="num" data-head={head}>
        {figure.value === null ? (
          figure.band ? (
            t.roundsPage.bands[figure.band]
          ) : (
            '–'
          )
        ) : (
          <Figured value={figure.value} text={f.number(figure.value)} />
        )}
      </td>
    )
  }
  return (
    <TableSection
      title={texts.statements}
      what={`${texts.statementsWhat} ${t.roundsPage.chanceWhat}`}
      head={<Columns of={texts.statement} figures={sideHeads(t)} />}
    >
      {ids.map((id) => {
        const gap = chosen.result.statements?.find(({ itemId }) => itemId === id)
        return (
          <tr>
            <th scope="row">
              <a href={link(`/explore/items/${id}`)}>
                <StatementText level={level} id={id} />
              </a>
            </th>
            {cell('sales', id)}
            {cell('marketing', id)}
            <GapCells view={view} gap={gap} />
          </tr>
        )
      })}
    </TableSection>
  )
}

const GapCells = ({ view: { t, f }, gap }: { view: View; gap: Omit<ThemeGap, 'theme'> | undefined }) =>
  gap ? (
    <>
      <td class="num" data-head={t.roundsPage.gap}>
        <Figured value={gap.gap} text={f.signed(gap.gap, 1)} />
      </td>
      <td class="num" data-head={t.overview.trend.interval}>
        <Range t={t} ends={gap.interval} write={(value) => f.signed(value, 1)} />
      </td>
      <td class="num" data-head={t.roundsPage.distance}>
        <Figured value={gap.distance} text={f.number(gap.distance, 2)} />
      </td>
      <td class="num" data-head={t.roundsPage.chance}>
        <Chance f={f} p={gap.p} />
      </td>
    </>
  ) : (
    [1, 2, 3, 4].map(() => <td class="num none">–</td>)
  )

/** Sales and marketing on one measure, the newest round first. */
export function SidesByRound(props: {
  level: Level
  id: string
  gapOf: (row: Level['explored']['range'][number]) => Omit<ThemeGap, 'theme'> | undefined
}) {
  const { level } = props
  const { view, explored } = level
  const { t, f } = view
  const texts = t.explore.theme
  const rounds = explored.range.flatMap((row) => {
    const gap = props.gapOf(row)
    return gap ? [{ row, gap }] : []
  })
  if (rounds.length === 0) {
    return (
      <figure class="c12">
        <div class="title">
          <h2>{texts.sides}</h2>
        </div>
        <div class="state">
          <strong>{t.explore.line.none}</strong>
          <p>{t.overview.sides.missingWhat(f.number(level.chosen.result.minimumGroupSize))}</p>
        </div>
      </figure>
    )
  }
  const values = rounds.flatMap(({ gap }) => [gap.sales, gap.marketing])
  const room = Math.max(3, (30 - (Math.max(...values) - Math.min(...values))) / 2)
  const ticks = ticksFor(Math.max(0, Math.min(...values) - room), Math.min(100, Math.max(...values) + room), [0, 100])
  const newest = rounds.toReversed()
  return (
    <ChartFigure
      view={view}
      id={props.id}
      heading="h2"
      title={texts.sides}
      what={texts.sidesWhat}
      label={texts.sides}
      tableNote={`${t.roundsPage.distanceWhat} ${t.roundsPage.chanceWhat}`}
      spec={{
        kind: 'dumbbell',
        ticks: ticks.map((at) => ({ at, text: f.number(at) })),
        key: [
          { look: 'sales', text: t.sides.sales },
          { look: 'marketing', text: t.sides.marketing },
        ],
        columns: [t.overview.sides.gap],
        rows: newest.map(({ row, gap }) => ({
          label: f.period(row.period),
          detail: `${t.overview.trend.round} ${f.number(row.number)}`,
          marks: [
            { look: 'sales', at: gap.sales, text: f.number(gap.sales) },
            { look: 'marketing', at: gap.marketing, text: f.number(gap.marketing) },
          ],
          cells: [f.number(shownGap(gap.sales, gap.marketing))],
          quiet: !isBeyondChance(gap),
          verdict: gapVerdict(view, gap),
        })),
      }}
    >
      <thead>
        <tr>
          <Columns of={t.overview.trend.round} figures={sideHeads(t)} />
        </tr>
      </thead>
      <tbody>
        {newest.map(({ row, gap }) => (
          <tr>
            <th scope="row">{t.overview.roundOption(f.number(row.number), f.period(row.period))}</th>
            <td class="num">
              <Figured value={gap.sales} text={f.number(gap.sales)} />
            </td>
            <td class="num">
              <Figured value={gap.marketing} text={f.number(gap.marketing)} />
            </td>
            <GapCells view={view} gap={gap} />
          </tr>
        ))}
      </tbody>
    </ChartFigure>
  )
}

// ── A group over rounds ─────────────────────────────────────────────────────────────────────────────────────────────

/** Every theme of the chosen group, round by round; a round in which a theme is hidden says so. */
export function HeatByRound({ level, name }: { level: Level; name: string }) {
  const { view, explored, chosen, link } = level
  const { t, f, sheet } = view
  const texts = t.explore.theme
  const rows = groupRows({ rounds: explored.range, chosen })
  const asked = themes.filter((theme) => rows.some(({ node }) => node && !isHidden(node) && node.themes[theme]))
  if (rows.length === 0 || asked.length === 0) return null
  const minimum = f.number(chosen.result.minimumGroupSize)
  const column = sheet.rule('inline-size:3.75rem')
  return (
    <section class="sec tight">
      <ChartFigure
        view={view}
        id="themes"
        heading="h2"
        title={texts.themes}
        what={texts.themesWhat(name)}
        label={texts.themesWhat(name)}
        spec={{ kind: 'heat' }}
      >
        <colgroup>
          <col class="lab" />
        </colgroup>
        <colgroup>
          {rows.map(() => (
            <col class={column} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <td class="corner" />
            {rows.map(({ number, period }) => (
              <th scope="col">
                {f.shortMonth(period, true)}
                <small>{f.number(number)}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {asked.map((theme) => (
            <tr>
              <th scope="row">
                <a href={link(`/explore/themes/${theme}`)}>{t.themes[theme]}</a>
              </th>
              {rows.map(({ node }) => (
                <HeatCell view={view} figure={node && !isHidden(node) ? node.themes[theme] : undefined} minimum={minimum} />
              ))}
            </tr>
          ))}
        </tbody>
      </ChartFigure>
    </section>
  )
}

function HeatCell({ view: { t, f }, figure, minimum }: { view: View; figure: Figure | Hidden | undefined; minimum: string }) {
  if (!figure) return <td>–</td>
  if (isHidden(figure)) {
    return (
      <td class="hatch">
        <span class="vh">{t.roundsPage.hidden[figure.hidden](minimum)}</span>
        <span class="on-paper" aria-hidden="true">
          {t.overview.hidden}
        </span>
      </td>
    )
  }
  if (figure.value === null) {
    const step = figure.band === 'very-low' ? 1 : figure.band === 'very-high' ? 6 : 4
    return <td class={`band heat-${step}`}>{figure.band ? t.overview.groups.bands[figure.band] : '–'}</td>
  }
  const step = [35, 45, 50, 60, 70].filter((bound) => (figure.value as number) >= bound).length + 1
  return (
    <td class={`heat-${step}`}>
      <Figured value={figure.value} text={f.number(figure.value)} />
    </td>
  )
}

// ── Classes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Promoters, passives and critics of a statement at every group that may be divided so. */
export function ClassStacks({ level, figureOf }: { level: Level; figureOf: (node: NodeFigures) => Figure | Hidden | undefined }) {
  const { view, chosen } = level
  const { t, f } = view
  const texts = t.explore.item
  const groups = chosen.result.nodes.flatMap((node) => {
    const figure = isHidden(node) ? undefined : figureOf(node)
    return figure && !isHidden(figure) && figure.classes ? [{ node, classes: figure.classes }] : []
  })
  if (groups.length === 0) {
    return (
      <section class="sec tight">
        <div class="title">
          <h2>{texts.classes}</h2>
        </div>
        <p class="note">{texts.noClasses}</p>
      </section>
    )
  }
  const kinds = [
    ['promoter', 'promoters', t.overview.answers.promoters],
    ['passive', 'passives', t.overview.answers.passives],
    ['critic', 'critics', t.overview.answers.critics],
  ] as const
  const shareOf = ({ promoters, passives, critics }: (typeof groups)[number]['classes'], count: number) =>
    count / Math.max(1, promoters + passives + critics)
  const [first] = groups
  const text = (of: (typeof groups)[number], kind: 'promoters' | 'passives' | 'critics') => f.percent(shareOf(of.classes, of.classes[kind]))
  return (
    <section class="sec tight">
      <ChartFigure
        view={view}
        id="classes"
        heading="h2"
        title={texts.classes}
        what={texts.classesWhat}
        label={
          first
            ? texts.spoken(groupName(view, first.node), text(first, 'promoters'), text(first, 'passives'), text(first, 'critics'))
            : texts.classes
        }
        spec={{
          kind: 'stack',
          rows: groups.map((group) => ({
            label: groupName(view, group.node),
            look: group.node.side === 'other' || group.node.parentId === null ? null : group.node.side,
            parts: kinds.map(([look, kind, name]) => ({ look, value: group.classes[kind], text: text(group, kind), name })),
          })),
        }}
      >
        <thead>
          <tr>
            <Columns of={t.explore.theme.group} figures={kinds.map(([, kind]) => t.roundsPage.figure[kind])} />
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr>
              <th scope="row">{groupName(view, group.node)}</th>
              {kinds.map(([, kind]) => (
                <td class="num">
                  <Figured value={group.classes[kind]} text={`${f.number(group.classes[kind])} (${text(group, kind)})`} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </ChartFigure>
    </section>
  )
}
