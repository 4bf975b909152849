/** Where things are on this machine. Runs under Node 20 before anything is installed, so it has no dependency. */
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Secrets and data live in the checkout, or where PLUMBLINE_HOME points: that is how tests get a server of their own. */
export const home = resolve(process.env.PLUMBLINE_HOME || root)

export const paths = {
  secrets: join(home, '.dev.vars'),
  /** The folder that `wrangler … --local` uses too. */
  state: join(home, '.wrangler', 'state'),
  /** Held locked by the server that uses the state. */
  lock: join(home, '.wrangler', 'state', 'plumbline.lock'),
  /** What that server is: for messages, and to end its runtime when it was killed. */
  running: join(home, '.wrangler', 'state', 'plumbline.json'),
  /** There once the sample was loaded, so that a sample somebody removed does not come back by itself. */
  sampled: join(home, '.wrangler', 'state', 'plumbline.sampled'),
  build: join(root, '.wrangler', 'build'),
}

/** Something that the person at the keyboard can set right: its message is shown, and no stack. */
export class Refusal extends Error {}

/**
 * @typedef {{ pid: number, url: string, scrub: string, runtime: { pid: number, command: string } | null }} Running
 * @returns {Running | null}
 */
export function running() {
  try {
    return JSON.parse(readFileSync(paths.running, 'utf8'))
  } catch {
    return null
  }
}

/**
 * Ends the runtime of a server that was killed: it would go on to serve the port and to write to the database. Only to be
 * called when that server is gone.
 */
export function reap() {
  const runtime = running()?.runtime
  // The whole command with its random port is compared: a number alone may by now belong to somebody else's process.
  if (runtime && commandOf(runtime.pid) === runtime.command) process.kill(runtime.pid, 'SIGKILL')
  rmSync(paths.running, { force: true })
}

/**
 * The command line of a process, or null when there is none.
 *
 * @param {number} pid
 */
export function commandOf(pid) {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') || null
      : execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return null
  }
}
