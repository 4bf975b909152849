import { csv } from './csv'

/** The registry: a kind of source is a folder here and a line below. docs/connectors.md says how to add one. */
export const connectors = { csv } as const

export type SourceKind = keyof typeof connectors
export const sourceKinds = Object.keys(connectors) as SourceKind[]
