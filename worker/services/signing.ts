/** Signatures that only this deployment can make: HMAC-SHA-256 under keys derived from its key-encryption key. */
import { fromBase64Url, type ServiceContext, toBase64Url } from './context'

type Keys = Pick<ServiceContext, 'kek'>

/**
 * 256 bits of a text.
 *
 * @param purpose two signatures of one text for two purposes have nothing in common
 */
export async function sign({ kek }: Keys, purpose: string, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const base = await crypto.subtle.importKey('raw', Uint8Array.fromBase64(kek), 'HKDF', false, ['deriveKey'])
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: new TextEncoder().encode(`plumbline|${purpose}`) }
  const key = await crypto.subtle.deriveKey(derivation, base, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text)))
}

/** The same as it stands in a link: base64url, its first `bytes`. */
export const signatureOf = async (keys: Keys, purpose: string, text: string, bytes = 32): Promise<string> =>
  toBase64Url((await sign(keys, purpose, text)).subarray(0, bytes))

/** Whether a signature is ours; how much of it is right does not show in the time that it takes. */
export async function isSigned(keys: Keys, purpose: string, text: string, signature: string, bytes = 32): Promise<boolean> {
  const given = fromBase64Url(signature)
  const right = (await sign(keys, purpose, text)).slice(0, bytes)
  // Two texts of base64url can stand for the same bytes: only ours is a link.
  return given?.length === right.length && toBase64Url(given) === signature && crypto.subtle.timingSafeEqual(given, right)
}
