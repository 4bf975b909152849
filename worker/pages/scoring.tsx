/** Deciding how the score is made: a second look at what would change, and the decision. */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { pillars } from '../core/result'
import type { ScoringRules } from '../core/scoring-rules'
import { cleanLine } from '../core/text'
import { readRules } from '../db/scoring-rules'
import { readSettings } from '../db/settings'
import { type Locale, messagesOf } from '../i18n'
import { formatOf, roundTo } from '../i18n/format'
import { listEvents } from '../services/events'
import type { ScoreComparison } from '../services/scores'
import { previewRules, setRules } from '../services/scoring-rules'
import type { Mistake } from './components/field'
import { type RulesValues, readRulesForm, rulesFields, rulesText } from './components/scoring-form'
import { permit } from './failure'
import { type ChangedRule, SecondLook } from './second-look'

const path = '/settings/score'
const roundsShown = 6

/** Gives the form back as it was sent, with the reasons beside its fields. */
type Refuse = (c: Context<AppEnv>, values: RulesValues, mistakes: readonly Mistake[]) => Response | Promise<Response>

/** @param refuse shows the page that the form is on */
export const scoringPages = (refuse: Refuse) =>
  new Hono<AppEnv>()
    .get('/', permit('settings:write'), async (c) => {
      const { values, rules, change, mistakes } = await readForm(c, c.req.query())
      if (mistakes.length > 0) return refuse(c, values, mistakes)
      const preview = await previewRules(c.var.services, change)
      const rows = changedRules(rules, preview.rules, c.var.locale)
      return rows.length === 0 ? c.redirect('/settings?done=rulesSame', 303) : secondLook(c, values, rules, rows, preview.scores)
    })
    .post('/', permit('settings:write'), async (c) => {
      const body = await c.req.parseBody()
      const { values, rules, change, mistakes } = await readForm(c, body)
      if (mistakes.length > 0) return refuse(c, values, mistakes)
      // Somebody else decided meanwhile: what was looked at is not what would change.
      if (body.version !== String(rules.version)) return c.redirect(`${path}?${new URLSearchParams(values)}`, 303)
      await setRules(c.var.services, change)
      return c.redirect('/settings?done=rulesSaved', 303)
    })

async function readForm(c: Context<AppEnv>, sent: Record<string, unknown>) {
  const { db } = c.var.services
  const [rules, events] = await Promise.all([readRules(db), listEvents(db, { limit: 500 })])
  const lineOf = (value: unknown) => (typeof value === 'string' ? cleanLine(value) : '')
  const values = Object.fromEntries(rulesFields.map((field) => [field, lineOf(sent[field])])) as RulesValues
  return { values, rules, ...readRulesForm(values, rules, events.items, c.var.locale) }
}

function changedRules(now: ScoringRules, later: ScoringRules, locale: Locale): ChangedRule[] {
  const { scoring: t, overview } = messagesOf(locale)
  const text = rulesText(locale)
  const both = (name: string, of: (rules: ScoringRules) => string) => ({ name, now: of(now), later: of(later) })
  return [
    ...pillars.map((pillar) => both(t.weightOf(overview.pillars.names[pillar]), ({ weights }) => text.weight(weights[pillar]))),
    both(t.distanceShort, ({ kappa }) => text.distance(kappa)),
    both(t.baseline, ({ baseline }) => text.baseline(baseline)),
  ].filter((rule) => rule.now !== rule.later)
}

async function secondLook(
  c: Context<AppEnv>,
  values: RulesValues,
  { version }: ScoringRules,
  rules: readonly ChangedRule[],
  scores: readonly ScoreComparison[],
) {
  const { services, locale } = c.var
  const t = messagesOf(locale).scoring
  const settings = await readSettings(services.db)
  return c.html(
    <SecondLook c={c} settings={settings} path={path} values={values} version={version} texts={t} about={t.rule} rules={rules} part="score">
      <h2>{t.scores}</h2>
      {scores.length === 0 ? <p>{t.noScores}</p> : <Scores locale={locale} scores={scores.slice(-roundsShown).reverse()} />}
      {scores.some(({ later }) => later === null) ? <p class="note">{t.notScored}</p> : null}
    </SecondLook>,
  )
}

function Scores({ locale, scores }: { locale: Locale; scores: readonly ScoreComparison[] }) {
  const { scoring: t, overview } = messagesOf(locale)
  const f = formatOf(locale, 'UTC')
  const shown = (score: { value: number | null } | null) => (score?.value == null ? null : roundTo(score.value, 1))
  const cell = (value: number | null, write: (value: number, decimals: number) => string) => (
    <td class="num">
      <bdi>{value === null ? '–' : write(value, 1)}</bdi>
    </td>
  )
  return (
    <table class="data">
      <thead>
        <tr>
          <th scope="col">{overview.round}</th>
          <th scope="col" class="num">
            {t.now}
          </th>
          <th scope="col" class="num">
            {t.later}
          </th>
          <th scope="col" class="num">
            {t.difference}
          </th>
        </tr>
      </thead>
      <tbody>
        {scores.map((one) => {
          const [now, later] = [shown(one.now), shown(one.later)]
          return (
            <tr>
              <th scope="row">{overview.roundOption(f.number(one.now.number), f.period(one.now.period))}</th>
              {cell(now, f.number)}
              {cell(later, f.number)}
              {cell(now === null || later === null ? null : later - now, f.signed)}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
