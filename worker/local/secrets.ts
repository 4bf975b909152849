import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { paths, Refusal } from './home.mjs'

export interface Secrets {
  /** The key-encryption key, 32 bytes in base64. */
  KEK: string
  /** What buys a sign-in link and loads the sample: 43 characters. */
  OPERATOR_TOKEN: string
}

/**
 * The secrets of this machine, from `.dev.vars`: made at the first start, readable by their owner only. Never printed.
 *
 * @throws Refusal when the file is there and lacks one of them: a new key would make what the old one sealed unreadable
 */
export function secrets(): Secrets & Record<string, string> {
  if (!existsSync(paths.secrets)) {
    const lines = [
      '# Secrets of this machine. Whoever reads KEK and the database can forge ballots.',
      `KEK="${randomBytes(32).toString('base64')}"`,
      `OPERATOR_TOKEN="${randomBytes(32).toString('base64url')}"`,
    ]
    writeFileSync(paths.secrets, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' })
  }
  if (process.platform !== 'win32' && (statSync(paths.secrets).mode & 0o777) !== 0o600) chmodSync(paths.secrets, 0o600)
  const { KEK, OPERATOR_TOKEN, ...others } = parseEnv(readFileSync(paths.secrets, 'utf8')) as Record<string, string>
  if (!KEK || !OPERATOR_TOKEN)
    throw new Refusal(`${paths.secrets} must name KEK and OPERATOR_TOKEN. Restore it; or delete it and start over with npm run reset.`)
  return { ...others, KEK, OPERATOR_TOKEN }
}
