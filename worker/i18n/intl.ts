/**
 * Formatters, made once an isolate: making one takes longer than rendering a row of a page. They are few: one for each
 * language and way of writing.
 */
const numbers = new Map<string, Intl.NumberFormat>()
const dates = new Map<string, Intl.DateTimeFormat>()

export const numberFormat = (tag: string, options: Intl.NumberFormatOptions): Intl.NumberFormat =>
  once(numbers, tag, options, () => new Intl.NumberFormat(tag, options))

/** Day before month in English, too. */
export function dateFormat(tag: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const own = tag === 'en' ? 'en-GB' : tag
  return once(dates, own, options, () => new Intl.DateTimeFormat(own, options))
}

function once<T>(known: Map<string, T>, tag: string, options: object, make: () => T): T {
  const key = tag + JSON.stringify(options)
  const format = known.get(key) ?? make()
  known.set(key, format)
  return format
}
