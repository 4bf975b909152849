/** Changes of a score made up for tests. */
import { type Contribution, pillars, type ScoreChange } from '../../worker/core/result'

export const part = (key: string, points: number, withinNoise = false): Contribution => ({
  pillar: 'perception',
  key,
  kind: 'like-for-like',
  points,
  withinNoise,
  sides: null,
})

export function aChange(contributions: Contribution[], from = 60): ScoreChange {
  const points = contributions.reduce((sum, one) => sum + one.points, 0)
  const end = (value: number, number: number) => ({ roundId: `r${number}`, number, period: '2026-10', value })
  return {
    from: end(from, 1),
    to: end(from + points, 2),
    points,
    interval: { low: points - 1, high: points + 1 },
    verdict: 'normal',
    pillars: pillars.flatMap((pillar) => {
      const own = contributions.filter((one) => one.pillar === pillar)
      return own.length === 0 ? [] : [{ pillar, points: own.reduce((sum, one) => sum + one.points, 0) }]
    }),
    contributions,
    likeForLike: points,
    added: 0,
    dropped: 0,
  }
}
