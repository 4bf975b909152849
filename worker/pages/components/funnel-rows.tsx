import type { FunnelSpec } from '../../core/chart'
import type { Leak, Reason } from '../../core/funnel'
import { excludesZero } from '../../core/statistics'
import { isolate } from '../../i18n/format'
import type { FunnelView } from '../../services/funnel'
import { ChartFigure } from './chart-figure'
import { FunnelTableRows } from './funnel-tables'
import type { View } from './view'

type Stage = FunnelView['stages'][number]

/** Each stage against what the one before it lost, with every figure and its interval as the table. */
export function FunnelFigure(props: { view: View; funnel: FunnelView; title: string; what: string; link: { href: string; text: string } }) {
  const { view, funnel } = props
  const { f, t } = view
  const texts = t.funnel
  const { bottleneck } = funnel
  return (
    <ChartFigure
      view={view}
      id="funnel"
      heading="h2"
      title={props.title}
      what={props.what}
      label={funnel.stages.map(({ stage, count }) => `${texts.stages[stage]}: ${f.number(count)}`).join(texts.comma)}
      spec={specOf(view, funnel)}
      note={
        bottleneck
          ? texts.bottleneck[bottleneck.why](
              texts.stages[bottleneck.from],
              texts.stages[bottleneck.to],
              f.percent(bottleneck.share.value ?? 0),
            )
          : null
      }
      tableNote={texts.tableNote}
      under={
        <p class="after">
          <a href={props.link.href}>{props.link.text}</a>
        </p>
      }
    >
      <FunnelTableRows view={view} funnel={funnel} />
    </ChartFigure>
  )
}

/** Solid is who reached a stage, hatched who was lost since the one before, dashed the window before. */
function specOf({ f, t }: View, funnel: FunnelView): FunnelSpec {
  const texts = t.funnel
  const most = funnel.stages[0]?.count ?? 0
  return {
    kind: 'funnel',
    most,
    rows: funnel.stages.map((stage, index) => {
      const before = funnel.stages[index - 1]
      const ago = stage.previous.cumulative.value
      const { change, previous } = stage
      const isCompared = before !== undefined && change !== null && previous.next?.value != null
      const isSignal = isCompared && excludesZero(change.interval)
      return {
        label: texts.stages[stage.stage],
        detail: texts.means[stage.stage],
        count: f.number(stage.count),
        reached: stage.count,
        before: before?.count ?? null,
        ago: before && ago !== null ? Math.min(ago, 1) * most : null,
        share: before ? shareOf({ f, t }, stage, before) : texts.key(f.number(funnel.window?.days ?? 0)),
        lost: before && stage.leak ? lostOf({ f, t }, stage, stage.leak) : [],
        ...(isCompared ? { verdict: { signal: isSignal, text: isSignal ? t.overview.signal : t.overview.normal } } : {}),
      }
    }),
  }
}

/** The share that went on, and what it was in the window before. */
function shareOf({ f, t }: Pick<View, 'f' | 't'>, { next, previous }: Stage, before: Stage): string {
  const texts = t.funnel
  if (next?.value == null) return texts.nobody
  const was = previous.next?.value
  return [`${f.percent(next.value)} ${texts.of[before.stage]}`, ...(was == null ? [] : [texts.was(f.percent(was))])].join(' · ')
}

function lostOf({ f, t }: Pick<View, 'f' | 't'>, stage: Stage, leak: Leak): string[] {
  const texts = t.funnel
  if (leak.count === 0) return [texts.noLeak]
  const parts = (['lost', 'returned', 'open'] as const).filter((what) => leak[what].count > 0)
  return [
    texts.leak[stage.stage](f.number(leak.count)),
    parts.map((what) => texts.parts[what](f.number(leak[what].count))).join(texts.comma),
    ...topReasons(leak).map(({ reason, count }) => `${f.number(count)} ${reason ? isolate(reason) : texts.noReason}`),
  ]
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
