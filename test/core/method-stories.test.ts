/** "Stories and numbers by hand" of docs/method.md, computed by what publishes and written down again. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Item } from '../../worker/core/round'
import { storyAgreement } from '../../worker/core/stories'
import { caseBank, judgementOf } from '../../worker/core/survey-bank'
import { type Answers, resultOf } from './rounds'

const document = readFileSync(resolve(import.meta.dirname, '../../docs/method.md'), 'utf8')
const section = document.split(/^## /m).find((one) => one.startsWith('Stories and numbers by hand\n')) ?? ''
const [stories = [], printedStories = [], hours = [], printedHours = []] = section
  .split('\n\n')
  .filter((block) => block.startsWith('|'))
  .map((table) => table.trim().split('\n').slice(2))
const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
const lineOf = (row: readonly string[]) => `| ${row.join(' | ')} |`

const counts = stories.map((line) => cellsOf(line).slice(1).map(Number) as [number, number, number, number])
const [salesHours = [], marketingHours = []] = hours.map((line) => (cellsOf(line)[1] ?? '').split(', ').map(Number))

const asked = caseBank.filter((item) => item.kind === 'vignette' && judgementOf(item.options) === 'verdict').slice(0, counts.length)
const number = caseBank.find(({ id }) => id === 'number-first-hours') as Item
const items: Item[] = [...asked, number]
const peopleOf = (given: readonly number[], yesAt: 0 | 2): Answers[] =>
  given.map((value, person) => ({
    [number.id]: value,
    ...Object.fromEntries(asked.map(({ id }, story) => [id, person < (counts[story]?.[yesAt] ?? 0) ? 0 : 1])),
  }))
const result = resultOf(
  [
    { id: 'sales', side: 'sales', people: peopleOf(salesHours, 0) },
    { id: 'marketing', side: 'marketing', people: peopleOf(marketingHours, 2) },
  ],
  { items },
)
const said = storyAgreement([result])
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const three = (value: number | null | undefined) => (value ?? Number.NaN).toFixed(3).replace('-', '−')

function storyRows(): string[][] {
  const [first] = counts as [(typeof counts)[number]]
  const [sales, marketing] = [first[0] + first[1], first[2] + first[3]]
  const both = counts.map(([a, b, c, d]) => ({ yes: a + c, no: b + d }))
  const [yes, no] = [sum(both.map((one) => one.yes)), sum(both.map((one) => one.no))]
  const observed = sum(both.map((one) => (2 * one.yes * one.no) / (one.yes + one.no - 1)))
  const expected = (2 * yes * no) / (yes + no - 1)
  expect(1 - observed / expected).toBeCloseTo(said.pooled as number, 9)
  return [
    [
      'First story: P_SM',
      `${first[0]}/${sales} × ${first[2]}/${marketing} + ${first[1]}/${sales} × ${first[3]}/${marketing}`,
      three(result.vignettes?.[0]?.between),
    ],
    ['D_o', 'Σ 2·yes·no/(n − 1) over the stories', three(observed)],
    ['D_e', `2 × ${yes} × ${no}/(${yes + no} − 1)`, three(expected)],
    ['α of everybody', `1 − ${three(observed)}/${three(expected)}`, three(said.pooled)],
    ['α of sales alone', '', three(said.sales)],
    ['α of marketing alone', '', three(said.marketing)],
  ]
}

function hourRows(): string[][] {
  const [found] = result.numbers ?? []
  return [
    ['Median, sales', `${found?.medianSales}`],
    ['Median, marketing', `${found?.medianMarketing}`],
    ['Distance', `${found?.distance}`],
    ['Chance of the same band (from 0, 2, 8, 24, 48)', three(found?.between)],
  ]
}

describe('stories and numbers by hand', () => {
  it('print what the code computes of the stories', () => {
    expect(counts).toHaveLength(8)
    expect(printedStories).toEqual(storyRows().map(lineOf))
  })

  it('print what the code computes of the hours', () => {
    expect([salesHours.length, marketingHours.length]).toEqual([12, 10])
    expect(printedHours).toEqual(hourRows().map(lineOf))
  })
})
