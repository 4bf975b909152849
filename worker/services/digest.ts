/**
 * The digest: the finding, the score with how sure it is, what else was found, and one chart, by mail or Slack, after each
 * round or on Mondays. It says what the overview says and nothing more; comments are in none of it.
 */
import { and, count, eq, gt, gte, inArray, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { type Failure, mostAttempts, waitMinutes } from '../core/delivery-failure'
import {
  chartId,
  checkedDigest,
  composeDigest,
  type DigestChange,
  type DigestParts,
  type DigestSettings,
  noDigest,
  weekDue,
} from '../core/digest'
import { readEmail } from '../core/email'
import { DomainError } from '../core/errors'
import type { Composed } from '../core/message'
import { png } from '../core/png'
import { daysBefore } from '../core/retention'
import { cleanLine } from '../core/text'
import { type TrendPicture, trendImage, trendTicks } from '../core/trend-image'
import type { Database } from '../db/client'
import { claimDispatch, type Dispatch, listDispatches, queueDispatches, recordDispatch, requeueDispatch, topicOf } from '../db/dispatches'
import { dispatches, people, results, rounds, scores, settings } from '../db/schema'
import { readSettings } from '../db/settings'
import { directionOf, isLocale, type Locale } from '../i18n'
import { isolate, leftToRight } from '../i18n/format'
import { newId, type ServiceContext } from './context'
import type { Ways } from './deliveries'
import { getDelivery, isAhead, noteTrouble, openSecret, readDelivery, type StoredDelivery } from './delivery-settings'
import { overviewFindings, type Words, wordsOf } from './findings'
import { type Overview, readOverview, type ShownRound } from './overview'
import { isSigned, signatureOf } from './signing'
import { postToWebhook, type SlackMessage, sendSlackMessage } from './slack'
import { openMailSession, type Sent } from './smtp'

const key = 'digest'
/** A target that is not an address: the channel of the Slack webhook. */
export const slackTarget = 'slack'
/** Longer than the longest that one run can take. */
const leaseMilliseconds = 15 * 60_000
const mostPerRun = 20
/** What was published longer ago is no news. */
const newsDays = 7
const chartDays = 30

// ── Settings ────────────────────────────────────────────────────────────────────────────────────────────────────────

export async function readDigest(db: Database): Promise<DigestSettings> {
  const row = await db.query.settings.findFirst({ where: eq(settings.key, key) })
  return { ...noDigest, ...(row?.value as Partial<DigestSettings> | undefined) }
}

export interface DigestView extends DigestChange {
  /** What nothing reaches at the moment: the addresses, without a mail server and a Slack bot; the channel, without its webhook. */
  unreachable: ('recipients' | 'slack')[]
}

export async function getDigest(db: Database): Promise<DigestView> {
  const [{ rhythm, recipients, slack }, { channels, has }] = await Promise.all([readDigest(db), getDelivery(db)])
  const isOn = rhythm !== 'off'
  const unreachable: DigestView['unreachable'] = []
  if (isOn && recipients.length > 0 && channels.length === 0) unreachable.push('recipients')
  if (isOn && slack && !has.slackWebhook) unreachable.push('slack')
  return { rhythm, recipients, slack, unreachable }
}

/**
 * Stores how the digest goes out. What was queued for who is not on the list any more is dropped.
 *
 * @throws DomainError invalid-input, with a pointer for every field
 */
export async function changeDigest({ db, now }: ServiceContext, change: DigestChange): Promise<void> {
  const checked = checkedDigest(change)
  const before = await readDigest(db)
  const value: DigestSettings = { ...checked, since: before.rhythm === checked.rhythm ? before.since : now.getTime() }
  const targets = targetsOf(value)
  await db.batch([
    db
      .insert(settings)
      .values({ key, value })
      .onConflictDoUpdate({ target: settings.key, set: { value: sql`excluded.value` } }),
    db
      .delete(dispatches)
      .where(
        and(
          eq(dispatches.kind, 'digest'),
          eq(dispatches.state, 'waiting'),
          targets.length > 0 ? sql`${dispatches.target} not in (select value from json_each(${JSON.stringify(targets)}))` : undefined,
        ),
      ),
  ] as [BatchItem<'sqlite'>, BatchItem<'sqlite'>])
}

const targetsOf = ({ rhythm, recipients, slack }: DigestSettings): string[] =>
  rhythm === 'off' ? [] : [...recipients, ...(slack ? [slackTarget] : [])]

/** What went out lately, newest first. */
export const listDigests = ({ db }: Pick<ServiceContext, 'db'>): Promise<Dispatch[]> => listDispatches(db, 'digest', 60)

/** @throws DomainError not-found where it did not fail */
export async function retryDigest({ db, now }: ServiceContext, id: string): Promise<Dispatch> {
  const queued = await requeueDispatch(db, { kind: 'digest', id }, now)
  if (!queued) throw new DomainError('not-found', 'No digest with this id has failed.')
  return queued
}

// ── What it says ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Digest {
  parts: DigestParts
  subject: string
  round: { id: string; number: number }
  /** PNG; null where no round has a score. */
  image: Uint8Array<ArrayBuffer> | null
}

/** The digest of the latest round, or of this one, as it is now; null where there is none. */
export async function buildDigest(context: ServiceContext, locale: Locale, roundId?: string): Promise<Digest | null> {
  const { db, origin } = context
  const asked =
    roundId === undefined ? undefined : await db.query.rounds.findFirst({ where: eq(rounds.id, roundId), columns: { number: true } })
  if (roundId !== undefined && !asked) return null
  const overview = await readOverview(context, asked?.number).catch(gone)
  const shown = overview?.shown
  if (!overview || !shown) return null
  const words = wordsOf(locale, overview.settings.timeZone)
  const parts = partsOf(words, overview, shown, origin)
  const image = await imageOf(words, shown)
  return {
    parts: { ...parts, chart: image ? parts.chart : null },
    subject: cleanLine([parts.sample, words.f.period(shown.result.period), parts.title].filter(Boolean).join(': ')),
    round: { id: shown.result.roundId, number: shown.result.number },
    image,
  }
}

/** The digest of the latest round as somebody looks at it. @throws DomainError not-found where no round has closed */
export const previewDigest = async (context: ServiceContext, locale: Locale): Promise<Composed> =>
  mailOf(await latestDigest(context, locale), true)

async function latestDigest(context: ServiceContext, locale: Locale): Promise<Digest> {
  const digest = await buildDigest(context, locale)
  if (!digest) throw new DomainError('not-found', 'No round has closed yet.')
  return digest
}

function partsOf(words: Words, overview: Overview, shown: ShownRound, origin: string): DigestParts {
  const { t, f, locale } = words
  const said = overviewFindings(overview, words)
  const textOf = (about: string, kinds?: readonly string[]) => {
    const finding = said.find((one) => one.about === about && (!kinds || kinds.includes(one.kind)))
    return finding ? [finding.text] : []
  }
  const { organisationName, sample } = overview.settings
  return {
    locale,
    direction: directionOf(locale),
    product: organisationName ? `${t.layout.product} · ${isolate(cleanLine(organisationName))}` : t.layout.product,
    sample: sample ? t.layout.sampleData : '',
    title: textOf('score').join(''),
    cause: textOf('cause').join(''),
    score: scoreLines(words, shown),
    points: [...textOf('sides', ['divides']), ...textOf('kpis', ['worse']), ...textOf('promises', ['missed'])],
    chart: chartText(words, shown, textOf('trend').join('')),
    open: t.digest.open,
    link: origin === '' ? null : `${origin}/overview?round=${shown.result.number}`,
    why: t.digest.why(f.number(shown.result.minimumGroupSize)),
  }
}

function scoreLines({ t, f, locale }: Words, { score, sinceLast, sinceBaseline, baseline, result }: ShownRound): string[] {
  const round = t.roundsPage.name(f.number(result.number), f.period(result.period))
  if (score.value === null) return [round]
  const verdictText = (verdict: 'signal' | 'normal') => (verdict === 'signal' ? t.overview.signal : t.overview.normal)
  const number = (value: number) => leftToRight(locale, f.number(value, 1))
  // Of the scores as they are printed, as on the overview: a reader can check it.
  const change = (from: number, to: number) => f.signed((Math.round(to * 10) - Math.round(from * 10)) / 10, 1)
  const { interval } = score
  return [
    `${round}: ${interval ? t.digest.score(number(score.value), number(interval.low), number(interval.high)) : t.digest.scoreAlone(number(score.value))}`,
    ...(sinceLast ? [t.digest.sinceLast(change(sinceLast.from.value, score.value), verdictText(sinceLast.verdict))] : []),
    ...(sinceBaseline && baseline ? [t.digest.sinceStart(change(baseline.value, score.value), verdictText(sinceBaseline.verdict))] : []),
  ]
}

function chartText({ t, f }: Words, { history, trend }: ShownRound, finding: string): DigestParts['chart'] {
  const measured = history.filter(({ value }) => value !== null)
  const [first, last] = [measured[0], measured.at(-1)]
  if (!first || !last) return null
  const texts = t.overview.trend
  const course =
    measured.length === 1
      ? texts.spokenOne(f.period(first.period), f.number(first.value ?? 0))
      : texts.spoken(f.period(first.period), f.number(first.value ?? 0), f.period(last.period), f.number(last.value ?? 0))
  const events = trend.events.map(({ name, day }) => t.digest.event(isolate(cleanLine(name)), `${f.day(day)} ${day.slice(0, 4)}`))
  const { rounds, phases } = pictured({ history, trend })
  const [from = 0] = trendTicks({ rounds, phases })
  const { caption } = t.digest
  const key = [
    caption.scale,
    ...(from > 0 ? [t.explore.line.starts(f.number(from))] : []),
    ...(phases.some(({ provisional }) => !provisional) ? [caption.range] : []),
    ...(phases.some(({ provisional }) => provisional) ? [caption.provisional] : []),
    ...(rounds.some(({ signal }) => signal) ? [caption.signal] : []),
  ]
  return { alt: [`${finding}.`.replace(/([.!?])\.$/, '$1'), course].join(' '), caption: [...key, ...events].join(' ') }
}

const pictured = ({ history, trend }: Pick<ShownRound, 'history' | 'trend'>): Pick<TrendPicture, 'rounds' | 'phases'> => ({
  rounds: trend.rounds.map(({ at, value, verdict, afterGap, number }, index) => ({
    at,
    value,
    low: history[index]?.interval?.low ?? null,
    high: history[index]?.interval?.high ?? null,
    signal: verdict === 'signal',
    afterGap,
    label: String(number),
  })),
  phases: trend.phases,
})

async function imageOf({ f }: Words, { history, trend }: ShownRound): Promise<Uint8Array<ArrayBuffer> | null> {
  const last = history.findLast(({ value }) => value !== null)
  const halfWidth = last?.interval ? (last.interval.high - last.interval.low) / 2 : null
  const grey = trendImage({
    ...pictured({ history, trend }),
    events: trend.events.map(({ at }) => at),
    last: { strong: f.number(last?.value ?? 0), small: halfWidth === null ? '' : `±${f.number(halfWidth)}` },
  })
  return grey && png(grey)
}

/** As a mail shows it, or (`data:`) as it is looked at. */
export const mailOf = ({ parts, subject, image }: Digest, isPreview = false): Composed =>
  composeDigest(parts, subject, image ? (isPreview ? `data:image/png;base64,${image.toBase64()}` : `cid:${chartId}`) : null)

/**
 * The same for Slack, which fetches the picture itself: by an address that is signed and ends. On this machine nobody could
 * fetch it, so it is left out.
 */
export async function slackMessageOf(context: ServiceContext, { parts, round, image }: Digest): Promise<SlackMessage> {
  const text = [parts.sample, parts.title, parts.cause, ...parts.score].filter(Boolean).join('\n')
  const plain = (said: string) => ({ type: 'section', text: { type: 'plain_text', text: said.slice(0, 2900) } })
  const address = image ? await chartAddress(context, round.id) : null
  const blocks = [
    ...(parts.sample ? [plain(parts.sample)] : []),
    { type: 'header', text: { type: 'plain_text', text: parts.title.slice(0, 150) } },
    ...(parts.cause ? [plain(parts.cause)] : []),
    ...(parts.score.length > 0 ? [plain(parts.score.join('\n'))] : []),
    ...(address && parts.chart ? [{ type: 'image', image_url: address, alt_text: parts.chart.alt.slice(0, 1900) }] : []),
    ...(parts.points.length > 0 ? [plain(parts.points.map((point) => `• ${point}`).join('\n'))] : []),
    ...(parts.link
      ? [{ type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: parts.open.slice(0, 75) }, url: parts.link }] }]
      : []),
    { type: 'context', elements: [{ type: 'plain_text', text: parts.why.slice(0, 1900) }] },
  ]
  return { text, blocks }
}

/** Whether somebody else can fetch a picture from here. */
export const isPublic = (origin: string): boolean => origin.startsWith('https://')

const chartPurpose = 'digest-chart'

async function chartAddress(context: ServiceContext, roundId: string): Promise<string | null> {
  if (!isPublic(context.origin)) return null
  const expires = Math.floor(context.now.getTime() / 1000) + chartDays * 86_400
  const claim = `${roundId}.${expires.toString(36)}`
  return `${context.origin}/shared/${claim}.${await signatureOf(context, chartPurpose, claim)}/chart.png`
}

/** The picture that a signed address names; undefined where it is no address of ours, or has ended. */
export async function openChart(context: ServiceContext, token: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const [, roundId, expiry, signature] = /^([\w-]{1,64})\.([0-9a-z]{6,7})\.([\w-]{43})$/.exec(token) ?? []
  if (!roundId || !expiry || !signature || Number.parseInt(expiry, 36) * 1000 <= context.now.getTime()) return undefined
  if (!(await isSigned(context, chartPurpose, `${roundId}.${expiry}`, signature))) return undefined
  return (await buildDigest(context, 'en', roundId))?.image ?? undefined
}

// ── Sending ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const realWays: Ways = { mail: openMailSession, fetch: (...asked) => fetch(...asked) }

/**
 * Queues what is due and sends it: one message after the other, each claimed with a lease. A message of which nobody knows
 * whether it arrived is not sent again: a digest twice is a nuisance, and one that is missing is on the page.
 *
 * @returns how many were sent
 */
export async function runDigests(context: ServiceContext, ways: Ways = realWays): Promise<number> {
  const { db, now } = context
  const [digest, { sample, timeZone }] = await Promise.all([readDigest(db), readSettings(db)])
  if (sample) return 0 // none of it happened
  await queueDue(context, digest, timeZone)
  const once = remembered<Digest | null>()
  let sent = 0
  for (let taken = 0; taken < mostPerRun; taken += 1) {
    const { delivery, troubles } = await readDelivery(db)
    const claimed = await claimDispatch(db, 'digest', now, leaseMilliseconds)
    if (!claimed) break
    if (claimed.wasTaken) {
      await recordDispatch(db, claimed, { state: 'failed', error: 'unclear' })
      continue
    }
    const side = sideOf(delivery, claimed.target)
    if (!side) {
      await recordDispatch(db, claimed, { state: 'failed', error: 'no-way' })
      continue
    }
    if (isAhead(troubles[side], now)) {
      const retryAt = troubles[side]?.retryAt
      const dueAt = retryAt ? new Date(retryAt) : new Date(now.getTime() + 60 * 60_000)
      await recordDispatch(db, claimed, { state: 'waiting', error: troubles[side]?.code ?? '', dueAt, attempts: claimed.attempts - 1 })
      continue
    }
    const locale = await localeOf(context, claimed.target)
    const message = await once(`${locale}|${claimed.topic}`, () =>
      buildDigest(context, locale, topicOf(claimed.topic).roundId ?? undefined),
    )
    if (!message) {
      await recordDispatch(db, claimed, { state: 'failed', error: 'no-result' })
      continue
    }
    const outcome = await hand(context, ways, delivery, side, claimed.target, message, claimed.id)
    if (outcome.ok) {
      sent += Number(await recordDispatch(db, claimed, { state: 'sent', at: now }))
      continue
    }
    await recordFailure(context, claimed, side, outcome.failure)
    if (outcome.failure.scope === 'server') await noteTrouble(context, side, outcome.failure, troubles[side])
  }
  return sent
}

async function recordFailure({ db, now }: ServiceContext, claimed: Dispatch, side: Way, failure: Failure): Promise<void> {
  if (isUnclear(side, failure)) {
    await recordDispatch(db, claimed, { state: 'failed', error: 'unclear' })
    return
  }
  const isOver = (failure.scope === 'person' && failure.lasting) || claimed.attempts >= mostAttempts
  if (isOver) await recordDispatch(db, claimed, { state: 'failed', error: failure.code })
  else {
    const dueAt = new Date(now.getTime() + waitMinutes(claimed.attempts, failure.retryAfterSeconds) * 60_000)
    await recordDispatch(db, claimed, { state: 'waiting', error: failure.code, dueAt, attempts: claimed.attempts })
  }
}

/** Whether the message may have arrived though nobody said so. */
const isUnclear = (side: Way, { code, untouched }: Failure): boolean =>
  side === 'email'
    ? !untouched && (code === 'timed-out' || code === 'connection-lost')
    : code === 'timed-out' || code === 'slack-unreachable'

type Way = 'email' | 'slack' | 'webhook'

/** By what a target is reached: people by mail, or by the bot where there is no mail server. */
function sideOf({ smtp, sealed }: StoredDelivery, target: string): Way | null {
  if (target === slackTarget) return sealed.slackWebhook ? 'webhook' : null
  return smtp ? 'email' : sealed.slackToken ? 'slack' : null
}

async function hand(
  context: ServiceContext,
  ways: Ways,
  delivery: StoredDelivery,
  side: Way,
  target: string,
  digest: Digest,
  messageId: string,
): Promise<Sent> {
  const { fetch } = ways
  if (side !== 'email') {
    const message = await slackMessageOf(context, digest)
    return side === 'webhook'
      ? postToWebhook({ fetch }, await openSecret(context, delivery, 'slackWebhook'), message)
      : sendSlackMessage({ fetch }, await openSecret(context, delivery, 'slackToken'), { email: target, ...message })
  }
  const { smtp } = delivery
  if (!smtp) throw new Error('No mail server.')
  const session = await ways.mail({ ...smtp, password: await openSecret(context, delivery, 'password') })
  if ('code' in session) return { ok: false, failure: session }
  try {
    return await session.send({
      ...mailOf(digest),
      to: { name: '', address: target },
      messageId: `${messageId}@${smtp.from.slice(smtp.from.lastIndexOf('@') + 1)}`,
      stopLink: null,
      date: context.now,
      ...(digest.image ? { images: [{ cid: chartId, name: 'score.png', bytes: digest.image }] } : {}),
    })
  } finally {
    session.close()
  }
}

/**
 * Sends the digest of the latest round now, to see what arrives.
 *
 * @param target an address, or `slackTarget`
 * @throws DomainError invalid-input where the address is none or nothing reaches it; not-found where no round has closed
 */
export async function sendTestDigest(context: ServiceContext, target: string, locale: Locale, ways: Ways = realWays): Promise<Sent> {
  const { delivery } = await readDelivery(context.db)
  const to = target === slackTarget ? slackTarget : readEmail(target)
  const side = to && sideOf(delivery, to)
  if (!to || !side) {
    const detail = to ? 'Nothing reaches it yet: set up a way to send first.' : 'Use an email address such as ann.lee@example.com.'
    throw new DomainError('invalid-input', 'Some values cannot be used.', [{ pointer: '#/to', detail }])
  }
  return hand(context, ways, delivery, side, to, await latestDigest(context, locale), newId(context))
}

async function queueDue(context: ServiceContext, digest: DigestSettings, timeZone: string): Promise<void> {
  const { db, now } = context
  const targets = targetsOf(digest)
  if (targets.length === 0) return
  const since = new Date(Math.max(digest.since, daysBefore(now, newsDays).getTime()))
  const topics = digest.rhythm === 'round' ? await newRounds(db, since) : await newWeek(context, timeZone, digest.since)
  if (topics.length === 0) return
  const known = await db
    .select({ topic: dispatches.topic, target: dispatches.target })
    .from(dispatches)
    .where(and(eq(dispatches.kind, 'digest'), inArray(dispatches.topic, topics)))
  const isKnown = new Set(known.map(({ topic, target }) => `${topic}|${target}`))
  const missing = topics.flatMap((topic) =>
    targets.filter((target) => !isKnown.has(`${topic}|${target}`)).map((target) => ({ topic, target })),
  )
  await queueDispatches(
    db,
    missing.map(({ topic, target }) => ({ id: newId(context), kind: 'digest' as const, topic, target, dueAt: now, createdAt: now })),
  )
}

const newRounds = async (db: Database, since: Date): Promise<string[]> =>
  (await db.select({ id: results.roundId }).from(results).where(gte(results.publishedAt, since))).map(({ id }) => `round:${id}`)

/** The week that is due, where a result or a score has changed in the seven days before; nothing otherwise. */
async function newWeek({ db, now }: ServiceContext, timeZone: string, since: number): Promise<string[]> {
  const monday = weekDue(now, timeZone, since)
  if (!monday) return []
  const [changed] = await db
    .select({ n: count() })
    .from(scores)
    .where(gt(scores.computedAt, daysBefore(now, newsDays)))
  return changed && changed.n > 0 ? [`week:${monday}`] : []
}

/** Makes each thing once a run: a picture takes a while to draw. */
function remembered<T>(): (name: string, make: () => Promise<T>) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return (name, make) => {
    const found = known.get(name) ?? make()
    known.set(name, found)
    return found
  }
}

/** Of the person with this address, else the organisation's. */
async function localeOf({ db }: ServiceContext, target: string): Promise<Locale> {
  const [person, { locale }] = await Promise.all([
    db.query.people.findFirst({ where: eq(people.email, target), columns: { locale: true } }),
    readSettings(db),
  ])
  return [person?.locale, locale].find(isLocale) ?? 'en'
}

function gone(error: unknown): null {
  if (error instanceof DomainError && error.code === 'not-found') return null
  throw error
}
