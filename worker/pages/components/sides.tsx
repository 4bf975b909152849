import type { DumbbellSpec } from '../../core/chart'
import { byGap, companyOf, isBeyondChance, isHidden, sideOf } from '../../core/findings'
import type { Figure, Hidden, PublicResult, ThemeGap } from '../../core/result'
import { themes } from '../../core/round'
import { roundTo } from '../../i18n/format'
import { AsTable } from './as-table'
import { ChartFigure } from './chart-figure'
import { themePath } from './drill'
import { hiddenText } from './heat-table'
import { NumCell } from './num'
import { shownGap, ticksFor, type View } from './view'

/** Sales and marketing on every theme, the widest gap first. */
export function SidesFigure({ view, result, title }: { view: View; result: PublicResult; title: string }) {
  const { t, f } = view
  const texts = t.overview.sides
  const gaps = byGap(result.gaps)
  const [widest] = gaps
  if (!widest) {
    return (
      <figure class="c5">
        <div class="title">
          <h2>{title}</h2>
        </div>
        <div class="state hatch">
          <div>
            <strong>{texts.missing}</strong>
            <p>{texts.missingWhat(f.number(result.minimumGroupSize))}</p>
          </div>
        </div>
        <AsTable view={view} caption={texts.neutral}>
          <SidesRows view={view} result={result} />
        </AsTable>
      </figure>
    )
  }
  return (
    <ChartFigure
      view={view}
      id="sides"
      class="c5"
      heading="h2"
      title={title}
      what={texts.what(f.month(result.period))}
      label={`${title}. ${texts.spoken(t.themes[widest.theme], f.number(widest.sales), f.number(widest.marketing))}`}
      spec={specOf(view, gaps)}
    >
      <SidesRows view={view} result={result} />
    </ChartFigure>
  )
}

function specOf({ t, f }: View, gaps: readonly ThemeGap[]): DumbbellSpec {
  const values = gaps.flatMap(({ sales, marketing }) => [sales, marketing])
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const room = Math.max(3, (30 - (high - low)) / 2)
  return {
    kind: 'dumbbell',
    ticks: ticksFor(Math.max(0, low - room), Math.min(100, high + room), [0, 100]).map((at) => ({ at, text: f.number(at) })),
    key: bothSides.map((look) => ({ look, text: t.sides[look] })),
    columns: [t.overview.sides.gap],
    rows: gaps.map(({ theme, sales, marketing, interval, p }) => ({
      label: t.themes[theme],
      marks: [
        { look: 'sales' as const, at: roundTo(sales, 1), text: f.number(sales) },
        { look: 'marketing' as const, at: roundTo(marketing, 1), text: f.number(marketing) },
      ],
      cells: [f.number(shownGap(sales, marketing))],
      ...(isBeyondChance({ interval, p }) ? {} : { quiet: true }),
    })),
  }
}

/** The same figures beside the whole company's, which is all there is where a side is hidden. */
function SidesRows({ view, result }: { view: View; result: PublicResult }) {
  const { t, f } = view
  const company = companyOf(result)
  const sides = bothSides.map((side) => ({ side, node: sideOf(result, side) }))
  if (!company) return null
  const minimum = f.number(result.minimumGroupSize)
  const rows = [
    ...byGap(result.gaps).map(({ theme }) => theme),
    ...themes.filter((theme) => result.gaps.every((gap) => gap.theme !== theme)),
  ]
  const { low, high } = t.overview.trend
  const columns = [t.sides.company, ...bothSides.map((side) => t.sides[side]), t.overview.sides.gap, low, high]
  return (
    <>
      <thead>
        <tr>
          <th scope="col">{t.overview.groups.theme}</th>
          {columns.map((column) => (
            <th scope="col" class="num">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((theme) => {
          const gap = result.gaps.find((candidate) => candidate.theme === theme)
          return (
            <tr>
              <th scope="row">
                <a href={themePath(theme, result.number)}>{t.themes[theme]}</a>
              </th>
              <TableCell view={view} figure={isHidden(company) ? company : company.themes[theme]} value={null} minimum={minimum} />
              {sides.map(({ side, node }) => (
                <TableCell
                  view={view}
                  figure={node && isHidden(node) ? node : node?.themes[theme]}
                  value={gap?.[side] ?? null}
                  minimum={minimum}
                />
              ))}
              {[gap?.gap, gap?.interval.low, gap?.interval.high].map((value) => (
                <NumCell view={view} value={value} as="signed" />
              ))}
            </tr>
          )
        })}
      </tbody>
    </>
  )
}

/** A figure of one node; `value` where the comparison has it more exactly. */
function TableCell(props: { view: View; figure: Figure | Hidden | undefined; value: number | null; minimum: string }) {
  const { t } = props.view
  const { figure } = props
  if (!figure) return <td class="num">–</td>
  if (isHidden(figure)) return <td class="num hidden">{hiddenText(props.view, figure, props.minimum)}</td>
  const value = props.value ?? figure.value
  if (value !== null) return <NumCell view={props.view} value={value} decimals={figure.n < 10 ? 0 : 1} />
  return <td class="num">{figure.band ? t.overview.groups.bands[figure.band] : '–'}</td>
}

const bothSides = ['sales', 'marketing'] as const
