/**
 * The first step of `npm start`, `npm test`, `npm run reset` and `npm run scrub`, on nothing but Node 20 and npm: installs what is missing,
 * then runs the script that is named under the Node that the project brings.
 */
import './node-version.mjs'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { reap, root } from './home.mjs'

const [script = '', ...args] = process.argv.slice(2)

install()
const child = spawn(bundledNode(), ['--disable-warning=ExperimentalWarning', join(root, 'worker', 'local', `${script}.ts`), ...args], {
  cwd: root,
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'], // the channel tells the child when we are gone
})
let asked = false
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  // In a terminal Ctrl-C reaches the child too; either way the child decides, and we leave with its exit code.
  process.on(signal, () => {
    asked = true
    child.kill(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM')
  })
}
if (process.env.npm_command) {
  const npm = process.ppid
  setInterval(() => process.ppid === npm || child.kill('SIGTERM'), 1000).unref() // npm was killed: nobody could stop us any more
}
child.on('exit', (code, signal) => {
  if (signal && script === 'serve') {
    reap()
    if (asked && signal !== 'SIGKILL') process.exit(0) // before it could listen to signals: nothing was open yet
    console.error(`The server was ended by ${signal}. The next start cleans up.`)
  }
  process.exit(code ?? 1)
})

/** `npm ci`, only where it is needed: nothing is installed yet, or the lock file is newer than what is. */
function install() {
  const lock = join(root, 'package-lock.json')
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  console.log('Installing what is missing (npm ci) …')
  const npm = process.env.npm_execpath
  const options = /** @type {const} */ (['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'])
  const { status, error } = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...options], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', options, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status === 0) return
  console.error(`npm ci failed${error ? `: ${error.message}` : ''}. Nothing was started.`)
  process.exit(1)
}

/** Node 24 comes with the project: the server needs its SQLite and its TypeScript. */
function bundledNode() {
  const bundled = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(bundled)) return bundled
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  console.error('node_modules/node/bin/node is missing, because npm did not run its install script. Run: npm rebuild node')
  return process.exit(1)
}
