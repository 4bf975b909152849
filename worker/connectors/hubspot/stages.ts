/** What HubSpot calls its stages, and what they most likely mean here. */
import type { DealMeaning, DiscoveredStage, LeadMeaning } from '../connector'
import { suggestDealMeaning, suggestLeadMeaning } from '../suggest-stage'
import type { Pipeline, Property } from './api'

/** Lead statuses and lifecycle stages may have the same name: settings name a status with this in front. */
export const statusPrefix = 'hs_lead_status='

/** HubSpot's own values: customers cannot change what these mean, only their labels. */
const lifecycle: Readonly<Record<string, LeadMeaning>> = {
  subscriber: 'subscriber',
  lead: 'lead',
  marketingqualifiedlead: 'mql',
  salesqualifiedlead: 'sql',
  opportunity: 'opportunity',
  customer: 'customer',
  evangelist: 'ignored',
  other: 'ignored',
}

const statuses: Readonly<Record<string, LeadMeaning>> = {
  NEW: 'ignored',
  OPEN: 'ignored',
  IN_PROGRESS: 'ignored',
  OPEN_DEAL: 'ignored',
  UNQUALIFIED: 'returned',
  ATTEMPTED_TO_CONTACT: 'ignored',
  CONNECTED: 'ignored',
  BAD_TIMING: 'returned',
}

/**
 * The lifecycle stages in their order, then the lead statuses.
 *
 * @example leadStages(lifecyclestage, hs_lead_status)[2] // { id: 'marketingqualifiedlead', …, suggestion: 'mql' }
 */
export function leadStages(stage: Property, status: Property | null): DiscoveredStage[] {
  return [
    ...optionsOf(stage).map(({ id, label }) => ({
      id,
      label,
      pipeline: stage.label ?? stage.name,
      suggestion: lifecycle[id] ?? suggestLeadMeaning(label),
    })),
    ...(status ? optionsOf(status) : []).map(({ id, label }) => ({
      id: statusPrefix + id,
      label,
      pipeline: status?.label ?? null,
      suggestion: statuses[id] ?? suggestLeadMeaning(label),
    })),
  ]
}

/** The stages of all pipelines of deals. HubSpot marks won with a probability of 1 and lost with 0. */
export function dealStages(pipelines: readonly Pipeline[]): DiscoveredStage[] {
  return inOrder(pipelines).flatMap((pipeline) =>
    inOrder(pipeline.stages).map(({ id, label, metadata }) => ({
      id,
      label: label ?? id,
      pipeline: pipeline.label ?? pipeline.id,
      suggestion: marked(metadata?.probability ?? null) ?? suggestDealMeaning(label ?? id),
    })),
  )
}

function marked(probability: string | number | null): DealMeaning | null {
  if (probability === null || probability === '') return null
  const share = Number(probability)
  if (share === 1) return 'won'
  if (share === 0) return 'lost'
  return Number.isFinite(share) ? 'open' : null
}

function optionsOf(property: Property): { id: string; label: string }[] {
  const shown = (property.options ?? []).filter(({ archived }) => !archived)
  return inOrder(shown).map(({ value, label }) => ({ id: value, label: label ?? value }))
}

const inOrder = <T extends { displayOrder?: number | null | undefined; archived?: boolean | null | undefined }>(items: readonly T[]): T[] =>
  items.filter(({ archived }) => !archived).toSorted((a, b) => (a.displayOrder ?? 0) - (b.displayOrder ?? 0))
