import { roundTo } from '../../i18n/format'
import type { View } from './view'

/**
 * A number of a table, with what a machine reads of it where that is not what is printed, and no more digits. A dash where there
 * is none.
 *
 * @example <Num view={view} value={0.681} decimals={0} as="percent" /> // <data value="0.68">68%</data>
 */
export function Num(props: {
  view: Pick<View, 'f'>
  value: number | null | undefined
  decimals?: number
  as?: 'number' | 'signed' | 'percent'
}) {
  const { view, value, decimals = 1, as = 'number' } = props
  if (value === null || value === undefined) return <>–</>
  const exact = roundTo(value, as === 'percent' ? decimals + 2 : decimals)
  const text = view.f[as](value, decimals)
  return text.replace('−', '-').replace('+', '') === String(exact) ? text : <data value={String(exact)}>{text}</data>
}

/** The same as a cell. */
export const NumCell = (props: Parameters<typeof Num>[0]) => (
  <td class="num">
    <Num {...props} />
  </td>
)
