/** The mapping form of a CRM: what it holds, the settings it describes, and what its mistakes are called. */
import { type Discovery, dealMeanings, leadMeanings } from '../../connectors/connector'
import type { CrmSettings } from '../../connectors/crm'
import type { Messages } from '../../i18n'
import type { Mistake } from './field'
import type { Values } from './source-form'

export const streams = ['leads', 'deals', 'activities', 'spend'] as const
export const leadFields = ['leadChannel', 'leadType', 'returnReason'] as const
export const dealFields = ['dealChannel', 'lostReason', 'amount'] as const
/** Minutes between two pulls that can be chosen. */
export const rhythms = [15, 60, 240, 1_440, 10_080] as const

const meanings = { lead: leadMeanings, deal: dealMeanings } as const
export type MappedKind = keyof typeof meanings

/** A stage as the form lists it: one that the CRM has, or one that settings name and the CRM no longer has. */
export interface FormStage {
  id: string
  label: string
  pipeline: string | null
  isGone: boolean
}

/** An id may end with brackets, which forms give a meaning of their own. */
export const stageInput = (kind: MappedKind, id: string): string => `${kind}Stage.${encodeURIComponent(id)}`

/** Every stage that there is, and those that settings still name, at the end. */
export function stagesOf(kind: MappedKind, discovery: Discovery | null, settings: CrmSettings): FormStage[] {
  const found = (kind === 'lead' ? discovery?.leadStages : discovery?.dealStages) ?? []
  const known = new Set(found.map(({ id }) => id))
  const named = Object.keys(kind === 'lead' ? settings.leadStages : settings.dealStages)
  return [
    ...found.map(({ id, label, pipeline }) => ({ id, label, pipeline, isGone: false })),
    ...named.filter((id) => !known.has(id)).map((id) => ({ id, label: id, pipeline: null, isGone: discovery !== null })),
  ]
}

/**
 * What the form shows first: what is set, else what the CRM's own names and marks suggest.
 *
 * @param isNew the source is still being set up: zone and currency are the account's, where it tells them
 */
export function crmValues(
  source: { name: string; ownerEmail: string | null; settings: CrmSettings },
  discovery: Discovery | null,
  isNew: boolean,
): Values {
  const { settings } = source
  const values: Values = {
    name: source.name,
    ownerEmail: source.ownerEmail ?? '',
    timeZone: (isNew ? discovery?.timeZone : null) ?? settings.timeZone,
    currency: (isNew ? discovery?.currency : null) ?? settings.currency,
    changedSince: settings.changedSince,
    everyMinutes: String(settings.everyMinutes),
    expectedEveryDays: String(settings.expectedEveryDays),
    quotaShare: String(Math.round(settings.quotaShare * 100)),
    lead: settings.lead,
    customer: settings.customer,
  }
  const unavailable = new Set<string>((discovery?.unavailable ?? []).map(({ what }) => what))
  for (const stream of streams) if (settings.reads[stream] && !(isNew && unavailable.has(stream))) values[`reads.${stream}`] = 'on'
  for (const field of [...leadFields, ...dealFields]) values[`fields.${field}`] = settings.fields[field] ?? ''
  for (const kind of ['lead', 'deal'] as const) {
    const mapped: Record<string, string | undefined> = kind === 'lead' ? settings.leadStages : settings.dealStages
    const suggested = new Map(
      (kind === 'lead' ? discovery?.leadStages : discovery?.dealStages)?.map(({ id, suggestion }) => [id, suggestion]),
    )
    for (const { id } of stagesOf(kind, discovery, settings)) values[stageInput(kind, id)] = mapped[id] ?? suggested.get(id) ?? ''
  }
  return values
}

/** The settings that the form describes, unchecked: the schema says what is wrong with them. `base` has what the form has not. */
export function crmSettingsOf(values: Values, base: CrmSettings): Record<string, unknown> {
  const stages = (kind: MappedKind) =>
    Object.fromEntries(
      Object.entries(values).flatMap(([name, meaning]) => {
        const prefix = `${kind}Stage.`
        return name.startsWith(prefix) && meaning ? [[decoded(name.slice(prefix.length)), meaning] as const] : []
      }),
    )
  const chosen = [...leadFields, ...dealFields].flatMap((field) => {
    const value = values[`fields.${field}`]?.trim()
    return value ? [[field, value] as const] : []
  })
  return {
    ...base,
    timeZone: values.timeZone?.trim() ?? '',
    currency: values.currency?.trim().toUpperCase() ?? '',
    changedSince: values.changedSince ?? '',
    everyMinutes: wholeNumber(values.everyMinutes),
    expectedEveryDays: wholeNumber(values.expectedEveryDays),
    quotaShare: wholeNumber(values.quotaShare) / 100,
    reads: Object.fromEntries(streams.map((stream) => [stream, values[`reads.${stream}`] === 'on'])),
    leadStages: stages('lead'),
    dealStages: stages('deal'),
    fields: Object.fromEntries(chosen),
    ...(values.lead === undefined ? {} : { lead: values.lead }),
    customer: values.customer ?? base.customer,
  }
}

const decoded = (text: string) => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export const wholeNumber = (text = ''): number => (/^\d{1,6}$/.test(text.trim()) ? Number(text) : Number.NaN)

/** Stages of the form that nothing was said about. */
export const unmapped = (kind: MappedKind, stages: readonly FormStage[], values: Values): FormStage[] =>
  stages.filter(({ id, isGone }) => !isGone && !values[stageInput(kind, id)])

/**
 * Errors of a service as mistakes beside the fields of a form.
 *
 * @example mistakesAt([{ pointer: '#/settings/timeZone', detail: '…' }], t) // [{ field: 'timeZone', reason: 'Use an IANA …' }]
 */
export function mistakesAt(errors: readonly { pointer: string; detail: string }[], { sourcesPage, sourceSetup }: Messages): Mistake[] {
  const found = errors.map(({ pointer }): Mistake => {
    const [part = '', ...keys] = pointer.slice(2).split('/')
    if (part === 'secret') {
      const label = Object.entries(sourceSetup.secrets).find(([name]) => name === keys[0])?.[1]
      return { field: `secret.${keys[0]}`, reason: sourceSetup.why.secret, ...(label ? { label } : {}) }
    }
    if (keys[0] === 'paging') return { field: `paging.${keys[1] ?? 'by'}`, reason: sourceSetup.why.paging }
    const field = part === 'settings' ? (keys[0] ?? '') : part
    const reasons: Record<string, string> = { ...sourcesPage.why, ...sourceSetup.why, expectedEveryDays: sourcesPage.why.days }
    return { field: field === 'reads' ? 'reads.leads' : field, reason: reasons[field] ?? sourceSetup.why.other }
  })
  return found.filter(({ field }, index) => found.findIndex((other) => other.field === field) === index)
}
