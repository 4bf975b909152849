import { penOf } from './pen'
import type { Shown } from './screen'

/** Reading a chart by pointer, by touch and by keyboard; what keys and touch reach is spoken, too. */
export function listen(shown: Shown): void {
  const { plot } = shown
  plot.addEventListener('pointermove', (event) => event.pointerType !== 'touch' && show(shown, nearest(shown, event), false))
  plot.addEventListener('pointerleave', (event) => event.pointerType !== 'touch' && show(shown, null, false))
  // A tap, not a drag that scrolls the page: the browser takes that one away before it clicks.
  plot.addEventListener('click', (event) => isTouch(event) && show(shown, nearest(shown, event), true))
  document.addEventListener('pointerdown', ({ target }) => target instanceof Node && !plot.contains(target) && show(shown, null, false))
  plot.addEventListener('focus', () => plot.matches(':focus-visible') && show(shown, last(shown), true))
  plot.addEventListener('blur', () => show(shown, null, false))
  plot.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') return show(shown, null, false)
    const to = reached(shown, event.key)
    if (to === undefined) return
    event.preventDefault()
    show(shown, to, true)
  })
}

const isTouch = (event: Event) => 'pointerType' in event && event.pointerType === 'touch'

function nearest(shown: Shown, event: MouseEvent): number | null {
  const { left, top } = shown.chart.canvas.getBoundingClientRect()
  return shown.painter.nearest(penOf(shown.chart, shown.look, shown.isRtl), { x: event.clientX - left, y: event.clientY - top })
}

/** Over time, the newest is what is looked for; rows are read from the first. */
const last = ({ painter }: Shown) => (painter.readings.length === 0 ? null : painter.steps === 'time' ? painter.readings.length - 1 : 0)

/** Where a key leads. On time axes, left is earlier on every page; among rows, forwards is where the page reads to. */
function reached(shown: Shown, key: string): number | null | undefined {
  const { painter, isRtl, read } = shown
  const ahead = painter.steps === 'rows' && isRtl ? -1 : 1
  const move = {
    ArrowLeft: -ahead,
    ArrowRight: ahead,
    ArrowUp: painter.steps === 'rows' ? -1 : 1,
    ArrowDown: painter.steps === 'rows' ? 1 : -1,
  }[key]
  const end = painter.readings.length - 1
  const begin = painter.first?.(shown.chart.width) ?? 0
  if (end < 0) return undefined
  if (key === 'Home') return begin
  if (key === 'End') return end
  if (move === undefined) return undefined
  return read === null ? last(shown) : Math.min(end, Math.max(begin, read + move))
}

function show(shown: Shown, index: number | null, isSpoken: boolean): void {
  if (index === shown.read && !isSpoken) return
  shown.read = index
  const { chart, plot, painter } = shown
  const reading = index === null ? undefined : painter.readings[index]
  const tip = plot.querySelector<HTMLElement>('.tip')
  const status = plot.querySelector<HTMLElement>('[role="status"]')
  if (tip) {
    tip.hidden = !reading
    if (reading) {
      const [strong, text] = [document.createElement('b'), document.createElement('span')]
      strong.textContent = reading.strong
      text.textContent = reading.text
      for (const part of [strong, text]) part.dir = 'auto'
      tip.replaceChildren(strong, text)
      place(shown, tip, index ?? 0)
    }
  }
  if (status && isSpoken) status.textContent = reading ? `${reading.strong}, ${reading.text}` : ''
  chart.draw()
}

/** Beside what it belongs to, on the side that has room; never out of the drawing's width. */
function place({ chart, look, isRtl, painter }: Shown, tip: HTMLElement, index: number): void {
  const { at, box, hasPlumb } = painter.spot(penOf(chart, look, isRtl), index)
  const room = chart.width - tip.offsetWidth
  const beside = at.x + 10 > room ? at.x - tip.offsetWidth - 10 : at.x + 10
  tip.style.left = `${Math.min(Math.max(0, beside), Math.max(0, room))}px`
  const below = at.y + 4
  const isOut = !hasPlumb && below + tip.offsetHeight > chart.height
  tip.style.top = `${isOut ? Math.max(0, box.top - tip.offsetHeight - 4) : below}px`
}
