import { byGap, gapFinding, isBeyondChance, isHidden, sideOf } from '../../core/findings'
import type { ClassCounts, RoundResult } from '../../core/result'
import { AsTable } from './as-table'
import { at, share, span, ticksFor, type View } from './view'

/** Sales and marketing on every theme, the widest gap first. */
export function SidesFigure({ view, result }: { view: View; result: RoundResult }) {
  const { t, f, sheet } = view
  const gaps = byGap(result.gaps)
  const finding = gapFinding(gaps)
  const title =
    finding.kind === 'divides'
      ? t.overview.sides.divides(t.themes[finding.theme])
      : finding.kind === 'none'
        ? t.overview.sides.none
        : t.overview.sides.neutral
  const values = gaps.flatMap(({ sales, marketing }) => [sales, marketing])
  const ticks = ticksFor(Math.min(...values) - 3, Math.max(...values) + 3, [0, 100])
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
        <>
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
          <AsTable view={view} caption={t.overview.sides.neutral}>
            <thead>
              <tr>
                <th scope="col">{t.overview.groups.theme}</th>
                <th scope="col" class="num">
                  {t.sides.sales}
                </th>
                <th scope="col" class="num">
                  {t.sides.marketing}
                </th>
                <th scope="col" class="num">
                  {t.overview.sides.gap}
                </th>
                <th scope="col" class="num">
                  {t.overview.trend.interval}
                </th>
              </tr>
            </thead>
            <tbody>
              {gaps.map(({ theme, sales, marketing, gap, interval }) => (
                <tr>
                  <th scope="row">{t.themes[theme]}</th>
                  <td class="num">
                    <bdi>{f.number(sales, 1)}</bdi>
                  </td>
                  <td class="num">
                    <bdi>{f.number(marketing, 1)}</bdi>
                  </td>
                  <td class="num">
                    <bdi>{f.signed(gap, 1)}</bdi>
                  </td>
                  <td class="num">
                    <bdi>
                      {f.signed(interval.low, 1)} – {f.signed(interval.high, 1)}
                    </bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </AsTable>
        </>
      )}
    </figure>
  )
}

const bothSides = ['sales', 'marketing'] as const

/** How people answered, by class, where there are enough of them; and how many of those invited did. */
export function Answers({ view, result }: { view: View; result: RoundResult }) {
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
        <p class="what">
          {result.n === null
            ? t.overview.took.tooFew(f.number(result.minimumGroupSize))
            : t.overview.took.overall(f.percent(result.n / Math.max(1, result.invited)), f.number(result.n), f.number(result.invited))}
        </p>
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
