import { RSABSSA } from '@cloudflare/blindrsa-ts'
import { describe, expect, it } from 'vitest'
import { ballotMessage, isBallotMessage } from '../../worker/core/ballot'
import { blind, finalize, fromBase64Url, prepareMessage, toBase64Url, verify } from '../../worker/core/blind-rsa'
import vectors from './vectors/rfc9474.json' with { type: 'json' }

type Bytes = Uint8Array<ArrayBuffer>
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const bytes = (hex: string): Bytes => Uint8Array.from(Buffer.from(hex.replace('0x', ''), 'hex'))
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')

describe.each(vectors)('RFC 9474, appendix A: $name', (vector) => {
  const key = { n: toBase64Url(bytes(vector.n)), e: toBase64Url(bytes(vector.e)) }
  const salt = bytes(vector.salt)
  const message = vector.is_randomized === '0x01' ? prepareMessage(bytes(vector.msg), () => bytes(vector.msg_prefix)) : bytes(vector.msg)

  it('blinds to the published message', async () => {
    const factor = inverse(BigInt(vector.inv), BigInt(vector.n))
    const draws = [salt, bytes(factor.toString(16).padStart(vector.n.length - 2, '0'))]
    const blinded = await blind(key, message, () => draws.shift() as Bytes, salt.length)
    expect([hex(message), hex(blinded.blinded), hex(blinded.inverse)]).toEqual([
      hex(bytes(vector.input_msg)),
      hex(bytes(vector.blinded_msg)),
      hex(bytes(vector.inv)),
    ])
  })

  it('finalises to the published signature', async () => {
    const signature = await finalize(key, message, bytes(vector.blind_sig), bytes(vector.inv), salt.length)
    expect(hex(signature)).toBe(hex(bytes(vector.sig)))
  })

  it('refuses a blind signature with one bit changed', async () => {
    const tampered = bytes(vector.blind_sig)
    tampered[100] = (tampered[100] as number) ^ 1
    await expect(finalize(key, message, tampered, bytes(vector.inv), salt.length)).rejects.toThrow('does not verify')
  })
})

describe('with the reference library', { timeout: 60_000 }, async () => {
  const suite = RSABSSA.SHA384.PSS.Randomized()
  const pair = await suite.generateKey({ publicExponent: Uint8Array.from([1, 0, 1]), modulusLength: 3072 })
  const jwk = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey
  const key = { n: jwk.n as string, e: jwk.e as string }

  it('has our blinded message signed, and accepts the signature', async () => {
    const message = ballotMessage('r1', 'c1', random)
    const { blinded, inverse: secret } = await blind(key, message, random)
    const signature = await finalize(key, message, Uint8Array.from(await suite.blindSign(pair.privateKey, blinded)), secret)
    expect(await suite.verify(pair.publicKey, signature, message)).toBe(true)
  })

  it('finalises what the library blinded, and the library what we blinded', async () => {
    const message = Uint8Array.from(suite.prepare(new TextEncoder().encode('anything')))
    const theirs = await suite.blind(pair.publicKey, message)
    const answer = Uint8Array.from(await suite.blindSign(pair.privateKey, theirs.blindedMsg))
    const signature = await finalize(key, message, answer, Uint8Array.from(theirs.inv))
    expect(await verify(key, message, signature)).toBe(true)

    const ours = await blind(key, message, random)
    const signed = await suite.blindSign(pair.privateKey, ours.blinded)
    expect(await suite.verify(pair.publicKey, await suite.finalize(pair.publicKey, message, signed, ours.inverse), message)).toBe(true)
  })

  it('never blinds twice to the same bytes', async () => {
    const message = ballotMessage('r1', 'c1', random)
    const [left, right] = [await blind(key, message, random), await blind(key, message, random)]
    expect(hex(left.blinded)).not.toBe(hex(right.blinded))
  })
})

describe('the message of a ballot', () => {
  const message = ballotMessage('r1', 'c1', random)

  it('names its round and cohort between 32 random bytes on either side', () => {
    expect(message).toHaveLength(32 + 'pb1|r1|c1|'.length + 32)
    expect(new TextDecoder().decode(message.subarray(32, -32))).toBe('pb1|r1|c1|')
    expect(hex(ballotMessage('r1', 'c1', random))).not.toBe(hex(message))
  })

  it.each([
    ['r1', 'c1', message, true],
    ['r2', 'c1', message, false],
    ['r1', 'c2', message, false],
    ['r1', 'c11', message, false],
    ['r1', 'c1', message.subarray(1), false],
    ['r1', 'c1', Uint8Array.from([...message, 0]), false],
    ['r1', 'c1', new Uint8Array(0), false],
  ])('for round %s and cohort %s: %o is %s', (roundId, cohort, candidate, expected) => {
    expect(isBallotMessage(candidate, roundId, cohort)).toBe(expected)
  })
})

it('writes base64url as a JWK does', () => {
  const data = random(384)
  expect(toBase64Url(data)).toBe(Buffer.from(data).toString('base64url'))
  expect(fromBase64Url(toBase64Url(data))).toEqual(data)
})

function inverse(value: bigint, n: bigint): bigint {
  let [a, b, x, y] = [n, value, 0n, 1n]
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y]
  return ((x % n) + n) % n
}
