import type { Notice } from './connector'

/**
 * What two pages of one pull have to say, as one: the same stage is named once, with the rows of both.
 *
 * @example mergedNotices([{ code: 'rows-without-lead', rows: 2 }], [{ code: 'rows-without-lead', rows: 1 }]) // … rows: 3
 */
export const mergedNotices = (before: readonly Notice[], added: readonly Notice[]): Notice[] => added.reduce<Notice[]>(merge, [...before])

/** A file that is nothing but unknown stages must not fill the record of its pull. */
const mostStages = 200

function merge(notices: Notice[], added: Notice): Notice[] {
  const index = notices.findIndex(({ code }) => code === added.code)
  const same = notices[index]
  if (!same) return [...notices, added]
  return notices.with(index, both(same, added))
}

function both(before: Notice, added: Notice): Notice {
  if (before.code === 'extra-columns' && added.code === 'extra-columns')
    return { ...before, columns: [...new Set([...before.columns, ...added.columns])] }
  if (before.code === 'rows-without-lead' && added.code === 'rows-without-lead') return { ...before, rows: before.rows + added.rows }
  if (before.code === 'rows-unlinked' && added.code === 'rows-unlinked') return { ...before, rows: before.rows + added.rows }
  if (before.code === 'unknown-stages' && added.code === 'unknown-stages') {
    const rows = new Map(before.stages.map(({ stage, rows: count }) => [stage, count]))
    for (const { stage, rows: count } of added.stages) rows.set(stage, (rows.get(stage) ?? 0) + count)
    return { ...before, stages: [...rows].slice(0, mostStages).map(([stage, count]) => ({ stage, rows: count })) }
  }
  return added
}
