/** Why messages fail, where they may be handed in, and how often they are tried. */
import { describe, expect, it } from 'vitest'
import { mostAttempts, redacted, smtpFailure, troubleMinutes, waitMinutes } from '../../worker/core/delivery-failure'
import { secretProblem, smtpProblems } from '../../worker/core/delivery-settings'
import { hostProblem } from '../../worker/core/mail-host'

describe('an answer of a mail server', () => {
  const answered = (command: string, status: number) =>
    smtpFailure({ during: 'send', code: 'EENVELOPE', status, command, reply: `${status} words` })

  it('is about the person where the recipient or the message is refused, about everybody else where the sender is', () => {
    expect(answered('RCPT TO', 550)).toMatchObject({ code: 'address-refused', scope: 'person', lasting: true })
    expect(answered('DATA', 554)).toMatchObject({ code: 'message-refused', scope: 'person', lasting: true })
    expect(answered('MAIL FROM', 553)).toMatchObject({ code: 'sender-refused', scope: 'server', lasting: true })
  })

  it('that is temporary is waited for, and 421 ends the run', () => {
    expect(answered('RCPT TO', 451)).toMatchObject({ code: 'address-busy', scope: 'person', lasting: false })
    expect(answered('RCPT TO', 421)).toMatchObject({ code: 'server-busy', scope: 'server', lasting: false })
  })

  it('that never came leaves it open whether the message arrived: that costs an attempt, a server that is away does not', () => {
    const silent = { code: 'ECONNECTION', status: undefined, command: 'DATA', reply: null }
    expect(smtpFailure({ during: 'send', ...silent })).toMatchObject({ code: 'connection-lost', untouched: false })
    expect(smtpFailure({ during: 'connect', ...silent })).toMatchObject({ code: 'unreachable', untouched: true })
    expect(smtpFailure({ during: 'sign-in', ...silent, code: 'EAUTH', status: 535 })).toMatchObject({
      code: 'sign-in-refused',
      lasting: true,
    })
  })

  it('is stored without addresses, names of mailboxes and links', () => {
    const said =
      '550-5.1.1 <Ann.Lee@acme.example>: user ann.lee\r\n unknown, see https://provider.example/help?u=ann.lee or ask ops@acme.example\u202e'
    expect(redacted(said, ['ann.lee@acme.example'])).toBe('550-5.1.1 <…>: user … unknown, see … or ask …')
    expect(redacted('x'.repeat(900), [])).toHaveLength(200)
  })
})

describe('waiting', () => {
  it('grows from five minutes to an hour, and is never shorter than what was asked for', () => {
    const waits = Array.from({ length: mostAttempts }, (_, index) => waitMinutes(index + 1))
    expect(waits).toEqual([5, 10, 20, 40, 60, 60, 60, 60])
    expect(waitMinutes(1, 1000)).toBe(17)
    expect([1, 2, 3, 9].map((times) => troubleMinutes(times, { lasting: false }))).toEqual([1, 2, 4, 30])
    expect(troubleMinutes(1, { lasting: true })).toBe(60)
    expect(troubleMinutes(1, { lasting: false, retryAfterSeconds: 7200 })).toBe(120)
  })
})

describe('a mail server', () => {
  const problem = (host: string, port = 465, security: 'tls' | 'starttls' | 'none' = 'tls', privateNetwork = false) =>
    hostProblem({ host, port, security }, { privateNetwork })

  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '127.1',
    '10.0.0.5',
    '169.254.169.254',
    '[::1]',
    '::ffff:127.0.0.1',
    'fe80::1',
    'localhost',
    'mail.localhost',
    'mail',
    'nas.local',
    'smtp.internal',
    'relay.home.arpa',
    'SMTP.LAN',
  ])('in production is not %s', (host) => expect(problem(host)).toBe('private'))

  it.each([
    '',
    'smtp example.com',
    'smtp.example.com:465',
    'a@b.example',
    'smtp.example.com\r\nX: y',
    'https://smtp.example.com',
    '-a.example',
    'smtp..com',
  ])('is never %j', (host) => expect(problem(host, 465, 'tls', true)).toBe('malformed'))

  it('in production is reached on ports for mail, encrypted', () => {
    expect([465, 587, 2525].map((port) => problem('smtp.example.com', port))).toEqual([undefined, undefined, undefined])
    expect([problem('smtp.example.com', 25), problem('smtp.example.com', 6379)]).toEqual(['port-25', 'port'])
    expect(problem('smtp.example.com', 587, 'none')).toBe('unprotected')
  })

  it('on this machine may be this machine, and only it without encryption', () => {
    expect([
      problem('localhost', 1025, 'none', true),
      problem('127.0.0.1', 1025, 'none', true),
      problem('10.0.0.5', 25, 'tls', true),
    ]).toEqual([undefined, undefined, undefined])
    expect(problem('10.0.0.5', 25, 'none', true)).toBe('unprotected')
  })

  it('is named with what is wrong, field by field; an empty one is none', () => {
    const values = {
      host: 'smtp.example.com',
      port: '70000',
      security: 'ssl',
      user: '',
      from: 'nobody',
      fromName: 'A\r\nBcc: x@y.example',
      replyTo: 'a b',
    }
    expect(smtpProblems(values, { privateNetwork: false }).problems).toEqual({
      port: 'malformed',
      security: 'malformed',
      from: 'not-an-address',
      replyTo: 'not-an-address',
    })
    expect(smtpProblems({ ...values, host: ' ' }, { privateNetwork: false })).toEqual({ smtp: null, problems: {} })
    expect(smtpProblems(values, { privateNetwork: false }).smtp?.fromName).toBe('A Bcc: x@y.example')
  })
})

describe('a secret of Slack', () => {
  it('leads to Slack and nowhere else', () => {
    const wrong = [
      'http://hooks.slack.com/services/T0/B0/x',
      'https://hooks.slack.com.evil.example/services/T0/B0/x',
      'https://hooks.slack.com@evil.example/services/x',
      'https://hooks.slack.com:8443/services/x',
      'https://hooks.slack.com/services/../../x?y=1',
      'https://evil.example/https://hooks.slack.com/services/x',
    ]
    expect(wrong.map((url) => secretProblem('slackWebhook', url))).toEqual(wrong.map(() => 'malformed'))
    expect(secretProblem('slackWebhook', 'https://hooks.slack.com/services/T0000/B000/XXXX')).toBeUndefined()
    expect([secretProblem('slackToken', 'xoxp-1-2-3'), secretProblem('slackToken', 'xoxb-1234567890\r\nX: y')]).toEqual([
      'malformed',
      'malformed',
    ])
  })
})
