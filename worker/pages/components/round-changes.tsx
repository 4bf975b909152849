/** What changed since the round before, group by group: the largest signal first, and in words what is not shown. */
import type { Child } from 'hono/jsx'
import { type Item, themes } from '../../core/round'
import { type FigureChange, type GroupChange, isUnshown, type NodeChange, type Unshown } from '../../core/round-change'
import type { Messages } from '../../i18n'
import type { Format } from '../../i18n/format'
import type { Reader } from '../../i18n/items'
import type { RoundChanges } from '../../services/results'
import { GroupName, Statement } from './round-result'
import { Scroll } from './scroll'
import { Chance, Range, Verdict } from './verdict'

interface Shown {
  t: Messages['roundsPage']
  texts: Messages
  reader: Reader
  f: Format
  /** Of the later round. */
  items: readonly Item[]
}

/** Nothing for the first round. */
export function ChangeTables(props: Shown & { changes: RoundChanges }) {
  const { t, f, changes } = props
  const { since } = changes
  if (!since) return null
  const groups = [...changes.nodes].sort((a, b) => largestSignal(b) - largestSignal(a))
  return (
    <section class="sec tight">
      <div class="title">
        <h2>{t.changes.title(t.name(f.number(since.number), f.period(since.period)))}</h2>
        <p class="what">{t.changes.what}</p>
      </div>
      <div class="pile">
        {groups.map((group, index) => (
          <Group {...props} group={group} open={index === 0 && largestSignal(group) > 0} />
        ))}
      </div>
    </section>
  )
}

/** Headline, themes and statements of a group, in the order of the survey. */
const measuresOf = (group: GroupChange): { kind: 'headline' | 'theme' | 'item'; key: string; change: FigureChange | Unshown }[] => [
  { kind: 'headline', key: 'headline', change: group.headline },
  ...themes.flatMap((key) => {
    const change = group.themes[key]
    return change ? [{ kind: 'theme' as const, key, change }] : []
  }),
  ...Object.entries(group.items).map(([key, change]) => ({ kind: 'item' as const, key, change })),
]

/** In points, as a share of its scale; 0 where there is none. */
function signalOf({ kind, change }: ReturnType<typeof measuresOf>[number]): number {
  if (isUnshown(change) || change.verdict === 'normal') return 0
  return Math.abs(change.points) / (kind === 'headline' ? 2 : 1)
}

const largestSignal = (group: NodeChange) => (isUnshown(group) ? 0 : Math.max(...measuresOf(group).map(signalOf)))

function Group(props: Shown & { group: NodeChange; open: boolean }) {
  const { t, texts, f, group } = props
  const name = <GroupName texts={texts} node={group} />
  if (isUnshown(group)) {
    return (
      <div class="state small hatch">
        <div>
          {name}
          <p>{t.changes.hidden[group.hidden]}</p>
        </div>
      </div>
    )
  }
  const measures = measuresOf(group).sort((a, b) => signalOf(b) - signalOf(a))
  const signals = measures.filter((measure) => signalOf(measure) > 0).length
  return (
    <details open={props.open}>
      <summary>
        {name}
        <span class="note">{signals === 0 ? t.changes.none : t.changes.signals(signals)}</span>
      </summary>
      <p class="note">{group.population === 'many' ? t.changes.many(f.number(group.moved ?? 0)) : t.changes[group.population]}</p>
      <Scroll label={t.changes.change}>
        <table class="data figures">
          <thead>
            <tr>
              <th scope="col">{t.figure.statement}</th>
              {[t.changes.before, t.changes.now, t.changes.change, t.figure.interval, t.chance].map((column) => (
                <th scope="col" class="num">
                  {column}
                </th>
              ))}
              <th scope="col">{t.changes.finding}</th>
            </tr>
          </thead>
          <tbody>
            {measures.map(({ kind, key, change }) => (
              <ChangeRow {...props} name={nameOf(props, kind, key)} change={change} net={kind === 'headline'} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  )
}

function nameOf({ t, texts, reader, items }: Shown, kind: 'headline' | 'theme' | 'item', key: string): Child {
  if (kind === 'headline') return <strong>{t.overall}</strong>
  return kind === 'theme' ? (
    <strong>{texts.themes[key as keyof Messages['themes']]}</strong>
  ) : (
    <Statement reader={reader} items={items} id={key} />
  )
}

function ChangeRow({ t, texts, f, name, change, net }: Shown & { name: Child; change: FigureChange | Unshown; net: boolean }) {
  if (isUnshown(change)) {
    return (
      <tr>
        <th scope="row">{name}</th>
        <td class="hatch" colspan={6}>
          <span class="paper">{t.changes.hidden[change.hidden]}</span>
        </td>
      </tr>
    )
  }
  const { from, to, points, interval, p, verdict } = change
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="num">{net ? f.signed(from) : f.number(from)}</td>
      <td class="num">{net ? f.signed(to) : f.number(to)}</td>
      <td class="num">
        <bdi>{f.signed(points, 1)}</bdi>
      </td>
      <td class="num">
        <Range t={texts} ends={interval} write={(value) => f.signed(value, 1)} />
      </td>
      <td class="num">
        <Chance f={f} p={p} />
      </td>
      <td>
        <Verdict view={{ t: texts }} verdict={verdict} text={verdict === 'signal' ? t.changes.signal : t.changes.none} />
      </td>
    </tr>
  )
}
