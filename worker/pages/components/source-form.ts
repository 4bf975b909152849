/**
 * The mapping form: what it holds, the settings it describes, and what is wrong with it in the reader's language.
 */
import * as z from 'zod'
import { CsvSettings, type CsvSettingsInput, type Layout } from '../../connectors/csv/settings'
import { meaningOf, type Sample, sampleLimits, stateOf, suggest } from '../../connectors/csv/suggest'
import { type FactKind, stages } from '../../core/facts'
import type { Messages } from '../../i18n'
import type { Mistake } from './field'

const entered = stages.map((stage) => `entered.${stage}` as const)

/** Columns that can be chosen, by kind of fact. */
export const mappable = {
  lead: ['id', 'createdAt', 'channel', 'leadType', 'stage', ...entered, 'returnedAt', 'lostAt', 'reason', 'updatedAt', 'deleted'],
  deal: ['id', 'leadId', 'customerId', 'createdAt', 'closedAt', 'stage', 'amount', 'currency', 'channel', 'updatedAt', 'deleted'],
  spend: ['date', 'amount', 'currency', 'channel', 'side', 'kind', 'id'],
  stage: ['leadId', 'stage', 'at', 'from', 'reason', 'id'],
  activity: ['leadId', 'dealId', 'at', 'kind', 'connected', 'id'],
  headcount: ['day', 'side', 'people'],
  touch: ['leadId', 'customerId', 'at', 'channel', 'id'],
  value: ['metric', 'period', 'value', 'numerator', 'denominator'],
} as const satisfies Record<FactKind, readonly string[]>

/** Most tables hold one of these. */
export const usualKinds = ['lead', 'deal', 'spend'] as const
export const otherKinds = ['stage', 'activity', 'headcount', 'touch', 'value'] as const
export const kinds = [...usualKinds, ...otherKinds] as const
export type Kind = (typeof kinds)[number]
export type FieldOf<K extends Kind = Kind> = (typeof mappable)[K][number]

/** Of the input for a field. A history's are not at `stage.…`, where a deal's stages are. */
export const inputName = (kind: Kind, field: string): string => `${kind === 'stage' ? 'step' : kind}.${field}`

/** The label of a field. */
export function fieldLabel(t: Messages['sourcesPage'], kind: Kind, field: FieldOf): string {
  const stage = stages.find((known) => field === `entered.${known}`)
  if (stage) return t.entered(t.leadMeanings[stage])
  return t.fields[kind === 'activity' && field === 'kind' ? 'activityKind' : (field as keyof typeof t.fields)]
}

export const kindName = (t: Messages['sourcesPage'], kind: Kind): string =>
  kind === 'lead' || kind === 'deal' || kind === 'spend' ? t[kind] : t.moreKinds[kind].name

/** Inputs by name, as posted. A deal stage's state is at `stage.<value>`, what a lead's stage means at `meaning.<value>`. */
export type Values = Record<string, string>

const text = z.string().max(sampleLimits.text)
const SampleJson = z.strictObject({
  header: z.array(text).min(1).max(200),
  rows: z.array(z.array(text).max(200)).max(sampleLimits.rows),
  rowCount: z.int().min(0).max(100_000),
  values: z.record(text, z.array(text).max(sampleLimits.values)),
})

/** The sample that came back with the form; undefined where somebody changed it. */
export function readSample(json: string): Sample | undefined {
  try {
    return SampleJson.safeParse(JSON.parse(json)).data
  } catch {
    return undefined
  }
}

/** What the form shows first: everything that could be guessed. */
export function suggestedValues(sample: Sample, names: { source: string; layout: string; timeZone: string; currency: string }): Values {
  const guess = suggest(sample)
  const values: Values = {
    name: names.source,
    layoutName: names.layout,
    timeZone: names.timeZone,
    currency: names.currency,
    dateFormat: guess.dateFormat,
    decimal: guess.decimal ?? '',
    expectedEveryDays: '31',
    'deal.state': guess.deal.state ?? '',
  }
  for (const kind of kinds) {
    const columns: Record<string, string | undefined> = guess[kind]
    for (const field of mappable[kind]) values[inputName(kind, field)] = columns[field] ?? ''
  }
  return withStages(values, sample)
}

/** The form's values with a guess for every stage that it does not mention yet. */
export function withStages(values: Values, sample: Sample): Values {
  const found = sample.values[values['deal.stage'] ?? ''] ?? []
  const guesses = found.map((stage) => [`stage.${stage}`, values[`stage.${stage}`] ?? stateOf(stage)])
  const steps = sample.values[values['step.stage'] ?? ''] ?? []
  const meanings = steps.map((stage) => [`meaning.${stage}`, values[`meaning.${stage}`] ?? meaningOf(stage) ?? ''])
  return { ...values, ...Object.fromEntries([...guesses, ...meanings]) }
}

/**
 * The settings that a form describes. With `base`, its layout joins those of a source, replacing one of the same name.
 */
export function readMapping(
  values: Values,
  t: Messages['sourcesPage'],
  base?: CsvSettings,
): { settings: CsvSettings } | { mistakes: Mistake[] } {
  const layout = layoutOf(values)
  const layouts = [...(base?.layouts ?? []).filter(({ name }) => name !== layout.name), layout]
  const parsed = CsvSettings.safeParse({ ...(base ?? readingOf(values)), layouts })
  return parsed.success ? { settings: parsed.data } : { mistakes: mistakesOf(parsed.error, t) }
}

/** How values are written, from the form of a new source or of its settings. */
export function readingOf(values: Values): Omit<CsvSettingsInput, 'layouts'> {
  const { timeZone = '', currency = '', dateFormat, decimal, expectedEveryDays = '' } = values
  return {
    timeZone: timeZone.trim(),
    currency: currency.trim().toUpperCase(),
    dateFormat: dateFormat as CsvSettingsInput['dateFormat'],
    ...(decimal === '.' || decimal === ',' ? { decimal } : {}),
    expectedEveryDays: /^\d{1,4}$/.test(expectedEveryDays.trim()) ? Number(expectedEveryDays) : Number.NaN,
  }
}

/** Issues of the schema as mistakes at the form's fields. */
export function mistakesOf(error: z.ZodError, { why }: Messages['sourcesPage']): Mistake[] {
  const found = error.issues.map(({ path }): Mistake => {
    const keys = path.map(String)
    const last = keys.at(-1) ?? ''
    if (keys[0] !== 'layouts') return { field: last, reason: readingReasons(why)[last] ?? why.column }
    if (keys.length <= 2) return { field: 'lead.id', reason: why.nothing }
    if (last === 'name') return { field: 'layoutName', reason: why.name }
    const reasons: Record<string, string> = {
      'deal.stage': why.stage,
      'deal.stages': why.stages,
      'stage.stages': why.stages,
      'deal.closedAt': why.closedAt,
    }
    const field = keys.slice(2).join('.')
    return { field: field.replace(/\.stages$/, '.stage').replace(/^stage\./, 'step.'), reason: reasons[field] ?? why.column }
  })
  return found.filter(({ field }, index) => found.findIndex((other) => other.field === field) === index)
}

const readingReasons = (why: Messages['sourcesPage']['why']): Record<string, string> => ({
  timeZone: why.timeZone,
  currency: why.currency,
  expectedEveryDays: why.days,
})

/** The layout that a form describes. */
export function layoutOf(values: Values) {
  const parts = kinds.flatMap((kind) => {
    const chosen = mappable[kind].flatMap((field) => {
      const column = values[inputName(kind, field)]
      return column ? [[field, column] as const] : []
    })
    return chosen.length > 0 ? [[kind, { ...nested(chosen), ...saidBeside(kind, values) }] as const] : []
  })
  return { name: (values.layoutName ?? '').trim(), ...Object.fromEntries(parts) }
}

/** `entered.mql` is `mql` of `entered`. */
function nested(chosen: readonly (readonly [field: string, column: string])[]) {
  const own = chosen.filter(([field]) => !field.includes('.'))
  const steps = chosen.flatMap(([field, column]) => (field.startsWith('entered.') ? [[field.slice(8), column] as const] : []))
  return { ...Object.fromEntries(own), ...(steps.length > 0 ? { entered: Object.fromEntries(steps) } : {}) }
}

/** What the form says beside columns. */
function saidBeside(kind: Kind, values: Values) {
  if (kind === 'stage') return { stages: valuesBelow('meaning.', values) }
  if (kind !== 'deal') return {}
  return {
    ...(values['deal.state'] ? { state: values['deal.state'] } : {}),
    ...(values['deal.stage'] ? { stages: valuesBelow('stage.', values) } : {}),
  }
}

const valuesBelow = (prefix: string, values: Values) =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, said]) => (name.startsWith(prefix) && said ? [[name.slice(prefix.length), said] as const] : [])),
  )

/** A layout as the form shows it: what `layoutOf` makes a layout of. */
export function valuesOfLayout(layout: Layout): Values {
  const values: Values = { layoutName: layout.name }
  for (const kind of kinds) {
    const columns: Record<string, unknown> = layout[kind] ?? {}
    for (const field of mappable[kind]) {
      const [own = '', step] = field.split('.')
      const column = step ? (columns[own] as Record<string, unknown> | undefined)?.[step] : columns[own]
      values[inputName(kind, field)] = typeof column === 'string' ? column : ''
    }
  }
  values['deal.state'] = layout.deal?.state ?? ''
  for (const [stage, state] of Object.entries(layout.deal?.stages ?? {})) values[`stage.${stage}`] = state
  for (const [stage, meaning] of Object.entries(layout.stage?.stages ?? {})) values[`meaning.${stage}`] = meaning
  return values
}
