/**
 * `npm run bench:coverage`: measures the coverage of every interval again and puts it beside the tables that the method was
 * chosen by. Ends with an error where one is further off than two points. `-- --quick` makes up fewer people.
 */
import { join } from 'node:path'
import { runnerImport } from 'vite'
import type { Row } from './measures.ts'

const tolerance = 2
const signed = new Intl.NumberFormat('en', { signDisplay: 'exceptZero', minimumFractionDigits: 1, maximumFractionDigits: 1 })

const { module } = await runnerImport<typeof import('./measures.ts')>(join(import.meta.dirname, 'measures.ts'))

const started = performance.now()
let off = 0
for (const { title, rows } of module.tables(process.argv.includes('--quick') ? 0.2 : 1)) {
  console.log(`\n${title}\n${line(['', 'measured', '± error', 'printed', 'difference'])}`)
  for (const row of rows) {
    console.log(report(row))
    if (isOff(row)) off++
  }
}
console.log(
  `\n${off === 0 ? 'Everything is' : `${off} not`} within ${tolerance} points; ${Math.round((performance.now() - started) / 1000)} s`,
)
if (off > 0) process.exitCode = 1

function report(row: Row): string {
  const { label, measured, error, printed } = row
  const difference = differenceOf(row)
  const figures = [measured.toFixed(1), `± ${error.toFixed(2)}`, textOf(printed), difference === null ? '' : signed.format(difference)]
  return line([label, ...figures]) + (isOff(row) ? '  ← off' : '')
}

function isOff(row: Row): boolean {
  return Math.abs(differenceOf(row) ?? 0) > tolerance
}

/** From a range it is 0 inside, and counts from the nearer end outside. */
function differenceOf({ measured, printed }: Row): number | null {
  if (printed === null) return null
  const [low, high] = typeof printed === 'number' ? [printed, printed] : printed
  return measured < low ? measured - low : measured > high ? measured - high : 0
}

function textOf(printed: Row['printed']): string {
  return printed === null ? '–' : typeof printed === 'number' ? printed.toFixed(1) : printed.join('–')
}

function line([label, ...figures]: string[]): string {
  return `  ${(label ?? '').padEnd(32)}${figures.map((figure) => figure.padStart(12)).join('')}`
}
