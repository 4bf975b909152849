/** `npm start`: builds, migrates, serves, ticks, loads the sample, says where to go; and leaves nothing behind. */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { build } from './build.ts'
import { isEmpty, lock, pendingMigrations, scrub } from './database.ts'
import { paths, Refusal, reap, running } from './home.mjs'
import { migrate, type Runtime, start, stopSignals } from './runtime.ts'
import { secrets } from './secrets.ts'

let runtime: Runtime | undefined
let locked: Disposable | undefined
let timer: NodeJS.Timeout | undefined
let stopping = false

for (const signal of stopSignals) process.on(signal, () => stop(0))
process.on('disconnect', () => stop(0)) // the process that started us was killed

const served = serve()
served.catch((error: unknown) => {
  if (stopping) return
  console.error(error instanceof Refusal ? error.message : error)
  stop(1)
})

async function serve(): Promise<void> {
  const port = portOf(process.argv.slice(2))
  locked = claim()
  await checkPort(port)
  const own = secrets()
  const configuration = await build(() => console.log('Building …'))
  if (stopping) return
  process.umask(0o077) // names, addresses and, while a round is open, ballots are for this user only
  scrub(false)
  if (pendingMigrations().length > 0) await migrate(configuration)
  if (stopping) return
  const wantsSample = isEmpty() && !existsSync(paths.sampled)
  runtime = await start(configuration, own, port)
  if (stopping) return
  const url = `http://127.0.0.1:${port}`
  writeFileSync(paths.running, JSON.stringify({ pid: process.pid, url, scrub: url + runtime.scrubPath, runtime: runtime.process }))

  const operator = client(url, own.OPERATOR_TOKEN)
  const survey = await sample(operator, wantsSample).catch((error: Error) => {
    if (!stopping) console.error(`The sample could not be loaded: ${error.message}. Remove it under Settings, or start over: npm run reset`)
    return null
  })
  if (stopping) return
  const { url: signIn } = await operator<{ url: string }>('POST', '/api/v1/sign-in-links')
  keepTime(runtime, configuration.crons)
  console.log([`Dashboard: ${url}/`, `Sign in: ${signIn}`, ...(survey ? [`Survey: ${survey}`] : [])].join('\n'))
}

async function stop(code: number): Promise<void> {
  if (stopping) return
  stopping = true
  clearTimeout(timer)
  try {
    if (!runtime) await served.catch(() => {}) // it may be about to start one
    await runtime?.stop()
    if (locked) {
      scrub(true)
      rmSync(paths.running, { force: true })
    }
  } catch (error) {
    console.error('The database could not be scrubbed; the next start will try again.', error)
    code = 1
  }
  process.exit(code)
}

function portOf(args: string[]): number {
  let text = process.env.PORT || '8787'
  try {
    text = parseArgs({ args, options: { port: { type: 'string' } } }).values.port ?? text
  } catch (error) {
    throw new Refusal(`${(error as Error).message}. Try: npm start -- --port 8788`)
  }
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw new Refusal(`${text} is not a port. Choose one from 1 to 65535: npm start -- --port 8788`)
  return port
}

/** One server for one database; a server that was killed may have left its runtime. */
function claim(): Disposable {
  try {
    const claimed = lock(paths.lock)
    reap()
    return claimed
  } catch {
    const other = running()
    throw new Refusal(
      `Plumbline already runs on this database${other ? `, at ${other.url} (process ${other.pid})` : ''}. Stop that one first.`,
    )
  }
}

async function checkPort(port: number): Promise<void> {
  const probe = createServer()
  try {
    await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(port, '127.0.0.1', resolve))
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'EACCES' ? 'may not be used by you' : 'is taken'
    throw new Refusal(`Port ${port} ${why}. Choose another: npm start -- --port ${port === 65_535 ? 8788 : port + 1}`)
  }
  await new Promise((resolve) => probe.close(resolve))
}

interface SampleState {
  state: 'absent' | 'loading' | 'loaded'
  step: number
  steps: number
  message: string
  surveyUrl: string | null
}

type Client = <T>(method: string, path: string) => Promise<T>

/** Our own API, as whoever runs the deployment. */
function client(url: string, token: string): Client {
  return async <T>(method: string, path: string) => {
    const response = await fetch(url + path, { method, headers: { Authorization: `Bearer ${token}` } })
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as T
  }
}

/** Loads the sample where it is wanted or half loaded. @returns a personal link into its open round */
async function sample(operator: Client, wanted: boolean): Promise<string | null> {
  let progress = await operator<SampleState>('GET', '/api/v1/sample')
  const incomplete = progress.state === 'loading'
  let waiting = false
  while (progress.state !== 'loaded' && (wanted || incomplete)) {
    const { step } = progress
    progress = await operator<SampleState>('POST', '/api/v1/sample/steps')
    if (progress.step > step) console.log(`Loading sample data ${progress.step}/${progress.steps} ${progress.message}`)
    else {
      if (!waiting) console.log('Loading was interrupted; going on within half a minute …') // the step that was cut off is held so long
      waiting = true
      await sleep(1000)
    }
  }
  if (progress.state === 'loaded') writeFileSync(paths.sampled, '')
  return progress.surveyUrl
}

/** Cron does not fire by itself on this machine: every minute counts as every expression's turn. */
function keepTime(served: Runtime, crons: string[]): void {
  const minute = 60_000
  const tick = async () => {
    const at = new Date(Math.floor(Date.now() / minute) * minute)
    for (const cron of crons) {
      try {
        await served.tick(cron, at)
      } catch (error) {
        await sleep(500) // Ctrl-C reaches the runtime before it reaches us: then this is no failure
        if (!stopping) console.error(`The jobs of ${at.toISOString()} failed: ${(error as Error).name}`)
      }
    }
    if (!stopping) timer = setTimeout(tick, minute - (Date.now() % minute))
  }
  void tick()
}
