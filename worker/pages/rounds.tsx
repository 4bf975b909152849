/** The rounds: what ran, what runs, what comes next; opening and closing, each after a page that says what it does. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { AppEnv } from '../context'
import { dayOf, daysBetween, monthAfter } from '../core/calendar'
import { DomainError } from '../core/errors'
import { endOfDay } from '../core/schedule'
import { findSummary } from '../db/rounds'
import { readSettings } from '../db/settings'
import { type Messages, messagesOf } from '../i18n'
import type { Format } from '../i18n/format'
import { authorize } from '../services/authorize'
import { closeRound } from '../services/closing'
import type { ServiceContext } from '../services/context'
import { deliveryProgress, inviteByHand, queueDeliveries } from '../services/deliveries'
import { getDelivery } from '../services/delivery-settings'
import { type Reminders, readReminders } from '../services/due'
import { closingMinutes } from '../services/mixing'
import { participationOf } from '../services/participation'
import { invitees } from '../services/people'
import { type RoundLine, roundLines } from '../services/round-list'
import { createRound, getRound, type Invitation, listRounds, mostGroups, planOpening, type RoundView } from '../services/rounds'
import { getSchedule, openNow, usualLastDay } from '../services/schedule'
import { actionPages } from './actions'
import { Field, type Mistake, Mistakes } from './components/field'
import { RoundDeliveries } from './components/round-deliveries'
import { PersonalLinks } from './components/round-links'
import { OpeningPlan } from './components/round-opening'
import { Answered, ParticipationTable } from './components/round-participation'
import { SchedulePart } from './components/schedule-part'
import { Scroll } from './components/scroll'
import { Delta, Range, Verdict } from './components/verdict'
import { roundDeliveryPages } from './deliveries'
import { listed } from './delivery'
import { permit } from './failure'
import { OpenLinksPart, openLinkPages } from './open-links'
import { askedIn, whole } from './query'
import { comparisonPages } from './round-comparison'
import { type Frame, frameOf, nameOf, showInRounds } from './round-frame'
import { resultPage } from './round-result'
import { schedulePages } from './schedule'

const path = '/rounds'
const pageSize = 50

export const roundsPages = new Hono<AppEnv>()
  .use(bodyLimit({ maxSize: 16 * 1024 }))
  .get('/', permit('rounds:read'), async (c) => {
    const chosen = c.req.query('round')
    if (!chosen) return listPage(c)
    return c.redirect(`${path}/${(await getRound(c.var.services.db, chosen)).id}`, 303)
  })
  .route('/', comparisonPages) // before `/:id`, which would take its form for a round
  .post('/', permit('rounds:write'), async (c) => {
    const body = await c.req.parseBody()
    const values = { period: String(body.period ?? ''), closing: String(body.closing ?? '') }
    const settings = await readSettings(c.var.services.db)
    const t = messagesOf(c.var.locale)
    const { closesAt, mistakes } = readSchedule(values, c.var.services.now, settings.timeZone, t.roundsPage)
    if (mistakes.length > 0) return listPage(c, { values, mistakes })
    try {
      const round = await createRound(c.var.services, { period: values.period, closesAt })
      return c.redirect(`${path}/${round.id}`, 303)
    } catch (error) {
      // The one thing that was not looked at yet: the next round of the schedule opens before it would have closed.
      if (!(error instanceof DomainError && error.code === 'invalid-input')) throw error
      return listPage(c, { values, mistakes: [{ field: 'closing', reason: t.schedule.closesTooLate }] })
    }
  })
  .route(
    '/',
    schedulePages((c, mistake) => listPage(c, { mistakes: [mistake] })),
  )
  .get('/:id', permit('rounds:read'), async (c) => {
    const round = await getRound(c.var.services.db, c.req.param('id'))
    if (round.state === 'scheduled') return openingPage(c, round)
    return round.state === 'open' ? openPage(c, round) : resultPage(c, round)
  })
  .post('/:id/opening', permit('rounds:write'), async (c) => {
    const id = c.req.param('id')
    const { deliver } = await c.req.parseBody()
    try {
      const { round, invitations } = await openNow(c.var.services, id)
      if (deliver === 'yes') {
        await queueDeliveries(c.var.services, id, 'invitation')
        return c.redirect(`${path}/${id}?done=queued`, 303)
      }
      // Where nothing sends, the outbox has them, for whenever something does.
      if ((await getDelivery(c.var.services.db)).channels.length > 0) await inviteByHand(c.var.services, id)
      return linksPage(c, round, invitations)
    } catch (error) {
      // Pressed twice, or overtaken: the round's own page says how things stand.
      if (error instanceof DomainError && error.code !== 'not-found') return c.redirect(`${path}/${id}`, 303)
      throw error
    }
  })
  .get('/:id/closure', permit('rounds:write'), async (c) => {
    const round = await getRound(c.var.services.db, c.req.param('id'))
    return round.state === 'open' && !round.countsAt ? closurePage(c, round) : c.redirect(`${path}/${round.id}`, 303)
  })
  .post('/:id/closure', permit('rounds:write'), async (c) => {
    const id = c.req.param('id')
    try {
      await closeRound(c.var.services, id)
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'round-not-open')) throw error
      return c.redirect(`${path}/${id}`, 303)
    }
    return c.redirect(`${path}/${id}?done=closed`, 303)
  })
  .route('/', openLinkPages)
  .route('/', roundDeliveryPages)
  .route(
    '/',
    actionPages(async (c, id, refused) => resultPage(c, await getRound(c.var.services.db, id), refused)),
  )

// ── What the form says ──────────────────────────────────────────────────────────────────────────────────────────────

type Texts = Messages['roundsPage']

interface Schedule {
  period: string
  closing: string
}

/** Months that a round can be scheduled for: two back, for a late start, to ten ahead. */
const monthsOffered = (today: string): string[] => Array.from({ length: 13 }, (_, index) => monthAfter(today.slice(0, 7), index - 2))

function readSchedule(
  { period, closing }: Schedule,
  now: Date,
  timeZone: string,
  t: Texts,
): { closesAt: Date | null; mistakes: Mistake[] } {
  const today = dayOf(now, timeZone)
  const mistakes: Mistake[] = []
  if (!monthsOffered(today).includes(period)) mistakes.push({ field: 'period', reason: t.periodWrong })
  const isDay = /^\d{4}-\d\d-\d\d$/.test(closing) && new Date(closing).toJSON()?.slice(0, 10) === closing
  if (closing !== '' && !(isDay && closing >= today)) mistakes.push({ field: 'closing', reason: t.closingWrong })
  return { closesAt: closing !== '' && mistakes.length === 0 ? endOfDay(closing, timeZone) : null, mistakes }
}

/** The month after the last round's, or this one; for as long as usual. */
async function usualSchedule(context: ServiceContext, rounds: readonly RoundView[], timeZone: string): Promise<Schedule> {
  const today = dayOf(context.now, timeZone)
  const last = rounds.find(({ state, slot }) => state !== 'scheduled' || slot === null)
  const next = last ? monthAfter(last.period, 1) : ''
  const offered = monthsOffered(today).includes(next) && !rounds.some(({ slot, state }) => state === 'scheduled' && slot !== null)
  return { period: offered ? next : today.slice(0, 7), closing: await usualLastDay(context) }
}

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const show = (
  c: Context<AppEnv>,
  frame: Frame,
  { at = path, ...page }: { title: string; at?: string; body: HtmlEscapedString | Promise<HtmlEscapedString>; status?: 200 | 422 },
) => showInRounds(c, frame, { ...page, path: at })

async function listPage(c: Context<AppEnv>, refused?: { values?: Schedule; mistakes: readonly Mistake[] }) {
  const { services } = c.var
  const { db, now } = services
  const frame = await frameOf(c)
  const { t, f, settings } = frame
  const asked = askedIn(c, { before: whole(frame.texts) })
  const { before } = asked.values
  const [rounds, people, schedule] = await Promise.all([
    listRounds(db, { before, limit: pageSize + 1 }),
    invitees(db),
    getSchedule(services),
  ])
  const shown = rounds.slice(0, pageSize).filter(({ state, slot }) => state !== 'scheduled' || slot === null)
  const closed = shown.filter(({ state }) => state === 'closed').map(({ id }) => id)
  const lines = authorize(c.var.actor, 'results:read') ? await roundLines(db, closed, frame.view) : new Map<string, RoundLine>()
  const { empty } = frame.texts.overview
  const current = shown.find(({ state }) => state === 'open')
  const waiting = shown.findLast(({ state }) => state === 'scheduled')
  const done = Object.entries(frame.texts.schedule.done).find(([what]) => what === c.req.query('done'))
  const mistakes = refused?.mistakes ?? asked.mistakes
  return show(c, frame, {
    title: t.title,
    status: mistakes.length > 0 ? 422 : 200,
    body: (
      <>
        <div class="pagehead">
          <h1>{t.title}</h1>
          <p class="sub">{t.sub}</p>
        </div>
        <Mistakes mistakes={mistakes} title={frame.texts.settingsPage.unusable} />
        {done && !refused ? (
          <p class="done" role="status">
            {done[1]}
          </p>
        ) : null}
        {current ? <CurrentRound frame={frame} round={current} /> : null}
        {people.length > 0 || schedule.rule ? (
          <SchedulePart
            t={frame.texts.schedule}
            f={f}
            nameOf={(round) => nameOf(frame, round)}
            toPeople={empty.toPeople}
            schedule={schedule}
            timeZone={settings.timeZone}
            now={now}
            mayWrite={frame.mayWrite}
            mistakes={refused?.mistakes ?? []}
          />
        ) : null}
        {waiting && frame.mayWrite ? (
          <section class="sec tight">
            <div class="title">
              <h2>{t.waiting(nameOf(frame, waiting))}</h2>
              <p class="what">{t.waitingWhat}</p>
            </div>
            <a class={current ? 'btn' : 'btn solid'} href={`${path}/${waiting.id}`}>
              {t.toOpening}
            </a>
          </section>
        ) : null}
        <section class="sec tight">
          <div class="title">
            <h2>{t.all}</h2>
            {shown.length > 0 ? <p class="what">{t.allWhat}</p> : null}
          </div>
          {shown.length > 0 ? (
            <RoundTable frame={frame} rounds={shown} lines={lines} areMore={rounds.length > pageSize} />
          ) : people.length > 0 ? (
            <div class="state">
              <h3>{t.noRound}</h3>
              <p>{schedule.rule ? frame.texts.schedule.noneYet : t.noRoundWhat}</p>
            </div>
          ) : (
            <div class="state">
              <h3>{empty.people}</h3>
              <p>{empty.peopleWhat}</p>
              <a class="btn" href="/people">
                {empty.toPeople}
              </a>
            </div>
          )}
          {rounds.length > pageSize ? (
            <p>
              <a href={`${path}?before=${shown.at(-1)?.number}`}>{t.older}</a>
            </p>
          ) : null}
        </section>
        {frame.mayWrite && !waiting && people.length > 0 ? (
          <section class="sec tight">
            <div class="title">
              <h2>{schedule.rule ? frame.texts.schedule.extra : t.schedule}</h2>
              <p class="what">{schedule.rule ? frame.texts.schedule.extraWhat : t.scheduleWhat}</p>
            </div>
            <ScheduleForm
              t={t}
              f={f}
              today={dayOf(now, settings.timeZone)}
              values={refused?.values ?? (await usualSchedule(services, rounds, settings.timeZone))}
              mistakes={refused?.mistakes ?? []}
            />
          </section>
        ) : null}
      </>
    ),
  })
}

async function openingPage(c: Context<AppEnv>, round: RoundView) {
  const { db } = c.var.services
  const frame = await frameOf(c)
  const { t } = frame
  const name = nameOf(frame, round)
  const [plan, open, ready] = await Promise.all([
    planOpening(db, round.id).catch(refusedPlan),
    listRounds(db, { limit: pageSize }),
    getDelivery(db),
  ])
  const { delivery } = frame.texts
  const channels = frame.settings.sample ? [] : ready.channels
  const other = open.find(({ state }) => state === 'open')
  const isNext = round.slot === null || !open.some(({ state, slot, number }) => state === 'scheduled' && slot && number < round.number)
  const refused =
    plan === 'too-many-groups' ? t.tooManyGroups(frame.f.number(mostGroups)) : t.tooFew(frame.f.number(frame.settings.minimumGroupSize))
  return show(c, frame, {
    title: name,
    at: `${path}/${round.id}`,
    body: (
      <>
        <div class="pagehead">
          <h1>{t.opening(name)}</h1>
          <p class="sub">
            {t.openingWhat} {round.closesAt ? t.until(frame.f.date(new Date(round.closesAt))) : ''}
          </p>
          {round.slot && round.opensAt ? (
            <p class="sub">
              {frame.texts.schedule.opensByItself(frame.f.moment(new Date(round.opensAt)))} {isNext ? frame.texts.schedule.openedHere : ''}
            </p>
          ) : null}
        </div>
        {typeof plan === 'object' ? <OpeningPlan locale={c.var.locale} t={t} texts={frame.texts} f={frame.f} plan={plan} /> : null}
        <section class="sec tight">
          {c.var.services.mixer === 'unusable' ? (
            <div class="state err small" role="alert">
              <p>{frame.texts.mixing.unusable}</p>
            </div>
          ) : typeof plan === 'object' && !other ? (
            frame.mayWrite && isNext ? (
              <form class="form" method="post" action={`${path}/${round.id}/opening`}>
                <p>
                  {channels.length === 0
                    ? t.linksNext
                    : delivery.opening.sendWhat(
                        listed(
                          c.var.locale,
                          channels.map((channel) => delivery.ways[channel]),
                        ),
                      )}
                </p>
                <div class="actions">
                  {channels.length === 0 ? null : (
                    <button class="btn solid" type="submit" name="deliver" value="yes">
                      {delivery.opening.send}
                    </button>
                  )}
                  <button class={channels.length === 0 ? 'btn solid' : 'btn'} type="submit">
                    {channels.length === 0 ? t.openYes : delivery.opening.show}
                  </button>
                  <a class="btn" href={path}>
                    {t.notYet}
                  </a>
                </div>
              </form>
            ) : null
          ) : (
            <div class="state err small">
              <p>{other ? t.otherOpen(nameOf(frame, other)) : refused}</p>
              <a class="btn" href={other ? `${path}/${other.id}` : '/people'}>
                {other ? t.toRound : frame.texts.overview.empty.toPeople}
              </a>
            </div>
          )}
        </section>
      </>
    ),
  })
}

async function linksPage(c: Context<AppEnv>, round: RoundView, invitations: readonly Invitation[]) {
  const frame = await frameOf(c)
  const { t } = frame
  const name = nameOf(frame, round)
  return show(c, frame, {
    title: name,
    at: `${path}/${round.id}`,
    body: (
      <>
        <div class="pagehead">
          <h1>{t.opened(name)}</h1>
          <p class="sub">{t.openedWhat}</p>
        </div>
        <PersonalLinks t={t} round={round} invitations={invitations} />
      </>
    ),
  })
}

async function openPage(c: Context<AppEnv>, round: RoundView) {
  const frame = await frameOf(c)
  const { t, f } = frame
  const { mixing } = frame.texts
  const name = nameOf(frame, round)
  const { db } = c.var.services
  const [summary, reminders, progress] = await Promise.all([
    findSummary(db, round.id),
    readReminders(c.var.services, round.id),
    frame.mayWrite && !round.countsAt ? deliveryProgress(db, round.id) : null,
  ])
  const from = round.openedAt ? f.date(new Date(round.openedAt)) : ''
  return show(c, frame, {
    title: name,
    at: `${path}/${round.id}`,
    body: (
      <>
        <div class="pagehead">
          <h1>{round.countsAt ? mixing.title(name) : t.openTitle(name)}</h1>
          <p class="sub" role={round.countsAt ? 'status' : undefined}>
            {from ? t.openWhat(from) : ''} {round.countsAt ? whenCounted(c, frame, round.countsAt) : whenClosed(c, frame, round)}
          </p>
        </div>
        {c.req.query('done') === 'queued' ? (
          <p class="done" role="status">
            {frame.texts.delivery.opening.queued}
          </p>
        ) : null}
        <section class="sec tight">
          <div class="title">
            <h2>{t.takePart}</h2>
            <p class="what">{t.takePartWhat}</p>
          </div>
          <ParticipationTable
            t={t}
            texts={frame.texts}
            f={f}
            groups={summary ? participationOf(summary) : []}
            merged={summary?.open?.frozen.merged ?? []}
            minimum={round.minimumGroupSize}
          />
          {round.mixMinutes === null ? null : <p class="note">{mixing.lag(round.mixMinutes)}</p>}
        </section>
        {reminders ? (
          <section class="sec tight">
            <h2>{frame.texts.schedule.open.title}</h2>
            <ReminderLines t={frame.texts.schedule.open} f={f} reminders={reminders} />
          </section>
        ) : null}
        {progress ? (
          <RoundDeliveries locale={c.var.locale} timeZone={frame.settings.timeZone} f={f} roundId={round.id} progress={progress} />
        ) : null}
        <OpenLinksPart c={c} round={round} />
        <section class="sec tight">
          <div class="actions">
            {frame.mayWrite && !round.countsAt ? (
              <a class="btn solid" href={`${path}/${round.id}/closure`}>
                {t.toClosure}
              </a>
            ) : null}
            <a class="btn" href={path}>
              {t.back}
            </a>
          </div>
        </section>
      </>
    ),
  })
}

async function closurePage(c: Context<AppEnv>, round: RoundView) {
  const frame = await frameOf(c)
  const { t } = frame
  const name = nameOf(frame, round)
  return show(c, frame, {
    title: name,
    at: `${path}/${round.id}/closure`,
    body: (
      <>
        <div class="pagehead">
          <h1>{t.closeTitle(name)}</h1>
          <p class="sub">{t.closingWhat(round.answered)}</p>
        </div>
        <form class="form" method="post" action={`${path}/${round.id}/closure`}>
          <ul class="plain">
            {t.closingFacts.map((fact) => (
              <li>{fact}</li>
            ))}
            {round.mixMinutes === null ? null : <li>{frame.texts.mixing.resultLater(closingMinutes(round.mixMinutes))}</li>}
          </ul>
          <div class="actions">
            <button class="btn solid" type="submit">
              {t.closeYes}
            </button>
            <a class="btn" href={`${path}/${round.id}`}>
              {t.notYet}
            </a>
          </div>
        </form>
      </>
    ),
  })
}

// ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function whenCounted(c: Context<AppEnv>, { texts, f }: Frame, countsAt: string): string {
  const due = new Date(countsAt)
  return due > c.var.services.now ? texts.mixing.countsAt(f.moment(due)) : texts.mixing.countsNow
}

/** When an open round closes by itself, and in how many days. */
function whenClosed(c: Context<AppEnv>, { texts, f, settings }: Frame, { closesAt }: RoundView): string {
  if (!closesAt) return texts.schedule.open.closesByHand
  const [today, last] = [c.var.services.now, new Date(closesAt)].map((moment) => dayOf(moment, settings.timeZone))
  return texts.schedule.open.closes(f.date(new Date(closesAt)), daysBetween(today ?? '', last ?? ''))
}

function CurrentRound({ frame, round }: { frame: Frame; round: RoundView }) {
  const { t, f } = frame
  const { answered, invited } = round
  return (
    <section class="sec tight">
      <div class="title">
        <h2>{(round.countsAt ? frame.texts.mixing.title : t.openNow)(nameOf(frame, round))}</h2>
        <p class="what">{round.closesAt ? t.until(f.date(new Date(round.closesAt))) : null}</p>
      </div>
      <div class="form">
        <div class="field">
          <label for="answered">
            {answered === null ? t.columns.answered : t.groupLine(f.number(answered), f.number(invited ?? 0))}
            {answered === null ? `: ${t.notShown}` : ''}
          </label>
          <progress id="answered" max={invited ?? 1} value={answered ?? 0} />
        </div>
        <a class="btn solid" href={`${path}/${round.id}`}>
          {t.toRound}
        </a>
      </div>
    </section>
  )
}

/** When reminders went out and when the next one will; never to how many: that would tell how many have not answered. */
function ReminderLines({ t, f, reminders }: { t: Messages['schedule']['open']; f: Format; reminders: Reminders }) {
  const { sent, next, planned } = reminders
  const lines =
    sent === null
      ? [t.notInvited]
      : [
          ...sent.map((at, index) => t.sent(f.number(index + 1), f.number(planned), f.date(at))),
          next ? (sent.length === 0 ? t.first : t.next)(f.moment(next)) : planned === 0 ? t.noReminders : t.noMore,
        ]
  return (
    <ul class="plain">
      {lines.map((line) => (
        <li>{line}</li>
      ))}
    </ul>
  )
}

/** Each round in one line: of a closed one what it found, the score with its change, and who took part. */
function RoundTable(props: { frame: Frame; rounds: readonly RoundView[]; lines: ReadonlyMap<string, RoundLine>; areMore: boolean }) {
  const { frame, rounds, lines, areMore } = props
  const { t, f, texts, view } = frame
  const day = (moment: string | null) => (moment ? f.date(new Date(moment)) : '–')
  const said = (line: RoundLine | undefined) => [
    ...(line?.finding ? [line.finding] : line?.isHiding ? [texts.overview.sides.missing] : []),
    ...(line && line.score === null ? [texts.overview.score.noScore] : []),
  ]
  const hasPrevious = new Set(rounds.filter(({ state }) => state === 'closed').slice(0, areMore ? undefined : -1))
  return (
    <Scroll label={t.all}>
      <table class="data pin stack rounds-table">
        <thead>
          <tr>
            <th scope="col">{t.columns.round}</th>
            <th scope="col" class="num">
              {t.result.score}
            </th>
            <th scope="col">{t.result.verdict}</th>
            <th scope="col">{t.result.finding}</th>
            <th scope="col" class="num">
              {t.columns.answered}
            </th>
            <th scope="col" class="num">
              {t.columns.invited}
            </th>
            <th scope="col">{t.columns.opened}</th>
            <th scope="col">{t.columns.closes}</th>
          </tr>
        </thead>
        <tbody>
          {rounds.map((round) => {
            const line = lines.get(round.id)
            return (
              <tr>
                <th scope="row" class="nowrap">
                  <a href={`${path}/${round.id}`}>{nameOf(frame, round)}</a>
                  <br />
                  <small>{round.countsAt ? texts.mixing.state : t.states[round.state]}</small>
                </th>
                <td class={line?.score == null ? 'num none' : 'num'} data-head={t.result.score}>
                  {line?.score == null ? '–' : <data value={line.score.toFixed(1)}>{f.number(line.score, 1)}</data>}
                  {line?.interval ? (
                    <small>
                      {' '}
                      <Range t={texts} ends={line.interval} write={f.number} />
                    </small>
                  ) : null}
                </td>
                <td class={line?.change || hasPrevious.has(round) ? 'nowrap' : 'nowrap none'} data-head={t.result.verdict}>
                  {line?.change ? (
                    <>
                      <Delta view={view} value={line.change.points} />{' '}
                      <Verdict
                        view={view}
                        verdict={line.change.verdict}
                        text={line.change.verdict === 'normal' ? t.changes.none : undefined}
                      />
                      <br />
                    </>
                  ) : hasPrevious.has(round) ? null : (
                    '–'
                  )}
                  {hasPrevious.has(round) ? (
                    <a href={`${path}/${round.id}/comparison`}>
                      {t.result.compareShort}
                      <span class="vh">: {nameOf(frame, round)}</span>
                    </a>
                  ) : null}
                </td>
                <td class={said(line).length > 0 ? 'say' : 'say none'} data-head={t.result.finding}>
                  {said(line).length > 0
                    ? said(line).map((text, index) => (
                        <>
                          {index > 0 ? <br /> : null}
                          {text}
                        </>
                      ))
                    : '–'}
                </td>
                {round.state === 'scheduled' ? (
                  <td class="num none">–</td>
                ) : (
                  <Answered t={t} f={f} answered={round.answered} head={t.columns.answered} />
                )}
                <td class="num" data-head={t.columns.invited}>
                  {round.invited === null ? '–' : f.number(round.invited)}
                </td>
                <td class="nowrap" data-head={t.columns.opened}>
                  {day(round.openedAt ?? round.opensAt)}
                </td>
                <td class="nowrap" data-head={t.columns.closes}>
                  {day(round.closedAt ?? round.closesAt)}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Scroll>
  )
}

const ScheduleForm = (props: { t: Texts; f: Format; today: string; values: Schedule; mistakes: readonly Mistake[] }) => (
  <form class="form" method="post" action={path} novalidate>
    <Field name="period" label={props.t.period} hint={props.t.periodHint} mistakes={props.mistakes} short>
      {(control) => (
        <select {...control} class="pick">
          {monthsOffered(props.today).map((month) => (
            <option value={month} selected={month === props.values.period}>
              {props.f.period(month)}
            </option>
          ))}
        </select>
      )}
    </Field>
    <Field name="closing" label={props.t.closing} hint={props.t.closingHint} mistakes={props.mistakes} short>
      {(control) => <input {...control} type="date" min={props.today} value={props.values.closing} />}
    </Field>
    <button class="btn" type="submit">
      {props.t.scheduleYes}
    </button>
  </form>
)

/** What the page is to say; anything else is not. */
function refusedPlan(error: unknown): 'too-few-people' | 'too-many-groups' {
  if (error instanceof DomainError && (error.code === 'too-few-people' || error.code === 'too-many-groups')) return error.code
  throw error
}
