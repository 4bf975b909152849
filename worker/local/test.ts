/** `npm test`: brings a browser where it can, runs every test, and ends with one line that says how it went. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { findChromium, installChromium } from './chromium.ts'
import { root } from './home.mjs'

const args = process.argv.slice(2)
const cache = join(root, 'node_modules', '.cache', 'plumbline')
const report = join(cache, 'tests.json')

const wantsBrowser = args.length === 0 || args.some((arg) => arg.includes('e2e'))
const noBrowser = findChromium() || !wantsBrowser ? undefined : installChromium()
const chromium = findChromium()

mkdirSync(cache, { recursive: true })
rmSync(report, { force: true })
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const options = ['--config', 'test/vitest.config.ts', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', vitest, 'run', ...options, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...(chromium ? { CHROMIUM_PATH: chromium } : {}) },
})
process.exitCode = summarise(status ?? 1)

interface Report {
  testResults: { name: string; status: string; message: string; assertionResults: { status: string; fullName: string }[] }[]
}

/** @returns the exit code: 0 only where Vitest was content and nothing failed */
function summarise(exitCode: number): number {
  const files = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as Report).testResults : []
  const count = (wanted: string) => files.flatMap((file) => file.assertionResults).filter(({ status }) => status === wanted).length
  // A file that does not load has no test that could fail.
  const broken = files.filter((file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'))
  let failed = count('failed') + broken.length
  for (const file of broken) console.log(`Did not run: ${relative(root, file.name)}`)
  if (exitCode !== 0 && failed === 0) {
    failed = 1
    console.log('Vitest itself failed, see above.')
  }
  let skipped = 0
  for (const file of files) {
    const names = file.assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName)
    skipped += names.length
    if (names.length > 0) console.log(`Skipped in ${relative(root, file.name)}: ${names.length} (${reasonOf(file.name, names)})`)
  }
  console.log(`${count('passed')} passed, ${failed} failed, ${skipped} skipped`)
  return exitCode || (failed > 0 ? 1 : 0)
}

function reasonOf(file: string, names: string[]): string {
  if (!chromium && file.includes('e2e')) return noBrowser ?? 'no Chromium was found; install one or set CHROMIUM_PATH'
  if (!existsSync(join(root, '..', 'shared', 'data')) && readFileSync(file, 'utf8').includes('shared/data'))
    return 'the reference data in ../shared/data is not there'
  return names.join('; ')
}
