/**
 * Hands messages to a mail server: one connection for as many as there are. Connections are opened by name, here, and not
 * by the client: the runtime checks the certificate against the name that it connects to, and it always does. See
 * docs/decisions/020-smtp-client.md.
 */
import { Buffer } from 'node:buffer'
import net from 'node:net'
import tls from 'node:tls'
import MailComposer from 'nodemailer/lib/mail-composer'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import { type Failure, redacted, type SmtpError, smtpFailure } from '../core/delivery-failure'
import type { SmtpSettings } from '../core/delivery-settings'
import type { Composed } from '../core/message'

export interface Mail extends Composed {
  to: { name: string; address: string }
  /** The same at every attempt: `id@domain`, without angle brackets. */
  messageId: string
  /** Ends messages to this person with one click (RFC 8058); null where the message is about no round. */
  stopLink: string | null
  date: Date
  /** PNG files that the message shows, by their `cid:`. */
  images?: readonly { cid: string; name: string; bytes: Uint8Array }[]
}

export type Sent = { ok: true; reply: string } | { ok: false; failure: Failure }

export interface MailSession {
  send: (mail: Mail) => Promise<Sent>
  close: () => void
}

export interface SmtpAccess extends SmtpSettings {
  password: string
}

/** Longest waits, in milliseconds: to be connected, to be greeted, for the answer to a command. */
const patience = { connect: 10_000, greeting: 15_000, answer: 30_000 }

/**
 * Connects, protects the connection and signs in.
 *
 * @returns the failure where one of them did not succeed
 */
export async function openMailSession(access: SmtpAccess): Promise<MailSession | Failure> {
  let during: SmtpError['during'] = 'connect'
  let connection: SMTPConnection | undefined
  try {
    const socket = await connected(access)
    connection = new SMTPConnection({
      host: access.host,
      port: access.port,
      connection: socket,
      secure: access.security === 'tls',
      secured: access.security === 'tls',
      requireTLS: access.security === 'starttls',
      ignoreTLS: access.security === 'none',
      name: domainOf(access.from),
      greetingTimeout: patience.greeting,
      socketTimeout: patience.answer,
    })
    await greeted(connection, socket)
    during = 'sign-in'
    if (access.user !== '') await signedIn(connection, access)
  } catch (error) {
    connection?.close()
    return failureOf(error, during, [access.user])
  }
  return sessionOn(connection, access)
}

/** A message as it goes over the wire, for the one who wants to look at it. */
export function rawMessage(mail: Mail, sender: Pick<SmtpSettings, 'from' | 'fromName' | 'replyTo'>): Promise<Buffer> {
  const composer = new MailComposer({
    from: { name: sender.fromName, address: sender.from },
    to: mail.to,
    ...(sender.replyTo && { replyTo: sender.replyTo }),
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId: `<${mail.messageId}>`,
    date: mail.date,
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(mail.stopLink && { 'List-Unsubscribe': `<${mail.stopLink}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
    },
    ...(mail.images && {
      attachments: mail.images.map(({ cid, name, bytes }) => ({
        cid,
        filename: name,
        content: Buffer.from(bytes),
        contentType: 'image/png',
        contentDisposition: 'inline' as const,
      })),
    }),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return called<Buffer>((done) => composer.compile().build((error, message) => done(error, message)))
}

function sessionOn(connection: SMTPConnection, access: SmtpAccess): MailSession {
  let broken = false
  connection.on('error', () => {
    broken = true
  })
  connection.on('end', () => {
    broken = true
  })
  return {
    send: async (mail) => {
      const { address } = mail.to
      try {
        const raw = await rawMessage(mail, access)
        const info = await within(
          called<{ response?: string }>((done) => connection.send({ from: access.from, to: [address] }, raw, done)),
          2 * patience.answer,
        )
        return { ok: true, reply: redacted(info.response ?? '', [address]) }
      } catch (error) {
        const failure = failureOf(error, 'send', [address])
        if (failure.scope === 'person' && !broken) {
          // Or the next message would be another recipient of this one.
          const reset = within(
            called<unknown>((done) => connection.reset(done)),
            patience.answer,
          )
          if (
            await reset.then(
              () => true,
              () => false,
            )
          )
            return { ok: false, failure }
          connection.close()
        }
        return { ok: false, failure }
      }
    },
    close: () => (broken ? connection.close() : connection.quit()),
  }
}

function connected({ host, port, security }: SmtpAccess): Promise<net.Socket> {
  const options = { host: host.replace(/^\[|\]$/g, ''), port }
  return new Promise((resolve, reject) => {
    const socket = security === 'tls' ? tls.connect(options) : net.connect(options)
    const timer = setTimeout(() => {
      socket.destroy()
      reject(Object.assign(new Error('No connection.'), { code: 'ETIMEDOUT' }))
    }, patience.connect)
    socket.once(security === 'tls' ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
    socket.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
  })
}

/** Greeting, EHLO and, where it was asked for, STARTTLS: without it, nothing is said. */
function greeted(connection: SMTPConnection, socket: net.Socket): Promise<void> {
  return within(
    new Promise<void>((resolve, reject) => {
      const hungUp = () => reject(new Error('The server hung up.'))
      connection.once('error', reject)
      connection.once('end', hungUp)
      // The connection does not hear what happened to its socket before it listens.
      if (socket.destroyed || socket.readableEnded) return hungUp()
      socket.once('close', hungUp)
      connection.connect((error) => (error ? reject(error) : resolve()))
    }),
    2 * patience.greeting,
  )
}

const signedIn = (connection: SMTPConnection, { user, password }: SmtpAccess): Promise<unknown> =>
  within(
    called<unknown>((done) => connection.login({ credentials: { user, pass: password } }, done)),
    patience.answer,
  )

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1)

function failureOf(error: unknown, during: SmtpError['during'], addresses: readonly string[]): Failure {
  const { code, responseCode, command, response } = error as { code?: string; responseCode?: number; command?: string; response?: string }
  return smtpFailure({
    during,
    code,
    status: responseCode,
    command,
    reply: response ? redacted(response, addresses.filter(Boolean)) : null,
  })
}

function called<T>(call: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value as T))))
}

async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('No answer in time.'), { code: 'ETIMEDOUT' })), milliseconds)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
