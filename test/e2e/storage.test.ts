/** The database file and its log tell nobody who said what. See docs/decisions/009-scrubbing.md. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { scrubFile } from '../../worker/local/database.ts'
import { bareHome, databaseFiles, emptyHome, run, type Server, signIn, startServer } from './server'
import { Adversary } from './storage-adversary'
import { type Moments, runRounds, type Way } from './storage-rounds'
import { type Traces, vote } from './voter'

/** In memory where there is such a place: thousands of commits would each wait for a disk. */
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'plumbline-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const firstEvent = 'the first of a minute'

/** It begins first: the minute after which it has emptied its log passes while rounds are attacked. */
let server: Server
let session: Record<string, string>
let awake: NodeJS.Timeout
beforeAll(async () => {
  server = await startServer(await emptyHome())
  session = await signIn(server)
  await addEvent(firstEvent)
  // Or the runtime closes the file, and with it the log.
  awake = setInterval(() => void fetch(`${server.url}/readyz`).catch(() => {}), 1_000)
})
afterAll(() => {
  clearInterval(awake)
  return server?.stop()
})

async function api<T>(method: string, path: string, body?: string, type = 'application/json'): Promise<T> {
  const headers = { ...session, ...(body ? { 'Content-Type': type } : {}) }
  const response = await fetch(server.url + path, { method, headers, ...(body ? { body } : {}) })
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}

const addEvent = (name: string) => api('POST', '/api/v1/events', JSON.stringify({ day: '2026-11-01', name }))

describe('an adversary with the file, its log, every link and every key', () => {
  it('pairs invitations and answers of 200 rounds no better than chance', { timeout: 300_000 }, async () => {
    const { open, closing, closed } = await attack({ rounds: 200 })
    expect(open.found).toMatchObject({ 'blinded hash': 3400, token: 3400, answers: 3400 }) // there was something to rank
    expect(open.p(), open.report()).toBeGreaterThan(0.01)
    expect(closed.found).toEqual({ 'link hash': 0, 'person id': 3400, 'blinded hash': 0, token: 0, answers: 0, comment: 0 })
    expect(closed.p(), closed.report()).toBeGreaterThan(0.01)
    // The moment between the closing batch and the scrub, before the closing is acknowledged: the log tells it all.
    expect(closing.pairing()).toBeLessThan(1e-6)
  })

  it('pairs no better what a team’s link collected', { timeout: 300_000 }, async () => {
    const { open, closed } = await attack({ rounds: 60, way: 'shared' })
    expect(open.found).toMatchObject({ 'blinded hash': 1020, token: 1020, answers: 1020 })
    expect(open.p(), open.report()).toBeGreaterThan(0.01)
    expect(closed.found).toMatchObject({ 'blinded hash': 0, token: 0, answers: 0, comment: 0 })
  })

  it('pairs them where rows come as they arrive and are only deleted', async () => {
    const { open, closing, closed } = await attack({ rounds: 40, way: 'naive' })
    for (const moment of [open, closing, closed]) expect(moment.pairing(), moment.report()).toBeLessThan(1e-6)
    expect(closed.found).toMatchObject({ 'blinded hash': 680, token: 680 })
  })

  it('notices where ballots fill the slots from the first to the last', async () => {
    const { open } = await attack({ rounds: 20, draws: [0, 0] })
    expect(open.p()).toBeLessThan(1e-6)
  })
})

async function attack({ rounds, way = 'product', draws }: { rounds: number; way?: Way; draws?: [number, number] }) {
  const adversaries: Record<keyof Moments, Adversary> = { open: new Adversary(), closing: new Adversary(), closed: new Adversary() }
  await runRounds(
    mkdtempSync(join(folder, 'home-')),
    {
      way,
      rounds,
      scrub: way === 'naive' ? checkpoint : (path) => void scrubFile(path, 1000),
      alter: (round) => {
        if (draws) for (const voter of round.cast) voter.draws = draws
      },
    },
    (round, moments) => {
      adversaries.open.look(round, moments.open)
      adversaries.closed.look(round, moments.closed)
      if (round.number <= 20) adversaries.closing.look(round, moments.closing) // enough to show it
    },
  )
  return adversaries
}

/** What SQLite does by itself sooner or later. */
function checkpoint(path: string): void {
  const database = new DatabaseSync(path, { timeout: 1000 })
  database.exec('pragma wal_checkpoint(truncate)')
  database.close()
}

describe('a running server', () => {
  /** Of every file that belongs to the state, other databases of the runtime among them. */
  const everything = () => {
    const state = join(server.home, '.wrangler', 'state')
    const names = readdirSync(state, { recursive: true, encoding: 'utf8' }).map((name) => join(state, name))
    return Buffer.concat(names.filter((name) => statSync(name).isFile()).map((name) => readFileSync(name)))
  }

  it('keeps no more than a minute of writing in its log', async () => {
    const [file = ''] = databaseFiles(server.home)
    const holds = (path: string) => readFileSync(path).includes(firstEvent)
    await vi.waitFor(() => expect([holds(file), holds(`${file}-wal`)]).toEqual([true, false]), { timeout: 65_000, interval: 200 })
  })

  it('has nothing of a round in its files once it has said that the round is closed', async () => {
    const sides = ['sales', 'marketing']
    const rows = sides.flatMap((side) => [1, 2, 3, 4, 5, 6].map((n) => `${side}${n}@acme.example,${side} ${n},${side},${side},en`))
    await api('POST', '/api/v1/people/imports?dryRun=false&mode=partial', ['email,name,team,side,locale', ...rows].join('\n'), 'text/csv')
    const { id } = await api<{ id: string }>('POST', '/api/v1/rounds', JSON.stringify({ period: '2026-11' }))
    const { invitations } = await api<{ invitations: { email: string; url: string }[] }>('POST', `/api/v1/rounds/${id}/opening`)
    const comment = 'Nobody else would say it in these words.'
    const voters = invitations.filter(({ email }) => email.startsWith('sales') || /^marketing[12]@/.test(email))
    const traces: Traces[] = []
    for (const [index, { url }] of voters.entries()) traces.push(await vote(url, index === 0 ? comment : null))
    const secrets = [
      ...traces.flatMap(({ token, blindedHash }) => [token, blindedHash]),
      ...(await Promise.all(invitations.map(({ url }) => linkHash(url)))),
      ...privateKeys(server.home),
      Buffer.from(comment),
    ].map((bytes) => Buffer.from(bytes))
    const answers = traces.map((trace) => Buffer.from(trace.answers))
    const found = () => {
      const bytes = everything()
      return {
        secrets: secrets.filter((secret) => bytes.includes(secret)).length,
        answers: answers.filter((a) => bytes.includes(a)).length,
      }
    }
    expect(found()).toEqual({ secrets: secrets.length, answers: answers.length })
    expect(secrets).toHaveLength(2 * 8 + 12 + 2 + 1)

    await api('POST', `/api/v1/rounds/${id}/closure`)
    expect(found()).toEqual({ secrets: 0, answers: 0 })
    expect(server.output()).not.toContain('scrub')
  })

  it('answers everybody while its file is rewritten again and again', async () => {
    let scrubbing = true
    const scrubs = (async () => {
      for (let count = 0; count < 8; count++) expect((await scrubOver(server)).status).toBe(200)
      scrubbing = false
    })()
    const writers = [1, 2, 3, 4].map(async (writer) => {
      let written = 0
      while (scrubbing) await addEvent(`writer ${writer}, event ${++written}`)
      return written
    })
    const [, ...counts] = await Promise.all([scrubs, ...writers])
    const written = counts.reduce((sum, count) => sum + count)
    expect(written).toBeGreaterThan(8)
    const [file = ''] = databaseFiles(server.home)
    const database = new DatabaseSync(file)
    expect(database.prepare("select count(*) as n from events where name like 'writer%'").get()).toEqual({ n: written })
    expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
    database.close()
    expect(server.output()).not.toMatch(/error|scrub/i)
  })

  it('goes on where whoever asked for a scrub did not wait for it', async () => {
    for (let count = 0; count < 5; count++) {
      const gone = new AbortController()
      const asked = scrubOver(server, gone.signal).catch(() => 'gone')
      setTimeout(() => gone.abort(), count * 4)
      await asked
    }
    await addEvent('after that')
    expect((await scrubOver(server)).status).toBe(200)
  })

  it('is scrubbed by npm run scrub, which says what it did', async () => {
    await addEvent('something in the log')
    const [file = ''] = databaseFiles(server.home)
    const { code, output } = await run('scrub', [], server.home)
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`Rewrote ${file} without what was deleted from it.`) })
    expect(output).toMatch(/Its log: [\d,]+ bytes before, 0 bytes now\./)
    // Not its size: the job of the minute may have written down meanwhile that it ran.
    expect(readFileSync(`${file}-wal`, 'latin1')).not.toContain('something in the log')
  })

  it('says so when another program keeps the file from being scrubbed, and still serves', async () => {
    const [file = ''] = databaseFiles(server.home)
    await addEvent('something in the log')
    const reader = new DatabaseSync(file)
    onTestFinished(() => reader.close())
    reader.exec('begin')
    reader.prepare('select count(*) from events').get()
    await addEvent('something after what is read')
    const { code, output } = await run('scrub', [], server.home)
    expect(code).toBe(1)
    expect(output).toBe(
      'The database could not be scrubbed: another program reads the database.\nClose other programs that use it, or stop the server, and try again.\n',
    )
    expect(server.output().match(/could not be scrubbed while the server runs/g)).toHaveLength(1)
    await addEvent('still here')
  })
})

describe('npm run scrub', () => {
  it('works while the server is stopped, and takes along what a kill left behind', async () => {
    const server = await startServer(await emptyHome())
    process.kill(-(server.child.pid as number), 'SIGKILL')
    await server.stop('SIGKILL')
    const [file = ''] = databaseFiles(server.home)
    expect(existsSync(`${file}-wal`)).toBe(true)
    const { code, output } = await run('scrub', [], server.home)
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(
        /^Rewrote .+\nThe file: [\d,]+ bytes before, [\d,]+ bytes now\. Its log: [\d,]+ bytes before, 0 bytes now\.\n$/,
      ),
    ])
    expect(databaseFiles(server.home)).toEqual([file])
  })

  it('has nothing to do where there is no database', async () => {
    expect(await run('scrub', [], bareHome())).toEqual({ code: 0, output: 'There is no local database yet: nothing to scrub.\n' })
  })
})

/** As `npm run scrub` asks for it. */
function scrubOver(server: Server, signal?: AbortSignal): Promise<Response> {
  const { scrub } = JSON.parse(readFileSync(join(server.home, '.wrangler', 'state', 'plumbline.json'), 'utf8')) as { scrub: string }
  return fetch(scrub, { method: 'POST', ...(signal ? { signal } : {}) })
}

/** What the database knows of a personal link. */
async function linkHash(url: string): Promise<Uint8Array> {
  const [, secret = ''] = new URL(url).hash.slice(1).split('.')
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret)))
}

/** The signing keys of the open round, sealed, as they stand in the database. */
function privateKeys(home: string): Buffer[] {
  const [file = ''] = databaseFiles(home)
  const database = new DatabaseSync(file, { readOnly: true })
  const rows = database.prepare('select private_key from cohorts where private_key is not null').all()
  database.close()
  return rows.map(({ private_key: key }) => Buffer.from(String(key)))
}
