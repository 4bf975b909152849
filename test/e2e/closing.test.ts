/** A closing outlives its process. Deaths between single calls of the database: test/worker/closing-at-scale.test.ts. */
import { cpSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { roundId, statementsOf } from '../filled-round'
import { databaseFiles, emptyHome, newHome, type Server, signIn, startServer } from './server'

it('is killed twice and publishes the same bytes as a closing that was left alone', async () => {
  const home = await emptyHome()
  const database = open(home)
  for (const { sql, json } of statementsOf({
    seed: 'killed',
    teams: { sales: 18, marketing: 18, other: 4 },
    peopleInTeam: 125,
    commentOf: 7,
  })) {
    database.prepare(sql).run(json)
  }
  database.close()
  const killed = newHome()
  cpSync(home, killed, { recursive: true })

  const alone = await startServer(home)
  const started = performance.now()
  expect((await close(alone)).status).toBe(201)
  const duration = performance.now() - started
  await alone.stop()

  const published: number[] = []
  // As soon as it has begun; then wherever it is after a while.
  for (const moment of [() => vi.waitUntil(() => hasBegun(killed), { timeout: 60_000, interval: 5 }), () => delay(duration / 2)]) {
    const server = await startServer(killed)
    const answer = close(server).catch(() => null)
    await moment()
    process.kill(-(server.child.pid as number), 'SIGKILL')
    await Promise.all([answer, server.stop('SIGKILL')])
    published.push(resultsIn(killed).length)
  }
  expect(published[0]).toBe(0)
  const last = await startServer(killed)
  expect([200, 201]).toContain((await close(last)).status)
  await last.stop()
  expect(resultsIn(killed)).toEqual(resultsIn(home))
  expect(resultsIn(home)).toHaveLength(1)
})

async function close(server: Server): Promise<Response> {
  return fetch(`${server.url}/api/v1/rounds/${roundId}/closure`, { method: 'POST', headers: await signIn(server) })
}

const open = (home: string) => new DatabaseSync(databaseFiles(home).find((name) => name.endsWith('.sqlite')) ?? '', { timeout: 5_000 })

function hasBegun(home: string): boolean {
  const database = open(home)
  const row = database.prepare('select 1 from rounds where closing_at is not null').get()
  database.close()
  return row !== undefined
}

function resultsIn(home: string) {
  const database = open(home)
  const rows = database.prepare('select results.body as result, scores.body as score from results join scores using (round_id)').all()
  database.close()
  return rows
}
