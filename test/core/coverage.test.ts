import { describe, expect, it } from 'vitest'
import { noAnswers } from '../../worker/core/favourability'
import { randomFrom } from '../../worker/core/random'
import { mean } from '../../worker/core/statistics'
import { itemCoverage } from '../bench/measures'
import { anyShares } from '../bench/population'

describe.each([5, 10])('of every outcome with %i people, over 200 profiles', (n) => {
  const random = randomFrom('profiles')
  const profiles = Array.from({ length: 200 }, () => anyShares(random))

  it('the interval of an item holds the truth 95 times in 100', () => {
    const coverage = mean(itemCoverage(n, profiles)) as number
    expect(coverage).toBeGreaterThan(94)
    expect(coverage).toBeLessThan(97)
  })

  it('the plain interval, without pseudo-answers, does not', () => {
    expect(mean(itemCoverage(n, profiles, noAnswers))).toBeLessThan(90)
  })
})
