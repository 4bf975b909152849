/** What a source is told: its settings by its connector's own schema, and its secret, which goes in and never comes out. */
import * as z from 'zod'
import { connectors, type SourceKind } from '../connectors'
import type { SecretPart } from '../connectors/connector'
import type { CsvSettings } from '../connectors/csv/settings'
import { readEmail } from '../core/email'
import { DomainError, type FieldError } from '../core/errors'
import { fieldErrors } from '../core/issues'
import type { ServiceContext } from './context'
import { type SecretParts, sealSecretOf } from './source-access'

/** Parts of a secret by their names in the connector's list. */
export type Secret = { readonly [Name in SecretPart['name']]?: string | undefined }

export type SettingsOf<Kind extends SourceKind> = z.infer<(typeof connectors)[Kind]['settings']>

/** Which form sets a kind of source up: its connector says by what its settings hold. */
export type SetUp = 'crm' | 'table' | 'files' | 'push'

/** @example setUpOf('csv') // 'files' */
export function setUpOf(kind: SourceKind): SetUp {
  const { brings } = connectorOf(kind)
  if (brings === 'files') return 'files'
  if (brings === 'pushes') return 'push'
  return fieldsOf(kind).has('leadStages') ? 'crm' : 'table'
}

/** The connector of a kind, as one of all. */
export function connectorOf(kind: SourceKind): AnyConnector {
  return connectors[kind]
}

type AnyConnector = Pick<(typeof connectors)[SourceKind], 'kind' | 'secrets'> & {
  brings: 'files' | 'pushes' | 'pulls'
  settings: z.ZodType<unknown>
}

/** Names of the settings of a kind. */
export function fieldsOf(kind: SourceKind): ReadonlySet<string> {
  const { settings } = connectorOf(kind)
  return new Set(settings instanceof z.ZodObject ? Object.keys(settings.shape) : [])
}

/** A kind's settings where nobody has said any: a row that lacks some still has pages, on which somebody can put it right. None of an unknown kind. */
export function unsaidSettings(kind: string): Record<string, unknown> {
  const settings = kind in connectors ? connectorOf(kind as SourceKind).settings : undefined
  const fields = settings instanceof z.ZodObject ? Object.entries<z.ZodType>(settings.shape) : []
  const bare: Record<string, unknown> = { layouts: [], reads: {} }
  return Object.fromEntries(fields.map(([name, schema]) => [name, schema.safeParse(undefined).data ?? bare[name] ?? '']))
}

/**
 * Checks settings by the connector's schema. Those of a draft may still lack what only the source's own columns can say.
 *
 * @returns the settings with their defaults, or what is wrong at `#/settings/…`
 * @example readSourceSettings('csv', { timeZone: 'UTC' }, { isDraft: false })
 *   // { errors: [{ pointer: '#/settings/currency', detail: 'Name a currency.' }, …] }
 */
export function readSourceSettings(
  kind: SourceKind,
  input: unknown,
  { isDraft }: { isDraft: boolean },
): { settings: unknown } | { errors: FieldError[] } {
  const { settings: schema } = connectorOf(kind)
  const withoutLayouts = isDraft && fieldsOf(kind).has('layouts') && isRecord(input) && isEmpty(input.layouts)
  const parsed = schema.safeParse(withoutLayouts ? withAnyLayout({ ...input, layouts: [] }) : input)
  if (!parsed.success) return { errors: fieldErrors('#/settings', parsed.error.issues) }
  return { settings: withoutLayouts && isRecord(parsed.data) ? { ...parsed.data, layouts: [] } : parsed.data }
}

/** Settings whose layouts are still to be said, with one in their place, so that everything else can be checked. */
export const withAnyLayout = (settings: unknown): unknown =>
  isRecord(settings) && Array.isArray(settings.layouts) && settings.layouts.length === 0 ? { ...settings, layouts: [anyLayout] } : settings

const anyLayout: CsvSettings['layouts'][number] = { name: 'any', lead: { id: 'id', createdAt: 'created' } }

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isEmpty = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0)

/**
 * Checks a secret: every part that the kind needs, nothing else, and nothing that no header may hold.
 *
 * @returns null where the kind needs none and none was given
 */
export function readSecret(kind: SourceKind, given: Secret | undefined): { secret: SecretParts | null } | { errors: FieldError[] } {
  const { secrets } = connectorOf(kind)
  const known = new Set<string>(secrets.map(({ name }) => name))
  const errors: FieldError[] = Object.keys(given ?? {})
    .filter((name) => !known.has(name))
    .map((name) => ({ pointer: `#/secret/${name}`, detail: 'This field is not known here; remove it.' }))
  const secret: SecretParts = {}
  for (const { name, optional } of secrets) {
    const value = given?.[name]?.trim() ?? ''
    if (value === '') {
      if (!optional) errors.push({ pointer: `#/secret/${name}`, detail: 'Enter it: the source cannot be read without.' })
    } else if (value.length > 4_096 || /[^\x20-\x7e]/.test(value)) {
      errors.push({ pointer: `#/secret/${name}`, detail: 'Use at most 4,096 letters, digits and signs, and no line breaks.' })
    } else secret[name] = value
  }
  if (errors.length > 0) return { errors }
  return { secret: Object.keys(secret).length > 0 ? secret : null }
}

/** The columns that hold a secret: sealed for this source alone, and the four characters that a person knows it by. */
export async function sealedSecret(
  context: ServiceContext,
  source: { id: string; kind: SourceKind },
  secret: SecretParts | null,
): Promise<{ sealed: string | null; secretHint: string | null }> {
  if (!secret) return { sealed: null, secretHint: null }
  const sealed = await sealSecretOf(context, source.id, secret)
  const main = connectorOf(source.kind)
    .secrets.map(({ name }) => secret[name])
    .findLast((value) => value !== undefined)
  // Four characters of a short secret would be too much of it.
  return { sealed, secretHint: main !== undefined && main.length >= 12 ? main.slice(-4) : '' }
}

/** @returns null for an empty text. @throws DomainError invalid-input */
export function readOwner(text: string | null): string | null {
  if (text === null || text.trim() === '') return null
  const email = readEmail(text)
  if (email) return email
  throw refused([{ pointer: '#/ownerEmail', detail: 'This is not an email address.' }])
}

export const refused = (errors: readonly FieldError[]) => new DomainError('invalid-input', 'Some values cannot be used.', errors)
