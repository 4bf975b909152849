/** `npm run reset`: deletes the local database, after asking. The secrets in `.dev.vars` stay: nothing else needs new ones. */
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { lock } from './database.ts'
import { paths, reap, running } from './home.mjs'

if (!process.argv.includes('--yes') && !(await confirmed())) {
  console.log('Nothing was deleted.')
  process.exit(1)
}
try {
  using _alone = lock(paths.lock)
  reap()
  rmSync(paths.state, { recursive: true, force: true })
} catch {
  const other = running()
  console.error(`A server uses this database${other ? `: ${other.url} (process ${other.pid})` : ''}. Stop it first. Nothing was deleted.`)
  process.exit(1)
}
console.log('The local database is gone. npm start makes a new one.')

async function confirmed(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const end = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  const answer = await Promise.race([terminal.question('This deletes everything in the local database. Type yes: '), end])
  terminal.close()
  return answer.trim() === 'yes'
}
