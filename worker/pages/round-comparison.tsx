/** Two closed rounds beside each other: what moved the score, themes, one group in full, who took part, terms, KPIs. */
import { type Context, Hono } from 'hono'
import type { Child } from 'hono/jsx'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { sideOf } from '../core/findings'
import { isUnshown, type NodeChange } from '../core/round-change'
import type { ComparedScore } from '../core/round-comparison'
import { listOpened } from '../db/rounds'
import { comparePair, type NoPair, pairOf } from '../services/comparison'
import {
  KpisThenAndNow,
  ParticipationThenAndNow,
  PillarTable,
  ScoreWaterfall,
  TermsThenAndNow,
  ThemeChanges,
  themeRows,
} from './components/comparison-figures'
import { type Mistake, Mistakes, Why } from './components/field'
import { ChangeTable, NotCompared, SignalTable } from './components/round-changes'
import { nameOfNode } from './components/round-figures'
import { permit } from './failure'
import { type Frame, frameOf, nameOf, showInRounds } from './round-frame'
import { GroupSelect, Jumps, roundOptions } from './round-result'

type Listed = Awaited<ReturnType<typeof listOpened>>
type Compared = Awaited<ReturnType<typeof comparePair>>

export const comparisonPages = new Hono<AppEnv>()
  /** What the form of the page asks for, as the address that it has. */
  .get('/comparison', permit('results:read'), (c) => {
    const { round = '', with: other } = c.req.query()
    if (round === '') throw new DomainError('not-found', 'There is no such round.')
    return c.redirect(addressOf(round, { with: other }), 303)
  })
  .get('/:id/comparison', permit('results:read'), async (c) => {
    const id = c.req.param('id')
    const other = c.req.query('with') || undefined
    const frame = await frameOf(c)
    const rounds = await listOpened(c.var.services.db)
    const own = rounds.find((round) => round.id === id)
    if (own && own.state !== 'closed') return c.redirect(`/rounds/${id}`, 303)
    const pair = pairOf(rounds, id, other)
    if ('refused' in pair) return refusedPage(c, frame, rounds, { id, other, why: pair.refused })
    const compared = await comparePair(c.var.services, pair)
    return comparisonPage(c, frame, rounds, { id, other, compared, sides: sidesOf(compared) })
  })

const addressOf = (id: string, values: Readonly<Record<string, string | undefined>>): string => {
  const set = Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return `/rounds/${encodeURIComponent(id)}/comparison${set.length > 0 ? `?${new URLSearchParams(set)}` : ''}`
}

const closedOf = (rounds: Listed) => rounds.filter(({ state, published }) => state === 'closed' && published)

interface ComparedSide {
  side: 'sales' | 'marketing'
  node: NodeChange
}

const sidesOf = ({ nodes, result }: Compared): ComparedSide[] =>
  (['sales', 'marketing'] as const).flatMap((side) => {
    const node = nodes.find(({ id }) => id === sideOf(result, side)?.id)
    return node ? [{ side, node }] : []
  })

/** Which group's measures are shown: the one that was asked for, or the first that can be compared. */
function groupOf(nodes: readonly NodeChange[], team: string | undefined): NodeChange | undefined {
  const compared = nodes.filter((node) => !isUnshown(node))
  if (team === undefined) return compared[0]
  const found = compared.find(({ id }) => id === team)
  // A group that is hidden in one of the rounds, or cannot be compared, answers like one that there is not.
  if (!found) throw new DomainError('not-found', 'There is no such group.')
  return found
}

async function refusedPage(
  c: Context<AppEnv>,
  frame: Frame,
  rounds: Listed,
  { id, other, why }: { id: string; other: string | undefined; why: NoPair },
) {
  const { texts } = frame
  const t = texts.comparison
  const mistakes: Mistake[] = why === 'first' ? [] : [{ field: 'with', reason: why === 'same' ? t.same : t.notClosed }]
  return showInRounds(c, frame, {
    title: t.title,
    status: why === 'first' ? 200 : 422,
    path: addressOf(id, { with: other }),
    body: (
      <>
        <div class="pagehead">
          <h1>{t.title}</h1>
        </div>
        <Mistakes mistakes={mistakes} title={texts.settingsPage.unusable} />
        {closedOf(rounds).length > 1 ? <PairForm frame={frame} rounds={rounds} id={id} other={other} mistakes={mistakes} /> : null}
        {why === 'first' ? (
          <section class="sec tight">
            <div class="state">
              <strong>{t.only}</strong>
              <p>{t.onlyWhat}</p>
              <a class="btn" href={`/rounds/${id}`}>
                {frame.t.toRound}
              </a>
            </div>
          </section>
        ) : null}
      </>
    ),
  })
}

function comparisonPage(
  c: Context<AppEnv>,
  frame: Frame,
  rounds: Listed,
  page: { id: string; other: string | undefined; compared: Compared; sides: readonly ComparedSide[] },
) {
  const { id, other, compared, sides } = page
  const { texts, view, f, reader } = frame
  const t = texts.comparison
  const { score, nodes, participation, terms, kpis, items, cards, currency } = compared
  const [from, to] = [nameOf(frame, compared.from), nameOf(frame, compared.to)]
  const second = id === compared.to.roundId ? compared.from.roundId : compared.to.roundId
  const team = c.req.query('team') || undefined
  const group = groupOf(nodes, team)
  const rows = themeRows(view, sides)
  const named = { view, from, to }
  const shown = { t: frame.t, texts, reader, f, items }
  return showInRounds(c, frame, {
    title: `${t.title}: ${from}, ${to}`,
    path: addressOf(id, { with: other, team }),
    body: (
      <>
        <div class="pagehead">
          <h1>{headline(frame, score)}</h1>
          <p class="sub">{t.pair(to, from)}</p>
          <p class="side">
            <a href={`/rounds/${compared.from.roundId}`}>{t.toResult(from)}</a>
            <br />
            <a href={`/rounds/${compared.to.roundId}`}>{t.toResult(to)}</a>
          </p>
        </div>
        <PairForm frame={frame} rounds={rounds} id={id} other={second} mistakes={[]}>
          <a class="btn" href={`/api/v1/rounds/${id}/comparison.csv?${new URLSearchParams({ with: second })}`} download>
            {t.csv}
          </a>
        </PairForm>
        {compared.neighbours ? null : <p class="note apart">{t.apart}</p>}
        <Jumps
          label={frame.t.result.jump}
          targets={[
            ['score', t.score],
            ['themes', t.themes],
            ['group', t.group],
            ['participation', t.participation],
            ['terms', t.terms],
            ['kpis', t.kpis],
          ]}
        />
        <section class="sec tight" id="score">
          {score.change ? (
            <>
              <ScoreWaterfall {...named} change={score.change} />
              <div class="title below">
                <h3>{t.pillars}</h3>
                <p class="what">{t.pillarsWhat}</p>
              </div>
              <PillarTable {...named} pillars={score.pillars} change={score.change} />
            </>
          ) : (
            <>
              <Title title={t.score} />
              <p class="note">{t.scoreMissing[score.missing ?? 'no-score']}</p>
              <p class="note">
                {from}: {score.from.value === null ? '–' : f.number(score.from.value, 1)} · {to}:{' '}
                {score.to.value === null ? '–' : f.number(score.to.value, 1)}
              </p>
            </>
          )}
        </section>
        <section class="sec tight" id="themes">
          {rows.length > 0 ? <ThemeChanges {...named} rows={rows} /> : <Title title={t.themes} what={frame.texts.overview.sides.missing} />}
        </section>
        <section class="sec tight" id="group">
          <Title title={t.group} what={group ? `${t.groupWhat} ${frame.t.changes.chance}` : t.groupsNone} />
          <div class="pile">
            {group ? (
              <>
                <SignalTable {...shown} nodes={nodes} label={t.group} />
                <GroupSelect
                  frame={frame}
                  action={`/rounds/${id}/comparison#group`}
                  groups={nodes.filter((node) => !isUnshown(node))}
                  chosen={group.id}
                  kept={{ with: second }}
                />
                <ChangeTable {...shown} heading="h3" group={group} title={frame.t.result.sinceIn(nameOfNode(view, group), from)} />
              </>
            ) : null}
            <NotCompared t={frame.t} texts={texts} nodes={nodes} />
          </div>
        </section>
        <section class="sec tight" id="participation">
          <Title title={t.participation} what={t.participationWhat} />
          {participation.length > 0 ? (
            <ParticipationThenAndNow {...named} groups={participation} result={compared.result} />
          ) : (
            <p class="note">{t.groupsNone}</p>
          )}
        </section>
        <section class="sec tight" id="terms">
          <Title title={t.terms} what={terms.length > 0 ? `${t.termsWhat} ${frame.t.changes.chance}` : t.termsNone} />
          {terms.length > 0 ? <TermsThenAndNow {...named} terms={terms} /> : null}
        </section>
        <section class="sec tight" id="kpis">
          <Title title={t.kpis} what={kpis.length > 0 ? t.kpisWhat : t.kpisNone} />
          {kpis.length > 0 ? <KpisThenAndNow {...named} kpis={kpis} cards={cards} currency={currency} /> : null}
        </section>
      </>
    ),
  })
}

/** A direction only where the change is a signal and shows in whole points. */
function headline({ texts: { comparison: t } }: Frame, { change }: ComparedScore): string {
  if (!change) return t.title
  const points = Math.round(Math.abs(change.points))
  if (change.verdict === 'normal' || points === 0) return t.steady
  return change.points > 0 ? t.rose(points) : t.fell(points)
}

const Title = ({ title, what }: { title: string; what?: string }) => (
  <div class="title">
    <h2>{title}</h2>
    {what ? <p class="what">{what}</p> : null}
  </div>
)

/** Any two rounds; without a script a button asks. */
function PairForm(props: {
  frame: Frame
  rounds: Listed
  id: string
  other: string | undefined
  mistakes: readonly Mistake[]
  children?: Child
}) {
  const { frame, rounds, id, other, mistakes } = props
  const t = frame.texts.comparison
  const closed = closedOf(rounds)
  const reason = mistakes.find(({ field }) => field === 'with')?.reason
  const isListed = closed.some((round) => round.id === other)
  const sent = rounds.find((round) => round.id === other)
  return (
    <form method="get" action="/rounds/comparison" class="pair">
      <div class="field">
        <label for="round">{t.first}</label>
        <select class="pick" id="round" name="round">
          {roundOptions(frame, closed, id)}
        </select>
      </div>
      <div class={reason ? 'field bad' : 'field'}>
        <label for="with">{t.second}</label>
        <select class="pick" id="with" name="with" {...(reason ? { 'aria-invalid': 'true' as const, 'aria-describedby': 'with-why' } : {})}>
          {sent && !isListed ? roundOptions(frame, [sent], other) : null}
          {roundOptions(frame, closed, other)}
        </select>
        {reason ? <Why id="with-why" reason={reason} /> : null}
      </div>
      <button class="btn solid" type="submit">
        {t.show}
      </button>
      {props.children}
    </form>
  )
}
