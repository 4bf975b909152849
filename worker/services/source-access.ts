/** What a connector is given of the world: its settings, its secret in the clear, and a way to ask. */
import { connectors as ours } from '../connectors'
import type { Access, Connector, PullConnector, SecretPart } from '../connectors/connector'
import { PullFailure } from '../connectors/failure'
import { readSettings } from '../db/settings'
import type { SourceRow } from '../db/sources'
import type { ServiceContext } from './context'
import { seal, unseal } from './sealing'

/** Connectors by kind; tests bring their own. */
export type Registry = Readonly<Record<string, Connector<unknown>>>

export const registry: Registry = ours

export type SecretParts = Partial<Record<SecretPart['name'], string>>

/**
 * The connector of a source that is pulled.
 *
 * @throws PullFailure configuration: no such kind is known here (any more), or it is none that is pulled
 */
export function pullConnectorOf(kind: string, known: Registry = registry): PullConnector<unknown> {
  const connector = Object.hasOwn(known, kind) ? known[kind] : undefined
  if (!connector || !isPulled(connector)) throw new PullFailure('configuration', { field: 'kind' })
  return connector
}

const isPulled = (connector: Connector<unknown>): connector is PullConnector<unknown> =>
  'brings' in connector && connector.brings === 'pulls'

/** Whether sources of this kind are pulled. */
export const isPulledKind = (kind: string, known: Registry = registry): boolean => {
  const connector = Object.hasOwn(known, kind) ? known[kind] : undefined
  return connector !== undefined && isPulled(connector)
}

/**
 * Everything that the connector of this source may use.
 *
 * @throws PullFailure configuration where its settings are not what its connector takes by now, unauthorised where its secret
 * was sealed under another key
 * @example await connector.test(await accessOf(context, source, connector))
 */
export async function accessOf(
  context: ServiceContext,
  source: Pick<SourceRow, 'id' | 'settings' | 'sealed'>,
  connector: PullConnector<unknown>,
): Promise<Access<unknown>> {
  const parsed = connector.settings.safeParse(source.settings)
  if (!parsed.success) throw new PullFailure('configuration', { field: (parsed.error.issues[0]?.path ?? []).map(String).join('.') })
  const { timeZone, currency } = await readSettings(context.db)
  return {
    fetch: context.fetch,
    now: context.now,
    settings: parsed.data,
    secret: await openSecretOf(context, source),
    reportingZone: timeZone,
    currency,
    allowedHosts: context.allowedHosts,
  }
}

/** What is stored of a secret. @example await sealSecretOf(context, source.id, { token: 'pat-…' }) */
export const sealSecretOf = (context: Pick<ServiceContext, 'kek' | 'random'>, sourceId: string, parts: SecretParts): Promise<string> =>
  seal(context, purposeOf(sourceId), new Uint8Array(new TextEncoder().encode(JSON.stringify(parts))))

/** @throws PullFailure unauthorised where it does not open: the deployment has another key by now */
async function openSecretOf({ kek }: Pick<ServiceContext, 'kek'>, { id, sealed }: Pick<SourceRow, 'id' | 'sealed'>): Promise<SecretParts> {
  if (sealed === null) return {}
  try {
    return JSON.parse(new TextDecoder().decode(await unseal(kek, purposeOf(id), sealed))) as SecretParts
  } catch {
    throw new PullFailure('unauthorised', { field: 'secret' })
  }
}

const purposeOf = (sourceId: string) => `connector|${sourceId}`
