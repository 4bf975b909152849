import { encode } from 'uqr'

/**
 * A QR code as SVG, black on white in either colour scheme, with the margin that scanners need. One mask for all: choosing
 * the prettiest of eight takes ten times as long, and every scanner reads each of them.
 *
 * @param props.of what it says: at most about 2,300 bytes
 */
export function QrCode(props: { of: string; label: string }) {
  const { data, size } = encode(props.of, { ecc: 'M', border: 4, maskPattern: 3 })
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={props.label} shape-rendering="crispEdges">
      <path fill="#fff" d={`M0 0h${size}v${size}H0z`} />
      <path fill="#000" d={data.map(runsOf).join('')} />
    </svg>
  )
}

/** The dark stretches of a row, each as one rectangle. */
function runsOf(row: readonly boolean[], y: number): string {
  let path = ''
  for (let x = 0; x < row.length; x++) {
    const start = x
    while (row[x]) x++
    if (x > start) path += `M${start} ${y}h${x - start}v1h-${x - start}z`
  }
  return path
}
