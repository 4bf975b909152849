import { byGap, companyOf, isBeyondChance, isHidden, sideOf } from '../../core/findings'
import type { ClassCounts, Figure, Hidden, PublicResult } from '../../core/result'
import { themes } from '../../core/round'
import { AsTable } from './as-table'
import { hiddenText } from './heat-table'
import { at, share, span, ticksFor, type View } from './view'

/** Sales and marketing on every theme, the widest gap first. */
export function SidesFigure({ view, result, title }: { view: View; result: PublicResult; title: string }) {
  const { t, f, sheet } = view
  const gaps = byGap(result.gaps)
  const values = gaps.flatMap(({ sales, marketing }) => [sales, marketing])
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const room = Math.max(3, (30 - (high - low)) / 2)
  const ticks = ticksFor(Math.max(0, low - room), Math.min(100, high + room), [0, 100])
  const scale = [ticks[0] ?? 0, ticks.at(-1) ?? 100] as const
  const place = (value: number) => at(sheet, share(value, scale))
  const grid = ticks.map((tick) => <i class={`gl ${place(tick)}`} />)
  return (
    <figure class="c5">
      <div class="title">
        <h2>{title}</h2>
        <p class="what">{t.overview.sides.what(f.month(result.period))}</p>
      </div>
      {gaps.length === 0 ? (
        <div class="state">
          <strong>{t.overview.sides.missing}</strong>
          <p>{t.overview.sides.missingWhat(f.number(result.minimumGroupSize))}</p>
        </div>
      ) : (
        <div class="rows db" role="img" aria-label={title}>
          <div class="r axis top">
            <span class="k legend">
              <span class="with-mk of-s">
                <i class="mk s" />
                {t.sides.sales}
              </span>
              <span class="with-mk of-m">
                <i class="mk m" />
                {t.sides.marketing}
              </span>
            </span>
            <span class="v">{t.overview.sides.gap}</span>
          </div>
          {gaps.map(({ theme, sales, marketing, gap, interval, p }) => (
            <div class="r">
              <span class="k">{t.themes[theme]}</span>
              <span class="trk">
                {grid}
                <i class={`ln ${span(sheet, share(sales, scale), share(marketing, scale))}`} />
                <i class={`at-s ${place(sales)}`} />
                <i class={`at-m ${place(marketing)}`} />
                <span class={`n of-s ${sales < marketing ? 'lo' : 'hi'} ${place(sales)}`}>
                  <bdi>{f.number(sales)}</bdi>
                </span>
                <span class={`n of-m ${sales < marketing ? 'hi' : 'lo'} ${place(marketing)}`}>
                  <bdi>{f.number(marketing)}</bdi>
                </span>
              </span>
              <span class={`v${isBeyondChance({ interval, p }) ? '' : ' chance'}`}>
                <bdi>{f.number(Math.abs(Math.round(sales) - Math.round(marketing)) || Math.abs(gap))}</bdi>
              </span>
            </div>
          ))}
          <div class="r axis">
            <span class="k" />
            <span class="trk">
              {ticks.map((tick) => (
                <span class={place(tick)}>
                  <bdi>{f.number(tick)}</bdi>
                </span>
              ))}
            </span>
            <span />
          </div>
        </div>
      )}
      <SidesTable view={view} result={result} />
    </figure>
  )
}

/** The same figures beside the whole company's, which is all there is where a side is hidden. */
function SidesTable({ view, result }: { view: View; result: PublicResult }) {
  const { t, f } = view
  const company = companyOf(result)
  const sides = bothSides.map((side) => ({ side, node: sideOf(result, side) }))
  const shown = [company, ...sides.map(({ node }) => node)].filter((node) => node && !isHidden(node))
  if (!company || shown.length === 0) return null
  const minimum = f.number(result.minimumGroupSize)
  const rows = [
    ...byGap(result.gaps).map(({ theme }) => theme),
    ...themes.filter((theme) => result.gaps.every((gap) => gap.theme !== theme)),
  ]
  return (
    <AsTable view={view} caption={t.overview.sides.neutral}>
      <thead>
        <tr>
          <th scope="col">{t.overview.groups.theme}</th>
          <th scope="col" class="num">
            {t.sides.company}
          </th>
          {sides.map(({ side }) => (
            <th scope="col" class="num">
              {t.sides[side]}
            </th>
          ))}
          <th scope="col" class="num">
            {t.overview.sides.gap}
          </th>
          <th scope="col" class="num">
            {t.overview.trend.interval}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((theme) => {
          const gap = result.gaps.find((candidate) => candidate.theme === theme)
          return (
            <tr>
              <th scope="row">{t.themes[theme]}</th>
              <TableCell view={view} figure={isHidden(company) ? company : company.themes[theme]} value={null} minimum={minimum} />
              {sides.map(({ side, node }) => (
                <TableCell
                  view={view}
                  figure={node && isHidden(node) ? node : node?.themes[theme]}
                  value={gap?.[side] ?? null}
                  minimum={minimum}
                />
              ))}
              <td class="num">{gap ? <bdi>{f.signed(gap.gap, 1)}</bdi> : '–'}</td>
              <td class="num">
                {gap ? (
                  <bdi>
                    {f.signed(gap.interval.low, 1)} – {f.signed(gap.interval.high, 1)}
                  </bdi>
                ) : (
                  '–'
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </AsTable>
  )
}

/** A figure of one node; `value` where the comparison has it more exactly. */
function TableCell(props: { view: View; figure: Figure | Hidden | undefined; value: number | null; minimum: string }) {
  const { t, f } = props.view
  const { figure } = props
  if (!figure) return <td class="num">–</td>
  if (isHidden(figure)) return <td class="num hidden">{hiddenText(props.view, figure, props.minimum)}</td>
  const value = props.value ?? figure.value
  if (value !== null) {
    return (
      <td class="num">
        <bdi>{f.number(value, figure.n < 10 ? 0 : 1)}</bdi>
      </td>
    )
  }
  return <td class="num">{figure.band ? t.overview.groups.bands[figure.band] : '–'}</td>
}

const bothSides = ['sales', 'marketing'] as const

/** How people answered, by class, where there are enough of them; and how many of those invited did. */
export function Answers({ view, result }: { view: View; result: PublicResult }) {
  const { t, f, sheet } = view
  const sides = bothSides.map((side) => ({ side, node: sideOf(result, side) }))
  return (
    <div class="c3">
      <div class="title">
        <h2>{t.overview.answers.title}</h2>
        <p class="what">{t.overview.answers.what}</p>
      </div>
      {sides.map(({ side, node }, index) => {
        const classes = node && !isHidden(node) ? node.classes : null
        return (
          <div class="stk">
            <span class="with-mk">
              <i class={`mk ${side === 'sales' ? 's' : 'm'}`} />
              {t.sides[side]}
            </span>
            {classes ? (
              <Stack view={view} name={t.sides[side]} classes={classes} labelled={index === 0} />
            ) : (
              <p class="note">{t.overview.answers.tooFew}</p>
            )}
          </div>
        )
      })}
      <div class="title took">
        <h2>{t.overview.took.title}</h2>
        <p class="what">{tookPart(view, result)}</p>
      </div>
      <div class="rows took-rows">
        {sides.map(({ side, node }) => (
          <div class="r">
            <span class="k with-mk">
              <i class={`mk ${side === 'sales' ? 's' : 'm'}`} />
              {t.sides[side]}
            </span>
            {node && !isHidden(node) ? (
              <>
                <span class="pbar">
                  <i class={`${side} ${sheet.rule(`inline-size:${Math.round((node.n / Math.max(1, node.invited)) * 100)}%`)}`} />
                </span>
                <span class="v">{t.overview.ofInvited(f.number(node.n), f.number(node.invited))}</span>
              </>
            ) : (
              <>
                <span class="pbar hatch" />
                <span class="v note">{t.overview.hidden}</span>
              </>
            )}
          </div>
        ))}
      </div>
    </div>
  )
}

/** Nothing where the total is hidden to protect a group beside the sides: they are shown, and it is not too few. */
function tookPart({ t, f }: View, { n, invited, minimumGroupSize, nodes }: PublicResult): string {
  if (n !== null) return t.overview.took.overall(f.percent(n / Math.max(1, invited)), f.number(n), f.number(invited))
  return nodes.every(isHidden) ? t.overview.took.tooFew(f.number(minimumGroupSize)) : ''
}

function Stack(props: { view: View; name: string; classes: ClassCounts; labelled: boolean }) {
  const { t, f, sheet } = props.view
  const { promoters, passives, critics } = props.classes
  const total = Math.max(1, promoters + passives + critics)
  const parts = (
    [
      ['pro', promoters, t.overview.answers.promoters],
      ['pas', passives, t.overview.answers.passives],
      ['cri', critics, t.overview.answers.critics],
    ] as const
  ).map(([kind, count, name]) => ({ kind, name, percent: f.percent(count / total), size: sheet.rule(`flex-grow:${count}`) }))
  return (
    <>
      <div class="stack" role="img" aria-label={`${props.name}: ${parts.map(({ name, percent }) => `${name} ${percent}`).join(', ')}`}>
        {parts.map(({ kind, size }) => (
          <span class={`is-${kind} ${size}`} />
        ))}
      </div>
      <div class="lb">
        {parts.map(({ kind, name, percent, size }) => (
          <span class={`of-${kind} ${size}`}>
            <b>
              <bdi>{percent}</bdi>
            </b>
            {props.labelled ? ` ${name}` : null}
          </span>
        ))}
      </div>
    </>
  )
}
