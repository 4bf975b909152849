import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Drawing, figureWidth } from '../../worker/core/drawing'
import { crc32, type Grey, png } from '../../worker/core/png'
import { type TrendPicture, trendImage } from '../../worker/core/trend-image'

/** Another reading of the format: every chunk with its checksum, rows unfiltered. */
function decode(file: Uint8Array): Grey {
  const view = new DataView(file.buffer, file.byteOffset)
  expect([...file.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10])
  const chunks = new Map<string, Uint8Array>()
  for (let at = 8; at < file.length; ) {
    const length = view.getUint32(at)
    expect(view.getUint32(at + 8 + length)).toBe(crc32(file.subarray(at + 4, at + 8 + length)))
    chunks.set(String.fromCharCode(...file.subarray(at + 4, at + 8)), file.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND'])
  const head = chunks.get('IHDR') as Uint8Array
  const [width, height] = [0, 4].map((at) => new DataView(head.buffer, head.byteOffset).getUint32(at)) as [number, number]
  expect([...head.subarray(8)]).toEqual([8, 0, 0, 0, 0])
  const rows = inflateSync(chunks.get('IDAT') as Uint8Array)
  const pixels = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    expect(rows[y * (width + 1)]).toBe(2)
    for (let x = 0; x < width; x++)
      pixels[y * width + x] = (rows[y * (width + 1) + 1 + x] as number) + (y > 0 ? (pixels[(y - 1) * width + x] as number) : 0)
  }
  return { width, height, pixels }
}

const rounds = (...values: (number | null)[]): TrendPicture['rounds'] =>
  values.map((value, index) => ({
    at: index,
    value,
    low: value === null ? null : value - 4,
    high: value === null ? null : value + 4,
    signal: index > 4,
    afterGap: false,
    label: String(index + 1),
  }))
const picture: TrendPicture = {
  rounds: rounds(48, 50, 49, 51, 50, 62, 66),
  phases: [{ from: 0, to: 6, mean: 49.6, low: 46, high: 53, provisional: false }],
  events: [4.5],
  last: { strong: '66', small: '±4' },
}
const dark = ({ pixels }: Grey) => pixels.filter((shade) => shade < 128).length
const mean = ({ pixels }: Grey) => pixels.reduce((sum, shade) => sum + shade, 0) / pixels.length

describe('a picture as a file', () => {
  it('is read by another reading of the format, pixel by pixel', async () => {
    const drawn = trendImage(picture) as Grey
    const file = await png(drawn)
    const read = decode(file)
    expect([read.width, read.height]).toEqual([1200, 560])
    expect(Buffer.compare(Buffer.from(read.pixels), Buffer.from(drawn.pixels))).toBe(0)
    expect(file.length).toBeLessThan(40_000)
  })

  it('has the checksum that is known', () => {
    expect(crc32(new TextEncoder().encode('123456789')).toString(16)).toBe('cbf43926')
  })
})

describe('the drawing of a trend', () => {
  it('is of rounds that have a value, one of them or all, and of no others', () => {
    expect(trendImage({ ...picture, rounds: rounds(null, null) })).toBeNull()
    expect(dark(trendImage({ ...picture, rounds: rounds(50), phases: [], events: [] }) as Grey)).toBeGreaterThan(200)
    const whole = trendImage(picture) as Grey
    const broken = trendImage({ ...picture, rounds: rounds(48, null, 49, null, 50, null, 66) }) as Grey
    expect(dark(broken)).toBeLessThan(dark(whole))
  })

  it('dots the limits of a range that is provisional', () => {
    const drawn = (provisional: boolean) =>
      trendImage({ ...picture, phases: picture.phases.map((phase) => ({ ...phase, provisional })) }) as Grey
    // The most pieces that any row of pixels falls into.
    const gaps = ({ width, height, pixels }: Grey) => {
      let most = 0
      for (let y = 0; y < height; y += 1) {
        const row = [...pixels.subarray(y * width + 700, y * width + 900)].map((shade) => shade < 170)
        most = Math.max(most, row.filter((ink, x) => ink && !row[x - 1]).length)
      }
      return most
    }
    expect(gaps(drawn(true))).toBeGreaterThan(1.5 * gaps(drawn(false)))
  })

  it('has smooth edges, and shades as deep as what covers a pixel', () => {
    const drawing = new Drawing(20, 20)
    drawing.area(
      [
        [5, 5],
        [15.5, 5],
        [15.5, 15.5],
        [5, 15.5],
      ],
      0,
    )
    const at = (x: number, y: number) => drawing.pixels[y * 20 + x]
    expect([at(4, 10), at(5, 10), at(14, 10), at(15, 10), at(16, 10)]).toEqual([255, 0, 0, 128, 255])
    expect([at(10, 4), at(10, 5), at(10, 15), at(10, 16)]).toEqual([255, 0, 128, 255])
    const round = new Drawing(40, 40)
    round.dot([20, 20], 10, 0)
    expect((255 - mean(round)) * 1600).toBeCloseTo(255 * Math.PI * 100, -3)
  })

  it('writes every figure differently, and nothing for what it does not know', () => {
    const drawn = [...'0123456789.+−±%'].map((figure) => {
      const drawing = new Drawing(40, 40)
      drawing.figures(figure, [5, 32], 24, 0, 3)
      return drawing.pixels.join()
    })
    expect(new Set(drawn).size).toBe(15)
    expect(figureWidth('ก', 24)).toBe(0)
    expect(figureWidth('66', 24)).toBeGreaterThan(figureWidth('6', 24))
  })
})
