/** What one round found: the finding first, then rating, themes, statements, sides, what changed, each group, comments. */
import type { Context } from 'hono'
import type { Child } from 'hono/jsx'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { companyOf, isHidden } from '../core/findings'
import type { NodeFigures, PublicResult } from '../core/result'
import { commentsEndAt } from '../core/retention'
import { findRound, listCohorts, listOpened } from '../db/rounds'
import type { Format } from '../i18n/format'
import { authorize } from '../services/authorize'
import { casesOf, type Finding, resultFindings } from '../services/findings'
import { getResultAndChanges, getStories, type RoundChanges } from '../services/results'
import { leadingText } from '../services/round-list'
import type { RoundView } from '../services/rounds'
import { ActionsPart, type RefusedAction } from './actions'
import { StorySection } from './components/agreement'
import { Mistakes } from './components/field'
import { OpenLinkNote } from './components/open-links'
import { ChangeTable, NotCompared, SignalTable } from './components/round-changes'
import { AnswersFigure, nameOfNode, ParticipationFigure, RatingFigure, StatementsFigure, ThemesFigure } from './components/round-figures'
import { CommentSection, Exceeded, GroupTables, HiddenGroups, HowMade, TermSection } from './components/round-result'
import { type Frame, frameOf, nameOf, showInRounds } from './round-frame'

/** All groups one below the other, in place of the id of one. */
const everyGroup = 'all'

/**
 * The page of a closed round. `?team=` is the group whose every figure is shown, `all` for all of them.
 *
 * @throws DomainError not-found for a group that there is not or that is not shown: the two are one answer
 */
export async function resultPage(c: Context<AppEnv>, round: RoundView, refusedAction?: RefusedAction) {
  const path = `/rounds/${round.id}`
  if (round.state !== 'closed') return c.redirect(path, 303)
  if (!authorize(c.var.actor, 'results:read')) return c.redirect('/rounds', 303)
  const { db, now } = c.var.services
  const frame = await frameOf(c)
  const { t, f, texts, view, reader, settings } = frame
  const [stored, cohorts, { result, changes }, stories, opened] = await Promise.all([
    findRound(db, round.id),
    listCohorts(db, round.id),
    getResultAndChanges(db, round.id),
    getStories(db, round.id),
    listOpened(db),
  ])
  if (!stored?.frozen) throw new Error('A closed round has no rules.')
  const { frozen } = stored
  const team = c.req.query('team') || undefined
  const groups = groupsOf(result, team)
  const name = nameOf(frame, round)
  const closedAt = new Date(round.closedAt ?? 0)
  const day = f.date(closedAt)
  const term = settings.retention.commentMonths
  const commentMonths = commentsEndAt(closedAt, term) <= now ? term : null
  const findings = resultFindings(result, view)
  const textOf = (about: Finding['about']) => findings.find((finding) => finding.about === about)?.text ?? ''
  const shown = { t, texts, reader, f, frozen, result }
  const drawn = { view, reader, frozen, result }
  const mayReadComments = authorize(c.var.actor, 'comments:read')
  const closed = opened.filter(({ state, published }) => state === 'closed' && published)
  const title = leadingText(findings) ?? name
  return showInRounds(c, frame, {
    title: name,
    status: refusedAction ? 422 : 200,
    path: team ? `${path}?${new URLSearchParams({ team })}` : path,
    tools: <RoundPicker frame={frame} closed={closed} chosen={round.id} />,
    body: (
      <>
        <div class="pagehead">
          <h1>{title}</h1>
          <p class="sub">
            {title === name ? null : <strong>{name}. </strong>}
            {closedText(t, f, result, day)}
          </p>
          <p class="side">
            <Neighbours frame={frame} closed={closed} chosen={round.id} />
          </p>
        </div>
        <p class="actions result-links">
          <a class="btn" href={`/overview?round=${round.number}`}>
            {t.toOverview}
          </a>
          {closed.length > 1 ? (
            <a class="btn" href={`${path}/comparison`}>
              {t.result.compare}
            </a>
          ) : null}
          <a class="btn" href={`/api/v1/rounds/${round.id}/result.csv`} download>
            {t.resultCsv}
          </a>
          <a class="btn" href="#actions">
            {texts.actions.title}
          </a>
        </p>
        <Mistakes mistakes={refusedAction?.mistakes ?? []} title={texts.settingsPage.unusable} />
        {c.req.query('done') === 'closed' ? (
          <p class="done" role="status">
            {t.closed(name)}
          </p>
        ) : null}
        <Exceeded {...shown} />
        <Jumps
          label={t.result.jump}
          targets={[
            ['rating', t.overall],
            ['participation', texts.overview.took.title],
            ['themes', t.between],
            ['statements', t.result.items],
            ['answers', texts.overview.answers.title],
            ...(changes.since ? [['changes', t.result.verdict] as const] : []),
            ...(result.terms.length > 0 ? [['terms', t.agreement] as const] : []),
            ['groups', t.groups],
            ...(mayReadComments ? [['comments', t.comments] as const] : []),
            ['made', t.how],
            ['actions', texts.actions.title],
          ]}
        />
        <OpenLinkNote t={texts.openLinks} nodes={result.nodes} />
        <section class="sec tight">
          <div class="cols">
            <RatingFigure {...drawn} />
            <ParticipationFigure {...drawn} />
          </div>
        </section>
        <ThemesFigure
          {...drawn}
          title={title === textOf('sides') ? null : textOf('sides') || t.between}
          exploreOf={(theme) => `/explore/themes/${theme}?round=${round.number}`}
        />
        <section class="sec tight">
          <div class="cols">
            <StatementsFigure {...drawn} />
            <AnswersFigure {...drawn} />
          </div>
        </section>
        <Changes frame={frame} changes={changes} roundId={round.id} items={frozen.items} />
        <TermSection {...shown} title={textOf('definitions') || t.agreement} />
        <StorySection {...shown} stories={stories} title={casesOf(result, view)[0]?.text ?? texts.vignettes.title} />
        <section class="sec tight" id="groups">
          <div class="title">
            <h2>{t.groups}</h2>
            <p class="what">{t.groupsWhat}</p>
          </div>
          <div class="pile">
            <GroupPicker frame={frame} path={path} result={result} chosen={team === everyGroup ? everyGroup : groups[0]?.id} />
            {groups.map((node) => (
              <GroupTables {...shown} node={node}>
                <GroupChange frame={frame} changes={changes} node={node} items={frozen.items} folded={team === undefined} />
              </GroupTables>
            ))}
            <HiddenGroups {...shown} />
          </div>
        </section>
        {mayReadComments ? <CommentSection {...shown} commentMonths={commentMonths} /> : null}
        <section class="sec tight" id="made">
          <div class="title">
            <h2>{t.how}</h2>
          </div>
          <HowMade {...shown} groups={cohorts.length} closedOn={day} />
        </section>
        <ActionsPart c={c} roundId={round.id} refused={refusedAction} />
      </>
    ),
  })
}

/**
 * The groups whose tables are shown: the one that was asked for, all of them, or the first that is shown at all.
 *
 * @throws DomainError not-found, the same for a group that is hidden as for one that there is not
 */
export function groupsOf(result: Pick<PublicResult, 'nodes'>, team: string | undefined): NodeFigures[] {
  const shown = result.nodes.flatMap((node) => (isHidden(node) ? [] : [node as NodeFigures]))
  if (team === everyGroup) return shown
  if (team === undefined) return shown.slice(0, 1)
  const found = shown.find(({ id }) => id === team)
  if (!found) throw new DomainError('not-found', 'There is no such group.')
  return [found]
}

function closedText(t: Frame['t'], f: Format, result: PublicResult, day: string): string {
  const { n, invited, minimumGroupSize } = result
  if (n !== null) return t.counted(f.number(n), f.number(invited), day)
  const company = companyOf(result)
  return company && isHidden(company) && company.hidden === 'protects-smaller'
    ? t.countedProtected(day)
    : t.countedFew(f.number(invited), f.number(minimumGroupSize), day)
}

// ── Ways to other rounds, and on this page ──────────────────────────────────────────────────────────────────────────

interface ClosedRound {
  id: string
  number: number
  period: string
}

export const roundOptions = (frame: Frame, closed: readonly ClosedRound[], chosen: string | undefined) =>
  closed.toReversed().map((round) => (
    <option value={round.id} selected={round.id === chosen}>
      {nameOf(frame, round)}
    </option>
  ))

function RoundPicker({ frame, closed, chosen }: { frame: Frame; closed: readonly ClosedRound[]; chosen: string }) {
  const { t, texts } = frame
  if (closed.length < 2) return null
  return (
    <form method="get" action="/rounds" class="tools">
      <label>
        <span class="vh">{texts.overview.round}</span>
        <select class="pick" name="round" data-submit>
          {roundOptions(frame, closed, chosen)}
        </select>
      </label>
      <noscript>
        <button class="btn" type="submit">
          {t.result.show}
        </button>
      </noscript>
    </form>
  )
}

function Neighbours({ frame, closed, chosen }: { frame: Frame; closed: readonly ClosedRound[]; chosen: string }) {
  const { t } = frame
  const place = closed.findIndex(({ id }) => id === chosen)
  const [before, after] = [closed[place - 1], closed[place + 1]]
  return (
    <>
      {before ? (
        <a rel="prev" href={`/rounds/${before.id}`}>
          {t.result.earlier(nameOf(frame, before))}
        </a>
      ) : null}
      {before && after ? <br /> : null}
      {after ? (
        <a rel="next" href={`/rounds/${after.id}`}>
          {t.result.later(nameOf(frame, after))}
        </a>
      ) : null}
    </>
  )
}

export const Jumps = ({ label, targets }: { label: string; targets: readonly (readonly [string, string])[] }) => (
  <nav class="jumps" aria-label={label}>
    <ul>
      {targets.map(([id, text]) => (
        <li>
          <a href={`#${id}`}>{text}</a>
        </li>
      ))}
    </ul>
  </nav>
)

function GroupPicker(props: { frame: Frame; path: string; result: PublicResult; chosen: string | undefined }) {
  const { frame, path, result, chosen } = props
  const shown = result.nodes.filter((node) => !isHidden(node))
  if (shown.length < 2) return null
  return (
    <GroupSelect frame={frame} action={`${path}#groups`} groups={shown} chosen={chosen}>
      <option value={everyGroup} selected={chosen === everyGroup}>
        {frame.t.result.allGroups}
      </option>
    </GroupSelect>
  )
}

/** Chooses one group of those that are shown. `kept`: what else the address says. */
export function GroupSelect(props: {
  frame: Frame
  action: string
  groups: readonly { id: string; name: string }[]
  chosen: string | undefined
  kept?: Readonly<Record<string, string>>
  children?: Child
}) {
  const { frame, action, groups, chosen, kept = {} } = props
  return (
    <form method="get" action={action} class="group-pick">
      {Object.entries(kept).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <label for="team">{frame.t.result.pickGroup}</label>
      <select class="pick" id="team" name="team" data-submit>
        {groups.map((node) => (
          <option value={node.id} selected={node.id === chosen}>
            {nameOfNode(frame.view, node)}
          </option>
        ))}
        {props.children}
      </select>
      <noscript>
        <button class="btn" type="submit">
          {frame.t.result.show}
        </button>
      </noscript>
    </form>
  )
}

// ── What changed ────────────────────────────────────────────────────────────────────────────────────────────────────

function Changes(props: { frame: Frame; changes: RoundChanges; roundId: string; items: Parameters<typeof SignalTable>[0]['items'] }) {
  const { frame, changes, roundId, items } = props
  const { t, texts, reader, f } = frame
  const { since, nodes } = changes
  if (!since) return null
  const title = t.changes.title(nameOf(frame, since))
  return (
    <section class="sec tight" id="changes">
      <div class="title">
        <h2>{title}</h2>
        <p class="what">
          {t.changes.what} {t.changes.chance}
        </p>
      </div>
      <div class="pile">
        <SignalTable t={t} texts={texts} reader={reader} f={f} items={items} nodes={nodes} label={title} />
        <NotCompared t={t} texts={texts} nodes={nodes} />
        <p class="note">
          {t.result.perGroup} <a href={`/rounds/${roundId}/comparison`}>{t.result.compare}</a>
        </p>
      </div>
    </section>
  )
}

function GroupChange(props: {
  frame: Frame
  changes: RoundChanges
  node: NodeFigures
  items: Parameters<typeof ChangeTable>[0]['items']
  folded: boolean
}) {
  const { frame, changes, node, items, folded } = props
  const { t, texts, reader, f, view } = frame
  const group = changes.nodes.find(({ id }) => id === node.id)
  if (!changes.since || !group) return null
  const title = t.result.sinceIn(nameOfNode(view, node), nameOf(frame, changes.since))
  return <ChangeTable t={t} texts={texts} reader={reader} f={f} items={items} group={group} title={title} folded={folded} />
}
