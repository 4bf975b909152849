import type { DumbbellSpec } from '../../core/chart'
import type { IndexChange, Measured } from '../../core/standing-terms'
import { isolate } from '../../i18n/format'
import { type Definitions, type ShownDefinitions, type ShownTerm, termChangesText } from '../../services/definitions'
import { ChartFigure } from './chart-figure'
import { type DefinitionsView, roundName } from './definition-view'
import { Delta, Range, Verdict } from './verdict'
import { halfWidth } from './view'

/** All terms in one number, how sure it is, and how it moved. */
export function IndexHero({ view, shown }: { view: DefinitionsView; shown: ShownDefinitions }) {
  const { f } = view
  const t = view.t.definitionsPage.index
  const { index, terms } = shown
  const outside = terms.filter(({ latest, isOld }) => latest && isOld).length
  return (
    <div class="c3 hero index">
      <div>
        <h2>{t.title}</h2>
        {index ? (
          <p class="score">
            <b>
              <bdi>{f.number(index.value)}</bdi>
            </b>
            <span class="pm">
              <bdi>±{f.number(halfWidth(index))}</bdi>
              <small>{t.interval}</small>
            </span>
          </p>
        ) : (
          <p class="score">
            <b class="none">–</b>
          </p>
        )}
      </div>
      <p class="note">
        {index ? (
          <>
            {t.pick} <b>{t.times(f.number(index.value))}</b> {t.madeOf(index.terms, f.number(index.from), f.number(index.to))}{' '}
            {outside > 0 ? t.outside(outside) : null}
          </>
        ) : (
          [t.none, ...(terms.some(({ hidden }) => hidden) ? [view.t.overview.pillars.missing['one-side'].why] : [])].join(' ')
        )}
      </p>
      <Moves view={view} shown={shown} />
    </div>
  )
}

function Moves({ view, shown: { index, sinceLast, sinceBaseline } }: { view: DefinitionsView; shown: ShownDefinitions }) {
  const t = view.t.definitionsPage.index
  if (!index) return null
  const moves = [
    ...(sinceLast ? [{ change: sinceLast, since: view.t.overview.score.sinceLast }] : []),
    ...(sinceBaseline
      ? [{ change: sinceBaseline, since: sinceBaseline.event ? t.sinceEvent(isolate(sinceBaseline.event.name)) : t.sinceStart }]
      : []),
  ]
  if (moves.length === 0) return <p class="note">{t.nothing}</p>
  return (
    <ul class="moves">
      {moves.map(({ change, since }) => (
        <Move view={view} change={change} since={since} whole={index.terms} />
      ))}
    </ul>
  )
}

/** `whole`: how many terms the index has; fewer of them may be alike enough to be compared. */
const Move = ({ view, change, since, whole }: { view: DefinitionsView; change: IndexChange; since: string; whole: number }) => (
  <li>
    <Delta view={view} value={change.points} decimals={0} />
    <span>
      {since}
      {change.terms < whole ? <small class="note"> {view.t.definitionsPage.index.compared(change.terms)}</small> : null}
    </span>
    <Verdict view={view} verdict={change.verdict} />
  </li>
)

/** Every term that has a figure, lowest first: that is the agenda. */
export function TermsFigure({ view, shown, events }: { view: DefinitionsView; shown: ShownDefinitions; events: Definitions['events'] }) {
  const { t, f } = view
  const texts = t.definitionsPage.figure
  const terms = shown.terms.flatMap((one) => (one.latest ? [{ ...one, latest: one.latest }] : []))
  const [lowest, highest] = [terms[0], terms.at(-1)]
  if (!lowest || !highest) {
    const { sides } = t.overview
    return shown.terms.some(({ hidden }) => hidden) ? (
      <figure class="c9">
        <div class="title">
          <h2>{t.definitionsPage.changes.neutral}</h2>
        </div>
        <div class="state hatch">
          <div>
            <strong>{sides.missing}</strong>
            <p>{sides.missingWhat(f.number(shown.minimumGroupSize))}</p>
          </div>
        </div>
      </figure>
    ) : null
  }
  const name = ({ term }: ShownTerm) => t.terms[term]
  const hasOpen = terms.some(({ before, change, isOld }) => (before && change) || isOld)
  const hasGrey = terms.some(({ change }) => change && change.verdict !== 'signal')
  return (
    <ChartFigure
      view={view}
      id="terms"
      class="c9"
      heading="h2"
      title={termChangesText(shown, events, view)}
      what={[texts.what, ...(hasOpen ? [texts.open] : []), ...(hasGrey ? [texts.grey] : [])].join(' ')}
      label={texts.label(
        f.number(terms.length),
        name(lowest),
        f.number(lowest.latest.value),
        name(highest),
        f.number(highest.latest.value),
      )}
      spec={termsSpec(view, terms)}
      tableNote={texts.reading}
    >
      <thead>
        <tr>
          <th scope="col">{t.roundsPage.term}</th>
          {[texts.index, t.roundsPage.figure.interval, texts.change, t.roundsPage.figure.interval].map((head) => (
            <th scope="col" class="num">
              {head}
            </th>
          ))}
          <th scope="col">{t.roundsPage.changes.finding}</th>
          <th scope="col">{texts.asked}</th>
          <th scope="col" class="num">
            {t.roundsPage.figure.n}
          </th>
        </tr>
      </thead>
      <tbody>
        {terms.map((one) => (
          <TermRow view={view} one={one} latest={one.latest} />
        ))}
      </tbody>
    </ChartFigure>
  )
}

function TermRow({ view, one, latest }: { view: DefinitionsView; one: ShownTerm; latest: Measured }) {
  const { t, f } = view
  const { agreement } = latest
  const percent = (share: number) => f.number(100 * share)
  return (
    <tr>
      <th scope="row">
        <a href={`#${one.term}`}>{t.terms[one.term]}</a>
      </th>
      <td class="num">
        <data value={latest.value.toFixed(1)}>
          <bdi>{f.number(latest.value)}</bdi>
        </data>
      </td>
      <td class="num">
        <Range t={t} ends={agreement.interval} write={percent} />
      </td>
      <td class="num">
        {one.change ? (
          <data value={one.change.points.toFixed(1)}>
            <Delta view={view} value={one.change.points} decimals={0} />
          </data>
        ) : (
          '–'
        )}
      </td>
      <td class="num">
        <Range t={t} ends={one.change?.interval} write={(value) => f.signed(value)} />
      </td>
      <td>
        {one.change ? <Verdict view={view} verdict={one.change.verdict} text={changeWord(view, one)} /> : null}
        {one.leadersDiffer ? (
          <>
            {' '}
            <Verdict view={view} verdict="signal" text={t.definitionsPage.figure.differ} />
          </>
        ) : null}
        {one.change || one.leadersDiffer ? null : changeText(view, one)}
      </td>
      <td>{roundName(view, latest.round)}</td>
      <td class="num">
        <bdi>{`${f.number(agreement.nSales)} + ${f.number(agreement.nMarketing)}`}</bdi>
      </td>
    </tr>
  )
}

/** The verdict of a change, with its direction where it is a signal. */
function changeWord({ t }: DefinitionsView, { change }: ShownTerm): string | undefined {
  if (change?.verdict !== 'signal') return undefined
  return change.points > 0 ? t.definitionsPage.figure.rose : t.definitionsPage.figure.fell
}

/** The change since the time before, and when that was; or why there is none. */
export function changeText({ t, f }: DefinitionsView, { change, before, unlike }: ShownTerm): string {
  const texts = t.definitionsPage.term
  if (unlike) return texts.unlike[unlike]
  if (!change || !before) return texts.first
  const when = f.shortMonth(before.round.period, true)
  return Math.round(change.points) === 0 ? texts.same(when) : texts.since(f.signed(change.points), when)
}

function termsSpec(view: DefinitionsView, terms: readonly (ShownTerm & { latest: Measured })[]): DumbbellSpec {
  const { t, f } = view
  const texts = t.definitionsPage.figure
  return {
    kind: 'dumbbell',
    ticks: [0, 25, 50, 75, 100].map((at) => ({ at, text: f.number(at) })),
    key: [
      { look: 'now', text: texts.now },
      { look: 'before', text: texts.before },
    ],
    columns: [texts.index, texts.change],
    rows: terms.map((one) => ({
      label: t.terms[one.term],
      marks: marksOf(one),
      cells: [f.number(one.latest.value), one.change ? f.signed(one.change.points) : '–'],
      quiet: one.change?.verdict !== 'signal',
      ...verdictOf(view, one),
    })),
  }
}

/** Where leading answers differ, that is said first: it is what to talk about; the change, where it is a signal, after it. */
function verdictOf(view: DefinitionsView, one: ShownTerm): Pick<DumbbellSpec['rows'][number], 'verdict'> {
  const said = [one.leadersDiffer ? view.t.definitionsPage.figure.differ : '', changeWord(view, one) ?? '']
  const text = said.filter((word) => word !== '').join(' · ')
  return text ? { verdict: { signal: true, text } } : {}
}

/** The figures stand in their columns; how sure it is, only of the latest. */
function marksOf({ latest, before, change, isOld }: ShownTerm & { latest: Measured }): DumbbellSpec['rows'][number]['marks'] {
  const { interval } = latest.agreement
  return [
    ...(before && change ? [{ look: 'before' as const, at: before.value, text: '' }] : []),
    {
      look: isOld ? ('before' as const) : ('now' as const),
      at: latest.value,
      text: '',
      ...(interval ? { low: 100 * interval.low, high: 100 * interval.high } : {}),
    },
  ]
}
