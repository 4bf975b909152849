/**
 * The keys that sign ballots: RSA-3072, one a cohort, made when the round opens and destroyed when it closes. At rest
 * the private half is encrypted; in memory it lives for one signature.
 */
import { type ServiceContext, sha256 } from './context'
import { seal, unseal } from './sealing'

export const modulusBytes = 384

const keyGeneration = {
  name: 'RSA-PSS',
  hash: 'SHA-384',
  modulusLength: modulusBytes * 8,
  publicExponent: new Uint8Array([1, 0, 1]),
}

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
  return {
    roundId,
    cohort,
    publicKey: jwk.n as string,
    fingerprint,
    privateKey: await seal(context, purposeOf({ roundId, cohort, fingerprint }), pkcs8),
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
  const pkcs8 = await unseal(kek, purposeOf(key), key.privateKey)
  // RSA-RAW is workerd's name for the bare private operation, which PSS must not wrap here: the voter did the encoding.
  const signingKey = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSA-RAW', hash: 'SHA-384' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('RSA-RAW', signingKey, blinded))
}

const purposeOf = ({ roundId, cohort, fingerprint }: Pick<IssuerKey, 'roundId' | 'cohort' | 'fingerprint'>) =>
  `issuer|${roundId}|${cohort}|${fingerprint}`
