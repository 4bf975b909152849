import type { Leak, Reason } from '../../core/funnel'
import { excludesZero } from '../../core/statistics'
import type { FunnelView } from '../../services/funnel'
import { Verdict } from './verdict'
import { at, span, type View } from './view'

type Stage = FunnelView['stages'][number]

/**
 * Each stage against what the one before it lost: solid is who reached it, hatched who was lost since, dashed the window
 * before.
 */
export function FunnelRows({ view, funnel }: { view: View; funnel: FunnelView }) {
  const { f, t, sheet } = view
  const texts = t.funnel
  const first = funnel.stages[0]?.count ?? 0
  return (
    <div class="rows fn">
      {funnel.stages.map((stage, index) => {
        const before = funnel.stages[index - 1]
        const reached = percentOf(stage.count, first)
        const ago = stage.previous.cumulative.value
        return (
          <div class="r">
            <div class="k">
              <strong>{texts.stages[stage.stage]}</strong>
              <span class="note">{texts.means[stage.stage]}</span>
            </div>
            <div class="ct">
              <bdi>{f.number(stage.count)}</bdi>
            </div>
            <div>
              <div class="bar" aria-hidden="true">
                <i class={span(sheet, 0, reached)} />
                {before ? <i class={`leak ${span(sheet, reached, percentOf(before.count, first))}`} /> : null}
                {before && ago !== null ? <u class={at(sheet, Math.min(ago, 1) * 100)} /> : null}
              </div>
              {before ? <Share view={view} stage={stage} before={before} /> : <p class="st">{texts.key(f.number(daysOf(funnel)))}</p>}
            </div>
            <div class="lk">{before && stage.leak ? <LeakText view={view} stage={stage} leak={stage.leak} /> : null}</div>
            {funnel.bottleneck?.to === stage.stage ? (
              <p class="held">{texts.bottleneck[funnel.bottleneck.why](f.percent(funnel.bottleneck.share.value ?? 0))}</p>
            ) : null}
          </div>
        )
      })}
    </div>
  )
}

const percentOf = (count: number, first: number) => (first === 0 ? 0 : (count / first) * 100)
export const daysOf = ({ window }: FunnelView): number => window?.days ?? 0

/** The share that went on, and whether it differs from the window before. */
function Share({ view, stage, before }: { view: View; stage: Stage; before: Stage }) {
  const { f, t } = view
  const texts = t.funnel
  const { next, change, previous } = stage
  if (next?.value == null) return <p class="st">{texts.nobody}</p>
  return (
    <p class="st">
      <b>
        <bdi>{f.percent(next.value)}</bdi>
      </b>{' '}
      {texts.of[before.stage]}
      {change && previous.next?.value != null ? (
        <>
          {' · '}
          {texts.was(f.percent(previous.next.value))} <Verdict view={view} verdict={excludesZero(change.interval) ? 'signal' : 'normal'} />
        </>
      ) : null}
    </p>
  )
}

function LeakText({ view: { f, t }, stage, leak }: { view: View; stage: Stage; leak: Leak }) {
  const texts = t.funnel
  if (leak.count === 0) return <>{texts.noLeak}</>
  const parts = (['lost', 'returned', 'open'] as const).filter((what) => leak[what].count > 0)
  return (
    <>
      <span class="ink">{texts.leak[stage.stage](f.number(leak.count))}</span>
      <br />
      {parts.map((what) => texts.parts[what](f.number(leak[what].count))).join(texts.comma)}
      {topReasons(leak).map(({ reason, count }) => (
        <>
          <br />
          <bdi>{f.percent(count / (leak.lost.count + leak.returned.count))}</bdi> <bdi>{reason || texts.noReason}</bdi>
        </>
      ))}
    </>
  )
}

/** The two that most were lost or returned for. */
export function topReasons({ lost, returned }: Leak, most = 2): Reason[] {
  const counts = new Map<string, number>()
  for (const { reason, count } of [...lost.reasons, ...returned.reasons]) counts.set(reason, (counts.get(reason) ?? 0) + count)
  // Without any reason at all there is nothing to name.
  if ([...counts.keys()].every((reason) => reason === '')) return []
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, most)
}
