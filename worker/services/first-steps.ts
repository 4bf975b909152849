/** Leading an administrator without data to the first round. */
import type { BatchItem } from 'drizzle-orm/batch'
import { type FirstStep, type FirstStepsFacts, type FirstStepsProgress, type FirstStepsSaid, progressOf } from '../core/first-steps'
import { firstStepsIn, selectFirstSteps } from '../db/first-steps'
import { settings as settingsTable } from '../db/schema'
import { readSettings, type Settings, settingsIn, writeSettings } from '../db/settings'
import type { ServiceContext } from './context'

export interface FirstSteps extends FirstStepsProgress {
  facts: FirstStepsFacts
  settings: Settings
}

/** How far the first steps are. In the sample organisation there is nothing to be led to. */
export async function readFirstSteps({ db }: Pick<ServiceContext, 'db'>): Promise<FirstSteps> {
  const [settingRows, counted] = await db.batch([db.select().from(settingsTable), selectFirstSteps(db)])
  const settings = settingsIn(settingRows)
  const facts = firstStepsIn(counted)
  const progress = progressOf(facts, settings.firstSteps)
  return { ...progress, isUnderWay: progress.isUnderWay && settings.sample === null, facts, settings }
}

/** Where an administrator begins who signs in: at the first steps until a round has been opened. */
export async function landingOf(context: Pick<ServiceContext, 'db'>): Promise<'/first-steps' | '/overview'> {
  const { isUnderWay, facts } = await readFirstSteps(context)
  return isUnderWay && facts.openedRounds === 0 ? '/first-steps' : '/overview'
}

export const skipStep = (context: ServiceContext, step: FirstStep) =>
  say(context, ({ skipped }) => ({ skipped: [...skipped.filter((one) => one !== step), step] }))

/** Takes a step up again that was skipped. */
export const resumeStep = (context: ServiceContext, step: FirstStep) =>
  say(context, ({ skipped }) => ({ skipped: skipped.filter((one) => one !== step) }))

/** The survey was looked at, and is asked as it comes. */
export const keepSurvey = (context: ServiceContext) => say(context, () => ({ surveyKept: true }))

export const hideFirstSteps = (context: ServiceContext) => say(context, () => ({ hidden: true }))
export const showFirstSteps = (context: ServiceContext) => say(context, () => ({ hidden: false }))

async function say({ db }: ServiceContext, change: (said: FirstStepsSaid) => Partial<FirstStepsSaid>): Promise<void> {
  const { firstSteps } = await readSettings(db)
  await db.batch(writeSettings(db, { firstSteps: { ...firstSteps, ...change(firstSteps) } }) as [BatchItem<'sqlite'>])
}
