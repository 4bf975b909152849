/** What the server prints while people answer, refused and broken requests included, and what the cloud is told to keep. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import { ballotMessage } from '../../worker/core/ballot'
import { blind, finalize, fromBase64Url, type PublicKey, toBase64Url } from '../../worker/core/blind-rsa'
import { itemsOfRound } from '../../worker/core/survey-plan'
import { identity } from '../identity'
import { databaseFiles, emptyHome, type Server, signIn, startServer } from './server'

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const comment = 'Tell-tale comment, with a {name} and a % sign: "quoted".'

describe('the output of a running server', () => {
  it('holds nothing of a request that collects or casts a ballot: good, refused or broken', async () => {
    const home = await emptyHome()
    const first = await startServer(home)
    const [one, other] = await invitations(first)
    const sent: string[] = []
    const good = await seal(first.url, one as string, sent)
    expect((await good.collect()).status).toBe(201)
    expect((await good.cast()).status).toBe(201)
    const refused = [
      await good.collect({ cohort: 'c99' }),
      await good.collect({ invitation: 'TellTaleInvitationTellTaleInvitationTellTal' }),
      await good.collect({ blindedMessage: toBase64Url(random(384)) }),
      await good.collect({ tellTaleField: 'TellTaleValue' }),
      await good.cast({ signature: toBase64Url(random(384)) }),
      await good.cast({ comment: comment.repeat(500) }),
      await good.cast({ answers: ['TellTaleAnswer'] }),
    ]
    for (const { status } of refused) expect(Math.floor(status / 100)).toBe(4)
    await first.stop()

    // Broken: the same home, whose tables refuse to be written and whose keys cannot be opened.
    const [file = ''] = databaseFiles(home)
    const database = new DatabaseSync(file)
    database.exec("create trigger broken before update on ballot_slots begin select raise(abort, 'broken on purpose'); end")
    database.close()
    const second = await startServer(home, Number(new URL(first.url).port))
    const half = await seal(second.url, other as string, sent)
    expect((await half.collect()).status).toBe(201)
    expect((await half.cast()).status).toBe(500)
    await second.stop()
    const secrets = join(home, '.dev.vars')
    writeFileSync(secrets, readFileSync(secrets, 'utf8').replace(/^KEK=".+"$/m, `KEK="${Buffer.from(random(32)).toString('base64')}"`))
    const third = await startServer(home, Number(new URL(first.url).port))
    onTestFinished(() => void third.stop())
    const lost = await seal(third.url, other as string, sent, half.request)
    expect((await lost.collect()).status).toBe(500)
    await third.stop()

    const output = [first, second, third].map((server) => server.output()).join('\n')
    expect(output.match(/"event":"failure"/g)).toHaveLength(2) // it does print
    expect(output).toContain('broken on purpose')
    expect(traces(output.replaceAll(/^(Sign in|Dashboard|Survey): .+$/gm, ''), sent)).toEqual([])
  })
})

describe('the cloud', () => {
  const config = unstable_readConfig({ config: join(import.meta.dirname, '../../wrangler.toml') })

  it('keeps no log of requests, and passes none on', () => {
    const { enabled, logs, traces: tracing } = config.observability ?? {}
    expect([enabled, logs?.enabled ?? false, tracing?.enabled ?? false]).toEqual([false, false, false])
    expect([config.logpush ?? false, config.tail_consumers ?? [], config.streaming_tail_consumers ?? []]).toEqual([false, [], []])
    expect([config.analytics_engine_datasets, config.unsafe?.bindings ?? []]).toEqual([[], []])
    expect(Object.keys(config.env ?? {})).toEqual([]) // no second deployment with rules of its own
  })
})

/** Twelve people are invited. @returns a link of Sales and one of Marketing */
async function invitations(server: Server): Promise<string[]> {
  const headers = await signIn(server)
  const ask = async <T>(path: string, body?: string, type = 'application/json') => {
    const init = { method: 'POST', headers: { ...headers, ...(body ? { 'Content-Type': type } : {}) }, ...(body ? { body } : {}) }
    const response = await fetch(`${server.url}/api/v1${path}`, init)
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as T
  }
  const people = ['sales', 'marketing'].flatMap((side) =>
    [1, 2, 3, 4, 5, 6].map((n) => `${side}${n}@acme.example,${side} ${n},${side},${side},en`),
  )
  await ask('/people/imports?dryRun=false&mode=partial', ['email,name,team,side,locale', ...people].join('\n'), 'text/csv')
  const { id } = await ask<{ id: string }>('/rounds', JSON.stringify({ period: '2026-11' }))
  const opened = await ask<{ invitations: { email: string; url: string }[] }>(`/rounds/${id}/opening`)
  return ['sales1@', 'marketing1@'].map((email) => opened.invitations.find((invitation) => invitation.email.startsWith(email))?.url ?? '')
}

/** A ballot for this link, to be collected and cast with changes; everything that it sends is added to `sent`. */
async function seal(url: string, link: string, sent: string[], request?: object) {
  const { pathname, hash } = new URL(link)
  const roundId = pathname.split('/').at(-1) ?? ''
  const [cohort = '', invitation = ''] = hash.slice(1).split('.')
  const response = await fetch(`${url}/api/v1/rounds/${roundId}/keys`)
  const { keys } = (await response.json()) as { keys: (PublicKey & { cohort: string })[] }
  const key = keys.find((candidate) => candidate.cohort === cohort) as PublicKey
  const message = ballotMessage(roundId, cohort, random)
  const { blinded, inverse } = await blind(key, message, random)
  const issuance = request ?? { roundId, cohort, invitation, blindedMessage: toBase64Url(blinded) }
  let signature = random(384)

  const post = async (path: string, body: object) => {
    const digests = await Promise.all([message, signature, blinded].map((bytes) => crypto.subtle.digest('SHA-256', bytes)))
    const bytes = [message, signature, blinded, ...digests.map((digest) => new Uint8Array(digest))].map((value) => Buffer.from(value))
    const hex = bytes.map((value) => value.toString('hex'))
    sent.push(...Object.values(body).map(String), ...Object.values(identity), ...hex, ...hex.map((text) => text.toUpperCase()))
    return fetch(`${url}/api/v1${path}?telltale=query-of-somebody`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...identity, Origin: url, 'Content-Type': 'application/json' },
    })
  }
  return {
    request: issuance,
    collect: async (changes: object = {}) => {
      const answer = await post('/issuances', { ...issuance, ...changes })
      const body = (await answer.clone().json()) as { blindSignature?: string }
      if (body.blindSignature) signature = await finalize(key, message, fromBase64Url(body.blindSignature), inverse)
      return answer
    },
    cast: (changes: object = {}) => {
      const answers = itemsOfRound(1).map((item, index) => (item.kind === 'agreement' ? 1 + (index % 5) : 1))
      const ballot = { roundId, cohort, message: toBase64Url(message), signature: toBase64Url(signature), answers, comment }
      return post('/ballots', { ...ballot, ...changes })
    },
  }
}

/** Pieces of 8 or more characters of these texts that were printed. */
function traces(output: string, texts: readonly string[]): string[] {
  const pieces = texts.flatMap((text) => Array.from({ length: Math.max(0, text.length - 7) }, (_, at) => text.slice(at, at + 8)))
  return [...new Set(pieces)].filter((piece) => output.includes(piece)).slice(0, 20)
}
