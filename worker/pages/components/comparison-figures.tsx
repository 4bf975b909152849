/** Two rounds beside each other, as charts over their tables. */
import type { Child } from 'hono/jsx'
import type { DumbbellSpec } from '../../core/chart'
import { depthOf } from '../../core/findings'
import type { Pillar, PublicResult, ScoreChange } from '../../core/result'
import { themes } from '../../core/round'
import { type FigureChange, isUnshown, type NodeChange } from '../../core/round-change'
import type { ComparedGroup, ComparedPillar, TermChange } from '../../core/round-comparison'
import { splitOf } from '../../core/waterfall'
import { metricName, metricText } from '../../i18n/metric-text'
import type { KpiComparison } from '../../services/comparison'
import type { KpiCard } from '../../services/overview'
import { ChartFigure } from './chart-figure'
import { Columns } from './columns'
import { GroupName } from './round-result'
import { Scroll } from './scroll'
import { SplitRows } from './split-rows'
import { Chance, Range, Verdict } from './verdict'
import { shownChange, ticksFor, type View } from './view'
import { waterfallSpec } from './waterfall'

interface Named {
  view: View
  /** The names of the two rounds. */
  from: string
  to: string
}

// ── The score ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** From the earlier score to the later one, part by part; the rows sum to what is printed. */
export function ScoreWaterfall({ view, from, to, change }: Named & { change: ScoreChange }) {
  const { t, f } = view
  const total = f.signed(shownChange(change.from.value, change.to.value), 1)
  const spoken = t.overview.moved.spoken(from, f.number(change.from.value, 1), to, f.number(change.to.value, 1))
  return (
    <ChartFigure
      view={view}
      id="moved"
      heading="h2"
      title={t.comparison.score}
      what={t.comparison.scoreWhat(total)}
      label={spoken}
      spec={waterfallSpec(view, change, from, to)}
      tableNote={t.overview.moved.levels}
      under={
        <p class="verdict-line">
          <Verdict view={view} verdict={change.verdict} text={change.verdict === 'normal' ? t.roundsPage.changes.none : undefined} />{' '}
          <bdi>{total}</bdi>{' '}
          <span class="note">
            {t.overview.trend.interval}: <Range t={t} ends={change.interval} write={(value) => f.signed(value, 1)} />
          </span>
        </p>
      }
    >
      <SplitRows view={view} change={change} from={from} to={to} />
    </ChartFigure>
  )
}

/** What people said varies with who answers; KPIs and promises are counted. */
const isSampled = (pillar: Pillar) => pillar === 'perception' || pillar === 'definitions'

export function PillarTable({ view, from, to, pillars, change }: Named & { pillars: readonly ComparedPillar[]; change: ScoreChange }) {
  const { t, f } = view
  const split = splitOf(change)
  const text = (value: number | null) => (value === null ? '–' : <data value={value.toFixed(1)}>{f.number(value, 1)}</data>)
  return (
    <Scroll label={t.comparison.pillars}>
      <table class="data pin stack">
        <thead>
          <tr>
            <Columns of={t.comparison.pillar} figures={[from, to, t.overview.moved.points]} last={t.roundsPage.changes.finding} />
          </tr>
        </thead>
        <tbody>
          {pillars.map(({ pillar, points, beyond, parts, ...ends }) => (
            <tr>
              <th scope="row">{t.overview.pillars.names[pillar]}</th>
              <td class="num" data-head={from}>
                {text(ends.from)}
              </td>
              <td class="num" data-head={to}>
                {text(ends.to)}
              </td>
              <td class="num" data-head={t.overview.moved.points}>
                <bdi>{f.signed((split.find((one) => one.pillar === pillar)?.tenths ?? points * 10) / 10, 1)}</bdi>
              </td>
              <td data-head={t.roundsPage.changes.finding}>
                {isSampled(pillar) ? (
                  <Verdict
                    view={view}
                    verdict={beyond > 0 ? 'signal' : 'normal'}
                    text={t.comparison.beyond(f.number(beyond), f.number(parts))}
                  />
                ) : (
                  <span class="note">{t.comparison.exact}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

// ── Themes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

interface ThemeRow {
  label: string
  side: 'sales' | 'marketing'
  change: FigureChange
}

/** Themes of both sides that can be compared, the largest change first. */
export function themeRows({ t }: View, sides: readonly { side: 'sales' | 'marketing'; node: NodeChange }[]): ThemeRow[] {
  return sides
    .flatMap(({ side, node }) =>
      isUnshown(node)
        ? []
        : themes.flatMap((theme) => {
            const change = node.themes[theme]
            return change && !isUnshown(change) ? [{ label: t.comparison.sideTheme(t.sides[side], t.themes[theme]), side, change }] : []
          }),
    )
    .sort((a, b) => sizeOf(b) - sizeOf(a))
}

/** As it is printed: of two that are printed alike, the order is that of the sides and themes. */
const sizeOf = ({ change: { from, to } }: ThemeRow): number => Math.abs(shownChange(from, to))

export function ThemeChanges({ view, from, to, rows }: Named & { rows: readonly ThemeRow[] }) {
  const { t, f } = view
  const signals = rows.filter(({ change }) => change.verdict === 'signal').length
  const title = signals > 0 ? t.comparison.themesSignals(signals) : t.comparison.themesNone
  const values = rows.flatMap(({ change }) => [change.from, change.to])
  const words = (change: FigureChange) => (change.verdict === 'signal' ? t.roundsPage.changes.signal : t.roundsPage.changes.none)
  const spec: DumbbellSpec = {
    kind: 'dumbbell',
    ticks: ticksFor(Math.min(...values), Math.max(...values), [0, 100]).map((at) => ({ at, text: f.number(at) })),
    key: [
      { look: 'before', text: t.roundsPage.changes.before },
      { look: 'now', text: t.roundsPage.changes.now },
    ],
    columns: [t.roundsPage.changes.before, t.roundsPage.changes.now, t.roundsPage.changes.change],
    rows: rows.map(({ label, change }) => ({
      label,
      marks: [
        { look: 'before', at: change.from, text: f.number(change.from) },
        { look: 'now', at: change.to, text: f.number(change.to) },
      ],
      cells: [f.number(change.from), f.number(change.to), f.signed(shownChange(change.from, change.to), 1)],
      quiet: change.verdict === 'normal',
      verdict: {
        signal: change.verdict === 'signal',
        text: change.verdict === 'signal' ? t.roundsPage.changes.signal : t.overview.normalShort,
      },
    })),
  }
  return (
    <ChartFigure
      view={view}
      id="themes-chart"
      heading="h2"
      title={title}
      what={t.comparison.themesWhat}
      label={title}
      spec={spec}
      tableNote={`${t.roundsPage.changes.what} ${t.roundsPage.changes.chance}`}
    >
      <thead>
        <tr>
          <Columns
            of={t.overview.groups.theme}
            figures={[from, to, t.roundsPage.changes.change, t.overview.trend.interval, t.roundsPage.chance]}
            last={t.roundsPage.changes.finding}
          />
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, change }) => (
          <tr>
            <th scope="row">{label}</th>
            <td class="num">{f.number(change.from)}</td>
            <td class="num">{f.number(change.to)}</td>
            <td class="num">
              <bdi>{f.signed(shownChange(change.from, change.to), 1)}</bdi>
            </td>
            <td class="num">
              <Range t={t} ends={change.interval} write={(value) => f.signed(value, 1)} />
            </td>
            <td class="num">
              <Chance f={f} p={change.p} />
            </td>
            <td>
              <Verdict view={view} verdict={change.verdict} text={words(change)} />
            </td>
          </tr>
        ))}
      </tbody>
    </ChartFigure>
  )
}

// ── Participation, terms, KPIs ──────────────────────────────────────────────────────────────────────────────────────

/** @param props.result of the later round, whose tree it is */
export function ParticipationThenAndNow(props: Named & { groups: readonly ComparedGroup[]; result: Pick<PublicResult, 'nodes'> }) {
  const { view, from, to, groups, result } = props
  const { t, f } = view
  const of = ({ n, invited }: ComparedGroup['from'], head: string) => (
    <td class="num" data-head={head}>
      {t.overview.ofInvited(f.number(n), f.number(invited))} <small>({f.percent(n / Math.max(1, invited))})</small>
    </td>
  )
  return (
    <PlainTable label={t.comparison.participation} head={[t.roundsPage.group, from, to]}>
      {groups.map((group) => (
        <tr>
          <th scope="row">
            <span class={`below-${Math.min(4, depthOf(result, group.id))}`}>
              <GroupName texts={t} node={group} />
            </span>
          </th>
          {of(group.from, from)}
          {of(group.to, to)}
        </tr>
      ))}
    </PlainTable>
  )
}

export function TermsThenAndNow({ view, from, to, terms }: Named & { terms: readonly TermChange[] }) {
  const { t, f } = view
  const points = (share: number) => f.signed(share * 100, 0)
  const { changes } = t.roundsPage
  return (
    <PlainTable
      label={t.comparison.terms}
      head={[t.roundsPage.term, from, to, changes.change, t.overview.trend.interval, t.roundsPage.chance]}
      last={changes.finding}
    >
      {terms.map((term) => (
        <tr>
          <th scope="row">{t.terms[term.term]}</th>
          {'hidden' in term ? (
            <td class="hatch" colspan={6}>
              <span class="paper">{changes.hidden[term.hidden]}</span>
            </td>
          ) : (
            <>
              <td class="num" data-head={from}>
                <bdi>{f.percent(term.from)}</bdi>
              </td>
              <td class="num" data-head={to}>
                <bdi>{f.percent(term.to)}</bdi>
              </td>
              <td class="num" data-head={changes.change}>
                <bdi>
                  {points(term.difference)} {t.overview.kpis.pointUnit}
                </bdi>
              </td>
              <td class="num" data-head={t.overview.trend.interval}>
                <Range t={t} ends={term.interval} write={points} />
              </td>
              <td class="num" data-head={t.roundsPage.chance}>
                <Chance f={f} p={term.p} />
              </td>
              <td data-head={changes.finding}>
                <Verdict view={view} verdict={term.verdict} text={term.verdict === 'signal' ? changes.signal : changes.none} />
              </td>
            </>
          )}
        </tr>
      ))}
    </PlainTable>
  )
}

/** @param props.cards of the later round: what each KPI is and is called */
export function KpisThenAndNow(props: Named & { kpis: readonly KpiComparison[]; cards: readonly KpiCard[]; currency: string }) {
  const { view, from, to, kpis, cards, currency } = props
  const { t, f, locale } = view
  return (
    <PlainTable label={t.comparison.kpis} head={[t.overview.relations.kpi, from, to]} last={t.roundsPage.changes.finding}>
      {kpis.map((kpi) => {
        const card = cards.find(({ metric }) => metric.key === kpi.metric)
        if (!card) return null
        const cell = ({ value, period }: KpiComparison['from'], head: string) => (
          <td class="num" data-head={head}>
            <bdi>{metricText(locale, card.metric, value, currency)}</bdi> <small>{f.shortMonth(period, true)}</small>
          </td>
        )
        return (
          <tr>
            <th scope="row">
              <bdi>{metricName(t, card.metric.key, card.name)}</bdi>
            </th>
            {cell(kpi.from, from)}
            {cell(kpi.to, to)}
            <td data-head={t.roundsPage.changes.finding}>
              {kpi.range ? (
                <Verdict
                  view={view}
                  verdict={kpi.range.verdict}
                  text={kpi.range.verdict === 'signal' ? t.comparison.outOfRange : t.comparison.inRange}
                />
              ) : (
                <span class="note">{t.comparison.noRange}</span>
              )}
            </td>
          </tr>
        )
      })}
    </PlainTable>
  )
}

const PlainTable = (props: { label: string; head: readonly string[]; last?: string; children: Child }) => (
  <Scroll label={props.label}>
    <table class="data pin stack">
      <thead>
        <tr>
          <Columns of={props.head[0] ?? ''} figures={props.head.slice(1)} last={props.last} />
        </tr>
      </thead>
      <tbody>{props.children}</tbody>
    </table>
  </Scroll>
)
