/**
 * The keys that sign ballots: RSA-3072, one a cohort, made when the round opens and destroyed when it closes. At rest
 * the private half is encrypted; in memory it lives for one signature.
 */
import { type ServiceContext, sha256, toBase64Url } from './context'

export const modulusBytes = 384

const keyGeneration = {
  name: 'RSA-PSS',
  hash: 'SHA-384',
  modulusLength: modulusBytes * 8,
  publicExponent: new Uint8Array([1, 0, 1]),
}
const ivBytes = 12

export interface IssuerKey {
  roundId: string
  cohort: string
  /** The modulus, base64url as in a JWK; the exponent is always 65537. */
  publicKey: string
  /** SHA-256 of the SubjectPublicKeyInfo, hex. */
  fingerprint: string
  /** `v1.<iv>.<ciphertext>`, base64url: PKCS #8 in AES-256-GCM under the key-encryption key. */
  privateKey: string
}

/** A new key for a cohort; takes about 130 ms of computing. */
export async function createIssuerKey(
  context: Pick<ServiceContext, 'kek' | 'random'>,
  roundId: string,
  cohort: string,
): Promise<IssuerKey> {
  const pair = (await crypto.subtle.generateKey(keyGeneration, true, ['sign', 'verify'])) as CryptoKeyPair
  const [jwk, spki, pkcs8] = await Promise.all([
    crypto.subtle.exportKey('jwk', pair.publicKey) as Promise<JsonWebKey>,
    crypto.subtle.exportKey('spki', pair.publicKey) as Promise<ArrayBuffer>,
    crypto.subtle.exportKey('pkcs8', pair.privateKey) as Promise<ArrayBuffer>,
  ])
  const fingerprint = (await sha256(new Uint8Array(spki))).toHex()
  const iv = context.random(ivBytes)
  const sealed = await crypto.subtle.encrypt(cipher(iv, roundId, cohort, fingerprint), await keyEncryptionKey(context.kek), pkcs8)
  return {
    roundId,
    cohort,
    publicKey: jwk.n as string,
    fingerprint,
    privateKey: `v1.${toBase64Url(iv)}.${toBase64Url(new Uint8Array(sealed))}`,
  }
}

/**
 * RFC 9474, 4.3: signs what it cannot read.
 *
 * @param blinded as long as the modulus, and less than it
 * @throws where the stored key was moved to another round or cohort, or the key-encryption key is another
 */
export async function signBlinded(
  kek: string,
  key: Omit<IssuerKey, 'publicKey'>,
  blinded: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const [version, iv, ciphertext] = key.privateKey.split('.')
  if (version !== 'v1' || !iv || !ciphertext) throw new Error('The stored key is of an unknown form.')
  const pkcs8 = await crypto.subtle.decrypt(
    cipher(decode(iv), key.roundId, key.cohort, key.fingerprint),
    await keyEncryptionKey(kek),
    decode(ciphertext),
  )
  // RSA-RAW is workerd's name for the bare private operation, which PSS must not wrap here: the voter did the encoding.
  const signingKey = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSA-RAW', hash: 'SHA-384' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('RSA-RAW', signingKey, blinded))
}

const cipher = (iv: Uint8Array<ArrayBuffer>, roundId: string, cohort: string, fingerprint: string) => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(`issuer|${roundId}|${cohort}|${fingerprint}`),
})

const keyEncryptionKey = (kek: string) =>
  crypto.subtle.importKey('raw', Uint8Array.fromBase64(kek), 'AES-GCM', false, ['encrypt', 'decrypt'])

const decode = (text: string) => Uint8Array.fromBase64(text, { alphabet: 'base64url' })
