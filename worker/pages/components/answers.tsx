import type { StackSpec } from '../../core/chart'
import { companyOf, isHidden, sideOf } from '../../core/findings'
import type { ClassCounts, PublicResult } from '../../core/result'
import { roundTo } from '../../i18n/format'
import { ChartFigure } from './chart-figure'
import { NumCell } from './num'
import type { View } from './view'

const bothSides = ['sales', 'marketing'] as const

/** How people answered, by class, where there are enough of them; and how many of those invited did. */
export function Answers({ view, result }: { view: View; result: PublicResult }) {
  const { t, f, sheet } = view
  const texts = t.overview.answers
  const sides = bothSides.map((side) => ({ side, node: sideOf(result, side) }))
  const isHiding = sides.some(({ node }) => node && isHidden(node))
  const ofSides = sides.flatMap(({ side, node }) =>
    node && !isHidden(node) && node.classes ? [{ name: t.sides[side], look: side, classes: node.classes }] : [],
  )
  const company = companyOf(result)
  const whole = company && !isHidden(company) && company.classes
  const told = ofSides.length === 0 && whole ? [{ name: t.sides.company, look: null, classes: whole }] : ofSides
  const missing = isHiding ? t.overview.sides.missing : texts.tooFew
  return (
    <div class="c3">
      {told.length > 0 ? (
        <ChartFigure
          view={view}
          id="answers"
          heading="h2"
          title={texts.title}
          what={texts.what}
          label={told.map(({ name, classes }) => `${name}: ${listOf(view, classes)}`).join('; ')}
          spec={stackOf(view, told)}
          note={ofSides.length < sides.length ? missing : null}
        >
          <AnswerRows view={view} told={told} />
        </ChartFigure>
      ) : (
        <>
          <div class="title">
            <h2>{texts.title}</h2>
          </div>
          <div class={isHiding ? 'state small hatch' : 'state small'}>
            <p>{missing}</p>
          </div>
        </>
      )}
      <div class="title took">
        <h2>{t.overview.took.title}</h2>
        <p class="what">{tookPart(view, result)}</p>
      </div>
      <div class="took-rows">
        {sides.map(({ side, node }) => (
          <p>
            <span class="with-mk">
              <i class={`mk ${side === 'sales' ? 's' : 'm'}`} />
              {t.sides[side]}
            </span>
            {node && !isHidden(node) ? (
              <>
                <span class="pbar">
                  <i class={`${side} ${sheet.rule(`inline-size:${Math.round((node.n / Math.max(1, node.invited)) * 100)}%`)}`} />
                </span>
                <b>{t.overview.ofInvited(f.number(node.n), f.number(node.invited))}</b>
              </>
            ) : (
              <>
                <span class="pbar hatch" />
                <span class="note">{t.overview.hidden}</span>
              </>
            )}
          </p>
        ))}
      </div>
    </div>
  )
}

interface Told {
  name: string
  look: (typeof bothSides)[number] | null
  classes: ClassCounts
}

const classLooks = [
  ['promoter', 'promoters'],
  ['passive', 'passives'],
  ['critic', 'critics'],
] as const

const totalOf = ({ promoters, passives, critics }: ClassCounts) => Math.max(1, promoters + passives + critics)
const listOf = ({ t, f }: View, classes: ClassCounts) =>
  classLooks.map(([, name]) => `${t.overview.answers[name]} ${f.percent(classes[name] / totalOf(classes))}`).join(', ')

const stackOf = ({ t, f }: View, told: readonly Told[]): StackSpec => ({
  kind: 'stack',
  rows: told.map(({ name, look: side, classes }) => ({
    label: name,
    look: side,
    parts: classLooks.map(([look, name]) => ({
      look,
      value: roundTo((classes[name] / totalOf(classes)) * 100, 0),
      text: f.percent(classes[name] / totalOf(classes)),
      name: t.overview.answers[name],
    })),
  })),
})

const AnswerRows = ({ view, told }: { view: View; told: readonly Told[] }) => (
  <>
    <thead>
      <tr>
        <th scope="col">{view.t.overview.answers.side}</th>
        {classLooks.map(([, name]) => (
          <th scope="col" class="num">
            {view.t.overview.answers[name]}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {told.map(({ name, classes }) => (
        <tr>
          <th scope="row">{name}</th>
          {classLooks.map(([, name]) => (
            <NumCell view={view} value={classes[name] / totalOf(classes)} decimals={0} as="percent" />
          ))}
        </tr>
      ))}
    </tbody>
  </>
)

/** Nothing where the total is hidden to protect a group beside the sides: they are shown, and it is not too few. */
function tookPart({ t, f }: View, { n, invited, minimumGroupSize, nodes }: PublicResult): string {
  if (n !== null) return t.overview.took.overall(f.percent(n / Math.max(1, invited)), f.number(n), f.number(invited))
  return nodes.every(isHidden) ? t.overview.took.tooFew(f.number(minimumGroupSize)) : ''
}
