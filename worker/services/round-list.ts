/** What a list of rounds says of those that have closed: the score, its change, and the finding in one line. */
import type { Verdict } from '../core/before-after'
import type { Interval, PublicResult } from '../core/result'
import { hasValue, isComparable, scoreChange } from '../core/score'
import { toTenths } from '../core/waterfall'
import type { Database } from '../db/client'
import { listOutlines } from '../db/rounds'
import { findScores } from '../db/scores'
import { type Finding, resultFindings, type Words } from './findings'

export interface RoundLine {
  score: number | null
  interval: Interval | null
  /** Since the last score before that it can be compared with; null where there is none. */
  change: { points: number; verdict: Verdict } | null
  /** Null where no rule holds. */
  finding: string | null
  /** A side is not published. */
  isHiding: boolean
}

/** By the id of the round; nothing of rounds that have not closed. */
export async function roundLines(db: Database, ids: readonly string[], words: Words): Promise<Map<string, RoundLine>> {
  const [outlines, scores] = await Promise.all([listOutlines(db, ids), findScores(db)])
  return new Map(
    outlines.map(({ roundId, gaps, terms }) => {
      const place = scores.findIndex((score) => score.roundId === roundId)
      const score = scores[place]
      const before = score && scores.slice(0, place).findLast((one) => hasValue(one) && isComparable(one, score))
      const change = before ? scoreChange(before, score) : null
      const findings = resultFindings({ gaps, terms, nodes: [] as PublicResult['nodes'] } as PublicResult, words)
      return [
        roundId,
        {
          score: score?.value ?? null,
          interval: score?.interval ?? null,
          // As printed, so that a reader can check it.
          change: change && { points: (toTenths(change.to.value) - toTenths(change.from.value)) / 10, verdict: change.verdict },
          finding: leadingText(findings) ?? null,
          isHiding: score?.pillars.some(({ pillar, missing }) => pillar === 'perception' && missing === 'one-side') ?? false,
        },
      ]
    }),
  )
}

/** The sentence that a round is called by: what divides its sides, else a term that is not shared, else a team that stands out. */
export const leadingText = (findings: readonly Finding[]): string | undefined =>
  (['divides', 'rival', 'unshared', 'lowest'] as const).flatMap((kind) => findings.find((one) => one.kind === kind)?.text ?? [])[0]
