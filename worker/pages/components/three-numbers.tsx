import type { DumbbellSpec, Tick } from '../../core/chart'
import { isHidden } from '../../core/findings'
import type { Line, Said, Voice } from '../../core/three-numbers'
import { ChartFigure } from './chart-figure'
import { metricPath } from './drill'
import { hiddenText } from './heat-table'
import { Num, NumCell } from './num'
import { mayDo, ticksFor, type View } from './view'

const sides = ['sales', 'marketing'] as const

/** A name on the page: shares on one axis, hours on another. */
type Kind = 'shares' | 'hours'

/**
 * What sales, marketing and the CRM say to the same question: the sides' circle and diamond, the CRM's square. No finding
 * compares people with the CRM: neither is the truth about the other.
 */
export function ThreeNumbers({ view, lines, minimum }: { view: View; lines: readonly Line[]; minimum: number }) {
  const texts = view.t.threeNumbers
  const told = lines.filter(({ asked, crm }) => asked !== null || crm !== null)
  const shares = told.filter(({ unit }) => unit === 'share')
  const hours = told.filter(({ unit }) => unit === 'hours')
  if (told.length === 0) return null
  const present = presentIn(told)
  return (
    <section class="sec">
      <div class="title">
        <h2>{texts.title[present]}</h2>
        {present === 'both' ? <p class="what unprinted">{texts.what}</p> : null}
      </div>
      <div class="cols">
        {shares.length > 0 ? <Figure view={view} kind="shares" lines={shares} minimum={minimum} /> : null}
        {hours.length > 0 ? <Figure view={view} kind="hours" lines={hours} minimum={minimum} /> : null}
      </div>
    </section>
  )
}

function Figure({ view, kind, lines, minimum }: { view: View; kind: Kind; lines: readonly Line[]; minimum: number }) {
  const { t, f } = view
  const texts = t.threeNumbers
  const asked = lines.find(isSaid)?.asked
  const crm = lines
    .flatMap((line) => line.crm ?? [])
    .sort((a, b) => a.period.localeCompare(b.period) || Number(a.provisional) - Number(b.provisional))
    .at(-1)
  const title = kind === 'shares' ? texts.shares[presentIn(lines)] : texts.hours
  const what = kind === 'shares' ? texts.sharesWhat : texts.hoursWhat
  return (
    <ChartFigure
      view={view}
      id={`three-${kind}`}
      class={kind === 'shares' ? 'c7' : 'c5'}
      title={title}
      what={[
        what.axis,
        ...(asked ? [what.people(t.overview.roundOption(f.number(asked.number), f.month(asked.period)))] : []),
        ...(crm ? [what.crm(monthText(view, crm))] : []),
      ].join(' ')}
      label={`${title}. ${lines.map((line) => spoken(view, line)).join('. ')}.`}
      spec={specOf(view, kind, lines)}
      note={noteOf(view, kind, lines, minimum)}
      under={<Missing view={view} lines={lines} />}
    >
      <Rows view={view} kind={kind} lines={lines} minimum={minimum} />
    </ChartFigure>
  )
}

/** Why the sides are not drawn, and what brings them. */
function noteOf({ t, f }: View, kind: Kind, lines: readonly Line[], minimum: number): string | null {
  if (kind === 'hours') return lines.some(({ asked }) => asked) ? null : t.threeNumbers.unaskedWhat
  const isHiding = lines.some((line) => sides.some((side) => 'hidden' in line[side]))
  return isHiding ? t.overview.sides.missingWhat(f.number(minimum)) : null
}

/** What brings the CRM's number, where there is none. */
function Missing({ view, lines }: { view: View; lines: readonly Line[] }) {
  const { t } = view
  const missing = lines.filter(({ crm }) => crm === null)
  if (missing.length === 0) return null
  return (
    <p class="note shared">
      {missing.map(({ key, metric }) => `${t.threeNumbers.lines[key]}: ${t.overview.kpis.needs[metric]}`).join(' ')}{' '}
      {mayDo(view, 'sources:read') ? <a href="/sources">{t.overview.kpis.toSources}</a> : null}
    </p>
  )
}

const isVoice = (said: Said): said is Voice => 'value' in said
const isSaid = (line: Line) => sides.some((side) => isVoice(line[side]))

/** What a title may promise. */
function presentIn(lines: readonly Line[]): 'both' | 'people' | 'crm' {
  const hasPeople = lines.some(isSaid)
  const hasCrm = lines.some(({ crm }) => crm)
  return hasPeople === hasCrm ? 'both' : hasPeople ? 'people' : 'crm'
}

/** Share in percent, hours as a number; both as they are drawn. */
const textOf = ({ f }: View, { unit }: Line, value: number): string =>
  unit === 'share' ? f.percent(value) : f.number(value, value < 10 ? 1 : 0)
const drawn = ({ unit }: Line, value: number): number => (unit === 'share' ? Math.round(value * 100) : Math.round(value * 10) / 10)

function spoken(view: View, line: Line): string {
  const { t } = view
  const { lines, crm, none, few } = t.threeNumbers
  const said = sides.map((side) => `${t.sides[side]} ${isVoice(line[side]) ? textOf(view, line, line[side].value) : few}`)
  return `${lines[line.key]}: ${said.join(', ')}, ${crm} ${line.crm ? textOf(view, line, line.crm.value) : none}`
}

function specOf(view: View, kind: Kind, lines: readonly Line[]): DumbbellSpec {
  const { t } = view
  const texts = t.threeNumbers
  return {
    kind: 'dumbbell',
    ticks: ticksOf(view, kind, lines),
    key: [
      { look: 'sales', text: t.sides.sales },
      { look: 'marketing', text: t.sides.marketing },
      { look: 'crm', text: texts.crm },
    ],
    columns: [],
    rows: lines.map((line) => ({
      label: texts.lines[line.key],
      ...(kind === 'shares' && line.crm ? { detail: texts.crmSays[line.key] } : {}),
      marks: [
        ...sides.flatMap((side) => {
          const said = line[side]
          return isVoice(said)
            ? [{ look: side, at: drawn(line, said.value), text: textOf(view, line, said.value), ...ends(line, said) }]
            : []
        }),
        ...(line.crm ? [{ look: 'crm' as const, at: drawn(line, line.crm.value), text: textOf(view, line, line.crm.value) }] : []),
      ],
      cells: [],
    })),
  }
}

const ends = (line: Line, { interval }: Voice) => (interval ? { low: drawn(line, interval.low), high: drawn(line, interval.high) } : {})

function ticksOf(view: View, kind: Kind, lines: readonly Line[]): Tick[] {
  const { f } = view
  if (kind === 'shares') return [0, 25, 50, 75, 100].map((at) => ({ at, text: f.percent(at / 100) }))
  const values = lines.flatMap(({ sales, marketing, crm }) => [
    ...[sales, marketing].flatMap((said) => (isVoice(said) ? [said.value] : [])),
    ...(crm ? [crm.value] : []),
  ])
  return ticksFor(0, Math.max(1, ...values), [0, Infinity]).map((at) => ({ at, text: f.number(at, at % 1 === 0 ? 0 : 1) }))
}

/** What was asked in full, and every number with how many are behind it. */
function Rows({ view, kind, lines, minimum }: { view: View; kind: Kind; lines: readonly Line[]; minimum: number }) {
  const { t, f } = view
  const texts = t.threeNumbers
  const { low, high } = t.overview.trend
  const [decimals, as] = kind === 'shares' ? ([0, 'percent'] as const) : ([1, 'number'] as const)
  const columns = [
    ...sides.flatMap((side) => [t.sides[side], ...(kind === 'shares' ? [low, high] : []), texts.people(t.sides[side])]),
    texts.crm,
    texts.leads,
    texts.month,
  ]
  return (
    <>
      <thead>
        <tr>
          <th scope="col">{texts.question}</th>
          {columns.map((column) => (
            <th scope="col" class="num">
              {column}
            </th>
          ))}
          <th scope="col">{texts.round}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr>
            <th scope="row">
              <a href={metricPath(line.metric)}>{texts.lines[line.key]}</a>
              <p class="note">{texts.detail(t.items[line.itemId], texts.crmSays[line.key])}</p>
            </th>
            {sides.map((side) => {
              const said = line[side]
              if (!isVoice(said)) {
                return (
                  <>
                    <td class="num hidden">
                      {isHidden(said) ? hiddenText(view, said, f.number(minimum)) : texts[said.missing === 'few' ? 'few' : 'none']}
                    </td>
                    {(kind === 'shares' ? [1, 2, 3] : [1]).map(() => (
                      <td class="num">–</td>
                    ))}
                  </>
                )
              }
              return (
                <>
                  <NumCell view={view} value={said.value} decimals={decimals} as={as} />
                  {kind === 'shares'
                    ? [said.interval?.low, said.interval?.high].map((end) => <NumCell view={view} value={end} decimals={0} as="percent" />)
                    : null}
                  <NumCell view={view} value={said.n} decimals={0} />
                </>
              )
            })}
            <td class="num">
              <Num view={view} value={line.crm?.value} decimals={decimals} as={as} />
            </td>
            <NumCell view={view} value={line.crm?.n} decimals={0} />
            <td class="num">{line.crm ? monthText(view, line.crm) : '–'}</td>
            <td>{line.asked ? t.overview.roundOption(f.number(line.asked.number), f.month(line.asked.period)) : texts.none}</td>
          </tr>
        ))}
      </tbody>
    </>
  )
}

const monthText = ({ t, f }: View, { period, asOf, provisional }: NonNullable<Line['crm']>): string =>
  provisional ? t.overview.kpis.provisional(f.month(period), f.date(asOf)) : t.overview.kpis.asOf(f.month(period), f.date(asOf))
