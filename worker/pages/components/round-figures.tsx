/** What a closed round published, as charts over their tables: the rating, themes, statements, answers, participation. */
import type { Child } from 'hono/jsx'
import type { DumbbellSpec, MarkLook, StackSpec, Tick } from '../../core/chart'
import { byGap, companyOf, isBeyondChance, isHidden, sideOf } from '../../core/findings'
import type { ClassCounts, Figure, Hidden, NodeFigures, NodeResult, PublicResult } from '../../core/result'
import { type FrozenRound, themes } from '../../core/round'
import { isolate } from '../../i18n/format'
import { questionOf, type Reader } from '../../i18n/items'
import { ChartFigure } from './chart-figure'
import { GapRows, GroupName, Statement } from './round-result'
import { Scroll } from './scroll'
import { gapVerdict, Range } from './verdict'
import { ticksFor, type View } from './view'

/** A result as the figures of its page read it. */
export interface Shown {
  view: View
  reader: Reader
  frozen: FrozenRound
  result: PublicResult
}

const bothSides = ['sales', 'marketing'] as const

/** The company and its sides, those of them that the round has; hidden ones too. */
function wholesOf(result: PublicResult): { look: MarkLook; node: NodeResult }[] {
  const nodes = [{ look: 'now' as const, node: companyOf(result) }, ...bothSides.map((look) => ({ look, node: sideOf(result, look) }))]
  return nodes.flatMap(({ look, node }) => (node ? [{ look, node }] : []))
}

export const shownNode = (node: NodeResult | undefined): NodeFigures | undefined =>
  node && !isHidden(node) ? (node as NodeFigures) : undefined

const shownFigure = (figure: Figure | Hidden | undefined): (Figure & { value: number }) | undefined =>
  figure && !isHidden(figure) && figure.value !== null ? (figure as Figure & { value: number }) : undefined

export const nameOfNode = ({ t }: Pick<View, 't'>, { name }: { name: string }): string => (name === '' ? t.sides.company : isolate(name))

const ticksIn = ({ f }: View, values: readonly number[], range: readonly [number, number], write = f.number): Tick[] =>
  ticksFor(Math.min(...values), Math.max(...values), range).map((at) => ({ at, text: write(at) }))

const signed = (view: View) => (value: number) => view.f.signed(value)

// ── The overall rating ──────────────────────────────────────────────────────────────────────────────────────────────

export function RatingFigure({ view, result }: Shown) {
  const { t, f } = view
  const rows = wholesOf(result).map(({ look, node }) => ({ look, node, figure: shownNode(node)?.headline }))
  const company = shownFigure(rows.find(({ look }) => look === 'now')?.figure)
  const { above, below, even } = t.roundsPage.result.overallTitle
  const title = !company?.interval ? t.roundsPage.overall : company.interval.low > 0 ? above : company.interval.high < 0 ? below : even
  const drawn = rows.flatMap(({ look, node, figure }) => {
    const shown = shownFigure(figure)
    return shown ? [{ look, node, shown }] : []
  })
  const ends = drawn.flatMap(({ shown }) => [shown.value, shown.interval?.low ?? shown.value, shown.interval?.high ?? shown.value])
  const table = (
    <>
      <thead>
        <tr>
          <th scope="col">{t.roundsPage.group}</th>
          {(['n', 'value', 'interval', 'ifAll'] as const).map((column) => (
            <th scope="col" class="num">
              {t.roundsPage.figure[column]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ node, figure }) => (
          <tr>
            <th scope="row">
              <GroupName texts={t} node={node} />
            </th>
            {figure && !isHidden(figure) ? (
              <>
                <td class="num">{f.number(figure.n)}</td>
                <td class="num">
                  <Value view={view} figure={figure} write={signed(view)} />
                </td>
                <td class="num">
                  <Range t={t} ends={figure.interval} write={signed(view)} />
                </td>
                <td class="num">
                  <Range t={t} ends={figure.ifAllAnswered} write={signed(view)} />
                </td>
              </>
            ) : (
              <HiddenCells view={view} result={result} why={figure ?? (node as Hidden)} columns={4} />
            )}
          </tr>
        ))}
      </tbody>
    </>
  )
  const spec: DumbbellSpec = {
    kind: 'dumbbell',
    ticks: ticksIn(view, [...ends, 0], [-100, 100], signed(view)),
    key: [],
    columns: [t.roundsPage.figure.value],
    rows: drawn.map(({ look, node, shown }) => ({
      label: nameOfNode(view, node),
      ...(shown.interval && { detail: t.roundsPage.range(signed(view)(shown.interval.low), signed(view)(shown.interval.high)) }),
      marks: [
        {
          look,
          at: shown.value,
          text: '',
          ...(shown.interval && { low: shown.interval.low, high: shown.interval.high }),
        },
      ],
      cells: [signed(view)(shown.value)],
    })),
  }
  return (
    <div class="c6" id="rating">
      <Drawn view={view} id="rating-chart" title={title} what={t.roundsPage.result.overallWhat} spec={drawn.length > 0 ? spec : null}>
        {table}
      </Drawn>
    </div>
  )
}

// ── Themes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** @param props.title what is found about the sides; null where the page says it already */
export function ThemesFigure(props: Shown & { title: string | null; exploreOf: (theme: string) => string }) {
  const { view, result } = props
  const { t, f } = view
  const gaps = byGap(result.gaps)
  const title = props.title ?? widestGap(view, result)
  const spec: DumbbellSpec = {
    kind: 'dumbbell',
    ticks: ticksIn(
      view,
      gaps.flatMap(({ sales, marketing }) => [sales, marketing]),
      [0, 100],
    ),
    key: bothSides.map((look) => ({ look, text: t.sides[look] })),
    columns: [t.roundsPage.gap],
    rows: gaps.map((gap) => ({
      label: t.themes[gap.theme],
      marks: bothSides.map((look) => ({ look, at: gap[look], text: f.number(gap[look]) })),
      cells: [f.signed(gap.gap, 1)],
      quiet: !isBeyondChance(gap),
      verdict: gapVerdict(view, gap),
    })),
  }
  return (
    <section class="sec tight" id="themes">
      {gaps.length > 0 ? (
        <ChartFigure
          view={view}
          id="themes-chart"
          heading="h2"
          title={title}
          what={t.overview.sides.what(f.month(result.period))}
          label={title}
          spec={spec}
          tableNote={`${t.roundsPage.betweenWhat} ${t.roundsPage.distanceWhat} ${t.roundsPage.chanceWhat}`}
        >
          <GapRows
            t={t.roundsPage}
            texts={t}
            reader={props.reader}
            f={f}
            frozen={props.frozen}
            result={result}
            exploreOf={props.exploreOf}
          />
        </ChartFigure>
      ) : (
        <>
          <div class="title">
            <h2>{t.roundsPage.between}</h2>
          </div>
          <p class="note">
            {t.overview.sides.missing}. {t.overview.sides.missingWhat(f.number(result.minimumGroupSize))}
          </p>
        </>
      )}
    </section>
  )
}

/** The theme with the widest gap beyond chance, with both its figures. */
function widestGap({ t, f }: View, { gaps }: PublicResult): string {
  const widest = byGap(gaps).find(isBeyondChance)
  if (!widest) return t.roundsPage.between
  const figures = bothSides.map((side) => `${t.sides[side]} ${f.number(widest[side])}`)
  return `${t.themes[widest.theme]}: ${figures.join(' · ')}`
}

// ── Statements ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Every statement from the most to the least favourable one, as everybody together see it, or else the sides. */
export function StatementsFigure({ view, reader, frozen, result }: Shown) {
  const { t, f } = view
  const wholes = wholesOf(result)
  const asked = frozen.items.flatMap((item) => (item.kind === 'agreement' ? [item] : []))
  const rows = asked
    .map(({ id, theme }) => {
      const figures = wholes.map(({ look, node }) => ({ look, figure: shownNode(node)?.items[id] }))
      const values = figures.flatMap(({ figure }) => shownFigure(figure)?.value ?? [])
      return { id, theme, figures, order: values[0] ?? -1, isDrawn: values.length > 0 }
    })
    .filter(({ figures }) => figures.some(({ figure }) => figure))
    .sort((a, b) => b.order - a.order)
  if (rows.length === 0) return null
  const textOf = (id: string) => {
    const item = frozen.items.find((one) => one.id === id)
    return item ? questionOf(reader, item).text : id
  }
  const low = rows.findLast(({ figures }) => (shownFigure(figures[0]?.figure)?.interval?.high ?? 100) < 50)
  const title = low ? t.roundsPage.result.itemsLow(isolate(textOf(low.id))) : t.roundsPage.result.items
  const drawn = rows.filter(({ isDrawn }) => isDrawn)
  const spec: DumbbellSpec = {
    kind: 'dumbbell',
    ticks: ticksIn(
      view,
      drawn.flatMap(({ figures }) => figures.flatMap(({ figure }) => shownFigure(figure)?.value ?? [])),
      [0, 100],
    ),
    key: bothSides.filter((look) => wholes.some((whole) => whole.look === look)).map((look) => ({ look, text: t.sides[look] })),
    columns: [t.sides.company],
    rows: drawn.map(({ id, figures }) => {
      const marks = figures.flatMap(({ look, figure }) => {
        const shown = shownFigure(figure)
        return shown ? [{ look, at: shown.value, text: f.number(shown.value) }] : []
      })
      const sides = marks.filter(({ look }) => look !== 'now')
      return {
        label: textOf(id),
        marks: sides.length > 0 ? sides : marks,
        cells: [marks.find(({ look }) => look === 'now')?.text ?? '–'],
      }
    }),
  }
  return (
    <div class="c7" id="statements">
      <Drawn view={view} id="statements-chart" title={title} what={t.roundsPage.result.itemsWhat} spec={drawn.length > 0 ? spec : null}>
        <thead>
          <tr>
            <th scope="col">{t.roundsPage.figure.statement}</th>
            {wholes.map(({ node }) => (
              <>
                <th scope="col" class="num">
                  <bdi>{node.name || t.sides.company}</bdi>
                </th>
                <th scope="col" class="num">
                  {t.roundsPage.figure.interval}
                </th>
              </>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, theme, figures }) => (
            <tr>
              <th scope="row">
                <Statement reader={reader} items={frozen.items} id={id} /> <small>{t.themes[theme]}</small>
              </th>
              {figures.map(({ figure }, index) =>
                figure && !isHidden(figure) ? (
                  <>
                    <td class="num">
                      <Value view={view} figure={figure} write={f.number} />
                    </td>
                    <td class="num">
                      <Range t={t} ends={figure.interval} write={f.number} />
                    </td>
                  </>
                ) : (
                  <HiddenCells view={view} result={result} why={figure ?? wholes[index]?.node} columns={2} />
                ),
              )}
            </tr>
          ))}
        </tbody>
      </Drawn>
    </div>
  )
}

// ── How people answered ─────────────────────────────────────────────────────────────────────────────────────────────

const kinds = [
  ['promoters', 'promoter'],
  ['passives', 'passive'],
  ['critics', 'critic'],
] as const

export function AnswersFigure({ view, result }: Shown) {
  const { t, f } = view
  const wholes = wholesOf(result)
  const company = shownNode(companyOf(result))
  const rows: { name: string; look: 'sales' | 'marketing' | null; classes: ClassCounts | null; head: Child }[] = [
    ...wholes.map(({ look, node }) => ({
      name: nameOfNode(view, node),
      look: look === 'sales' || look === 'marketing' ? look : null,
      classes: shownNode(node)?.classes ?? null,
      head: <GroupName texts={t} node={node} />,
    })),
    ...themes.flatMap((theme) => {
      const figure = company?.themes[theme]
      if (!figure || isHidden(figure)) return []
      return [{ name: t.themes[theme], look: null, classes: figure.classes, head: t.themes[theme] }]
    }),
  ]
  const shares = ({ promoters, passives, critics }: ClassCounts, kind: keyof ClassCounts) => {
    const counts = { promoters, passives, critics }
    return counts[kind] / Math.max(1, promoters + passives + critics)
  }
  const said = rows.flatMap(({ name, look, classes }) => (classes ? [{ name, look, classes }] : []))
  const spec: StackSpec = {
    kind: 'stack',
    rows: said.map(({ name, look, classes }) => ({
      label: name,
      look,
      parts: kinds.map(([kind, part]) => ({
        look: part,
        value: classes[kind],
        text: f.percent(shares(classes, kind)),
        name: t.overview.answers[kind],
      })),
    })),
  }
  return (
    <div class="c5" id="answers">
      <Drawn
        view={view}
        id="answers-chart"
        title={t.overview.answers.title}
        what={t.roundsPage.result.answersWhat}
        spec={said.length > 0 ? spec : null}
      >
        <thead>
          <tr>
            <th scope="col">{t.roundsPage.group}</th>
            {kinds.map(([kind]) => (
              <>
                <th scope="col" class="num">
                  {t.roundsPage.figure[kind]}
                </th>
                <th scope="col" class="num">
                  %
                </th>
              </>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ head, classes }) => (
            <tr>
              <th scope="row">{head}</th>
              {kinds.map(([kind]) => (
                <>
                  <td class="num">{classes ? f.number(classes[kind]) : '–'}</td>
                  <td class="num">{classes ? <bdi>{f.percent(shares(classes, kind))}</bdi> : '–'}</td>
                </>
              ))}
            </tr>
          ))}
        </tbody>
      </Drawn>
    </div>
  )
}

// ── Who took part ───────────────────────────────────────────────────────────────────────────────────────────────────

/** A bar a group: the table is the drawing, and prints as it stands. */
export function ParticipationFigure({ view, result }: Shown) {
  const { t, f, sheet } = view
  const depthOf = (id: string | null | undefined): number =>
    id == null ? -1 : 1 + depthOf(result.nodes.find((node) => node.id === id)?.parentId)
  const shown = result.nodes.flatMap((node) => shownNode(node) ?? [])
  if (shown.length === 0) return null
  return (
    <div class="c6" id="participation">
      <div class="title">
        <h2>{t.overview.took.title}</h2>
        <p class="what">{t.roundsPage.result.participationWhat}</p>
      </div>
      <Scroll label={t.overview.took.title}>
        <table class="data bars">
          <thead>
            <tr>
              <th scope="col">{t.roundsPage.group}</th>
              <th scope="col" class="num">
                {t.roundsPage.columns.answered}
              </th>
              <th scope="col" class="num">
                {t.roundsPage.columns.invited}
              </th>
              <th scope="col" class="num">
                {t.roundsPage.result.share}
              </th>
              <td aria-hidden="true" />
            </tr>
          </thead>
          <tbody>
            {shown.map((node) => {
              const share = Math.min(1, node.n / Math.max(1, node.invited))
              return (
                <tr>
                  <th scope="row">
                    <span class={`below-${Math.min(4, depthOf(node.id))}`}>
                      <GroupName texts={t} node={node} />
                    </span>
                  </th>
                  <td class="num">{f.number(node.n)}</td>
                  <td class="num">{f.number(node.invited)}</td>
                  <td class="num">
                    <bdi>{f.percent(share)}</bdi>
                  </td>
                  <td class="bar" aria-hidden="true">
                    <span class="pbar">
                      <i class={`${node.side} ${sheet.rule(`inline-size:${Math.round(share * 100)}%`)}`} />
                    </span>
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </Scroll>
    </div>
  )
}

// ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A chart with its table; the table alone where there is nothing to draw. */
function Drawn(props: { view: View; id: string; title: string; what: string; spec: DumbbellSpec | StackSpec | null; children: Child }) {
  const { view, id, title, what, spec, children } = props
  if (spec) {
    return (
      <ChartFigure view={view} id={id} heading="h2" title={title} what={what} label={title} spec={spec}>
        {children}
      </ChartFigure>
    )
  }
  return (
    <>
      <div class="title">
        <h2>{title}</h2>
        <p class="what">{what}</p>
      </div>
      <Scroll label={title}>
        <table class="data pin">{children}</table>
      </Scroll>
    </>
  )
}

function Value({ view: { t }, figure, write }: { view: View; figure: Figure; write: (value: number) => string }) {
  const { value, band } = figure
  if (value === null) return <>{band ? t.roundsPage.bands[band] : '–'}</>
  return <data value={String(Math.round(value * 10) / 10)}>{write(value)}</data>
}

/** In words why there is no figure; a dash where the round did not ask. */
function HiddenCells(props: { view: View; result: PublicResult; why: object | undefined; columns: number }) {
  const { view, result, why, columns } = props
  const { t, f } = view
  if (!why || !isHidden(why))
    return (
      <td class="num" colspan={columns}>
        –
      </td>
    )
  return (
    <td class="hatch" colspan={columns}>
      <span class="paper">{t.roundsPage.hidden[why.hidden](f.number(result.minimumGroupSize))}</span>
    </td>
  )
}
