/**
 * What a round freezes when it opens. Nothing here changes afterwards, whatever happens to teams, items or settings.
 */

import type { SharedLink } from './open-links'

export type Side = 'sales' | 'marketing' | 'other'

/** The seven themes, in the order of the survey. */
export const themes = ['goals', 'lead-quality', 'hand-off', 'communication', 'messaging', 'metrics', 'resources'] as const
export type Theme = (typeof themes)[number]

/** The ten terms of the glossary that definition questions ask about. */
export const terms = [
  'sla',
  'icp',
  'persona',
  'buyer-journey',
  'lifecycle-stage',
  'lead-type',
  'deal-stage',
  'lead-status',
  'lead-score',
  'connect-attempt',
] as const
export type Term = (typeof terms)[number]

/** Words by language, as `en` or `ar`; a language that is missing is shown to the administrator and never asked in silence. */
export type Texts = Readonly<Record<string, string>>

/** What every kind of question may have. */
interface Asked {
  /** May be left without an answer; without it, an answer or "I can't judge" is needed. */
  optional?: true
  /** The organisation's own words, frozen with the round; absent where the language files have them by `id`. */
  texts?: Texts
}

/** What a number counts. */
export type NumberUnit = 'points' | 'attempts' | 'hours'

/** One question. Texts are in the language files, by `id`, unless it brings its own. */
export type Item =
  | ({ id: string; kind: 'agreement'; theme: Theme } & Asked)
  | ({ id: 'headline'; kind: 'headline' } & Asked)
  /** `options` are ids, in the order of the page; the last one, `unsure`, is in no denominator. */
  | ({
      id: string
      kind: 'definition'
      term: Term
      options: readonly string[]
      optionTexts?: Readonly<Record<string, Texts>>
      official?: string
    } & Asked)
  /** A short lead story, judged; `options` as above. */
  | ({ id: string; kind: 'vignette'; term: Term; options: readonly string[] } & Asked)
  /** A definition that is a number, 0 to `last`; published in bands, each from its number up to the next one. */
  | ({ id: string; kind: 'number'; term: Term; unit: NumberUnit; last: number; bands: readonly number[] } & Asked)

/** Items whose answer is one of several options. */
export type ChoiceItem = Extract<Item, { options: readonly string[] }>
/** Items whose answers are promoters, passives and critics. */
export type ClassedItem = Extract<Item, { kind: 'agreement' | 'headline' }>

export const isChoice = (item: Item): item is ChoiceItem => item.kind === 'definition' || item.kind === 'vignette'
export const isClassed = (item: Item): item is ClassedItem => item.kind === 'agreement' || item.kind === 'headline'

/** A node of the reporting tree: the company, a side, a team. */
export interface ReportingNode {
  id: string
  parentId: string | null
  name: string
  side: Side
}

export interface FrozenRound {
  methodVersion: string
  minimumGroupSize: number
  /** Parents before children. Only nodes that may be published: smaller ones were merged upwards. */
  nodes: readonly ReportingNode[]
  /** Teams that were too small to report on: their people answer with `nodeId`. */
  merged: readonly { teamId: string; name: string; nodeId: string }[]
  /** Teams of neither side that were not invited: so few that asking them would have hidden a whole side. */
  notAsked: readonly { teamId: string; name: string; people: number }[]
  /** In the order of the page and of the bytes of a ballot. */
  items: readonly Item[]
  comment: boolean
  invited: number
  /**
   * People who joined and left each node since the round before, by invitation; null for a node that was not in that
   * round. Absent in rounds without one before them.
   */
  membership?: Readonly<Record<string, { joined: number; left: number } | null>>
  /** Teams whose people answer through one shared link, without a personal one; absent where every link is personal. */
  openLinks?: readonly SharedLink[]
  /** Minutes that a ballot may wait before it is stored; absent where ballots are stored at once. */
  mixMinutes?: number
}
