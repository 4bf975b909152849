/** Rounds made up for tests: an organisation, and how each person in it answered. */
import type { Answer } from '../../worker/core/ballot'
import { type PublishInput, publish } from '../../worker/core/publish'
import { reportingTree } from '../../worker/core/reporting-tree'
import type { Figure, Hidden, NodeFigures, RoundResult } from '../../worker/core/result'
import type { Item, Side } from '../../worker/core/round'
import { itemsOfRound } from '../../worker/core/survey-plan'

export interface TeamOfPeople {
  id: string
  parentId?: string
  side: Side
  people: Answers[]
}

/** What one person answers, by item id or theme; the rest is skipped. */
export type Answers = Readonly<Record<string, number | null>>

export const items = itemsOfRound(1)

/** As many people who answer alike. */
export const times = (n: number, answers: Answers): Answers[] => Array.from({ length: n }, () => answers)

/** Critics, passives and promoters on these items or themes: 2, 3 or 5. */
export const classes = (keys: readonly string[], critics: number, passives: number, promoters: number): Answers[] =>
  [...times(critics, { all: 2 }), ...times(passives, { all: 3 }), ...times(promoters, { all: 5 })].map(({ all }) =>
    Object.fromEntries(keys.map((key) => [key, all as number])),
  )

export const answerOf = (item: Item, answers: Answers): Answer =>
  answers[item.id] ?? (item.kind === 'agreement' ? answers[item.theme] : undefined) ?? null

export interface RoundOptions {
  k?: number
  items?: readonly Item[]
  comments?: string[]
  names?: string[]
  number?: number
}

export function inputOf(teams: readonly TeamOfPeople[], options: RoundOptions = {}): PublishInput {
  const { k = 5, comments = [], number = 1 } = options
  const asked = options.items ?? items
  const tree = reportingTree({
    organisationName: 'Acme',
    teams: teams.map(({ id, parentId, side }) => ({ id, parentId: parentId ?? null, name: id, side })),
    invitedByTeam: new Map(teams.map(({ id, people }) => [id, people.length])),
    k,
  })
  if ('tooFew' in tree) throw new Error(`too few: ${tree.tooFew}`)
  const invited = teams.reduce((sum, { people }) => sum + people.length, 0)
  const cohorts = tree.cohorts.map((cohort, index) => ({ ...cohort, cohort: `c${index + 1}`, issued: cohort.invited }))
  return {
    round: { id: `r${number}`, number, period: '2026-09' },
    frozen: {
      methodVersion: '1',
      minimumGroupSize: k,
      nodes: tree.nodes,
      merged: tree.merged,
      notAsked: tree.notAsked,
      items: asked,
      comment: true,
      invited,
    },
    cohorts,
    ballots: teams.flatMap(({ id, people }) => {
      const cohort = cohorts.find(({ teamIds }) => teamIds.includes(id))?.cohort ?? ''
      // an empty ballot stands for somebody who was invited and did not answer
      return people
        .filter((answers) => answers !== silent)
        .map((answers) => ({ cohort, answers: asked.map((item) => answerOf(item, answers)) }))
    }),
    comments: comments.map((text) => ({ cohort: 'c1', text })),
    names: options.names ?? [],
    inputsHash: 'hash',
  }
}

/** Somebody who was invited and cast no ballot. */
export const silent: Answers = {}

export const resultOf = (teams: readonly TeamOfPeople[], options: RoundOptions = {}): RoundResult => publish(inputOf(teams, options))

export function nodeOf(result: RoundResult, id: string): NodeFigures {
  const node = result.nodes.find((one) => one.id === id)
  if (!node || 'hidden' in node) throw new Error(`${id} is not published`)
  return node
}

export function figure(of: Figure | Hidden | undefined): Figure {
  if (!of || 'hidden' in of) throw new Error('hidden')
  return of
}

/** Every number anywhere in a value. */
export function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}

/** A small generator with a seed, for made-up answers. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
