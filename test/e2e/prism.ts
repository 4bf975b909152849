/**
 * Pipedrive's own description of its API as a judge: every request and every answer passes through a proxy that refuses
 * what the description does not allow. It is no part of the project and is fetched into the cache when it is needed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FakePipedrive } from '../fakes/pipedrive'
import { freePort } from './server'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, 'node_modules', '.cache', 'plumbline', 'prism')
const program = join(folder, 'node_modules', '@stoplight', 'prism-cli', 'dist', 'index.js')
const version = '5.16.0'

/** The vendor's files, where the reference is beside the project. */
export const specification = (name: 'v1' | 'v2') => resolve(root, `../shared/specs/pipedrive/openapi-${name}.yaml`)

/** Why the judge cannot sit; undefined where it can. */
export function noJudge(): string | undefined {
  if (!existsSync(specification('v2'))) return '../shared/specs/pipedrive is missing'
  if (existsSync(program)) return undefined
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const { npm_command: _, ...env } = process.env
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--prefix', folder]
  const { status } = spawnSync('npm', ['install', ...options, `@stoplight/prism-cli@${version}`], { cwd: folder, env, timeout: 180_000 })
  return status === 0 && existsSync(program) ? undefined : 'the judge (@stoplight/prism-cli) could not be installed'
}

export interface Judge {
  /** `host:port` at which Pipedrive seems to be. */
  host: string
  /** What the judge had to object to: a request of ours or an answer of the fake. */
  objections: string[]
  stop: () => Promise<void>
}

/** Pipedrive at an address of this machine: the fake behind the judge, for both versions of the API. */
export async function judged(fake: FakePipedrive): Promise<Judge> {
  const objections: string[] = []
  const behind = await serve(async (path) => fake.answer(path, new Headers({ 'x-api-token': fake.token })))
  const children: ChildProcess[] = []
  const proxies = new Map<string, string>()
  for (const [name, prefix] of [
    ['v1', '/v1'],
    ['v2', '/api/v2'],
  ] as const) {
    const port = await freePort()
    const args = ['proxy', '-h', '127.0.0.1', '-p', String(port), '--errors', specification(name), `${urlOf(behind)}${prefix}`]
    children.push(spawn(process.execPath, [program, ...args], { stdio: 'ignore' }))
    proxies.set(prefix, `http://127.0.0.1:${port}`)
  }
  await Promise.all([...proxies.values()].map(listening))
  const front = await serve(async (path, headers) => {
    const [prefix, proxy] = [...proxies].find(([start]) => path.startsWith(`${start}/`)) ?? []
    if (!prefix || !proxy) return new Response(null, { status: 404 })
    const response = await fetch(proxy + path.slice(prefix.length), { headers: { 'x-api-token': headers.get('x-api-token') ?? '' } })
    const body = await response.text()
    if (!response.ok || response.headers.has('sl-violations')) objections.push(`${path}: ${response.status} ${body.slice(0, 500)}`)
    return new Response(body, { status: response.status, headers: { 'Content-Type': 'application/json' } })
  })
  return {
    host: new URL(urlOf(front)).host,
    objections,
    stop: async () => {
      for (const child of children) child.kill('SIGKILL')
      await Promise.all([front, behind].map((server) => new Promise((done) => server.close(done))))
    },
  }
}

async function serve(answer: (path: string, headers: Headers) => Promise<Response>): Promise<Server> {
  const server = createServer(async (request, response) => {
    const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const answered = await answer(request.url ?? '/', headers)
    response.writeHead(answered.status, Object.fromEntries(answered.headers))
    response.end(await answered.text())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return server
}

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

async function listening(url: string): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt += 1) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    )
    if (answered) return
    await sleep(100)
  }
  throw new Error(`nothing listens at ${url}`)
}
