/**
 * Draws lines, areas, marks and figures in shades of grey, with smooth edges: what a chart needs, where there is no canvas.
 * Lengths are in pixels, y grows downwards, shades go from 0 (black) to 255 (white).
 */
import type { Grey } from './png'

export type Point = readonly [x: number, y: number]

export class Drawing implements Grey {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array<ArrayBuffer>
  /** How much of each pixel what is being drawn covers, 0 to 1. */
  readonly #cover: Float32Array

  constructor(width: number, height: number, shade = 255) {
    this.width = width
    this.height = height
    this.pixels = new Uint8Array(width * height).fill(shade)
    this.#cover = new Float32Array(width * height)
  }

  /** A line through these points, with round ends and corners. `dash`: drawn and left out, by turns. */
  line(points: readonly Point[], shade: number, thickness: number, dash?: readonly [number, number]): void {
    const box = new Box(this)
    for (const [from, to] of dash ? dashes(points, dash) : pairs(points)) this.#segment(box, from, to, thickness / 2)
    this.#blend(box, shade)
  }

  /** Several lines as one: where they cross they are not darker. */
  strokes(lines: readonly (readonly Point[])[], shade: number, thickness: number): void {
    const box = new Box(this)
    for (const points of lines) for (const [from, to] of pairs(points)) this.#segment(box, from, to, thickness / 2)
    this.#blend(box, shade)
  }

  dot([x, y]: Point, radius: number, shade: number): void {
    const box = new Box(this)
    this.#each(box, x, y, radius + 1, radius + 1, (dx, dy) => radius - Math.hypot(dx, dy))
    this.#blend(box, shade)
  }

  /** A square on its corner; `radius` reaches to the corners. */
  diamond([x, y]: Point, radius: number, shade: number): void {
    const box = new Box(this)
    this.#each(box, x, y, radius + 1, radius + 1, (dx, dy) => (radius - Math.abs(dx) - Math.abs(dy)) / Math.SQRT2)
    this.#blend(box, shade)
  }

  /** The area inside these points. */
  area(points: readonly Point[], shade: number, opacity = 1): void {
    const box = new Box(this)
    const ys = points.map(([, y]) => y)
    const [top, bottom] = [Math.max(0, Math.floor(Math.min(...ys))), Math.min(this.height, Math.ceil(Math.max(...ys)))]
    const closed = pairs([...points, ...points.slice(0, 1)])
    for (let y = top; y < bottom; y += 1) {
      for (let part = 0; part < subrows; part += 1) this.#subrow(box, closed, y, y + (part + 0.5) / subrows)
    }
    this.#blend(box, shade, opacity)
  }

  /** Writes figures; see `figureWidth` for what it knows. `at` is the left end of the line that they stand on. */
  figures(text: string, [x, y]: Point, size: number, shade: number, thickness: number): void {
    let left = x
    const lines: Point[][] = []
    for (const character of text) {
      const { strokes, width } = glyphOf(character)
      for (const stroke of strokes) lines.push(stroke.map(([gx, gy]) => [left + (gx * size) / 10, y + ((gy - 10) * size) / 10]))
      left += ((width + spacing) * size) / 10
    }
    this.strokes(lines, shade, thickness)
  }

  #segment(box: Box, from: Point, to: Point, radius: number): void {
    const [middleX, middleY] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]
    const [halfX, halfY] = [Math.abs(to[0] - from[0]) / 2, Math.abs(to[1] - from[1]) / 2]
    const [ax, ay] = [from[0] - middleX, from[1] - middleY]
    const [bx, by] = [to[0] - from[0], to[1] - from[1]]
    const length = bx * bx + by * by
    this.#each(box, middleX, middleY, halfX + radius + 1, halfY + radius + 1, (dx, dy) => {
      const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((dx - ax) * bx + (dy - ay) * by) / length))
      return radius - Math.hypot(dx - ax - along * bx, dy - ay - along * by)
    })
  }

  /** Covers every pixel around a centre by how deep it lies inside. */
  #each(box: Box, x: number, y: number, reachX: number, reachY: number, depth: (dx: number, dy: number) => number): void {
    const [left, right] = [Math.max(0, Math.floor(x - reachX)), Math.min(this.width - 1, Math.ceil(x + reachX))]
    const [top, bottom] = [Math.max(0, Math.floor(y - reachY)), Math.min(this.height - 1, Math.ceil(y + reachY))]
    for (let row = top; row <= bottom; row += 1) {
      for (let column = left; column <= right; column += 1) {
        const covered = Math.max(0, Math.min(1, depth(column + 0.5 - x, row + 0.5 - y) + 0.5))
        const at = row * this.width + column
        if (covered > (this.#cover[at] ?? 0)) this.#cover[at] = covered
      }
    }
    box.include(left, top, right, bottom)
  }

  /** Adds what one line across an area covers of the pixels of its row. */
  #subrow(box: Box, edges: readonly (readonly [Point, Point])[], row: number, y: number): void {
    const crossings = edges
      .flatMap(([[x1, y1], [x2, y2]]) => (y1 <= y !== y2 <= y ? [x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)] : []))
      .sort((a, b) => a - b)
    for (let index = 0; index + 1 < crossings.length; index += 2) {
      const [from, to] = [Math.max(0, crossings[index] ?? 0), Math.min(this.width, crossings[index + 1] ?? 0)]
      const [first, last] = [Math.floor(from), Math.min(this.width - 1, Math.floor(to))]
      for (let column = first; column <= last; column += 1) {
        const at = row * this.width + column
        this.#cover[at] = (this.#cover[at] ?? 0) + Math.max(0, Math.min(to, column + 1) - Math.max(from, column)) / subrows
      }
      if (last >= first) box.include(first, row, last, row)
    }
  }

  #blend({ left, top, right, bottom }: Box, shade: number, opacity = 1): void {
    for (let row = top; row <= bottom; row += 1) {
      for (let at = row * this.width + left; at <= row * this.width + right; at += 1) {
        const share = Math.min(1, this.#cover[at] ?? 0) * opacity
        this.#cover[at] = 0
        const below = this.pixels[at] ?? 0
        this.pixels[at] = Math.round(below + (shade - below) * share)
      }
    }
  }
}

/** Lines that an area is looked at along, for each row of pixels. */
const subrows = 4

/** What of a picture is touched. */
class Box {
  left: number
  top: number
  right = -1
  bottom = -1

  constructor({ width, height }: { width: number; height: number }) {
    this.left = width
    this.top = height
  }

  include(left: number, top: number, right: number, bottom: number): void {
    this.left = Math.min(this.left, left)
    this.top = Math.min(this.top, top)
    this.right = Math.max(this.right, right)
    this.bottom = Math.max(this.bottom, bottom)
  }
}

const pairs = (points: readonly Point[]): (readonly [Point, Point])[] =>
  points.slice(1).map((point, index) => [points[index] as Point, point] as const)

/** The parts of a line that are drawn where it is dashed. */
function dashes(points: readonly Point[], [drawn, left]: readonly [number, number]): (readonly [Point, Point])[] {
  const parts: (readonly [Point, Point])[] = []
  let done = 0
  for (const [from, to] of pairs(points)) {
    const length = Math.hypot(to[0] - from[0], to[1] - from[1])
    const point = (at: number): Point => [from[0] + ((to[0] - from[0]) * at) / length, from[1] + ((to[1] - from[1]) * at) / length]
    for (let at = -(done % (drawn + left)); at < length; at += drawn + left) {
      const [begin, end] = [Math.max(0, at), Math.min(length, at + drawn)]
      if (end > begin) parts.push([point(begin), point(end)])
    }
    done += length
  }
  return parts
}

// ── Figures ─────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Glyph {
  /** In tenths of the height of a figure; y from 0 at its top to 10 at its foot. */
  width: number
  strokes: Point[][]
}

/** Between two figures, in tenths of their height. */
const spacing = 2.1

const arc = (x: number, y: number, rx: number, ry: number, from: number, to: number): Point[] => {
  const steps = Math.ceil(Math.abs(to - from) / 12)
  return Array.from({ length: steps + 1 }, (_, index) => {
    const angle = ((from + ((to - from) * index) / steps) * Math.PI) / 180
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)]
  })
}

const six: Point[][] = [arc(2.9, 6.75, 2.9, 3.25, 0, 360), arc(5.3, 6.75, 5.3, 6.75, 180, 262)]
const plus = (y: number): Point[][] => [
  [
    [0.2, y],
    [5.6, y],
  ],
  [
    [2.9, y - 2.7],
    [2.9, y + 2.7],
  ],
]
const across = (y: number): Point[] => [
  [0.2, y],
  [5.6, y],
]

const glyphs: Readonly<Record<string, Glyph>> = {
  '0': { width: 5.8, strokes: [arc(2.9, 5, 2.9, 5, 0, 360)] },
  '1': {
    width: 5.8,
    strokes: [
      [
        [0.9, 2],
        [3.2, 0],
        [3.2, 10],
      ],
    ],
  },
  '2': { width: 5.8, strokes: [[...arc(2.85, 2.8, 2.75, 2.8, 185, 395), [0, 10], [5.7, 10]]] },
  '3': { width: 5.8, strokes: [arc(2.75, 2.5, 2.45, 2.5, 195, 450), arc(2.75, 7.4, 2.9, 2.6, 270, 520)] },
  '4': {
    width: 5.8,
    strokes: [
      [
        [4.4, 10],
        [4.4, 0],
        [-0.1, 7.3],
        [6, 7.3],
      ],
    ],
  },
  '5': { width: 5.8, strokes: [[[5.3, 0], [0.9, 0], [0.45, 4.7], ...arc(2.8, 6.7, 2.95, 3.3, 218, 510)]] },
  '6': { width: 5.8, strokes: six },
  '7': {
    width: 5.8,
    strokes: [
      [
        [0.1, 0],
        [5.7, 0],
        [1.9, 10],
      ],
    ],
  },
  '8': { width: 5.8, strokes: [arc(2.9, 2.4, 2.35, 2.4, 0, 360), arc(2.9, 7.4, 2.9, 2.6, 0, 360)] },
  '9': { width: 5.8, strokes: six.map((stroke) => stroke.map(([x, y]) => [5.8 - x, 10 - y])) },
  '.': { width: 0.4, strokes: [[[0.2, 9.9] as const, [0.2, 9.9] as const]] },
  '+': { width: 5.8, strokes: plus(5.4) },
  '−': { width: 5.8, strokes: [across(5.4)] },
  '±': { width: 5.8, strokes: [...plus(4), across(9.2)] },
  '%': {
    width: 8.6,
    strokes: [
      arc(1.8, 2.3, 1.8, 2.3, 0, 360),
      arc(6.8, 7.7, 1.8, 2.3, 0, 360),
      [
        [7, 0],
        [1.6, 10],
      ],
    ],
  },
  ' ': { width: 1.2, strokes: [] },
}

const glyphOf = (character: string): Glyph => glyphs[character] ?? { width: 0, strokes: [] }

/**
 * How wide figures are, in pixels. Known are digits, `.`, `+`, `−`, `±`, `%` and the space: words have too many scripts for
 * strokes of ours, and stand beside the picture.
 */
export const figureWidth = (text: string, size: number): number =>
  Math.max(0, [...text].reduce((width, character) => width + glyphOf(character).width + spacing, -spacing) * size) / 10
