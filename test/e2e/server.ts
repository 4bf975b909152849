/** The product as `npm start` runs it: built, in a process of its own, on a free port, with a home of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const root = resolve(import.meta.dirname, '../..')

export interface Server {
  url: string
  /** The printed links. `survey` is null without a sample. */
  signIn: string
  survey: string | null
  home: string
  /** Everything that was printed so far. */
  output: () => string
  child: ChildProcess
  /** Ends it, and waits until it is gone. */
  stop: (signal?: NodeJS.Signals) => Promise<Ended>
}

export interface Ended {
  code: number | null
  output: string
}

/** An empty folder for secrets and data; what `PLUMBLINE_HOME` is set to. */
export const newHome = () => mkdtempSync(join(homes(), 'home-'))

const homes = () => process.env.PLUMBLINE_TEST_HOMES ?? tmpdir()

/** A home whose first start loads no sample, which saves most of the time that a first start takes. */
export const bareHome = (): string => bare(newHome())

/** Makes a bare home of this folder. */
export function bare(home: string): string {
  mkdirSync(join(home, '.wrangler', 'state'), { recursive: true })
  writeFileSync(join(home, '.wrangler', 'state', 'plumbline.sampled'), '')
  return home
}

/** A home, and what its first start printed. */
export interface StartedHome {
  home: string
  output: string
}

/** The sample organisation, for a test to do with as it likes. */
export const sampleHome = (): Promise<StartedHome> => startedHome('sample')

/** What a bare home is after its first start: migrated, with secrets. */
export const emptyHome = async (): Promise<string> => (await startedHome('empty')).home

/** A copy. Whoever asks first in a run starts the original; everybody else waits for that. */
async function startedHome(name: 'sample' | 'empty'): Promise<StartedHome> {
  const original = join(homes(), name)
  const printed = join(original, 'printed.txt')
  while (!existsSync(printed)) {
    if (isFirst(original)) await startFirst(name === 'empty' ? bare(original) : original, printed)
    else await sleep(200)
  }
  const home = newHome()
  cpSync(original, home, { recursive: true })
  return { home, output: readFileSync(printed, 'utf8') }
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch {
    return false
  }
}

async function startFirst(home: string, printed: string): Promise<void> {
  try {
    const server = await startServer(home)
    const output = server.output()
    await server.stop()
    writeFileSync(printed, output)
  } catch (error) {
    rmSync(home, { recursive: true, force: true }) // somebody else may have more luck
    throw error
  }
}

/** Starts the server and waits for its links. @throws Error with what it printed, where it ends instead */
export async function startServer(home: string, port?: number): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(home, port)
    } catch (error) {
      // Another test's request may have been given the port that was free a moment ago.
      if (port !== undefined || attempt === 3 || !/Address already in use|is taken/.test(String(error))) throw error
    }
  }
}

async function startOnce(home: string, port?: number): Promise<Server> {
  const chosen = port ?? (await freePort())
  const { child, output, ended } = command('serve', ['--port', String(chosen)], home)
  const linesOf = () =>
    Object.fromEntries([...output().matchAll(/^(Dashboard|Sign in|Survey): (\S+)$/gm)].map(([, name, url]) => [name, url]))
  await Promise.race([
    ended.then(() => Promise.reject(new Error(`The server ended:\n${output()}`))),
    new Promise<void>((done) => child.stdout?.on('data', () => 'Sign in' in linesOf() && done())),
  ])
  const lines = linesOf()
  return {
    url: `http://127.0.0.1:${chosen}`,
    signIn: lines['Sign in'] ?? '',
    survey: lines.Survey ?? null,
    home,
    output,
    child,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal)
      return ended
    },
  }
}

/** Runs one of the commands to its end. */
export const run = (script: 'serve' | 'reset' | 'scrub', args: string[], home: string, input = '') =>
  command(script, args, home, input).ended

function command(script: string, args: string[], home: string, input = '') {
  const { npm_command: _, ...env } = process.env // or it would look for an npm that is not its parent
  const child = spawn(process.execPath, [join(root, 'worker', 'local', 'run.mjs'), script, ...args], {
    cwd: root,
    env: { ...env, PLUMBLINE_HOME: home },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true, // a group of its own, as in a terminal
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  child.stdin.end(input)
  const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, output: text })))
  return { child, output: () => text, ended }
}

export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address() as { port: number }
  await new Promise((done) => probe.close(done))
  return port
}

/** The files that the database consists of right now. */
export function databaseFiles(home: string): string[] {
  const folder = join(home, '.wrangler', 'state', 'v3', 'd1', 'miniflare-D1DatabaseObject')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => !name.startsWith('metadata'))
    .map((name) => join(folder, name))
}

/** Spends a sign-in link. @returns headers of the session, as a browser would send them */
export async function signIn({ url, signIn: link }: Server): Promise<Record<string, string>> {
  const response = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: url },
    body: JSON.stringify({ token: new URL(link).hash.slice(1) }),
  })
  if (response.status !== 201) throw new Error(`signing in answered ${response.status}: ${await response.text()}`)
  return { Cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '', Origin: url }
}
