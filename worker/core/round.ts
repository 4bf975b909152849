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
export interface Asked {
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
/** Items about a term of the glossary: what an answer says is one of several things, and none of them is better. */
export type TermItem = Extract<Item, { term: Term }>
/** Items whose answers are promoters, passives and critics. */
export type ClassedItem = Extract<Item, { kind: 'agreement' | 'headline' }>

export const isChoice = (item: Item): item is ChoiceItem => item.kind === 'definition' || item.kind === 'vignette'
export const isTermItem = (item: Item): item is TermItem => 'term' in item
export const isClassed = (item: Item): item is ClassedItem => item.kind === 'agreement' || item.kind === 'headline'

/**
 * What answers to an item about a term are counted by: its options without `unsure`, or the numbers from which its bands
 * go up.
 *
 * @example countedBy({ id: 'number-attempts', kind: 'number', bands: [0, 3, 5, 7, 10], … }) // ['0', '3', '5', '7', '10']
 */
export const countedBy = (item: TermItem): string[] => (item.kind === 'number' ? item.bands.map(String) : item.options.slice(0, -1))

/**
 * Which of these an answer is; null where it was skipped or is `unsure`.
 *
 * @example countedAs({ id: 'number-attempts', kind: 'number', bands: [0, 3, 5, 7, 10], … }, 6) // 2
 */
export function countedAs(item: TermItem, answer: number | null | undefined): number | null {
  if (answer == null) return null
  if (item.kind === 'number') return item.bands.findLastIndex((from) => from <= answer)
  return answer < item.options.length - 1 ? answer : null
}

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
