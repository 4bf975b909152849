/** Facts in the reader's words: what a dry run shows of a row. */
import type { Stage } from '../../core/facts'
import { minorDigits } from '../../core/values'
import { isolate } from '../../i18n/format'
import type { AnyFact } from '../../services/source-setup'
import type { View } from './view'

export interface FactWords {
  kind: string
  id: string
  day: string
  details: string
}

/**
 * @example factWords(view, { kind: 'lead', fact }) // { kind: 'Lead', id: '201', day: '2026-02-03', details: 'Channel: ads' }
 */
export function factWords(view: View, { kind, fact }: AnyFact): FactWords {
  const t = view.t.sourceSetup
  const { fields, dealStates } = view.t.sourcesPage
  const stage = (name: Stage | null) => (name === null ? null : view.t.sourcesPage.leadMeanings[name])
  const said = (...parts: (readonly [label: string, value: string | null | undefined])[]) =>
    parts.flatMap(([label, value]) => (value ? [`${label}: ${isolate(value)}`] : [])).join(' · ')
  const base = { kind: t.factNames[kind], id: fact.externalId }
  switch (kind) {
    case 'lead':
      return {
        ...base,
        day: fact.createdDay,
        details: said([fields.channel, fact.channel], [fields.leadType, fact.leadType], [fields.stage, fact.stage]),
      }
    case 'stage':
      return {
        ...base,
        id: fact.leadId,
        day: fact.day,
        details: [t.events[fact.what](stage(fact.stage) ?? '–'), fact.reason ? isolate(fact.reason) : ''].filter(Boolean).join(' · '),
      }
    case 'deal':
      return {
        ...base,
        day: fact.closedDay ?? fact.createdDay ?? '–',
        details: said(
          [view.t.sourcesPage.state, dealStates[fact.state]],
          [fields.amount, fact.amountMinor === null ? null : moneyText(fact.amountMinor, fact.currency)],
          [fields.stage, fact.stage],
          [fields.channel, fact.channel],
        ),
      }
    case 'activity':
      return {
        ...base,
        day: fact.day,
        details: [t.activities[fact.kind], fact.connected === null ? '' : fact.connected ? t.connected : t.notConnected]
          .filter(Boolean)
          .join(' · '),
      }
    case 'spend':
      return {
        ...base,
        day: fact.day,
        details: said(
          [fields.amount, moneyText(fact.amountMinor, fact.currency)],
          [fields.channel, fact.channel],
          [fields.side, fact.side],
          [fields.kind, fact.kind],
        ),
      }
    case 'headcount':
      return { ...base, day: fact.day, details: said([fields.side, fact.side], [t.people, view.f.number(fact.people, 1)]) }
    case 'touch':
      return { ...base, day: fact.day, details: said([fields.channel, fact.channel]) }
    case 'value':
      return {
        ...base,
        day: fact.period,
        details: said([view.t.sourcesPage.metric, fact.metric], [view.t.sourcesPage.value, String(fact.value)]),
      }
  }
}

const moneyText = (minor: number, currency: string) => `${(minor / 10 ** minorDigits(currency)).toFixed(minorDigits(currency))} ${currency}`
