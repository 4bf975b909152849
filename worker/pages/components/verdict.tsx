import type { Verdict as Judgement } from '../../core/before-after'
import { isBeyondChance } from '../../core/findings'
import type { Interval, ThemeGap } from '../../core/result'
import type { Messages } from '../../i18n'
import { type Format, roundTo } from '../../i18n/format'
import type { View } from './view'

/** Shape first, then tone: a filled diamond asks for attention, an open wave does not. `text` in place of the usual words. */
export const Verdict = ({ view: { t }, verdict, text }: { view: Pick<View, 't'>; verdict: Judgement; text?: string | undefined }) => (
  <span class={`verdict ${verdict}`}>
    {verdict === 'signal' ? <Diamond /> : <Wave />}
    {text ?? (verdict === 'signal' ? t.overview.signal : t.overview.normal)}
  </span>
)

/** Under this it is said to be less: 0.0 % would say that it cannot be. */
const leastChance = 0.001

/** Both ends of an interval, a dash where there is none. */
export const Range = (props: { t: Messages; ends: Interval | null | undefined; write: (value: number) => string }) => {
  const { t, ends, write } = props
  return ends ? <bdi>{t.roundsPage.range(write(ends.low), write(ends.high))}</bdi> : <>–</>
}

export const Chance = ({ f, p }: { f: Format; p: number }) => (
  <bdi>{p < leastChance ? `< ${f.percent(leastChance, 1)}` : f.percent(p, 1)}</bdi>
)

/** Whether sides are further apart than chance would put them, as a chart marks it. */
export const gapVerdict = ({ t }: Pick<View, 't'>, gap: Omit<ThemeGap, 'theme'>) => {
  const signal = isBeyondChance(gap)
  return { signal, text: signal ? t.overview.signal : t.overview.normalShort }
}

/** A signed change; grey where it rounds to nothing. Always near a verdict. */
export function Delta({ view: { f }, value, decimals = 1 }: { view: View; value: number; decimals?: number }) {
  const shown = roundTo(value, decimals)
  return (
    <span class={`delta ${shown > 0 ? 'up' : shown < 0 ? 'down' : 'flat'}`}>
      <bdi>{f.signed(value, decimals)}</bdi>
    </span>
  )
}

export const Diamond = () => (
  <svg viewBox="0 0 12 12" aria-hidden="true">
    <path d="M6 .8 11.2 6 6 11.2.8 6z" fill="currentColor" />
  </svg>
)

export const Wave = () => (
  <svg viewBox="0 0 12 12" aria-hidden="true">
    <path d="M.9 6.3C2.4 2.5 4 2.5 6 6s3.6 3.5 5.1-.3" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" />
  </svg>
)

export const Clock = () => (
  <svg viewBox="0 0 12 12" aria-hidden="true">
    <path d="M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1M6 3.2V6l1.9 1.4" fill="none" stroke="currentColor" stroke-width="1.2" />
  </svg>
)

export const Warning = () => (
  <svg viewBox="0 0 16 16" aria-hidden="true">
    <path d="M8 1.8 14.6 13.8H1.4z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round" />
    <path d="M8 6.3v3.6M8 11.4v1" stroke="currentColor" stroke-width="1.5" />
  </svg>
)
