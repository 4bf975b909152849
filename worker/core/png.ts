/** A picture in shades of grey, as a PNG file. */
import { concat } from './bytes'

export interface Grey {
  /** In pixels. */
  width: number
  height: number
  /** Row by row, 0 black to 255 white. */
  pixels: Uint8Array<ArrayBuffer>
}

/**
 * The file: eight bits of grey a pixel, compressed by the runtime's own zlib.
 *
 * @example await png({ width: 1, height: 1, pixels: Uint8Array.of(0) }) // 67 bytes, one black pixel
 */
export async function png({ width, height, pixels }: Grey): Promise<Uint8Array<ArrayBuffer>> {
  const header = new DataView(new ArrayBuffer(13))
  header.setUint32(0, width)
  header.setUint32(4, height)
  header.setUint8(8, 8) // bits; the rest is 0: grey, usual compression, no interlacing
  // Each row says how it is filtered: by the one above it, which leaves nearly nothing of a chart's rules and bands.
  const rows = new Uint8Array(height * (width + 1))
  for (let y = 0; y < height; y += 1) {
    const at = y * (width + 1)
    rows[at] = 2
    for (let x = 0; x < width; x += 1) {
      rows[at + 1 + x] = (pixels[y * width + x] ?? 0) - (y > 0 ? (pixels[(y - 1) * width + x] ?? 0) : 0)
    }
  }
  return concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('IDAT', await deflated(rows)),
    chunk('IEND', new Uint8Array()),
  ])
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Response(bytes).body?.pipeThrough(new CompressionStream('deflate'))
  return new Uint8Array(await new Response(stream ?? null).arrayBuffer())
}

/** Length, name, contents, and the checksum over the last two. */
function chunk(name: string, contents: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(contents.length + 12)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, contents.length)
  bytes.set(new TextEncoder().encode(name), 4)
  bytes.set(contents, 8)
  view.setUint32(contents.length + 8, crc32(bytes.subarray(4, contents.length + 8)))
  return bytes
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value >>> 0
})

/** @example crc32(new TextEncoder().encode('IEND')).toString(16) // 'ae426082' */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
