/**
 * The mapping form: what it holds, the settings it describes, and what is wrong with it in the reader's language.
 */
import * as z from 'zod'
import { CsvSettings, type CsvSettingsInput } from '../../connectors/csv/settings'
import { type Sample, sampleLimits, stateOf, suggest } from '../../connectors/csv/suggest'
import type { Messages } from '../../i18n'
import type { Mistake } from './field'

/** Columns that can be chosen, by kind of fact. */
export const mappable = {
  lead: ['id', 'createdAt', 'channel', 'leadType', 'stage'],
  deal: ['id', 'leadId', 'customerId', 'createdAt', 'closedAt', 'stage', 'amount', 'channel'],
  spend: ['date', 'amount', 'channel', 'side', 'kind', 'id'],
} as const

export const kinds = ['lead', 'deal', 'spend'] as const

/** Inputs by name, as posted. A stage's state is at `stage.<value>`. */
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
    for (const field of mappable[kind]) values[`${kind}.${field}`] = columns[field] ?? ''
  }
  return withStages(values, sample)
}

/** The form's values with a guess for every stage that it does not mention yet. */
export function withStages(values: Values, sample: Sample): Values {
  const found = sample.values[values['deal.stage'] ?? ''] ?? []
  const guesses = found.map((stage) => [`stage.${stage}`, values[`stage.${stage}`] ?? stateOf(stage)])
  return { ...values, ...Object.fromEntries(guesses) }
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
    const reasons: Record<string, string> = { 'deal.stage': why.stage, 'deal.stages': why.stages, 'deal.closedAt': why.closedAt }
    const field = keys.slice(2).join('.')
    return { field: field === 'deal.stages' ? 'deal.stage' : field, reason: reasons[field] ?? why.column }
  })
  return found.filter(({ field }, index) => found.findIndex((other) => other.field === field) === index)
}

const readingReasons = (why: Messages['sourcesPage']['why']): Record<string, string> => ({
  timeZone: why.timeZone,
  currency: why.currency,
  expectedEveryDays: why.days,
})

function layoutOf(values: Values) {
  const chosen = (kind: (typeof kinds)[number]) => {
    const columns = mappable[kind].flatMap((field) => {
      const column = values[`${kind}.${field}`]
      return column ? [[field, column] as const] : []
    })
    return columns.length > 0 ? Object.fromEntries(columns) : undefined
  }
  const [lead, deal, spend] = kinds.map(chosen)
  const stages = Object.entries(values).flatMap(([name, state]) =>
    name.startsWith('stage.') && state ? [[name.slice(6), state] as const] : [],
  )
  const dealParts = deal && {
    ...deal,
    ...(values['deal.state'] ? { state: values['deal.state'] } : {}),
    ...(deal.stage ? { stages: Object.fromEntries(stages) } : {}),
  }
  return {
    name: (values.layoutName ?? '').trim(),
    ...(lead ? { lead } : {}),
    ...(dealParts ? { deal: dealParts } : {}),
    ...(spend ? { spend } : {}),
  }
}
