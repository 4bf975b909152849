/** Secrets at rest: AES-256-GCM under the deployment's key-encryption key, bound to what they are for. */
import { type ServiceContext, toBase64Url } from './context'

type Bytes = Uint8Array<ArrayBuffer>

const ivBytes = 12

/**
 * Encrypts.
 *
 * @param purpose what it is and whom it belongs to; it opens for nothing else
 * @returns `v1.<iv>.<ciphertext>`, base64url
 */
export async function seal(context: Pick<ServiceContext, 'kek' | 'random'>, purpose: string, plain: Bytes | ArrayBuffer): Promise<string> {
  const iv = context.random(ivBytes)
  const sealed = await crypto.subtle.encrypt(cipher(iv, purpose), await keyEncryptionKey(context.kek), plain)
  return `v1.${toBase64Url(iv)}.${toBase64Url(new Uint8Array(sealed))}`
}

/** @throws where it was sealed for another purpose or under another key, or is of an unknown form */
export async function unseal(kek: string, purpose: string, sealed: string): Promise<ArrayBuffer> {
  const [version, iv, ciphertext] = sealed.split('.')
  if (version !== 'v1' || !iv || !ciphertext) throw new Error('What was sealed is of an unknown form.')
  return crypto.subtle.decrypt(cipher(decode(iv), purpose), await keyEncryptionKey(kek), decode(ciphertext))
}

const cipher = (iv: Bytes, purpose: string) => ({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(purpose) })

const keyEncryptionKey = (kek: string) =>
  crypto.subtle.importKey('raw', Uint8Array.fromBase64(kek), 'AES-GCM', false, ['encrypt', 'decrypt'])

const decode = (text: string) => Uint8Array.fromBase64(text, { alphabet: 'base64url' })
