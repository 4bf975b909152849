import { roundTo } from '../../i18n/format'
import type { View } from './view'

/**
 * A number of a table, with what a machine reads of it: no more digits than are printed. A dash where there is none.
 *
 * @example <Num view={view} value={68.149} /> // <data value="68.1">68.1</data>
 */
export function Num(props: {
  view: Pick<View, 'f'>
  value: number | null | undefined
  decimals?: number
  as?: 'number' | 'signed' | 'percent'
}) {
  const { view, value, decimals = 1, as = 'number' } = props
  if (value === null || value === undefined) return <>–</>
  return <data value={String(roundTo(value, as === 'percent' ? decimals + 2 : decimals))}>{view.f[as](value, decimals)}</data>
}

/** The same as a cell. */
export const NumCell = (props: Parameters<typeof Num>[0]) => (
  <td class="num">
    <Num {...props} />
  </td>
)
