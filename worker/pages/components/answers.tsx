import { isHidden, sideOf } from '../../core/findings'
import type { ClassCounts, PublicResult } from '../../core/result'
import type { View } from './view'

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
