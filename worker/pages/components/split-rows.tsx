import type { Child } from 'hono/jsx'
import type { ScoreChange } from '../../core/result'
import { type PartSplit, splitOf } from '../../core/waterfall'
import { contributionName } from '../../services/findings'
import { Num } from './num'
import type { View } from './view'

interface Row {
  /** 0 for a pillar. */
  level: 0 | 1 | 2 | 3
  name: string
  tenths: number
  words: string[]
}

/** Everything that moved a score, level by level: the tenths are those of `splitOf`, so that every level adds up. */
export function SplitRows({ view, change, from, to }: { view: View; change: ScoreChange; from: string; to: string }) {
  const { moved } = view.t.overview
  return (
    <>
      <thead>
        <tr>
          <th scope="col">{moved.part}</th>
          <th scope="col" class="num">
            {moved.points}
          </th>
          <th scope="col">{moved.about}</th>
        </tr>
      </thead>
      <tbody>
        <TableRow name={from} points={<Num view={view} value={change.from.value} />} />
        {rowsOf(view, change).map(({ level, name, tenths, words }) => (
          <TableRow
            name={level === 0 ? <strong>{name}</strong> : <span class={`below-${level}`}>{name}</span>}
            points={<Num view={view} value={tenths / 10} as="signed" />}
            words={words.join(view.t.funnel.comma)}
          />
        ))}
        <TableRow name={to} points={<Num view={view} value={change.to.value} />} />
      </tbody>
    </>
  )
}

const TableRow = ({ name, points, words }: { name: Child; points: Child; words?: string }) => (
  <tr>
    <th scope="row">{name}</th>
    <td class="num">{points}</td>
    <td>{words}</td>
  </tr>
)

/** Each row, and the rows that it is the sum of below it. */
const rowsOf = (view: View, change: ScoreChange): Row[] =>
  splitOf(change).flatMap(({ pillar, tenths, parts }) => [
    { level: 0, name: view.t.overview.pillars.names[pillar], tenths, words: [] },
    ...parts.flatMap((part) => partRows(view, part)),
  ])

function partRows(view: View, part: PartSplit): Row[] {
  const { t } = view
  const { kind, withinNoise, tenths, sides } = part
  const { moved, answers } = t.overview
  const words = [...(kind === 'like-for-like' ? [] : [moved[kind]]), ...(withinNoise ? [moved.withinNoise] : [])]
  return [
    { level: 1, name: contributionName(view, part), tenths, words },
    ...(sides ?? []).flatMap((side): Row[] => [
      { level: 2, name: side.name === 'distance' ? moved.distance : t.sides[side.name], tenths: side.tenths, words: [] },
      ...(side.classes ?? []).map((one): Row => ({ level: 3, name: answers[one.name], tenths: one.tenths, words: [] })),
    ]),
  ]
}
