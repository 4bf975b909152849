/**
 * Tells whoever looks after a source that it stopped working, once, and that it works again, once. Where nothing is set up
 * that sends, its page and every number's date say so.
 */
import { isNotNull } from 'drizzle-orm'
import { freshness } from '../core/kpi'
import { action, mailFrame, paragraph } from '../core/mail-frame'
import { circuitAfter } from '../core/pulling'
import { cleanLine } from '../core/text'
import { markAlerted } from '../db/pulls'
import { sources } from '../db/schema'
import { readSettings } from '../db/settings'
import type { SourceRow } from '../db/sources'
import { directionOf, isLocale, type Locale, messagesOf } from '../i18n'
import { isolate } from '../i18n/format'
import { newId, type ServiceContext } from './context'
import type { Ways } from './deliveries'
import { channelsOf, clearTrouble, isAhead, noteTrouble, openSecret, readDelivery, type StoredDelivery } from './delivery-settings'
import { troubleOf } from './pull-state'
import { sendSlackMessage } from './slack'
import { openMailSession, type Sent } from './smtp'

export type Alert = 'stopped' | 'failing' | 'stale' | 'working'

/** Written in one run: the others follow with the next. */
const mostPerRun = 20

/**
 * Writes what is due. Who writes is decided in the database, so that of two runs one does; a message of which nobody knows
 * whether it arrived is not sent again.
 *
 * @returns how many were sent
 */
export async function sendSourceAlerts(
  context: ServiceContext,
  ways: Ways = { mail: openMailSession, fetch: (...asked) => fetch(...asked) },
): Promise<number> {
  const { db, now } = context
  const watched = await db.select().from(sources).where(isNotNull(sources.ownerEmail))
  const due = watched.flatMap((source) => {
    const alert = alertFor(source, now)
    return alert ? [{ source, alert }] : []
  })
  if (due.length === 0) return 0
  const [{ delivery, troubles }, { sample, locale }] = await Promise.all([readDelivery(db), readSettings(db)])
  const [first] = channelsOf(delivery)
  if (sample || !first || isAhead(troubles[first], now)) return 0
  let sent = 0
  for (const { source, alert } of due.slice(0, mostPerRun)) {
    const told = alert === 'working' ? null : now
    if (!(await markAlerted(db, source.id, source.alertedAt, told))) continue
    const outcome = await write(context, ways, delivery, source, alert, locale)
    if (outcome.ok) {
      sent += 1
      if (troubles[first]) await clearTrouble(db, first)
      continue
    }
    const { failure } = outcome
    if (failure.scope === 'person') {
      // Another time it would be refused again.
      console.error(JSON.stringify({ event: 'source-alert-undeliverable', code: failure.code }))
      continue
    }
    if (failure.code !== 'timed-out' && failure.code !== 'connection-lost') await markAlerted(db, source.id, told, source.alertedAt)
    await noteTrouble(context, first, failure, troubles[first])
    break
  }
  return sent
}

/**
 * What its owner is to be told now; null where that is nothing. A source that somebody paused or is setting up is as they
 * want it.
 */
export function alertFor(source: SourceRow, now: Date): Alert | null {
  if (source.state === 'paused' || source.state === 'draft') return null
  const trouble = troubleOf(source)
  const isStale = freshness(source.lastSuccessAt, source.expectedEveryDays, now) === 'stale'
  const wrong = source.state === 'stopped' ? 'stopped' : (trouble?.times ?? 0) >= circuitAfter ? 'failing' : isStale ? 'stale' : null
  if (source.alertedAt === null) return wrong
  return wrong === null && trouble === null ? 'working' : null
}

async function write(
  context: ServiceContext,
  ways: Ways,
  delivery: StoredDelivery,
  source: SourceRow,
  alert: Alert,
  fallback: string,
): Promise<Sent> {
  const email = source.ownerEmail ?? ''
  const person = await context.db.query.people.findFirst({
    where: (table, { eq }) => eq(table.email, email),
    columns: { locale: true },
  })
  const locale = [person?.locale, fallback].find(isLocale) ?? 'en'
  const message = messageOf(context, source, alert, locale)
  let outcome: Sent = { ok: false, failure: { code: 'unreachable', scope: 'server', lasting: false, reply: null } }
  for (const channel of channelsOf(delivery)) {
    outcome =
      channel === 'slack'
        ? await sendSlackMessage({ fetch: ways.fetch }, await openSecret(context, delivery, 'slackToken'), { email, text: message.text })
        : await byMail(context, ways, delivery, email, message)
    if (outcome.ok || outcome.failure.scope === 'server') return outcome
  }
  return outcome
}

async function byMail(context: ServiceContext, ways: Ways, delivery: StoredDelivery, address: string, message: Message): Promise<Sent> {
  const { smtp } = delivery
  if (!smtp) return { ok: false, failure: { code: 'unreachable', scope: 'server', lasting: false, reply: null } }
  const session = await ways.mail({ ...smtp, password: await openSecret(context, delivery, 'password') })
  if ('code' in session) return { ok: false, failure: session }
  try {
    return await session.send({
      ...message,
      to: { name: '', address },
      messageId: `${newId(context)}@${smtp.from.slice(smtp.from.lastIndexOf('@') + 1)}`,
      stopLink: null,
      date: context.now,
    })
  } finally {
    session.close()
  }
}

interface Message {
  subject: string
  text: string
  html: string
}

/** Words of ours, the source's name, and names of fields and rights: nothing that a row holds, and nothing that the vendor said. */
function messageOf({ origin, now }: ServiceContext, source: SourceRow, alert: Alert, locale: Locale): Message {
  const { pulling: t, layout } = messagesOf(locale)
  const name = cleanLine(source.name)
  const shown = isolate(name)
  const days = Math.floor((now.getTime() - (source.lastSuccessAt ?? source.createdAt).getTime()) / 86_400_000)
  const trouble = alert === 'working' ? null : troubleOf(source)
  const failure = trouble && t.failures[trouble.code]
  const paragraphs = [
    alert === 'stale' ? t.alerts.stale.lead(shown, days) : t.alerts[alert].lead(shown),
    ...(failure && trouble ? [`${failure.detail(trouble.facts)} ${failure.fix}`] : []),
    ...(alert === 'working' ? [] : [t.alerts.stays]),
  ]
  const link = origin === '' ? null : `${origin}/sources/${source.id}`
  const last = alert === 'working' ? [] : [t.alerts.once]
  const subject = t.alerts[alert].subject(name)
  const to = { locale, direction: directionOf(locale) }
  return {
    subject,
    text: `${[...paragraphs, ...(link ? [`${t.alerts.open}:\n${link}`] : []), ...last].join('\n\n')}\n`,
    html: mailFrame(to, {
      subject,
      product: layout.product,
      heading: 'h1',
      body: [...paragraphs.map(paragraph), link ? action(t.alerts.open, link) : '', ...last.map(paragraph)],
    }),
  }
}
