import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One folder for the homes of all servers of a run, gone when the run is over. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-'))
  process.env.PLUMBLINE_TEST_HOMES = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
