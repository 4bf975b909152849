import { expect, it } from 'vitest'
import type { FrozenRound } from '../../worker/core/round'
import { caseBank } from '../../worker/core/survey-bank'
import { itemsOfRound } from '../../worker/core/survey-plan'
import { rounds } from '../../worker/db/schema'
import { type Locale, locales } from '../../worker/i18n'
import { surveyBudget } from '../survey-budget'
import { fetchWorker, services } from './client'
import { anOpenRound } from './factories'

it('the survey leaves room for its script, in every language, whatever the round asks', async () => {
  const { db } = services()
  const { round } = await anOpenRound()
  const frozen = (await db.query.rounds.findFirst())?.frozen as FrozenRound
  const largest: Partial<Record<Locale, number>> = {}
  for (let number = 1; number <= caseBank.length; number++) {
    await db.update(rounds).set({ number, closesAt: new Date('2026-11-30T16:00:00Z'), frozen: { ...frozen, items: itemsOfRound(number) } })
    for (const locale of locales) {
      const page = await fetchWorker(`/s/${round.id}?lang=${locale}`)
      const packed = await new Response(page.body?.pipeThrough(new CompressionStream('gzip'))).arrayBuffer()
      largest[locale] = Math.max(largest[locale] ?? 0, packed.byteLength)
    }
  }
  const room = surveyBudget.all - surveyBudget.script
  for (const locale of locales) expect([locale, largest[locale]]).toEqual([locale, expect.toSatisfy((bytes: number) => bytes <= room)])
})
