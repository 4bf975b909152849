/** What a closed round published, as plain tables: every number with its n and its interval, nothing hidden in colour. */
import type { Child } from 'hono/jsx'
import { isHidden } from '../../core/findings'
import type { Figure, Hidden, NodeFigures, NodeResult, RoundResult } from '../../core/result'
import { type FrozenRound, type Item, themes } from '../../core/round'
import type { Messages } from '../../i18n'
import type { Format } from './format'
import { Scroll } from './scroll'
import { isolate } from './view'

interface Shown {
  t: Messages['roundsPage']
  texts: Messages
  f: Format
  frozen: FrozenRound
  result: RoundResult
}

/** Respondents from which single answers are counted out: classes and options. */
const countsFrom = 10

export function ResultTables(props: Shown & { groups: number; closedOn: string }) {
  const { t, texts, result } = props
  return (
    <>
      <section class="sec tight">
        <Title title={t.groups} what={t.groupsWhat} />
        <div class="pile">
          {result.nodes.map((node, index) => (
            <NodeTables {...props} node={node} open={index === 0} />
          ))}
        </div>
      </section>
      <section class="sec tight">
        <Title title={t.between} what={t.betweenWhat} />
        {result.gaps.length > 0 ? <GapTable {...props} /> : <p class="note">{t.noSides}</p>}
      </section>
      {result.terms.length > 0 ? (
        <section class="sec tight">
          <Title title={t.agreement} what={t.agreementWhat} />
          <TermTable {...props} />
        </section>
      ) : null}
      <section class="sec tight">
        <Title title={t.comments} what={t.commentsWhat} />
        {result.comments.length > 0 ? (
          <ul class="plain">
            {result.comments.map((comment) => (
              <li>
                <bdi>{comment}</bdi>
              </li>
            ))}
          </ul>
        ) : (
          <p class="note">{t.commentsNone}</p>
        )}
      </section>
      <section class="sec tight">
        <Title title={t.how} />
        <HowMade {...props} texts={texts} />
      </section>
    </>
  )
}

const Title = ({ title, what }: { title: string; what?: string }) => (
  <div class="title">
    <h2>{title}</h2>
    {what ? <p class="what">{what}</p> : null}
  </div>
)

// ── One group ───────────────────────────────────────────────────────────────────────────────────────────────────────

function NodeTables(props: Shown & { node: NodeResult; open: boolean }) {
  const { t, f, node, result } = props
  const name = <GroupName {...props} node={node} />
  if (isHidden(node)) {
    return (
      <div class="state small hatch">
        <div>
          {name}
          <p>{t.hidden[node.hidden](f.number(result.minimumGroupSize))}</p>
        </div>
      </div>
    )
  }
  return (
    <details open={props.open}>
      <summary>
        {name}
        <span class="note">{t.groupLine(f.number(node.n), f.number(node.invited))}</span>
      </summary>
      <FigureTable {...props} node={node} />
      <DefinitionTable {...props} node={node} />
    </details>
  )
}

function GroupName({ texts, node }: { texts: Messages; node: NodeResult }) {
  const mark = node.side === 'sales' ? 's' : node.side === 'marketing' ? 'm' : null
  return (
    <span class="with-mk">
      {mark ? <i class={`mk ${mark}`} aria-hidden="true" /> : null}
      <strong>
        <bdi>{node.name || texts.sides.company}</bdi>
      </strong>
    </span>
  )
}

/** The headline, then every theme with its statements below it. */
function FigureTable(props: Shown & { node: NodeFigures }) {
  const { t, texts, frozen, node } = props
  const statements = (theme: string) =>
    frozen.items.filter((item): item is Extract<Item, { kind: 'agreement' }> => item.kind === 'agreement' && item.theme === theme)
  return (
    <Scroll label={t.groups}>
      <table class="data figures">
        <thead>
          <tr>
            <th scope="col">{t.figure.statement}</th>
            {(['n', 'value', 'interval', 'promoters', 'passives', 'critics'] as const).map((column) => (
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
                {statements(theme).map(({ id }) => {
                  const item = node.items[id]
                  return item ? <FigureRow {...props} name={statementOf(texts, id)} figure={item} /> : null
                })}
              </>
            )
          })}
        </tbody>
      </table>
    </Scroll>
  )
}

/** Six cells of numbers, or one that says why there are none. */
function FigureRow({ t, f, result, name, figure, net = false }: Shown & { name: Child; figure: Figure | Hidden; net?: boolean }) {
  if (isHidden(figure)) {
    return (
      <tr>
        <th scope="row">{name}</th>
        <td class="hatch" colspan={6}>
          <span class="paper">{t.hidden[figure.hidden](f.number(result.minimumGroupSize))}</span>
        </td>
      </tr>
    )
  }
  const number = (value: number) => (net ? f.signed(value) : f.number(value))
  const { classes, interval } = figure
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="num">{f.number(figure.n)}</td>
      <td class="num">{figure.value === null ? (figure.band ? t.bands[figure.band] : '–') : number(figure.value)}</td>
      <td class="num">{interval ? <bdi>{t.range(number(interval.low), number(interval.high))}</bdi> : '–'}</td>
      {(['promoters', 'passives', 'critics'] as const).map((kind) => (
        <td class="num">{classes ? f.number(classes[kind]) : '–'}</td>
      ))}
    </tr>
  )
}

/** The definition questions of the round: how many chose what. */
function DefinitionTable({ t, texts, f, frozen, result, node }: Shown & { node: NodeFigures }) {
  const asked = frozen.items.filter(
    (item): item is Extract<Item, { kind: 'definition' }> => item.kind === 'definition' && item.id in node.definitions,
  )
  if (asked.length === 0) return null
  return (
    <Scroll label={t.definitions}>
      <table class="data figures">
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
                  <strong>{texts.terms[item.term]}</strong>
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
                        <OptionList texts={texts} f={f} item={item} options={figure.options} />
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

function OptionList({
  texts,
  f,
  item,
  options,
}: {
  texts: Messages
  f: Format
  item: Extract<Item, { kind: 'definition' }>
  options: Record<string, number>
}) {
  const named = optionNames(texts, item.id)
  return (
    <ul>
      {item.options
        .filter((option) => option !== 'unsure' && (options[option] ?? 0) > 0)
        .sort((a, b) => (options[b] ?? 0) - (options[a] ?? 0))
        .map((option) => (
          <li>
            <strong>{f.number(options[option] ?? 0)}</strong> {named[option] ?? option}
          </li>
        ))}
    </ul>
  )
}

// ── Both sides ──────────────────────────────────────────────────────────────────────────────────────────────────────

function GapTable({ t, texts, f, result }: Shown) {
  const gaps = [...result.gaps].sort((a, b) => Math.abs(b.gap) - Math.abs(a.gap))
  return (
    <Scroll label={t.between}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t.theme}</th>
            <th scope="col" class="num">
              {texts.sides.sales}
            </th>
            <th scope="col" class="num">
              {texts.sides.marketing}
            </th>
            <th scope="col" class="num">
              {t.gap}
            </th>
            <th scope="col" class="num">
              {t.figure.interval}
            </th>
          </tr>
        </thead>
        <tbody>
          {gaps.map((gap) => (
            <tr>
              <th scope="row">{texts.themes[gap.theme]}</th>
              <td class="num">{f.number(gap.sales)}</td>
              <td class="num">{f.number(gap.marketing)}</td>
              <td class="num">
                <bdi>{f.signed(gap.gap, 1)}</bdi>
              </td>
              <td class="num">
                <bdi>{t.range(f.signed(gap.interval.low, 1), f.signed(gap.interval.high, 1))}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function TermTable({ t, texts, f, result }: Shown) {
  const percent = (share: number | null) => (share === null ? '–' : f.percent(share))
  return (
    <Scroll label={t.agreement}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t.term}</th>
            <th scope="col" class="num">
              {t.across}
            </th>
            <th scope="col" class="num">
              {t.figure.interval}
            </th>
            <th scope="col" class="num">
              {t.within(texts.sides.sales)}
            </th>
            <th scope="col" class="num">
              {t.within(texts.sides.marketing)}
            </th>
            <th scope="col" class="num">
              {t.figure.n}
            </th>
          </tr>
        </thead>
        <tbody>
          {result.terms.map((term) => (
            <tr>
              <th scope="row">{texts.terms[term.term]}</th>
              <td class="num">{percent(term.between)}</td>
              <td class="num">{term.interval ? <bdi>{t.range(percent(term.interval.low), percent(term.interval.high))}</bdi> : '–'}</td>
              <td class="num">{percent(term.withinSales)}</td>
              <td class="num">{percent(term.withinMarketing)}</td>
              <td class="num">
                <bdi>{`${f.number(term.nSales)} + ${f.number(term.nMarketing)}`}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

// ── How it was made ─────────────────────────────────────────────────────────────────────────────────────────────────

function HowMade({ t, texts, f, frozen, groups, closedOn }: Shown & { groups: number; closedOn: string }) {
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

/** The statement as it was read; ids of the survey bank are for ever, so a closed round's text is there. */
function statementOf(texts: Messages, id: string): string {
  const text = (texts.items as Record<string, unknown>)[id]
  return typeof text === 'string' ? text : id
}

function optionNames(texts: Messages, id: string): Record<string, string> {
  const item = (texts.items as Record<string, unknown>)[id]
  return typeof item === 'object' && item !== null && 'options' in item ? (item.options as Record<string, string>) : {}
}
