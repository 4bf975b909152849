import type { FileConnector } from '../connector'
import { mapCsv } from './mapper'
import { CsvSettings } from './settings'

/** Files that somebody exports from a CRM and uploads, or a program posts. */
export const csv: FileConnector<CsvSettings> = {
  kind: 'csv',
  brings: 'files',
  settings: CsvSettings as never,
  secrets: [],
  map: mapCsv,
}
