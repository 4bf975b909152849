/** A message of no round, to see whether messages arrive: what the other side answered, for whoever set it up. */
import type { Failure } from '../core/delivery-failure'
import { readEmail } from '../core/email'
import { DomainError } from '../core/errors'
import { readSettings } from '../db/settings'
import { directionOf, type Locale, messagesOf } from '../i18n'
import { newId, type ServiceContext } from './context'
import { clearTrouble, openSecret, readDelivery } from './delivery-settings'
import { postToWebhook, sendSlackMessage } from './slack'
import { openMailSession, type Sent } from './smtp'

export const testedWays = ['email', 'slack', 'webhook'] as const
export type TestedWay = (typeof testedWays)[number]

/**
 * Sends a test message. By email and Slack it goes to `address`; the webhook has its channel.
 *
 * @returns what the other side answered, or why it did not take the message
 * @throws DomainError invalid-input where the way is not set up, or the address is none
 */
export async function sendTestMessage(
  context: ServiceContext,
  way: TestedWay,
  address: string,
  locale: Locale,
  ways = { mail: openMailSession, fetch: ((...asked) => fetch(...asked)) as typeof fetch },
): Promise<Sent> {
  const { delivery } = await readDelivery(context.db)
  const isSetUp = way === 'email' ? delivery.smtp !== null : delivery.sealed[way === 'slack' ? 'slackToken' : 'slackWebhook'] !== undefined
  if (!isSetUp) {
    throw new DomainError('invalid-input', 'This way is not set up.', [{ pointer: '#/way', detail: 'Set it up first, then test it.' }])
  }
  const to = readEmail(address)
  if (way !== 'webhook' && !to) {
    const detail = 'Use an email address such as ann.lee@example.com.'
    throw new DomainError('invalid-input', 'Some values cannot be used.', [{ pointer: '#/address', detail }])
  }
  const { organisationName } = await readSettings(context.db)
  const t = messagesOf(locale).email
  const text = t.test.text(organisationName || t.yourOrganisation)
  const sent = await attempt()
  if (sent.ok) await clearTrouble(context.db, way)
  return sent

  async function attempt(): Promise<Sent> {
    if (way === 'webhook') return postToWebhook(ways, await openSecret(context, delivery, 'slackWebhook'), text)
    if (way === 'slack') return sendSlackMessage(ways, await openSecret(context, delivery, 'slackToken'), { email: to ?? '', text })
    const { smtp } = delivery
    if (!smtp) throw new Error('No mail server.')
    const session = await ways.mail({ ...smtp, password: await openSecret(context, delivery, 'password') })
    if ('code' in session) return { ok: false, failure: session satisfies Failure }
    try {
      return await session.send({
        subject: t.test.subject,
        text: `${text}\n`,
        html: `<!doctype html><html lang="${locale}" dir="${directionOf(locale)}"><meta charset="utf-8"><p>${escaped(text)}</p></html>`,
        to: { name: '', address: to ?? '' },
        messageId: `${newId(context)}@${smtp.from.slice(smtp.from.lastIndexOf('@') + 1)}`,
        stopLink: null,
        date: context.now,
      })
    } finally {
      session.close()
    }
  }
}

const escaped = (text: string) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
