import { isolate } from '../../i18n/format'
import type { ShownRound } from '../../services/overview'
import { scorePath } from './drill'
import { Revisions } from './revisions'
import { Delta, Verdict } from './verdict'
import { at, halfWidth, share, shownChange, span, type View } from './view'

/** The score, how sure it is, where it stands, and how it moved. */
export function ScoreHero({ view, shown }: { view: View; shown: ShownRound }) {
  const { t, f } = view
  const { score, sinceLast, sinceBaseline, baseline } = shown
  return (
    <div class="c4 hero">
      <div>
        <h2 class="small">
          <a href={scorePath(score.number)}>{t.overview.score.heading}</a>
        </h2>
        {score.value === null ? (
          <p class="score">
            <b class="none">–</b>
          </p>
        ) : (
          <p class="score">
            <b>
              <bdi>{f.number(score.value)}</bdi>
            </b>
            <span class="pm">
              {score.interval ? <bdi>±{f.number(halfWidth(score))}</bdi> : null}
              <small>
                {score.ballots === null
                  ? t.overview.trend.interval
                  : t.overview.score.interval(f.number(score.ballots), f.number(score.invited))}
              </small>
            </span>
          </p>
        )}
      </div>
      <Ruler view={view} shown={shown} />
      {sinceLast || sinceBaseline ? (
        <ul class="moves">
          {sinceLast ? (
            <li>
              <Delta view={view} value={shownChange(sinceLast.from.value, sinceLast.to.value)} />
              <span>{t.overview.score.sinceLast}</span>
              <Verdict view={view} verdict={sinceLast.verdict} />
            </li>
          ) : null}
          {sinceBaseline && baseline && score.value !== null ? (
            <li>
              <Delta view={view} value={shownChange(baseline.value, score.value)} />
              <span>{baseline.kind === 'first' ? t.overview.score.sinceFirst : t.overview.score.sinceMean}</span>
              <Verdict view={view} verdict={sinceBaseline.verdict} />
            </li>
          ) : null}
        </ul>
      ) : null}
      <p class="note">
        {note(view, shown)}
        {sinceBaseline ? startText(view, shown) : null}
      </p>
      <Revisions view={view} revisions={shown.revisions} />
    </div>
  )
}

function startText({ t }: View, { baseline }: ShownRound): string | null {
  if (baseline?.event) return ` ${t.overview.score.startEvent(isolate(baseline.event.name))}`
  return baseline?.kind === 'mean' ? ` ${t.overview.score.start}` : null
}

function note({ t }: View, { score, sinceLast, sinceBaseline }: ShownRound): string {
  if (score.value === null) return t.overview.score.noScore
  if (!sinceLast && !sinceBaseline) return t.overview.score.noComparison
  const last = sinceLast?.verdict ?? 'normal'
  if (!sinceBaseline) return last === 'signal' ? t.overview.score.lastSignal : t.overview.score.allNormal
  if (sinceBaseline.verdict === 'normal') return last === 'signal' ? t.overview.score.lastSignal : t.overview.score.allNormal
  return last === 'signal' ? t.overview.score.allSignal : t.overview.score.baselineSignal
}

/** Where the score stands between the start and the last round: a scale, cut to what matters. */
function Ruler({ view, shown }: { view: View; shown: ShownRound }) {
  const { t, f, sheet } = view
  const { score, previous, baseline } = shown
  if (score.value === null) return null
  const { value, interval } = score
  // With one round to compare with, the last round is the baseline.
  const last = previous?.value != null && !(baseline?.kind === 'first' && baseline.rounds[0] === previous.number) ? previous.value : null
  const marks = [value, interval?.low, interval?.high, last, baseline?.value].filter((mark) => mark != null)
  const scale = [
    Math.max(0, Math.floor((Math.min(...marks) - 6) / 10) * 10),
    Math.min(100, Math.ceil((Math.max(...marks) + 6) / 10) * 10),
  ] as const
  const place = (mark: number) => at(sheet, share(mark, scale))
  const isNear = (left: number, right: number) => Math.abs(share(left, scale) - share(right, scale)) < 26
  const baseRow = baseline && isNear(baseline.value, value) ? (last !== null && isNear(baseline.value, last) ? 'below2' : 'below') : 'above'
  const labels = {
    now: t.overview.score.now(f.number(value)),
    last: last === null ? null : t.overview.score.last(f.number(last)),
    base: baseline ? t.overview.score.base(f.number(baseline.value)) : null,
  }
  const spoken = [
    t.overview.score.spoken(f.number(value), f.number(interval?.low ?? value), f.number(interval?.high ?? value)),
    labels.last,
    labels.base,
  ]
  return (
    <div class={`ruler${baseRow === 'below2' ? ' tall' : ''}`} role="img" aria-label={spoken.filter((text) => text !== null).join('; ')}>
      <span class="axis" />
      {interval ? <span class={`iv ${span(sheet, share(interval.low, scale), share(interval.high, scale))}`} /> : null}
      {baseline ? <span class={`tick ${place(baseline.value)}`} /> : null}
      {last === null ? null : <span class={`tick ${place(last)}`} />}
      <span class={`pt ${place(value)}`} />
      <span class={`l above now ${place(value)}`}>{labels.now}</span>
      {last === null ? null : <span class={`l below ${place(last)}`}>{labels.last}</span>}
      {baseline ? <span class={`l ${baseRow} ${place(baseline.value)}`}>{labels.base}</span> : null}
      <span class="l below from">
        <bdi>{f.number(scale[0])}</bdi>
      </span>
      <span class="l below to">
        <bdi>{f.number(scale[1])}</bdi>
      </span>
    </div>
  )
}
