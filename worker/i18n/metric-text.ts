import { isKpiKey, type Measure, type MetricKey } from '../core/metrics'
import { intlTag, type Locale, type Messages } from '.'
import { isolate, leftToRight } from './format'
import { numberFormat } from './intl'

/** What a metric is called: own ones by the name that the organisation gave them, kept apart from the words around it. */
export const metricName = (t: Messages, key: MetricKey, name: string | null): string =>
  isKpiKey(key) ? t.metrics.names[key] : isolate(name ?? key)

/** What a metric means, in a sentence. */
export const metricWhat = (t: Messages, key: MetricKey): string => (isKpiKey(key) ? t.metrics.what[key] : t.metrics.ownWhat)

/**
 * A KPI's value in its own unit. Money comes in minor units and is written without them from 100 upwards.
 *
 * @example metricText('en', metricOf('cac'), 119_240, 'USD') // '$1,192'
 */
export function metricText(locale: Locale, metric: Measure, value: number, currency: string): string {
  const text = magnitude(locale, metric, Math.abs(value), currency)
  return value < 0 ? withSign(locale, '−', text) : text
}

/**
 * A change of a KPI with its sign, as precise as the value it led to; a ratio changes by percentage points, written with
 * `pointUnit`.
 *
 * @example metricChangeText('en', metricOf('win_rate'), 0.2, 0.221, 'USD', 'pt') // '+2.1 pt'
 */
export function metricChangeText(locale: Locale, metric: Measure, from: number, to: number, currency: string, pointUnit: string): string {
  const change = to - from
  const size = Math.abs(change)
  const text = metric.unit === 'ratio' ? decimal(locale, size * 100, metric.decimals) : magnitude(locale, metric, size, currency, to)
  // Arabic says one and two of a unit in words: something, without a digit.
  const isNothing = /\d/.test(text) ? !/[1-9]/.test(text) : size === 0
  const signed = withSign(locale, isNothing ? '' : change < 0 ? '−' : '+', text)
  return metric.unit === 'ratio' ? `${signed} ${pointUnit}` : signed
}

/** The same of two values that stand beside it: the difference of what is printed of them, so that a reader can check it. */
export const printedChangeText = (
  locale: Locale,
  metric: Measure,
  from: number,
  to: number,
  ...words: [currency: string, pointUnit: string]
): string => metricChangeText(locale, metric, asPrinted(metric, from, words[0]), asPrinted(metric, to, words[0]), ...words)

/** A value without what `magnitude` does not print of it. */
function asPrinted({ unit, decimals }: Measure, value: number, currency: string): number {
  const size = Math.abs(value)
  const stepOf = (): number => {
    switch (unit) {
      case 'ratio':
        return 10 ** -(decimals + 2)
      case 'money': {
        const major = 10 ** minorDigits('en', currency)
        return size >= 100 * major ? major : 1
      }
      case 'days':
        return size >= 10 ? 1 : 10 ** -decimals
      case 'minutes': {
        const [, minutes] = durationUnit(size)
        return minutes === 1 || size >= 10 * minutes ? minutes : minutes / 10
      }
      default:
        return 10 ** -decimals
    }
  }
  const step = stepOf()
  return Math.round(value / step) * step
}

const minorDigits = (tag: string, currency: string): number =>
  numberFormat(tag, { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/** A sign in front of a figure; a unit in words behind it stays in the direction of its language. */
function withSign(locale: Locale, sign: string, text: string): string {
  if (!/\d/.test(text)) return `\u2067${sign}${text}\u2069` // a unit that says its number itself, from the right
  const [, figure = text, unit = ''] = /^(\S*\d\S*)(\s.*)$/u.exec(text) ?? []
  return leftToRight(locale, sign + figure) + unit
}

/** @param near whose precision it is written with */
function magnitude(locale: Locale, metric: Measure, value: number, currency: string, near = value): string {
  const tag = intlTag(locale)
  switch (metric.unit) {
    case 'ratio':
      return numberFormat(tag, {
        style: 'percent',
        minimumFractionDigits: metric.decimals,
        maximumFractionDigits: metric.decimals,
      }).format(value)
    case 'money': {
      const format = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const
      const digits = minorDigits(tag, currency)
      const major = value / 10 ** digits
      // Arabic writes the symbol of the currency after the amount and between marks of direction; amounts stay as CRMs show them.
      const amount = numberFormat(
        locale === 'ar' ? 'en' : tag,
        Math.abs(near) >= 100 * 10 ** digits ? { ...format, minimumFractionDigits: 0, maximumFractionDigits: 0 } : format,
      )
      return leftToRight(locale, amount.format(major))
    }
    case 'days':
      return numberFormat(tag, {
        style: 'unit',
        unit: 'day',
        unitDisplay: 'long',
        maximumFractionDigits: near >= 10 ? 0 : metric.decimals,
      }).format(value)
    case 'minutes':
      return duration(tag, value, near)
    case 'count':
      return numberFormat(tag, { maximumFractionDigits: metric.decimals }).format(value) // 35 people, and 12.5
    case 'points':
      return decimal(locale, value, metric.decimals)
  }
}

const decimal = (locale: Locale, value: number, decimals: number) =>
  numberFormat(intlTag(locale), { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value)

/** Minutes as people say them: minutes below two hours, then hours, days from two of them on. */
function duration(tag: string, minutes: number, near: number): string {
  const [unit, size] = durationUnit(near)
  const value = minutes / size
  return numberFormat(tag, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: size === 1 || value >= 10 ? 0 : 1 }).format(
    value,
  )
}

const durationUnit = (minutes: number) =>
  minutes < 120 ? (['minute', 1] as const) : minutes < 2 * 1_440 ? (['hour', 60] as const) : (['day', 1_440] as const)
