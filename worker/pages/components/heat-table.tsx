import { companyOf, isHidden, sideOf, teamsOf } from '../../core/findings'
import type { Figure, Hidden, NodeResult, PublicResult } from '../../core/result'
import { type FrozenRound, themes } from '../../core/round'
import { isolate } from '../../i18n/format'
import { ChartFigure } from './chart-figure'
import { themePath } from './drill'
import { Num } from './num'
import { OpenLinkMark, OpenLinkNote } from './open-links'
import type { View } from './view'

/** Every published theme at every node: a table first, coloured second. Hidden cells have no number anywhere. */
export function HeatTable(props: { view: View; result: PublicResult; merged: FrozenRound['merged']; title: string }) {
  const { view, result, merged, title } = props
  const { t, f } = view
  const groups = columnsOf(view, result)
  const asked = themes.filter((theme) => result.nodes.some((node) => !isHidden(node) && node.themes[theme]))
  const minimum = f.number(result.minimumGroupSize)
  const columns = groups.reduce((sum, { nodes }) => sum + nodes.length, 0)
  const width = view.sheet.rule(`min-inline-size:${8 + 4.25 * columns}rem`)
  if (asked.length === 0) {
    return (
      <figure class="c9">
        <div class="title">
          <h2>{title}</h2>
          <p class="what">{t.overview.groups.what}</p>
        </div>
        <div class="state hatch">
          <div>
            <strong>{t.overview.groups.allHidden(minimum)}</strong>
            <p>{t.overview.groups.allHiddenWhat}</p>
          </div>
        </div>
      </figure>
    )
  }
  const isBanded = result.nodes.some((node) => !isHidden(node) && Object.values(node.themes).some((one) => !isHidden(one) && one.band))
  const nameOf = (id: string) =>
    isolate(
      nodeName(
        view,
        result,
        result.nodes.find((node) => node.id === id),
      ),
    )
  const notes = [
    t.overview.groups.rounded,
    ...(isBanded ? [t.explore.facts.band] : []),
    ...merged.map(({ name, nodeId }) => t.roundsPage.mergedInto(isolate(name), nameOf(nodeId))),
  ]
  return (
    <ChartFigure
      view={view}
      id="groups"
      class="c9"
      heading="h2"
      title={title}
      what={t.overview.groups.what}
      label={title}
      spec={{ kind: 'heat' }}
      tableClass={width}
      note={notes.join(' ')}
      under={<Key view={view} result={result} minimum={minimum} />}
    >
      <colgroup>
        <col class="lab" />
      </colgroup>
      {groups.map(({ nodes }, index) => (
        <colgroup>
          {index > 0 ? <col class="gap" /> : null}
          {nodes.map(() => (
            <col />
          ))}
        </colgroup>
      ))}
      <thead>
        <tr>
          <td class="corner" />
          {groups.map(({ name, side, nodes }, index) => (
            <>
              {index > 0 ? <td class="gapc" /> : null}
              <th colspan={nodes.length} class="grp" scope="colgroup">
                <span class={side}>{name}</span>
              </th>
            </>
          ))}
        </tr>
        <tr>
          <td class="corner" />
          {groups.map(({ nodes }, index) => (
            <>
              {index > 0 ? <td class="gapc" /> : null}
              {nodes.map((node) => (
                <th scope="col">
                  <bdi>{nodeName(view, result, node)}</bdi>
                  <small>{isHidden(node) ? hiddenText(view, node, minimum) : f.number(node.n)}</small>
                  <OpenLinkMark t={t.openLinks} node={node} />
                </th>
              ))}
            </>
          ))}
        </tr>
      </thead>
      <tbody>
        {asked.map((theme) => (
          <tr>
            <th scope="row">
              <a href={themePath(theme, result.number)}>{t.themes[theme]}</a>
            </th>
            {groups.map(({ nodes, total }, index) => (
              <>
                {index > 0 ? <td class="gapc" /> : null}
                {nodes.map((node) => (
                  <Cell view={view} figure={isHidden(node) ? node : node.themes[theme]} total={total} minimum={minimum} />
                ))}
              </>
            ))}
          </tr>
        ))}
      </tbody>
    </ChartFigure>
  )
}

/** The steps from lower to higher. The first three are those of less than the middle. */
export const Ramp = ({ t, steps = [1, 2, 3, 4, 5, 6] }: { t: View['t']; steps?: readonly number[] }) => (
  <span class="ramp">
    {t.overview.groups.lower}
    {steps.map((step) => (
      <i class={`heat-${step}`} />
    ))}
    {t.overview.groups.higher}
  </span>
)

function Key({ view: { t }, result, minimum }: { view: View; result: PublicResult; minimum: string }) {
  return (
    <>
      <div class="key">
        <Ramp t={t} />
        <span>
          <i class="sw hatch" />
          {t.overview.groups.hatched(minimum)}
        </span>
      </div>
      <OpenLinkNote t={t.openLinks} nodes={result.nodes} />
    </>
  )
}

function Cell(props: { view: View; figure: Figure | Hidden | undefined; total: boolean; minimum: string }) {
  const { view, figure } = props
  const { t } = view
  if (!figure) return <td>–</td>
  if (isHidden(figure)) {
    return (
      <td class="hatch">
        <span class="vh">{hiddenText(view, figure, props.minimum)}</span>
        <span class="on-paper" aria-hidden="true">
          {t.overview.hidden}
        </span>
      </td>
    )
  }
  const total = props.total ? 'tot ' : ''
  if (figure.value === null) {
    const step = figure.band === 'very-low' ? 1 : figure.band === 'very-high' ? 6 : 4
    return <td class={`${total}band heat-${step}`}>{figure.band ? t.overview.groups.bands[figure.band] : '–'}</td>
  }
  return (
    <td class={`${total}heat-${heatStep(figure.value)}`}>
      <Num view={view} value={figure.value} decimals={0} />
    </td>
  )
}

/** Six steps around 50, where promoters and critics balance. */
const heatStep = (value: number) => [35, 45, 50, 60, 70].filter((bound) => value >= bound).length + 1

/** Why a figure is hidden, in words. */
export const hiddenText = ({ t }: View, { hidden }: Hidden, minimum: string) =>
  hidden === 'too-few' ? t.overview.groups.tooFew(minimum) : t.overview.groups.protects

interface Columns {
  name: string
  side: string
  total: boolean
  nodes: NodeResult[]
}

/** The company and its two sides first, then the teams of each side. */
function columnsOf({ t }: View, result: PublicResult): Columns[] {
  const whole = [companyOf(result), sideOf(result, 'sales'), sideOf(result, 'marketing')].filter((node) => node !== undefined)
  const teams = teamsOf(result)
  return [
    { name: t.overview.groups.whole, side: '', total: true, nodes: [...new Set(whole)] },
    ...(['sales', 'marketing', 'other'] as const).map((side) => ({
      name: t.sides[side],
      side: side === 'sales' ? 'of-s' : side === 'marketing' ? 'of-m' : '',
      total: false,
      nodes: teams.filter((node) => node.side === side),
    })),
  ].filter(({ nodes }) => nodes.length > 0)
}

/** Made-up nodes have no name of their own: the company and the sides are called so in the reader's language. */
function nodeName({ t }: View, result: PublicResult, node: NodeResult | undefined): string {
  if (!node || node.id === companyOf(result)?.id) return t.sides.company
  if (node.id === 'side-sales') return t.sides.sales
  return node.id === 'side-marketing' ? t.sides.marketing : node.name
}
