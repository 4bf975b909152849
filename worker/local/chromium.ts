import { spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const elsewhere = ['/Applications/Chromium.app/Contents/MacOS/Chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/** The browser for the end-to-end tests: `CHROMIUM_PATH`, or one under the usual names. */
export function findChromium(): string | undefined {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return [...onPath, ...elsewhere].find(isProgram)
}

/**
 * Installs Chromium where that is possible without asking anybody: as root on Debian and its relatives.
 *
 * @returns what went wrong, or undefined
 */
export function installChromium(): string | undefined {
  if (process.getuid?.() !== 0) return 'no Chromium was found; install one or set CHROMIUM_PATH'
  console.log('Installing Chromium for the end-to-end tests …')
  const minute = 60_000
  for (const [args, timeout] of [
    [['update'], 2 * minute],
    [['install', '-y', '--no-install-recommends', 'chromium'], 5 * minute],
  ] as const) {
    const { status, error } = spawnSync('apt-get', ['-qq', ...args], {
      stdio: 'ignore',
      timeout,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (status !== 0)
      return `no Chromium was found, and apt-get ${args[0]} failed${error ? ` (${error.message})` : ''}; install one or set CHROMIUM_PATH`
  }
  return findChromium() ? undefined : 'no Chromium was found, not even after installing it; set CHROMIUM_PATH'
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
