/** Two hundred rounds from a seed, run on a real D1 in a file, and what the file looks like at three moments of each. */
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Log, LogLevel, Miniflare } from 'miniflare'
import { build } from 'vite'
import { commentBytes } from '../../worker/core/ballot'
import { random } from '../core/rounds'
import { databaseFiles } from './server'

/** Somebody who answers, with everything that they leave in the database. Bytes in hex. */
export interface Voter {
  personId: string
  cohort: string
  /** SHA-256 of the link's secret: known to whoever has the mail log. */
  tokenHash: string
  blindedHash: string
  token: string
  answers: string
  comment: string | null
  draws: [number, number]
}

export interface Round {
  roundId: string
  number: number
  invited: { cohort: string; personId: string; tokenHash: string }[]
  /** In the order in which they collected; almost the order in which they cast. */
  collected: Voter[]
  cast: Voter[]
  steps: { act: 'collect' | 'cast'; voter: Voter }[]
}

/** How rounds are stored; `shared`: as the product does, where all of c2 answer through one link of their team. */
export type Way = 'product' | 'shared' | 'naive'

export type Call = { way: Way } & (
  | { do: 'prepare'; personIds: string[] }
  | ({ do: 'open'; answerBytes: number; members: { personId: string; nodeId: string }[] } & Pick<Round, 'roundId' | 'number' | 'invited'>)
  | ({ do: 'answer' } & Pick<Round, 'roundId' | 'steps'>)
  | { do: 'close'; roundId: string; ballots: number }
)

/** The bytes of the main file, and of the log where it is part of what was copied. */
export interface Snapshot {
  file: Buffer
  log: Buffer
}

export interface Moments {
  /** Everybody has answered, the round is open: the main file alone, brought up to date. */
  open: Snapshot
  /** The closing batch is through, nothing was scrubbed: file and log as they are. */
  closing: Snapshot
  /** The closing has been acknowledged: file and log as they are. */
  closed: Snapshot
}

/** Who belongs to which cohort; two of the twelve and one of the eight do not answer. */
const sizes = { c1: 12, c2: 8 }
const silent = 3
const answerBytes = 19

/**
 * @param home an empty folder; it becomes a home of the server's, with one database
 * @param scrub what happens between the closing batch and its acknowledgement
 * @param alter what is done to a round before it runs
 */
export async function runRounds(
  home: string,
  options: { way: Way; rounds: number; scrub: (path: string) => void; alter?: (round: Round) => void },
  look: (round: Round, moments: Moments) => void,
): Promise<void> {
  const { way, rounds, scrub, alter } = options
  const simulator = new Miniflare({
    cf: false,
    enableDevRegistry: false,
    log: new Log(LogLevel.NONE),
    resourcePersistencePath: join(home, '.wrangler', 'state', 'v3'),
    workers: [
      {
        config: {
          name: 'rounds',
          compatibilityDate: '2026-10-01',
          manifest: { mainModule: 'rounds.mjs', modulesRoot: home, modules: { 'rounds.mjs': { type: 'esm', contents: await bundled() } } },
          env: { DB: { type: 'd1', id: 'rounds' } },
        },
      },
    ],
  })
  try {
    const database = await simulator.getD1Database('DB')
    for (const statement of migrations()) await database.prepare(statement).run()
    const worker = await simulator.getWorker('rounds')
    const call = async (body: Call) => {
      const response = await worker.fetch('http://rounds/', { method: 'POST', body: JSON.stringify(body) })
      if (!response.ok) throw new Error(`${body.do} answered ${response.status}: ${await response.text()}`)
    }
    const draw = generator(20_261_122)
    const personIds = Array.from({ length: sizes.c1 + sizes.c2 }, () => Buffer.from(draw.bytes(16)).toString('base64url'))
    await call({ way, do: 'prepare', personIds })
    const [path = ''] = databaseFiles(home).filter((name) => name.endsWith('.sqlite'))
    for (let number = 1; number <= rounds; number++) {
      const round = roundOf(number, personIds, draw)
      alter?.(round)
      const { roundId, invited, steps } = round
      const members = personIds.map((personId) => ({ personId, nodeId: 'team' }))
      await call({ way, do: 'open', roundId, number, invited, members, answerBytes })
      await call({ way, do: 'answer', roundId, steps })
      const open = checkpointed(path, home)
      await call({ way, do: 'close', roundId, ballots: round.cast.length })
      const closing = snapshot(path)
      scrub(path)
      look(round, { open, closing, closed: snapshot(path) })
    }
  } finally {
    await simulator.dispose()
  }
}

function snapshot(path: string): Snapshot {
  const log = `${path}-wal`
  return { file: readFileSync(path), log: existsSync(log) ? readFileSync(log) : Buffer.alloc(0) }
}

/** Of a copy, so that the log itself goes on growing as it does for real. */
function checkpointed(path: string, home: string): Snapshot {
  const copy = join(home, 'copy.sqlite')
  for (const suffix of ['', '-wal']) cpSync(path + suffix, copy + suffix)
  const database = new DatabaseSync(copy)
  database.exec('pragma wal_checkpoint(truncate)')
  database.close()
  const file = readFileSync(copy)
  for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true })
  return { file, log: Buffer.alloc(0) }
}

/**
 * Voters collect and cast back to back, as the page does; now and then two are at it at once. Hashes and tokens are
 * random bytes instead of hashes of blinded messages: blind signatures say nothing about each other, and here it is the
 * file that is attacked. Answers are bytes that no other ballot has, so that they can be found.
 */
function roundOf(number: number, personIds: string[], draw: Generator): Round {
  const hex = (length: number) => Buffer.from(draw.bytes(length)).toString('hex')
  const members = draw.shuffled(personIds).map((personId, index): Voter => {
    const comment = draw.below(10) < 4 ? hex(40).padEnd(2 * commentBytes, '0') : null
    const traces = { tokenHash: hex(32), blindedHash: hex(32), token: hex(32), answers: hex(answerBytes), comment }
    return { personId, cohort: index < sizes.c1 ? 'c1' : 'c2', ...traces, draws: [draw.below(2 ** 32), draw.below(2 ** 32)] }
  })
  const collected = draw.shuffled(members).slice(silent)
  const cast: Voter[] = []
  const steps: Round['steps'] = []
  for (let index = 0; index < collected.length; index++) {
    const together = collected.slice(index, index + (draw.below(5) === 0 ? 2 : 1))
    for (const voter of together) steps.push({ act: 'collect', voter })
    for (const voter of draw.shuffled(together)) {
      steps.push({ act: 'cast', voter })
      cast.push(voter)
    }
    index += together.length - 1
  }
  // As services/rounds.ts does: in an order that is not that of the list of people.
  const invited = draw.shuffled(members).map(({ cohort, personId, tokenHash }) => ({ cohort, personId, tokenHash }))
  return { roundId: `round-${number}`, number, invited, collected, cast, steps }
}

type Generator = ReturnType<typeof generator>

function generator(seed: number) {
  const next = random(seed)
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    bytes: (length: number) => Uint8Array.from({ length }, () => below(256)),
    shuffled: <T>(items: readonly T[]): T[] => {
      const result = [...items]
      for (let last = result.length - 1; last > 0; last--) {
        const other = below(last + 1)
        ;[result[last], result[other]] = [result[other] as T, result[last] as T]
      }
      return result
    },
  }
}

async function bundled(): Promise<string> {
  const entry = join(import.meta.dirname, 'storage-worker.ts')
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'esnext', minify: false, lib: { entry, formats: ['es'], fileName: 'rounds' } },
  })
  const [output] = Array.isArray(built) ? built : [built]
  if (!output || !('output' in output)) throw new Error('Nothing was built.')
  return output.output[0].code
}

function migrations(): string[] {
  const folder = resolve(import.meta.dirname, '../../migrations')
  const { entries } = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')) as { entries: { tag: string }[] }
  return entries.flatMap(({ tag }) => readFileSync(join(folder, `${tag}.sql`), 'utf8').split('--> statement-breakpoint'))
}
