/**
 * Questions of the bank in packs, and where each comes from. No published scale was copied: every question is
 * Plumbline's own wording, and some are about something that a publication measured.
 */
import type { Item } from './round'
import { surveyBank } from './survey-bank'

export const packIds = ['alignment', 'hand-off', 'definitions', 'resources', 'headline'] as const
export type PackId = (typeof packIds)[number]

export interface PackItem {
  item: Item
  /** What the question was modelled on, as it is cited; null where it is Plumbline's own idea. */
  modelledOn: string | null
}

export interface Pack {
  id: PackId
  items: readonly PackItem[]
}

const sources = {
  response: 'Oldroyd et al., Harvard Business Review, 2011',
  followUp: 'LeanData, survey of 527 respondents, 2017',
} as const

/** By item or case; without an entry, the idea is Plumbline's own. */
const modelledOn: Readonly<Record<string, string>> = {
  'hand-off-2': sources.followUp,
  'vignette-sla-three-days': sources.followUp,
  'number-first-hours': sources.response,
  'vignette-attempt-demo': sources.response,
}

/** In the order of the editor. A question may be in several. */
export const packs: readonly Pack[] = [
  pack('alignment', (item) => item.kind === 'agreement'),
  pack(
    'hand-off',
    (item) =>
      (item.kind === 'agreement' && (item.theme === 'hand-off' || item.theme === 'lead-quality' || item.theme === 'communication')) ||
      ('term' in item && (item.term === 'sla' || item.term === 'connect-attempt' || item.term === 'lead-status')),
  ),
  pack('definitions', (item) => 'term' in item),
  pack('resources', (item) => item.kind === 'agreement' && (item.theme === 'resources' || item.theme === 'messaging')),
  pack('headline', (item) => item.kind === 'headline'),
]

function pack(id: PackId, isIn: (item: Item) => boolean): Pack {
  return { id, items: surveyBank.filter(isIn).map((item) => ({ item, modelledOn: modelledOn[item.id] ?? null })) }
}
