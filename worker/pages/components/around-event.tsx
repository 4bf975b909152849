import type { AroundRow } from '../../core/around-event'
import { isKpiKey, metricOf } from '../../core/metrics'
import { formatOf } from '../../i18n/format'
import { metricText, printedChangeText } from '../../i18n/metric-text'
import type { EventComparison } from '../../services/analyses'
import { measureName } from '../../services/findings'
import { Columns } from './columns'
import { Scroll } from './scroll'
import { Chance, Range, Verdict } from './verdict'
import { shownChange, type View } from './view'

/** The score, the people index and every KPI before an event and after it: after, never because. */
export function AroundEvent(props: { view: View; around: EventComparison; currency: string; title: string }) {
  const { view, around, title } = props
  const { t, locale } = view
  const texts = t.overview.around
  return (
    <section class="sec tight part wide-table">
      <div class="title">
        <h2>{title}</h2>
        {/* A day, which is the same in every time zone. */}
        <p class="what">{texts.what(formatOf(locale, 'UTC').date(new Date(around.event.day)))}</p>
        {around.rows.length > 0 ? <p class="what">{texts.note}</p> : null}
      </div>
      {around.rows.length === 0 ? (
        <div class="state small">
          <p>{texts.needs}</p>
        </div>
      ) : (
        <Scroll label={title}>
          <table class="data pin stack">
            <thead>
              <tr>
                <Columns
                  of={texts.measure}
                  figures={[texts.before, texts.after, t.roundsPage.gap, t.roundsPage.chance]}
                  last={t.overview.trend.verdict}
                />
              </tr>
            </thead>
            <tbody>
              {around.rows.map((row) => (
                <MeasureRow {...props} row={row} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  )
}

function MeasureRow({ view, currency, row }: { view: View; currency: string; row: AroundRow }) {
  return (
    <tr>
      <th scope="row">{measureName(view.t, row.measure)}</th>
      <AroundCells view={view} row={row} {...textsOf(view, row.measure, currency)} />
    </tr>
  )
}

/** The means before and after, with how many months each is of; the change, and whether it can be chance. */
export function AroundCells(props: {
  view: View
  row: Omit<AroundRow, 'measure'>
  valueText: (value: number) => string
  changeText: (from: number, to: number) => string
}) {
  const { view, valueText, changeText } = props
  const { t, f } = view
  const { before, after, pooled, adjustedP, verdict } = props.row
  const texts = t.overview.around
  return (
    <>
      {[before, after].map(({ n, mean }, index) => (
        <td class="num" data-head={index === 0 ? texts.before : texts.after}>
          <bdi>{valueText(mean)}</bdi> <small>({f.number(n)})</small>
        </td>
      ))}
      <td class="num" data-head={t.roundsPage.gap}>
        <bdi>{changeText(before.mean, after.mean)}</bdi>
        {pooled ? (
          <div>
            <p class="note">
              {texts.together(changeText(0, pooled.difference))}
              <br />
              {t.roundsPage.figure.interval} <Range t={t} ends={pooled.interval} write={(value) => changeText(0, value)} />
            </p>
          </div>
        ) : null}
      </td>
      <td class="num" data-head={t.roundsPage.chance}>
        <Chance f={f} p={adjustedP} />
      </td>
      <td data-head={t.overview.trend.verdict}>
        <Verdict view={view} verdict={verdict} text={verdict === 'normal' ? texts.none : undefined} />
      </td>
    </>
  )
}

/** How a value of this measure is written, and a change from one to another. */
function textsOf({ t, f, locale }: View, measure: string, currency: string) {
  if (!isKpiKey(measure)) {
    return {
      valueText: (value: number) => f.number(value, 1),
      changeText: (from: number, to: number) => f.signed(shownChange(from, to), 1),
    }
  }
  const metric = metricOf(measure)
  return {
    valueText: (value: number) => metricText(locale, metric, value, currency),
    changeText: (from: number, to: number) => printedChangeText(locale, metric, from, to, currency, t.overview.kpis.pointUnit),
  }
}
