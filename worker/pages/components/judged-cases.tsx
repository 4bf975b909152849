import type { Child } from 'hono/jsx'
import type { VignetteAgreement } from '../../core/result'
import { questionOf } from '../../i18n/items'
import type { ShownCase, ShownDefinitions } from '../../services/definitions'
import { AlikeText } from './agreement'
import { type DefinitionsView, mostChosen, sides } from './definition-view'
import { Scroll } from './scroll'
import { Range, Verdict } from './verdict'
import { pointsText } from './view'
import { Worded } from './worded'

/** Stories that are shown before somebody asks for all of them. */
const atFirst = 8

/** What both sides make of the same leads and numbers: the furthest apart first. */
export function CaseSections({ view, shown }: { view: DefinitionsView; shown: ShownDefinitions }) {
  const { t, f } = view
  const texts = t.definitionsPage
  const { stories, numbers, alike } = shown
  const divided = stories.filter(({ isDivided }) => isDivided).length
  return (
    <>
      <section class="sec" id="stories">
        <div class="title">
          <h2>{stories.length === 0 ? t.vignettes.title : divided > 0 ? texts.stories.divided(divided) : texts.stories.none}</h2>
          <p class="what">{texts.stories.what}</p>
        </div>
        {stories.length === 0 ? (
          shown.askedStories ? (
            <div class="state small hatch">
              <div>
                <strong>{t.overview.sides.missing}</strong>
                <p>{t.overview.sides.missingWhat(f.number(shown.minimumGroupSize))}</p>
              </div>
            </div>
          ) : (
            <div class="state small">
              <strong>{texts.stories.nobody}</strong>
              <p>{texts.stories.nobodyWhat}</p>
            </div>
          )
        ) : (
          <>
            <StoryTable view={view} stories={stories.slice(0, atFirst)} />
            {stories.length > atFirst ? (
              <details class="more">
                <summary>{texts.stories.all(stories.length - atFirst)}</summary>
                <StoryTable view={view} stories={stories.slice(atFirst)} />
              </details>
            ) : null}
            <AlikeText texts={t} f={f} said={alike} />
          </>
        )}
      </section>
      {numbers.length > 0 ? (
        <section class="sec tight" id="numbers">
          <div class="title">
            <h2>{texts.numbers.title}</h2>
            <p class="what">{texts.numbers.what}</p>
          </div>
          <CaseTable
            view={view}
            label={texts.numbers.title}
            head={t.vignettes.number}
            columns={[...sides.map((side) => t.vignettes.median(t.sides[side])), t.roundsPage.distance]}
            numeric
            same={texts.numbers.band}
            cases={numbers}
            cellsOf={({ agreement: { medianSales, medianMarketing, distance } }) =>
              [medianSales, medianMarketing, distance].map((value) => (value === null ? '–' : <bdi>{f.number(value)}</bdi>))
            }
            unitOf={({ agreement }) => t.vignettes.units[agreement.unit]}
          />
        </section>
      ) : null}
    </>
  )
}

function StoryTable({ view, stories }: { view: DefinitionsView; stories: readonly ShownCase[] }) {
  const { t, f } = view
  return (
    <CaseTable
      view={view}
      label={t.vignettes.title}
      head={t.vignettes.story}
      columns={sides.map((side) => t.vignettes.chose(t.sides[side]))}
      same={t.definitionsPage.stories.same}
      cases={stories}
      cellsOf={({ item, answers }) =>
        sides.map((side) => {
          const most = mostChosen(view, item, answers[side])
          return most ? (
            <>
              <Worded words={most.words} /> <small>{f.percent(most.share)}</small>
            </>
          ) : (
            <span class="hidden">{t.overview.hidden}</span>
          )
        })
      }
    />
  )
}

/** One row a question; `same` names the chance that two people, one of each side, answer alike. */
function CaseTable<Agreement extends VignetteAgreement>(props: {
  view: DefinitionsView
  label: string
  head: string
  columns: readonly string[]
  same: string
  cases: readonly ShownCase<Agreement>[]
  cellsOf: (one: ShownCase<Agreement>) => readonly Child[]
  /** Whether those cells hold numbers. */
  numeric?: boolean
  /** In small, after the question. */
  unitOf?: (one: ShownCase<Agreement>) => string
}) {
  const { view, label, head, columns, same, cases, cellsOf, unitOf } = props
  const figure = props.numeric ? 'num' : undefined
  const { t, f } = view
  const texts = t.definitionsPage.stories
  const { interval } = t.overview.trend
  const points = (share: number) => pointsText(view, share)
  return (
    <Scroll label={label}>
      <table class="data pin stack cases">
        <thead>
          <tr>
            <th scope="col">{head}</th>
            {columns.map((column) => (
              <th scope="col" class={figure}>
                {column}
              </th>
            ))}
            {[same, interval, t.roundsPage.divide, interval].map((column) => (
              <th scope="col" class="num">
                {column}
              </th>
            ))}
            <th scope="col">{t.roundsPage.changes.finding}</th>
            <th scope="col" class="num">
              {texts.round}
            </th>
          </tr>
        </thead>
        <tbody>
          {cases.map((one) => {
            const { between, interval: ends, divide, divideInterval } = one.agreement
            return (
              <tr>
                <th scope="row">
                  <Worded words={questionOf(view.reader, one.item)} /> {unitOf ? <small>({unitOf(one)})</small> : null}
                </th>
                {cellsOf(one).map((cell, index) => (
                  <td class={figure} data-head={columns[index]}>
                    {cell}
                  </td>
                ))}
                <td class="num" data-head={same}>
                  <bdi>{f.percent(between)}</bdi>
                </td>
                <td class="num" data-head={interval}>
                  <Range t={t} ends={ends} write={(share) => f.percent(share)} />
                </td>
                <td class="num" data-head={t.roundsPage.divide}>
                  <bdi>{divide === null ? '–' : points(divide)}</bdi>
                </td>
                <td class="num" data-head={interval}>
                  <Range t={t} ends={divideInterval} write={points} />
                </td>
                <td data-head={t.roundsPage.changes.finding}>
                  {divide === null ? (
                    '–'
                  ) : (
                    <Verdict view={view} verdict={one.isDivided ? 'signal' : 'normal'} text={one.isDivided ? texts.differ : texts.open} />
                  )}
                </td>
                <td class="num" data-head={texts.round}>
                  <bdi>{f.number(one.round.number)}</bdi> <small>{f.shortMonth(one.round.period, true)}</small>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Scroll>
  )
}
