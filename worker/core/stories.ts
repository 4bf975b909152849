/**
 * Do people judge the same leads alike? α over vignettes, made of published counts and of nothing else.
 *
 * Only stories that ask for a verdict, yes or no: α compares people with how often an answer was given over all stories,
 * and that means something only where every story has the same answers.
 */
import { isHidden, sideOf } from './findings'
import { type Judgements, vignetteAgreement, vignettesForAlpha } from './krippendorff'
import type { NodeFigures, PublicResult } from './result'
import { bySide } from './score-inputs'
import { judgements } from './survey-bank'

/** `too-few`: fewer than eight stories; `all-alike`: every judgement of all of them was the same one. */
export type StoriesMissing = 'too-few' | 'all-alike'

/** Rounds that the standing agreement looks back on: with one case a round, these ask at least nine such stories. */
export const standingRounds = 18

export interface StoryAgreement {
  /** Stories of which both sides' answers are published. */
  stories: number
  /** How many there have to be. */
  needed: number
  /** Numbers of the rounds that they were judged in, first to last; null without any. */
  from: number | null
  to: number | null
  /** α: 1 where all judge every story alike, 0 where as if answers had been dealt out at random, below 0 where worse. */
  pooled: number | null
  sales: number | null
  marketing: number | null
  /** Why there is no `pooled`, where there is none. */
  missing: StoriesMissing | null
}

/**
 * Over these results: of each story its latest published answers.
 *
 * @param results of rounds, in any order; one, for what a single round says
 * @example storyAgreement([result]).missing // 'too-few', where the round asked one vignette
 */
export function storyAgreement(results: readonly Pick<PublicResult, 'nodes' | 'number'>[]): StoryAgreement {
  const latest = new Map<string, Judged>()
  for (const result of [...results].sort((a, b) => a.number - b.number)) for (const one of judgedIn(result)) latest.set(one.itemId, one)
  const stories = [...latest.values()].sort((a, b) => (a.itemId < b.itemId ? -1 : 1))
  const { pooled, sales, marketing } = vignetteAgreement(
    bySide((side) => stories.map((story) => story[side])),
    'nominal',
  )
  const rounds = stories.map(({ number }) => number)
  return {
    stories: stories.length,
    needed: vignettesForAlpha,
    from: rounds.length > 0 ? Math.min(...rounds) : null,
    to: rounds.length > 0 ? Math.max(...rounds) : null,
    pooled,
    sales,
    marketing,
    missing: pooled !== null ? null : stories.length < vignettesForAlpha ? 'too-few' : 'all-alike',
  }
}

interface Judged {
  itemId: string
  /** Of the round. */
  number: number
  /** How many answered yes, and no. */
  sales: Judgements[number]
  marketing: Judgements[number]
}

function judgedIn(result: Pick<PublicResult, 'nodes' | 'number'>): Judged[] {
  const at = bySide((side) => sideOf(result, side))
  if (!at.sales || !at.marketing || isHidden(at.sales) || isHidden(at.marketing)) return []
  const both = { sales: at.sales, marketing: at.marketing }
  return Object.keys(both.sales.definitions).flatMap((itemId) => {
    const counts = bySide((side) => verdictsOf(both[side], itemId))
    return counts.sales && counts.marketing ? [{ itemId, number: result.number, sales: counts.sales, marketing: counts.marketing }] : []
  })
}

const verdicts = judgements.verdict.slice(0, -1)

/** How many said yes and no to a story; null where that is not said, or the item has other answers. */
function verdictsOf({ definitions }: NodeFigures, itemId: string): number[] | null {
  const figure = definitions[itemId]
  if (!itemId.startsWith('vignette-') || !figure || isHidden(figure) || !figure.options) return null
  const { options } = figure
  const isVerdict = Object.keys(options).length === verdicts.length && verdicts.every((verdict) => verdict in options)
  return isVerdict ? verdicts.map((verdict) => options[verdict] as number) : null
}
