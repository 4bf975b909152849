/** What other systems are told, by Standard Webhooks: how a message is signed and when it is tried again. */

/** Webhooks that there may be. */
export const mostWebhooks = 5

/**
 * Minutes from one attempt to the next: at once, after a minute, and so on over a day. After the last one it has failed.
 *
 * @example waitsOfWebhooks.reduce((sum, minutes) => sum + minutes) // 1440
 */
export const waitsOfWebhooks: readonly number[] = [1, 5, 30, 120, 300, 480, 504]

/** Minutes until the attempt after this many; null where there is none any more. */
export const webhookWait = (attempts: number): number | null => waitsOfWebhooks[attempts - 1] ?? null

/** What is signed: the message's id, the second of this attempt, and the body byte by byte. */
export const signedContent = (id: string, seconds: number, body: string): string => `${id}.${seconds}.${body}`

/** As it is shown, and as libraries of receivers take it. */
export const secretText = (bytes: Uint8Array<ArrayBuffer>): string => `whsec_${bytes.toBase64()}`

/** Why a message did not arrive. Nothing that the other side wrote is kept, only its status. */
export type WebhookFailure = 'host-refused' | 'redirected' | 'timed-out' | 'unreachable' | 'status'

/**
 * A failure as it is stored, and back.
 *
 * @example readWebhookFailure('status-503') // { code: 'status', status: 503 }
 */
export function readWebhookFailure(stored: string): { code: WebhookFailure; status: number | null } {
  const status = /^status-(\d{3})$/.exec(stored)?.[1]
  if (status) return { code: 'status', status: Number(status) }
  const code = (['host-refused', 'redirected', 'timed-out'] as const).find((known) => known === stored)
  return { code: code ?? 'unreachable', status: null }
}
