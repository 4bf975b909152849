/** What changed since the round before, group by group: the largest signal first, and in words what is not shown. */
import type { Child } from 'hono/jsx'
import { type Item, themes } from '../../core/round'
import { type FigureChange, type GroupChange, isUnshown, type NodeChange, type Unshown } from '../../core/round-change'
import type { Messages } from '../../i18n'
import type { Format } from '../../i18n/format'
import type { Reader } from '../../i18n/items'
import { GroupName, NameList, Statement } from './round-result'
import { Scroll } from './scroll'
import { Chance, Range, Verdict } from './verdict'
import { changeDecimals, shownChange } from './view'

interface Shown {
  t: Messages['roundsPage']
  texts: Messages
  reader: Reader
  f: Format
  /** Of the later round. */
  items: readonly Item[]
}

/** Every change of all these groups that stands out from chance, the largest first; in words where there is none. */
export function SignalTable(props: Shown & { nodes: readonly NodeChange[]; label: string }) {
  const { t, texts, nodes } = props
  const signals = nodes
    .flatMap((group) => (isUnshown(group) ? [] : measuresOf(group).map((measure) => ({ group, ...measure }))))
    .filter((measure) => signalOf(measure) > 0)
    .sort((a, b) => signalOf(b) - signalOf(a))
  if (signals.length === 0) return nodes.every(isUnshown) ? null : <p class="note">{t.result.noSignal}</p>
  return (
    <Scroll label={props.label}>
      <table class="data pin stack figures">
        <ChangeHead t={t} first={t.group} />
        <tbody>
          {signals.map(({ group, kind, key, change }) => (
            <ChangeRow
              {...props}
              groupName={<GroupName texts={texts} node={group} />}
              name={nameOf(props, kind, key)}
              change={change}
              net={kind === 'headline'}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** Groups of which no change is said, by reason: one line for each reason. */
export function NotCompared({ t, texts, nodes }: Pick<Shown, 't' | 'texts'> & { nodes: readonly NodeChange[] }) {
  const unshown = nodes.flatMap((node) => (isUnshown(node) ? [node] : []))
  if (unshown.length === 0) return null
  const reasons = [...new Set(unshown.map(({ hidden }) => hidden))]
  return (
    <div class="not-compared">
      <h3>{t.result.notCompared}</h3>
      <ul class="plain">
        {reasons.map((why) => (
          <li>
            {t.changes.hidden[why]} <NameList texts={texts} nodes={unshown.filter(({ hidden }) => hidden === why)} />
          </li>
        ))}
      </ul>
    </div>
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

/** Everything that changed in one group, signals first. `folded`: opened by whoever wants to see that nothing stands out. */
export function ChangeTable(props: Shown & { group: NodeChange; title: string; folded?: boolean; heading?: 'h3' | 'h4' }) {
  const { t, f, group, title, heading: Heading = 'h4' } = props
  if (isUnshown(group)) {
    return (
      <div class="since">
        <Heading>{title}</Heading>
        <p class="note">{t.changes.hidden[group.hidden]}</p>
      </div>
    )
  }
  const measures = measuresOf(group).sort((a, b) => signalOf(b) - signalOf(a))
  const signals = measures.filter((measure) => signalOf(measure) > 0).length
  const table = (
    <Scroll label={title}>
      <table class="data pin stack figures">
        <ChangeHead t={t} />
        <tbody>
          {measures.map(({ kind, key, change }) => (
            <ChangeRow {...props} name={nameOf(props, kind, key)} change={change} net={kind === 'headline'} />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
  return (
    <div class="since">
      <Heading>{title}</Heading>
      <p class="note">
        {signals === 0 ? t.changes.none : t.changes.signals(signals)}.{' '}
        {group.population === 'many' ? t.changes.many(f.number(group.moved ?? 0)) : t.changes[group.population]}
      </p>
      {props.folded ? (
        <details open={signals > 0}>
          <summary>{t.result.everyChange}</summary>
          {table}
        </details>
      ) : (
        table
      )}
    </div>
  )
}

const ChangeHead = ({ t, first }: { t: Shown['t']; first?: string }) => (
  <thead>
    <tr>
      <th scope="col">{t.figure.statement}</th>
      {first ? <th scope="col">{first}</th> : null}
      {[t.changes.before, t.changes.now, t.changes.change, t.figure.interval, t.chance].map((column) => (
        <th scope="col" class="num">
          {column}
        </th>
      ))}
      <th scope="col">{t.changes.finding}</th>
    </tr>
  </thead>
)

function nameOf({ t, texts, reader, items }: Shown, kind: 'headline' | 'theme' | 'item', key: string): Child {
  if (kind === 'headline') return <strong>{t.overall}</strong>
  return kind === 'theme' ? (
    <strong>{texts.themes[key as keyof Messages['themes']]}</strong>
  ) : (
    <Statement reader={reader} items={items} id={key} />
  )
}

function ChangeRow(
  props: Omit<Shown, 'items' | 'reader'> & { name: Child; groupName?: Child; change: FigureChange | Unshown; net: boolean },
) {
  const { t, texts, f, name, groupName, change, net } = props
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
  const { from, to, interval, p, verdict } = change
  return (
    <tr>
      <th scope="row">{name}</th>
      {groupName ? <td data-head={t.group}>{groupName}</td> : null}
      <td class="num" data-head={t.changes.before}>
        {net ? f.signed(from) : f.number(from)}
      </td>
      <td class="num" data-head={t.changes.now}>
        {net ? f.signed(to) : f.number(to)}
      </td>
      <td class="num" data-head={t.changes.change}>
        <bdi>{f.signed(shownChange(from, to), changeDecimals(change))}</bdi>
      </td>
      <td class="num" data-head={texts.overview.trend.interval}>
        <Range t={texts} ends={interval} write={(value) => f.signed(value, 1)} />
      </td>
      <td class="num" data-head={t.chance}>
        <Chance f={f} p={p} />
      </td>
      <td data-head={t.changes.finding}>
        <Verdict view={{ t: texts }} verdict={verdict} text={verdict === 'signal' ? t.changes.signal : t.changes.none} />
      </td>
    </tr>
  )
}
