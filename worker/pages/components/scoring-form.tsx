/** How the score is made: the rules that hold, the form that leads to a second look, and every version. */
import { type Pillar, pillars } from '../../core/result'
import { type BaselineEvent, type Kappa, kappas, type ScoringRules, type Weights, weightProblems } from '../../core/scoring-rules'
import { intlTag, type Locale, messagesOf } from '../../i18n'
import { formatOf, isolate } from '../../i18n/format'
import { numberFormat } from '../../i18n/intl'
import type { EventView } from '../../services/events'
import type { RulesChange, RulesVersion } from '../../services/scoring-rules'
import { Field, type Mistake } from './field'
import { Scroll } from './scroll'

export const rulesFields = [...pillars, 'kappa', 'baseline'] as const

/** The form as it was sent, by field. */
export type RulesValues = Record<(typeof rulesFields)[number], string>

type Decided = Pick<ScoringRules, 'weights' | 'kappa' | 'baseline'>

/** Stands for the event that was chosen before: it may have been deleted since. */
const kept = 'kept'

/** What the form decides, or what is wrong with it. A baseline that is kept is left out. */
export function readRulesForm(
  values: RulesValues,
  rules: Decided,
  events: readonly EventView[],
  locale: Locale,
): { change: RulesChange; mistakes: Mistake[] } {
  const t = messagesOf(locale).scoring
  const weights = weightsBy((pillar) => shareIn(values[pillar], rules.weights[pillar]))
  const kappa = kappas.find((known) => String(known) === values.kappa)
  const isListed = ['', kept, ...events.map(({ id }) => id)].includes(values.baseline)
  const mistakes: Mistake[] = weightProblems(weights).map(({ field, sum }) =>
    field === 'all' ? { field: 'weights', reason: t.sumWrong(rulesText(locale).weight(sum)) } : { field, reason: t.weightWrong },
  )
  if (kappa === undefined) mistakes.push({ field: 'kappa', reason: t.notListed })
  if (!isListed) mistakes.push({ field: 'baseline', reason: t.notListed })
  const baseline = values.baseline === kept ? {} : { baselineEventId: values.baseline || null }
  return { change: { weights, kappa, ...baseline }, mistakes }
}

/** Rules in words. */
export function rulesText(locale: Locale) {
  const t = messagesOf(locale).scoring
  const day = (text: string) => formatOf(locale, 'UTC').date(new Date(text))
  return {
    weight: (share: number) => numberFormat(intlTag(locale), { style: 'percent', maximumFractionDigits: 4 }).format(share),
    distance: (kappa: Kappa) => t.distances[kappa],
    baseline: (event: BaselineEvent | null) => (event ? t.before(isolate(event.name), day(event.day)) : t.firstSix),
    day,
  }
}

export function ScoringRulesPart(props: {
  locale: Locale
  timeZone: string
  /** The one that holds first. */
  versions: readonly RulesVersion[]
  events: readonly EventView[]
  /** What was refused. */
  values?: Record<string, string>
  mistakes: readonly Mistake[]
}) {
  const { locale, timeZone, versions, events, values, mistakes } = props
  const rules = versions[0] as RulesVersion
  const texts = messagesOf(locale)
  const t = texts.scoring
  const f = formatOf(locale, timeZone)
  return (
    <>
      <p>{rules.since === null ? t.standard : t.inForce(f.number(rules.version), f.date(new Date(rules.since)))}</p>
      <p class="note">
        {t.targets} <a href="/sources">{t.toTargets}</a>
      </p>
      <RulesForm locale={locale} rules={rules} events={events} values={{ ...rulesValues(rules, events), ...values }} mistakes={mistakes} />
      <details>
        <summary>{t.versions(f.number(versions.length))}</summary>
        <Versions locale={locale} timeZone={timeZone} versions={versions} />
      </details>
    </>
  )
}

/** Leads to the second look; nothing is changed by this form itself. */
function RulesForm(props: {
  locale: Locale
  rules: Decided
  events: readonly EventView[]
  values: RulesValues
  mistakes: readonly Mistake[]
}) {
  const { locale, rules, events, values, mistakes } = props
  const { scoring: t, overview } = messagesOf(locale)
  const text = rulesText(locale)
  const sumMistake = mistakes.find(({ field }) => field === 'weights')
  return (
    <form class="form" method="get" action="/settings/score" novalidate>
      <fieldset
        id="weights"
        class={sumMistake ? 'field bad' : 'field'}
        aria-describedby={sumMistake ? 'weights-what weights-why' : 'weights-what'}
      >
        <legend>{t.weights}</legend>
        <p class="hint" id="weights-what">
          {t.weightsWhat}
        </p>
        {pillars.map((pillar) => (
          <Field name={pillar} label={overview.pillars.names[pillar]} hint={overview.pillars.what[pillar]} mistakes={mistakes} short>
            {(control) => <input {...control} value={values[pillar]} inputmode="decimal" maxlength={20} dir="ltr" autocomplete="off" />}
          </Field>
        ))}
        {sumMistake ? (
          <p class="why" id="weights-why">
            {sumMistake.reason}
          </p>
        ) : null}
      </fieldset>
      <Field name="kappa" label={t.distance} hint={t.distanceWhat} mistakes={mistakes}>
        {(control) => (
          <select {...control} class="pick">
            {kappas.map((kappa) => (
              <option value={String(kappa)} selected={String(kappa) === values.kappa}>
                {text.distance(kappa)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name="baseline" label={t.baseline} hint={t.baselineWhat} mistakes={mistakes}>
        {(control) => (
          <select {...control} class="pick">
            <option value="" selected={values.baseline === ''}>
              {text.baseline(null)}
            </option>
            {rules.baseline && !eventOf(rules.baseline, events) ? (
              <option value={kept} selected={values.baseline === kept}>
                {t.deleted(text.baseline(rules.baseline))}
              </option>
            ) : null}
            {events.map((event) => (
              <option value={event.id} selected={values.baseline === event.id}>
                {text.baseline(event)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <button class="btn" type="submit">
        {t.look}
      </button>
    </form>
  )
}

function Versions({ locale, timeZone, versions }: { locale: Locale; timeZone: string; versions: readonly RulesVersion[] }) {
  const { scoring: t, overview } = messagesOf(locale)
  const f = formatOf(locale, timeZone)
  const text = rulesText(locale)
  return (
    <Scroll label={t.versions(f.number(versions.length))}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t.version}</th>
            {pillars.map((pillar) => (
              <th scope="col" class="num">
                {overview.pillars.names[pillar]}
              </th>
            ))}
            <th scope="col" class="num">
              {t.distanceShort}
            </th>
            <th scope="col" class="num">
              {t.targetCount}
            </th>
            <th scope="col">{t.baseline}</th>
          </tr>
        </thead>
        <tbody>
          {versions.map(({ version, since, weights, kappa, goals, baseline }) => (
            <tr>
              <th scope="row" class="nowrap">
                <bdi>{f.number(version)}</bdi>
                <p class="note">{since === null ? t.default : f.date(new Date(since))}</p>
              </th>
              {pillars.map((pillar) => (
                <td class="num">
                  <bdi>{text.weight(weights[pillar])}</bdi>
                </td>
              ))}
              <td class="num">
                <bdi>{fractions[kappa]}</bdi>
              </td>
              <td class="num">
                <bdi>{f.number(goals.length)}</bdi>
              </td>
              <td>
                {baseline ? (
                  <>
                    {t.beforeDay(text.day(baseline.day).replaceAll(' ', '\u00a0'))}
                    <p class="note">
                      <bdi>{baseline.name}</bdi>
                    </p>
                  </>
                ) : (
                  <span class="nowrap">{t.firstSixShort}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

const fractions: Record<Kappa, string> = { 0: '0', 0.25: '¼', 0.5: '½' }

/** Rules as the form shows them. */
const rulesValues = ({ weights, kappa, baseline }: Decided, events: readonly EventView[]): RulesValues => ({
  perception: percentIn(weights.perception),
  definitions: percentIn(weights.definitions),
  process: percentIn(weights.process),
  performance: percentIn(weights.performance),
  kappa: String(kappa),
  baseline: baseline ? (eventOf(baseline, events)?.id ?? kept) : '',
})

const eventOf = ({ day, name }: BaselineEvent, events: readonly EventView[]) => events.find((one) => one.day === day && one.name === name)

const weightsBy = (of: (pillar: Pillar) => number): Weights => ({
  perception: of('perception'),
  definitions: of('definitions'),
  process: of('process'),
  performance: of('performance'),
})

const percentIn = (share: number) => String(Number((share * 100).toPrecision(12)))

/** NaN for what is no percentage. A field that was left alone is the share that it showed, which may have more decimals. */
function shareIn(text: string, current: number): number {
  if (text === percentIn(current)) return current
  return /^\d{1,3}([.,]\d)?$/.test(text) ? Math.round(Number(text.replace(',', '.')) * 10) / 1000 : Number.NaN
}
