import type { PillarMissing, PillarScore } from '../../core/result'
import type { PillarView } from '../../core/score-history'
import { clauseName } from '../../services/clause-words'
import type { ShownRound } from '../../services/overview'
import { pillarPath } from './drill'
import { Spark } from './spark'
import { Delta, Diamond, Wave } from './verdict'
import { mayDo, shownChange, type View } from './view'

/** Where what is missing is brought from, by those who may; nothing to click for what only a next round can bring. */
const bringers: Partial<Record<PillarMissing, string>> = {
  'no-kpis': '/sources',
  'no-targets': '/sources',
  'kpis-too-old': '/sources',
  'no-baseline': '/sources',
  'one-side': '/people',
  'no-clauses': '/kpis/sla',
  'clauses-open': '/kpis/sla',
  'clauses-too-old': '/kpis/sla',
}

/** The four pillars in one row; a missing one says why, and what would bring it. */
export function PillarStrip({ view, shown }: { view: View; shown: ShownRound }) {
  const { t, f } = view
  const { score } = shown
  return (
    <section class="sec tight">
      <h2 class="vh">{t.overview.pillars.heading}</h2>
      <div class="strip">
        {score.pillars.map((pillar) => (
          <Pillar view={view} round={score.number} pillar={pillar} card={shown.courses.find((card) => card.pillar === pillar.pillar)} />
        ))}
      </div>
      <dl class="indexes">
        <Index view={view} name={t.overview.pillars.people} what={t.overview.pillars.peopleWhat} value={score.peopleIndex} />
        <Index view={view} name={t.overview.pillars.numbers} what={t.overview.pillars.numbersWhat} value={score.numbersIndex} />
      </dl>
      {score.value !== null && score.weightPresent < 1 ? (
        <p class="note">{t.overview.pillars.present(f.percent(score.weightPresent))}</p>
      ) : null}
    </section>
  )
}

function Pillar(props: { view: View; round: number; pillar: PillarScore; card: PillarView | undefined }) {
  const { view, pillar, card } = props
  const { t, f } = view
  const name = t.overview.pillars.names[pillar.pillar]
  const head = (
    <>
      <div class="row">
        <h3>
          <a href={pillarPath(pillar.pillar, props.round)}>{name}</a>
        </h3>
        <span class="note push">{t.overview.pillars.weight(f.percent(pillar.weight))}</span>
      </div>
      {/* The pillars share five rows, so what stands together is one. */}
      <div>
        <p class="note">{t.overview.pillars.what[pillar.pillar]}</p>
        {pillar.parts.length > 0 && pillar.absent?.length ? (
          <p class="note">
            {t.overview.pillars.partial(f.number(pillar.parts.length), f.number(pillar.parts.length + pillar.absent.length))}
          </p>
        ) : null}
      </div>
    </>
  )
  if (pillar.value === null || !card) {
    const missing = pillar.missing ?? 'no-answers'
    return (
      <div class="pillar missing">
        {head}
        <div class="row">
          <span class="stat none">–</span>
        </div>
        <p class="note">
          <strong>{t.overview.pillars.missing[missing].why}</strong> {t.overview.pillars.missing[missing].brings}
        </p>
        <p class="note">
          <Bringer view={view} missing={missing} />
        </p>
      </div>
    )
  }
  const { previous, range } = card
  return (
    <div class="pillar">
      {head}
      <div class="row">
        <span class="stat">
          <bdi>{f.number(pillar.value)}</bdi>
        </span>
        {previous === null ? null : (
          <>
            <Delta view={view} value={shownChange(previous, pillar.value)} />
            <span class="note">{t.overview.score.sinceLast}</span>
          </>
        )}
      </div>
      <Spark view={view} label={sparkLabel(view, name, card)} values={card.values} range={range} />
      <div>
        <p class="note verdict-line">
          {range ? (
            <>
              {range.verdict === 'signal' ? <Diamond /> : <Wave />}
              {rangeText(view, pillar.value, range)}
            </>
          ) : (
            t.overview.pillars.noRange
          )}
        </p>
        {pillar.parts.map(({ key, promise }) =>
          promise ? (
            <p class="note">
              <a href={`/kpis/sla#${key}`}>{clauseName(view, promise.clause)}</a>:{' '}
              {t.sla.ofDue(f.number(promise.kept), f.number(promise.due))}
            </p>
          ) : null,
        )}
      </div>
    </div>
  )
}

/** The way to the page that brings what is missing, for those who may. */
export function Bringer({ view, missing }: { view: View; missing: PillarMissing }) {
  const href = mayDo(view, 'settings:read') ? bringers[missing] : undefined
  return href ? <a href={href}>{placeName(view.t, href)}</a> : null
}

const placeName = ({ layout, kpisPage }: View['t'], href: string): string =>
  href === '/people' ? layout.people : href === '/kpis/sla' ? kpisPage.tabs.sla : layout.sources

function rangeText({ t, f }: View, value: number, range: NonNullable<PillarView['range']>): string {
  const limits = [f.number(range.low), f.number(range.high)] as const
  if (value > range.high) return t.overview.pillars.above(...limits)
  if (value < range.low) return t.overview.pillars.below(...limits)
  return range.verdict === 'signal' ? t.overview.pillars.shifted(...limits) : t.overview.pillars.within(...limits)
}

const sparkLabel = ({ t, f }: View, name: string, { values }: PillarView) =>
  t.overview.pillars.spark(name, values.map((value) => (value === null ? '–' : f.number(value))).join(', '))

const Index = ({ view: { f }, name, what, value }: { view: View; name: string; what: string; value: number | null }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value === null ? '–' : <bdi>{f.number(value)}</bdi>}</dd>
    <dd class="note">{what}</dd>
  </div>
)
