/** What a closed round published, as plain tables: every number with its n and its interval, nothing hidden in colour. */
import type { Child } from 'hono/jsx'
import { byGap, isHidden } from '../../core/findings'
import type { ClassCounts, Figure, Hidden, NodeFigures, PublicResult, ThemeGap, Within } from '../../core/result'
import { type FrozenRound, type Item, isTermItem, type Side, type Theme, themes } from '../../core/round'
import { themeItems } from '../../core/tally'
import type { Messages } from '../../i18n'
import type { Format } from '../../i18n/format'
import { isolate } from '../../i18n/format'
import { questionOf, type Reader } from '../../i18n/items'
import { OptionList, TermTable } from './agreement'
import { OpenLinkMark } from './open-links'
import { Scroll } from './scroll'
import { Chance, Range } from './verdict'
import { Worded } from './worded'

interface Shown {
  t: Messages['roundsPage']
  texts: Messages
  reader: Reader
  f: Format
  frozen: FrozenRound
  result: PublicResult
}

/** Respondents from which single answers are counted out: classes and options. */
const countsFrom = 10

/** The terms of the round as both sides answered them, under what is found about them. Nothing where it asked none. */
export const TermSection = (props: Shown & { title: string }) =>
  props.result.terms.length > 0 ? (
    <section class="sec tight" id="terms">
      <Title title={props.title} what={props.t.agreementWhat} />
      <TermTable {...props} />
    </section>
  ) : null

/** For whoever may read what people wrote. `commentMonths`: their term where it is over for this result. */
export const CommentSection = ({ t, texts, f, result, commentMonths }: Shown & { commentMonths: number | null }) => (
  <section class="sec tight" id="comments">
    <Title title={t.comments} what={t.commentsWhat} />
    {result.comments.length > 0 ? (
      <>
        <ul class="plain comments">
          {result.comments.map((comment) => (
            <li>
              <bdi>{comment}</bdi>
            </li>
          ))}
        </ul>
        {result.commentsLeftOut ? <p class="note">{t.commentsLeftOut(result.commentsLeftOut, f.number(result.commentsLeftOut))}</p> : null}
      </>
    ) : (
      <p class="note">
        {commentMonths === null ? t.commentsNone : texts.retention.commentsDeleted(commentMonths, f.number(commentMonths))}
      </p>
    )}
  </section>
)

const Title = ({ title, what }: { title: string; what?: string }) => (
  <div class="title">
    <h2>{title}</h2>
    {what ? <p class="what">{what}</p> : null}
  </div>
)

// ── One group ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Everything that was published of one group. `children`: what changed in it. */
export const GroupTables = (props: Shown & { node: NodeFigures; children?: Child }) => (
  <article class="group" id={`group-${props.node.id}`}>
    <h3>
      <GroupName texts={props.texts} node={props.node} />
    </h3>
    <p class="note">{props.t.groupLine(props.f.number(props.node.n), props.f.number(props.node.invited))}</p>
    <FigureTable {...props} />
    <DefinitionTable {...props} />
    {props.children}
  </article>
)

/** The groups that are not shown, by reason: one line for each reason, and no number. */
export function HiddenGroups({ t, texts, f, result }: Pick<Shown, 't' | 'texts' | 'f' | 'result'>) {
  const hidden = result.nodes.flatMap((node) => (isHidden(node) ? [node] : []))
  if (hidden.length === 0) return null
  return (
    <div class="hidden-groups">
      <h3>{t.result.hiddenGroups}</h3>
      <ul class="plain">
        {(['too-few', 'protects-smaller'] as const).map((why) => {
          const names = hidden.filter((node) => node.hidden === why)
          return names.length === 0 ? null : (
            <li>
              {t.hidden[why](f.number(result.minimumGroupSize))}: <NameList texts={texts} nodes={names} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}

/** Names one after the other, each kept apart from the text around it. */
export const NameList = ({ texts, nodes }: { texts: Messages; nodes: readonly { name: string }[] }) => (
  <>
    {nodes.map((node, index) => (
      <>
        {index > 0 ? ' · ' : ''}
        <bdi>{node.name || texts.sides.company}</bdi>
      </>
    ))}
  </>
)

/** Its name behind the mark of its side. */
export function GroupName({ texts, node }: { texts: Messages; node: { name: string; side: Side; openLink?: true } }) {
  const mark = node.side === 'sales' ? 's' : node.side === 'marketing' ? 'm' : null
  return (
    <span class="with-mk">
      {mark ? <i class={`mk ${mark}`} aria-hidden="true" /> : null}
      <strong>
        <bdi>{node.name || texts.sides.company}</bdi>
      </strong>
      <OpenLinkMark t={texts.openLinks} node={node} />
    </span>
  )
}

/** The headline, then every theme with its statements below it. */
function FigureTable(props: Shown & { node: NodeFigures }) {
  const { t, texts, frozen, node } = props
  return (
    <Scroll label={t.groups}>
      <table class="data pin figures">
        <thead>
          <tr>
            <th scope="col">{t.figure.statement}</th>
            {(['n', 'value', 'interval', 'ifAll', 'promoters', 'passives', 'critics', 'within'] as const).map((column) => (
              <th scope="col" class="num">
                {t.figure[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <FigureRow {...props} name={<strong>{t.overall}</strong>} figure={node.headline} net />
          {themes.map((theme) => {
            const figure = node.themes[theme]
            if (!figure) return null
            return (
              <>
                <FigureRow {...props} name={<strong>{texts.themes[theme]}</strong>} figure={figure} />
                {themeItems(frozen.items, theme).map(({ id }) => {
                  const item = node.items[id]
                  return item ? (
                    <FigureRow
                      {...props}
                      name={
                        <span class="below-1">
                          <Statement {...props} items={frozen.items} id={id} />
                        </span>
                      }
                      figure={item}
                    />
                  ) : null
                })}
              </>
            )
          })}
          {node.classes ? (
            <tr>
              <th scope="row">
                <strong>{t.allStatements}</strong>
              </th>
              <td class="num" colspan={4} />
              <ClassCells f={props.f} classes={node.classes} />
              <td class="num" />
            </tr>
          ) : null}
        </tbody>
      </table>
    </Scroll>
  )
}

/** Eight cells of numbers, or one that says why there are none. */
function FigureRow({ t, texts, f, result, name, figure, net = false }: Shown & { name: Child; figure: Figure | Hidden; net?: boolean }) {
  if (isHidden(figure)) {
    return (
      <tr>
        <th scope="row">{name}</th>
        <td class="hatch" colspan={8}>
          <span class="paper">{t.hidden[figure.hidden](f.number(result.minimumGroupSize))}</span>
        </td>
      </tr>
    )
  }
  const number = (value: number) => (net ? f.signed(value) : f.number(value))
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="num">{f.number(figure.n)}</td>
      <td class="num">{figure.value === null ? (figure.band ? t.bands[figure.band] : '–') : number(figure.value)}</td>
      <td class="num">
        <Range t={texts} ends={figure.interval} write={number} />
      </td>
      <td class="num">
        <Range t={texts} ends={figure.ifAllAnswered} write={number} />
      </td>
      <ClassCells f={f} classes={figure.classes} />
      <td class="num">{figure.within ? <WithinText t={t} f={f} within={figure.within} /> : '–'}</td>
    </tr>
  )
}

/** How far apart people are, in points of the scale, and what that comes to. */
const WithinText = ({ t, f, within }: { t: Shown['t']; f: Format; within: Within }) => (
  <>
    {f.number(within.averageDeviation, 2)}{' '}
    <small>{within.twoCamps ? t.withinGroup.camps : within.agreement ? t.withinGroup.agree : t.withinGroup.apart}</small>
  </>
)

const ClassCells = ({ f, classes }: { f: Format; classes: ClassCounts | null }) => (
  <>
    {(['promoters', 'passives', 'critics'] as const).map((kind) => (
      <td class="num">{classes ? f.number(classes[kind]) : '–'}</td>
    ))}
  </>
)

/** Everything that the round asked about terms, and how many chose what. */
function DefinitionTable({ t, texts, f, reader, frozen, result, node }: Shown & { node: NodeFigures }) {
  const asked = frozen.items.filter(isTermItem).filter(({ id }) => id in node.definitions)
  if (asked.length === 0) return null
  return (
    <Scroll label={t.definitions}>
      <table class="data pin figures">
        <thead>
          <tr>
            <th scope="col">{t.definitions}</th>
            <th scope="col" class="num">
              {t.figure.n}
            </th>
            <th scope="col">{t.option}</th>
          </tr>
        </thead>
        <tbody>
          {asked.map((item) => {
            const figure = node.definitions[item.id]
            if (!figure) return null
            return (
              <tr>
                <th scope="row">
                  {item.kind === 'definition' ? <strong>{texts.terms[item.term]}</strong> : <Worded words={questionOf(reader, item)} />}
                </th>
                {isHidden(figure) ? (
                  <td class="hatch" colspan={2}>
                    <span class="paper">{t.hidden[figure.hidden](f.number(result.minimumGroupSize))}</span>
                  </td>
                ) : (
                  <>
                    <td class="num">{f.number(figure.n)}</td>
                    <td>
                      {figure.options ? (
                        <OptionList texts={texts} f={f} reader={reader} item={item} options={figure.options} />
                      ) : (
                        t.optionsFrom(f.number(countsFrom))
                      )}
                    </td>
                  </>
                )}
              </tr>
            )
          })}
        </tbody>
      </table>
    </Scroll>
  )
}

// ── Both sides ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Head and rows of a table: each theme, the widest gap first, with its statements below it. `exploreOf`: the address of a theme's own page. */
export function GapRows(props: Shown & { exploreOf: (theme: Theme) => string }) {
  const { t, texts, f, result } = props
  return (
    <>
      <thead>
        <tr>
          <th scope="col">{t.figure.statement}</th>
          <th scope="col" class="num">
            {texts.sides.sales}
          </th>
          <th scope="col" class="num">
            {texts.sides.marketing}
          </th>
          <th scope="col" class="num">
            {t.gap}
          </th>
          {[t.figure.interval, t.distance, t.chance].map((column) => (
            <th scope="col" class="num">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {byGap(result.gaps).map((gap) => (
          <>
            <GapRow
              texts={texts}
              f={f}
              name={
                <a href={props.exploreOf(gap.theme)}>
                  <strong>{texts.themes[gap.theme]}</strong>
                </a>
              }
              gap={gap}
            />
            {statementsOf(gap.theme, props).map((one) => (
              <GapRow
                texts={texts}
                f={f}
                name={
                  <span class="below-1">
                    <Statement {...props} items={props.frozen.items} id={one.itemId} />
                  </span>
                }
                gap={one}
              />
            ))}
          </>
        ))}
      </tbody>
    </>
  )
}

/** Of a theme, those of which both sides publish the classes. */
const statementsOf = (theme: Theme, { frozen, result: { statements = [] } }: Pick<Shown, 'frozen' | 'result'>) =>
  themeItems(frozen.items, theme).flatMap(({ id }) => statements.find(({ itemId }) => itemId === id) ?? [])

const GapRow = ({ texts, f, name, gap }: Pick<Shown, 'texts' | 'f'> & { name: Child; gap: Omit<ThemeGap, 'theme'> }) => (
  <tr>
    <th scope="row">{name}</th>
    <td class="num">{f.number(gap.sales)}</td>
    <td class="num">{f.number(gap.marketing)}</td>
    <td class="num">
      <bdi>{f.signed(gap.gap, 1)}</bdi>
    </td>
    <td class="num">
      <Range t={texts} ends={gap.interval} write={(value) => f.signed(value, 1)} />
    </td>
    <td class="num">{f.number(gap.distance, 2)}</td>
    <td class="num">
      <Chance f={f} p={gap.p} />
    </td>
  </tr>
)

// ── How it was made ─────────────────────────────────────────────────────────────────────────────────────────────────

/** More ballots than links: before anything else, for it is about every figure of these groups. */
export function Exceeded({ t, texts, result }: Shown) {
  const exceeded = exceededGroups(texts, result)
  if (exceeded.length === 0) return null
  return (
    <section class="sec tight">
      <div class="state err" role="alert">
        <strong>{t.audit.exceeded(exceeded.join(', '))}</strong>
        <p>{t.audit.exceededWhat}</p>
      </div>
    </section>
  )
}

const exceededGroups = (texts: Messages, { audit, nodes }: PublicResult) =>
  (audit?.exceeded ?? []).map((id) => isolate(nodes.find((node) => node.id === id)?.name || texts.sides.company))

function auditText(t: Shown['t'], exceeded: readonly string[], { audit }: PublicResult): string {
  if (!audit) return t.audit.unchecked
  return exceeded.length === 0 ? t.audit.passed : t.audit.exceeded(exceeded.join(', '))
}

export function HowMade({ t, texts, f, frozen, result, groups, closedOn }: Shown & { groups: number; closedOn: string }) {
  const nodes = new Map(frozen.nodes.map(({ id, name }) => [id, name]))
  const rows: [string, Child][] = [
    [t.facts.minimum, f.number(frozen.minimumGroupSize)],
    [t.facts.groups, f.number(groups)],
    [
      t.facts.merged,
      frozen.merged.length === 0
        ? t.facts.nobody
        : frozen.merged.map(({ name, nodeId }) => <p>{t.mergedInto(isolate(name), isolate(nodes.get(nodeId) || texts.sides.company))}</p>),
    ],
    [t.audit.title, auditText(t, exceededGroups(texts, result), result)],
    [t.facts.deleted, t.facts.deletedWhat(closedOn)],
    [t.facts.method, frozen.methodVersion],
  ]
  return (
    <Scroll label={t.how}>
      <table class="data">
        <tbody>
          {rows.map(([name, value]) => (
            <tr>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** The statement as it was read: its words are frozen with the round, or ours, whose ids are for ever. */
export function Statement({ reader, items, id }: { reader: Reader; items: readonly Item[]; id: string }) {
  const item = items.find((one) => one.id === id)
  return <Worded words={item ? questionOf(reader, item) : { text: id, lang: null }} />
}
