import { csv } from './csv'
import { csvUrl } from './csv-url'
import { hubspot } from './hubspot'
import { json } from './json'
import { pipedrive } from './pipedrive'
import { push } from './push'
import { salesforce } from './salesforce'

/** The registry: a kind of source is a folder here and a line below. docs/connectors.md says how to add one. */
export const connectors = { csv, 'csv-url': csvUrl, json, hubspot, pipedrive, push, salesforce } as const

export type SourceKind = keyof typeof connectors
export const sourceKinds = Object.keys(connectors) as SourceKind[]
