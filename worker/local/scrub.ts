/** `npm run scrub`: rewrites the local database file without what was deleted from it, whether or not the server runs. */
import { lock, type Scrubbed, scrub } from './database.ts'
import { paths, Refusal, reap, running } from './home.mjs'

try {
  const files = (await whileStopped()) ?? (await whileRunning())
  if (files.length === 0) console.log('There is no local database yet: nothing to scrub.')
  for (const { path, before, after } of files) {
    console.log(`Rewrote ${path} without what was deleted from it.`)
    console.log(
      `The file: ${bytes(before.file)} before, ${bytes(after.file)} now. Its log: ${bytes(before.log)} before, ${bytes(after.log)} now.`,
    )
  }
} catch (error) {
  console.error(`The database could not be scrubbed: ${(error as Error).message}.`)
  if (!(error instanceof Refusal)) console.error('Close other programs that use it, or stop the server, and try again.')
  process.exit(1)
}

/** @returns undefined where a server uses the database */
async function whileStopped(): Promise<Scrubbed[] | undefined> {
  let locked: Disposable
  try {
    locked = lock(paths.lock)
  } catch {
    return undefined
  }
  using _alone = locked
  reap()
  return scrub(true)
}

/** Asks the server: it alone can keep its own requests away from the file meanwhile. */
async function whileRunning(): Promise<Scrubbed[]> {
  const server = running()
  if (!server) throw new Refusal('a server is just starting or stopping. Try again in a moment')
  const response = await fetch(server.scrub, { method: 'POST' }).catch(() => {
    throw new Refusal(`the server at ${server.url} (process ${server.pid}) does not answer`)
  })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as Scrubbed[]
}

function bytes(count: number): string {
  return `${count.toLocaleString('en')} bytes`
}
