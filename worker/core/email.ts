/** Addresses of people: one spelling for each, and a word for each way to get one wrong. */

export type EmailProblem = 'email-empty' | 'email-invisible' | 'email-with-name' | 'email-too-long' | 'email-invalid'

/** Bytes that a mail server has to take: of what stands before the @, and of the whole (RFC 5321, 4.5.3.1). */
const localLimit = 64
const addressLimit = 254

/**
 * An address as it is compared and stored: lower case, the domain in its ASCII form, so that two spellings of one address
 * are one person. Undefined where it cannot be one; `problemOfEmail` says why.
 *
 * @example readEmail(' Ann.Lee@Example.COM ') // 'ann.lee@example.com'
 * @example readEmail('jo@bücher.example') // 'jo@xn--bcher-kva.example'
 */
export function readEmail(text: string): string | undefined {
  const [, local, domain] = emailRe.exec(text.normalize('NFC').trim().toLowerCase()) ?? []
  const ascii = domain && asciiDomain(domain)
  if (!local || !ascii) return undefined
  return bytesOf(local) <= localLimit && bytesOf(`${local}@${ascii}`) <= addressLimit ? `${local}@${ascii}` : undefined
}

/** Why a text is no address; undefined where it is one. */
export function problemOfEmail(text: string): EmailProblem | undefined {
  if (readEmail(text)) return undefined
  const trimmed = text.trim()
  if (trimmed === '') return 'email-empty'
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(trimmed)) return 'email-invisible'
  if (/[<>"(),;:]/.test(trimmed) && trimmed.includes('@')) return 'email-with-name'
  const at = trimmed.lastIndexOf('@')
  if (at >= 0 && (bytesOf(trimmed.slice(0, at)) > localLimit || bytesOf(trimmed) > addressLimit)) return 'email-too-long'
  return 'email-invalid'
}

/** Dot-separated words before the @, letters in any script; labels without edge hyphens after it, at least two. */
const emailRe =
  /^([\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*)@((?:[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?)$/u

/** As mail servers know it. Undefined where a label has no ASCII form, or where it is a number: those are no names of hosts. */
function asciiDomain(domain: string): string | undefined {
  const ascii = URL.parse(`https://${domain}`)?.hostname
  const labels = ascii?.split('.') ?? []
  if (!/\D/.test(labels.at(-1) ?? '')) return undefined
  return labels.length > 1 && labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) ? ascii : undefined
}

const bytesOf = (text: string) => new TextEncoder().encode(text).length
