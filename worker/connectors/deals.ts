/** From a CRM's deal to a deal, and to what it means for its lead: alike for all CRMs whose stages say how a deal stands. Pure. */
import { type Deal, type DealState, hashed, type Lead, type StageEvent } from '../core/facts'
import { isCurrency } from '../core/values'
import type { DealMeaning } from './connector'
import { amountOf, codeText, type Records, readWhen, saidText, type When } from './records'

/** A value, and what the vendor calls it: for errors. */
export interface Named {
  field: string
  text: string | null | undefined
}

/** A deal as its CRM has it. */
export interface CrmDeal {
  id: string
  stage: Named
  created: Named
  /** A plan while the deal is open. */
  closed: Named
  /** A number with a point. */
  amount: Named
  /** Without one, the amount is in the source's. */
  currency: Named
  /** Stages that it was moved to, in whatever order. */
  history: readonly { stage: string | null | undefined; at: string | null | undefined }[]
  /** Of a lead of the same source. */
  leadId: string | null
  companyId: string | null
  channel: string | null | undefined
  /** Where every deal is a lead. */
  leadChannel: string | null | undefined
  leadType: string | null | undefined
  lostReason: string | null | undefined
  updatedAt: number | null
  deletedAt: number | null
}

/**
 * Adds a deal, unless its stage is unknown: then it is kept out, and said. What is deleted, or in a stage without a meaning, goes.
 *
 * @example addDeal({ id: '201', stage: { field: 'dealstage', text: 'closedwon' }, … }, records)
 */
export function addDeal(deal: CrmDeal, records: Records): void {
  const { settings, zones } = records
  const stage = deal.stage.text?.trim() ?? ''
  const meaning = settings.dealStages[stage]
  const moves = changesOf(
    deal.history.flatMap((entry) => {
      const when = readWhen(entry.at, zones)
      const was = settings.dealStages[entry.stage?.trim() ?? '']
      return when && was ? [{ when, meaning: was }] : []
    }),
  )
  if (deal.deletedAt !== null || meaning === 'ignored') {
    const created = records.when(deal.id, deal.created.field, deal.created.text) ?? null
    const deletedAt = deal.deletedAt ?? deal.updatedAt ?? records.nowAt
    addGoneDeal(deal.id, { updatedAt: deal.updatedAt, deletedAt }, records, { created, moves, leadId: deal.leadId })
  } else if (meaning) {
    addLive(deal, meaning, moves, records)
  } else {
    records.unknownStage(stage)
    records.fail(deal.id, deal.stage.field, stage, 'unknown-stage')
  }
}

function addLive(deal: CrmDeal, state: DealState, moves: readonly Move[], records: Records): void {
  const { settings, rows } = records
  const { id, updatedAt } = deal
  const created = records.when(id, deal.created.field, deal.created.text)
  const closed = state === 'open' ? null : closeOf(deal, moves.findLast(({ meaning }) => meaning === state)?.when, records)
  const money = moneyOf(deal, records)
  if (created === undefined || closed === undefined || !money) return
  if (closed && created && closed.day < created.day) records.notCounted(id, deal.closed.field, closed.day)
  const isLead = settings.lead === 'deal'
  const leadId = isLead ? leadOf(id) : deal.leadId
  const stage = codeText(deal.stage.text)
  if (settings.reads.deals)
    rows.deal.push(
      hashed<Deal>({
        externalId: id,
        leadId,
        customerId: settings.customer === 'company' ? deal.companyId : null,
        createdDay: created?.day ?? null,
        createdAt: created?.at ?? null,
        closedDay: closed?.day ?? null,
        closedAt: closed?.at ?? null,
        state,
        stage,
        ...money,
        channel: saidText(deal.channel),
        updatedAt,
      }),
    )
  if (isLead && settings.reads.leads && created)
    rows.lead.push(
      hashed<Lead>({
        externalId: leadOf(id),
        createdDay: created.day,
        createdAt: created.at,
        channel: saidText(deal.leadChannel),
        leadType: saidText(deal.leadType),
        stage,
        updatedAt,
      }),
    )
  if (!leadId || !settings.reads.leads) return
  const known = moves.length === 0 && closed ? [{ when: closed, meaning: state }] : moves
  const reason = saidText(deal.lostReason)
  rows.stage.push(...eventsOfDeal({ id, leadId, created, moves: known, reason, updatedAt, deletedAt: null }))
}

/** What was a deal goes, and what it meant for its lead. */
export function addGoneDeal(
  id: string,
  gone: { updatedAt: number | null; deletedAt: number },
  { rows, settings }: Records,
  known: { created: When | null; moves: readonly Move[]; leadId: string | null } = { created: null, moves: [], leadId: null },
): void {
  const { created, moves, leadId } = known
  const empty = { leadId: null, customerId: null, createdDay: null, createdAt: null, closedDay: null, closedAt: null }
  const nothing = { ...empty, state: 'open' as const, stage: '', amountMinor: null, currency: settings.currency, channel: '' }
  rows.deal.push(hashed<Deal>({ externalId: id, ...nothing, ...gone }))
  if (settings.lead === 'deal') {
    const said = { createdDay: created?.day ?? '', createdAt: created?.at ?? null, channel: '', leadType: '', stage: null }
    rows.lead.push(hashed<Lead>({ externalId: leadOf(id), ...said, ...gone }))
  }
  rows.stage.push(...eventsOfDeal({ id, leadId: leadId ?? '', created, moves, reason: '', ...gone }))
}

/**
 * When a deal was closed: on the day that somebody planned, unless that is still ahead, since nobody moves it when a deal is won
 * early; then, or where there is none, when the deal was moved. Undefined where it has to stay out.
 */
function closeOf({ id, closed: { field, text } }: CrmDeal, moved: When | undefined, records: Records): When | undefined {
  const closed = records.when(id, field, text)
  if (closed === undefined) return undefined
  if (closed && closed.day <= records.today) return closed
  if (!moved) records.fail(id, field, text ?? null, closed ? 'future-date' : 'missing-date')
  return moved
}

/** Null where the deal has to stay out. */
function moneyOf(deal: CrmDeal, records: Records): { amountMinor: number | null; currency: string } | null {
  const { id, amount } = deal
  const currency = deal.currency.text?.trim() || records.settings.currency
  if (!isCurrency(currency)) {
    records.fail(id, deal.currency.field, currency, 'invalid-number')
    return null
  }
  const amountMinor = amountOf(amount.text, currency)
  if (amountMinor === undefined || (amountMinor ?? 0) < 0) {
    records.fail(id, amount.field, amount.text ?? null, amountMinor === undefined ? 'invalid-number' : 'negative-amount')
    return null
  }
  return { amountMinor, currency }
}

/** Where every deal is a lead from its creation on, that lead's id. */
export const leadOf = (deal: string): string => `deal ${deal}`

interface Move {
  when: When
  meaning: DealMeaning
}

/** Changes of what a deal's stage means, oldest first: from one lost stage to another nothing happened. */
const changesOf = (moves: readonly Move[]): Move[] =>
  moves.toSorted((a, b) => momentIn(a) - momentIn(b)).filter(({ meaning }, index, all) => meaning !== all[index - 1]?.meaning)

const momentIn = ({ when }: Move): number => when.at ?? Date.parse(when.day)

/** A lead's way goes on in its deals: it becomes an opportunity with the first, a customer when one is won. */
function eventsOfDeal(deal: {
  id: string
  leadId: string
  created: When | null
  moves: readonly Move[]
  reason: string
  updatedAt: number | null
  deletedAt: number | null
}): StageEvent[] {
  const event = (what: 'entered' | 'lost', stage: 'opportunity' | 'customer', when: When | undefined, reason = '') =>
    when
      ? [
          hashed<StageEvent>({
            externalId: `deal-${deal.id}|${what === 'lost' ? 'lost' : stage}|${when.at ?? when.day}`,
            leadId: deal.leadId,
            what,
            stage,
            day: when.day,
            at: when.at,
            reason,
            updatedAt: deal.updatedAt,
            deletedAt: deal.deletedAt,
          }),
        ]
      : []
  const lastLoss = deal.moves.findLast(({ meaning }) => meaning === 'lost')
  return [
    ...event('entered', 'opportunity', deal.created ?? undefined),
    ...deal.moves.flatMap((move) => {
      if (move.meaning === 'won') return event('entered', 'customer', move.when)
      if (move.meaning === 'lost') return event('lost', 'opportunity', move.when, move === lastLoss ? deal.reason : '')
      return []
    }),
  ]
}
