/** Whether a change of a score adds up, at every level. */
import type { ScoreChange } from '../worker/core/result'
import { splitOf, toTenths } from '../worker/core/waterfall'

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)

/** The largest difference between a row and the rows below it, in points: rounding of the machine, or a mistake. */
export function largestGap({ points, pillars, contributions, likeForLike, added, dropped }: ScoreChange): number {
  const gaps = [
    points - sum(pillars.map((one) => one.points)),
    points - (likeForLike + added + dropped),
    ...pillars.map(({ pillar, points: of }) => of - sum(contributions.filter((one) => one.pillar === pillar).map((one) => one.points))),
    ...contributions.flatMap(({ points: of, sides }) => (sides ? [of - sides.sales.points - sides.marketing.points - sides.distance] : [])),
    ...contributions.flatMap(({ sides }) =>
      sides
        ? [sides.sales, sides.marketing].flatMap((one) => (one.promoters === null ? [] : [one.points - one.promoters - (one.critics ?? 0)]))
        : [],
    ),
  ]
  return Math.max(...gaps.map(Math.abs))
}

/** The same of what is printed: whole tenths, which add up exactly or not at all. */
export function printedGap(change: ScoreChange): number {
  const split = splitOf(change)
  const tenths = (rows: readonly { tenths: number }[]) => sum(rows.map((row) => row.tenths))
  const gaps = [
    tenths(split) - (toTenths(change.to.value) - toTenths(change.from.value)),
    ...split.map((pillar) => tenths(pillar.parts) - pillar.tenths),
    ...split.flatMap(({ parts }) => parts.flatMap((part) => (part.sides ? [tenths(part.sides) - part.tenths] : []))),
    ...split.flatMap(({ parts }) =>
      parts.flatMap(({ sides }) => (sides ?? []).flatMap((side) => (side.classes ? [tenths(side.classes) - side.tenths] : []))),
    ),
  ]
  return Math.max(...gaps.map(Math.abs))
}
