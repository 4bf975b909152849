/** The whole app on a database that writes down what it is asked, and that can fail on demand. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { app } from '../../worker/app'
import { origin } from './client'

/** One call of the database: its statements (a batch has several) and how many parameters each was given. */
export type Call = { sql: string; parameters: number }[]

export interface Recorder {
  calls: Call[]
  database: D1Database
  /** A request through the whole app on this database. */
  fetch: (path: string, init?: RequestInit) => Promise<Response>
}

/**
 * @param failing what the call of this number (from 0) fails with, given all that it was asked; undefined lets it pass
 */
export function recorder(failing: (call: number, values: readonly unknown[]) => Error | undefined = () => undefined): Recorder {
  const calls: Call[] = []
  const insides = new WeakMap<object, Inside>()

  const perform = async <T>(asked: readonly Inside[], run: () => Promise<T>): Promise<T> => {
    calls.push(asked.map(({ sql, values }) => ({ sql, parameters: values.length })))
    const failure = failing(
      calls.length - 1,
      asked.flatMap(({ values }) => values),
    )
    if (failure) throw failure
    return run()
  }
  const twinOf = (inside: Inside): D1PreparedStatement => {
    const { sql, real } = inside
    const twin = {
      bind: (...values: unknown[]) => twinOf({ sql, values, real: real.bind(...values) }),
      all: () => perform([inside], () => real.all()),
      run: () => perform([inside], () => real.run()),
      raw: () => perform([inside], () => real.raw()),
      first: () => perform([inside], () => real.first()),
    } as unknown as D1PreparedStatement
    insides.set(twin, inside)
    return twin
  }
  const database = {
    prepare: (sql: string) => twinOf({ sql, values: [], real: env.DB.prepare(sql) }),
    batch: (statements: D1PreparedStatement[]) => {
      const asked = statements.map((statement) => insides.get(statement) as Inside)
      return perform(asked, () => env.DB.batch(asked.map(({ real }) => real)))
    },
  } as unknown as D1Database

  const fetch = async (path: string, init?: RequestInit) => {
    const context = createExecutionContext()
    const response = await app.fetch(new Request(`${origin}${path}`, { redirect: 'manual', ...init }), { ...env, DB: database }, context)
    await waitOnExecutionContext(context)
    return response
  }
  return { calls, database, fetch }
}

interface Inside {
  sql: string
  values: readonly unknown[]
  real: D1PreparedStatement
}
