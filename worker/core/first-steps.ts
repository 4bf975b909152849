/** The five steps from an empty organisation to its first round, and how far it is: read from what is there, not from what was clicked. */

export const firstSteps = ['people', 'survey', 'source', 'sla', 'round'] as const
export type FirstStep = (typeof firstSteps)[number]

/** What each usually takes, in minutes. */
export const stepMinutes: Readonly<Record<FirstStep, number>> = { people: 5, survey: 2, source: 10, sla: 5, round: 2 }

/** What somebody said about the steps, which nothing else in the database says. */
export interface FirstStepsSaid {
  skipped: readonly FirstStep[]
  /** The survey was looked at, and is asked as it comes. */
  surveyKept: boolean
  /** Nobody wants to be led any more. */
  hidden: boolean
}

export const nothingSaid: FirstStepsSaid = { skipped: [], surveyKept: false, hidden: false }

/** What is there of each step. */
export interface FirstStepsFacts {
  /** Active ones. */
  people: number
  teams: number
  /** Whether somebody decided what is asked. */
  surveyDecided: boolean
  /** Active ones, and those that had been. */
  sources: number
  clauses: number
  goals: number
  /** Of every state, and those that were opened, and those that have closed. */
  rounds: number
  openedRounds: number
  closedRounds: number
  hasSchedule: boolean
}

export interface FirstStepView {
  step: FirstStep
  minutes: number
  state: 'done' | 'skipped' | 'open'
}

export interface FirstStepsProgress {
  steps: FirstStepView[]
  /** The one that comes next; null where none is open. */
  next: FirstStep | null
  done: number
  /** Of the steps that are open. */
  minutesLeft: number
  /** Whether somebody is still to be led: a step is open, nobody said to stop, and no round has closed. */
  isUnderWay: boolean
}

/**
 * How far the first steps are. What is there is done, whether or not it was skipped before.
 *
 * @example progressOf({ people: 63, …, rounds: 0 }, nothingSaid).next // 'survey'
 */
export function progressOf(facts: FirstStepsFacts, said: FirstStepsSaid): FirstStepsProgress {
  const isDone: Record<FirstStep, boolean> = {
    people: facts.people > 0,
    survey: facts.surveyDecided || said.surveyKept || facts.openedRounds > 0,
    source: facts.sources > 0,
    sla: facts.clauses > 0 || facts.goals > 0,
    round: facts.rounds > 0 || facts.hasSchedule,
  }
  const steps = firstSteps.map(
    (step): FirstStepView => ({
      step,
      minutes: stepMinutes[step],
      state: isDone[step] ? 'done' : said.skipped.includes(step) ? 'skipped' : 'open',
    }),
  )
  const open = steps.filter(({ state }) => state === 'open')
  return {
    steps,
    next: open[0]?.step ?? null,
    done: steps.filter(({ state }) => state === 'done').length,
    minutesLeft: open.reduce((sum, { minutes }) => sum + minutes, 0),
    isUnderWay: open.length > 0 && !said.hidden && facts.closedRounds === 0,
  }
}
