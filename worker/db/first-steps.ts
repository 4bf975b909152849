import { sql } from 'drizzle-orm'
import type { FirstStepsFacts } from '../core/first-steps'
import type { Database } from './client'
import * as schema from './schema'

type Counted = Omit<FirstStepsFacts, 'surveyDecided' | 'hasSchedule'> & { surveys: number; schedule: number }

/** What is there of each of the first steps, for a batch of the caller's; read with `firstStepsIn`. */
export const selectFirstSteps = (db: Database) =>
  db.get<Counted>(sql`select
    (select count(*) from ${schema.people} where ${schema.people.deactivatedAt} is null) as people,
    (select count(*) from ${schema.teams}) as teams,
    (select count(*) from ${schema.surveys}) as surveys,
    (select count(*) from ${schema.sources} where ${schema.sources.state} <> 'draft') as sources,
    (select count(distinct id) from ${schema.clauses}) as clauses,
    coalesce((select json_array_length(body, '$.goals') from ${schema.scoringRules} order by version desc limit 1), 0) as goals,
    (select count(*) from ${schema.rounds}) as rounds,
    (select count(*) from ${schema.rounds} where ${schema.rounds.state} <> 'scheduled') as openedRounds,
    (select count(*) from ${schema.rounds} where ${schema.rounds.state} = 'closed') as closedRounds,
    (select count(*) from ${schema.settings} where ${schema.settings.key} = 'schedule' and ${schema.settings.value} <> 'null') as schedule`)

export const firstStepsIn = ({ surveys, schedule, ...counts }: Counted): FirstStepsFacts => ({
  ...counts,
  surveyDecided: surveys > 0,
  hasSchedule: schedule > 0,
})
