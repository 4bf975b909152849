/**
 * The voter's half of RFC 9474 (RSA blind signatures, SHA-384, PSS): the issuer signs a ballot that it cannot see.
 * Runs in the survey page, so it is small, has no dependency and needs no method younger than its readers' phones.
 *
 * Nothing here is constant-time; every secret that it touches is the caller's own.
 */

/** An RSA public key as on the wire: modulus and exponent in base64url, as in a JWK. */
export interface PublicKey {
  n: string
  e: string
}

/** Random bytes of this length; `crypto.getRandomValues` in a page. */
export type Random = (length: number) => Uint8Array<ArrayBuffer>

type Bytes = Uint8Array<ArrayBuffer>

/** Bytes in front of a randomised message. */
export const prefixBytes = 32

/** Bytes of the salt of a signature. */
const saltBytes = 48

/** RFC 9474, 4.1, randomised: 32 random bytes in front, so that no message can be guessed from its signature. */
export function prepareMessage(message: Bytes, random: Random): Bytes {
  return concat(random(prefixBytes), message)
}

/**
 * RFC 9474, 4.2: hides a prepared message behind a random factor.
 *
 * @param saltLength 48; only the vectors of the RFC also use 0
 * @returns what the issuer signs, and what turns its answer into a signature; both as long as the modulus. Keep
 * `inverse` from the issuer: together they show the message.
 * @throws Error where message and key have a common factor, which happens to nobody
 * @example const { blinded, inverse } = await blind(key, prepareMessage(message, random), random)
 */
export async function blind(
  key: PublicKey,
  message: Bytes,
  random: Random,
  saltLength = saltBytes,
): Promise<{ blinded: Bytes; inverse: Bytes }> {
  const n = modulus(key)
  const encoded = toInteger(await encode(message, n.toString(2).length - 1, random(saltLength)))
  const length = byteLength(n)
  let factor = 0n
  while (factor < 1n || factor >= n) factor = toInteger(random(length))
  // One run of Euclid, the dearest step here, shows that both have an inverse and gives the factor's.
  const inverse = (invert((encoded * factor) % n, n) * encoded) % n
  const blinded = (encoded * power(factor, toInteger(fromBase64Url(key.e)), n)) % n
  return { blinded: toBytes(blinded, length), inverse: toBytes(inverse, length) }
}

/**
 * RFC 9474, 4.4: the signature on the message, from the signature on the blinded one.
 *
 * @throws Error where it does not verify: then the issuer did not sign what it was given
 */
export async function finalize(
  key: PublicKey,
  message: Bytes,
  blindSignature: Bytes,
  inverse: Bytes,
  saltLength = saltBytes,
): Promise<Bytes> {
  const n = modulus(key)
  const signature = toBytes((toInteger(blindSignature) * toInteger(inverse)) % n, byteLength(n))
  if (blindSignature.length !== signature.length || !(await verify(key, message, signature, saltLength)))
    throw new Error('The signature does not verify.')
  return signature
}

/** Whether this is the key's RSA-PSS signature on the message. Native, on both sides. */
export async function verify(key: PublicKey, message: Bytes, signature: Bytes, saltLength = saltBytes): Promise<boolean> {
  const imported = await crypto.subtle.importKey('jwk', { kty: 'RSA', n: key.n, e: key.e }, { name: 'RSA-PSS', hash: 'SHA-384' }, false, [
    'verify',
  ])
  return crypto.subtle.verify({ name: 'RSA-PSS', saltLength }, imported, signature, message)
}

/** @example toBase64Url(new Uint8Array([251, 255])) // '-_8' */
export function toBase64Url(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '')
}

/** @throws where the text is not base64url */
export function fromBase64Url(text: string): Bytes {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0))
}

/** EMSA-PSS-ENCODE of RFC 8017, 9.1.1, with SHA-384 and MGF1. */
async function encode(message: Bytes, bits: number, salt: Bytes): Promise<Bytes> {
  const digest = await sha384(concat(new Uint8Array(8), await sha384(message), salt))
  const block = new Uint8Array(Math.ceil(bits / 8) - digest.length - 1)
  block[block.length - salt.length - 1] = 1
  block.set(salt, block.length - salt.length)
  for (let counter = 0; counter * digest.length < block.length; counter++) {
    const mask = await sha384(concat(digest, toBytes(BigInt(counter), 4)))
    for (let index = 0; index < mask.length; index++) {
      const at = counter * digest.length + index
      if (at < block.length) block[at] = (block[at] as number) ^ (mask[index] as number)
    }
  }
  block[0] = (block[0] as number) & (255 >> (-bits & 7))
  return concat(block, digest, Uint8Array.of(0xbc))
}

const sha384 = async (data: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-384', data))

const modulus = (key: PublicKey) => toInteger(fromBase64Url(key.n))

const byteLength = (n: bigint) => Math.ceil(n.toString(16).length / 2)

function concat(...parts: Bytes[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** Bytes to integer, most significant first. */
function toInteger(bytes: Bytes): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function toBytes(value: bigint, length: number): Bytes {
  const hex = value.toString(16).padStart(length * 2, '0')
  return Uint8Array.from({ length }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16))
}

function power(base: bigint, exponent: bigint, n: bigint): bigint {
  let result = 1n
  for (const bit of exponent.toString(2)) {
    result = (result * result) % n
    if (bit === '1') result = (result * base) % n
  }
  return result
}

/** The inverse modulo n, by Euclid. */
function invert(value: bigint, n: bigint): bigint {
  let [remainder, next, factor, nextFactor] = [n, value, 0n, 1n]
  while (next) {
    const quotient = remainder / next
    ;[remainder, next] = [next, remainder - quotient * next]
    ;[factor, nextFactor] = [nextFactor, factor - quotient * nextFactor]
  }
  if (remainder !== 1n) throw new Error('The value has no inverse.')
  return ((factor % n) + n) % n
}
