import type { Connector } from '../connector'
import { mapCsv } from './mapper'
import { CsvSettings } from './settings'

/** Files that somebody exports from a CRM and uploads, or a program posts. */
export const csv: Connector<CsvSettings> = { kind: 'csv', settings: CsvSettings as never, map: mapCsv }
