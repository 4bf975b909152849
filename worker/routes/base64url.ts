import * as z from 'zod'
import { fromBase64Url } from '../services/context'

/** Bytes on the wire. How many there must be is for the service to say. */
export const base64Url = z
  .string('Send bytes as base64url text.')
  .regex(/^[\w-]{1,1024}$/, 'Send bytes as base64url text, at most 1,024 characters.')
  .refine((text) => fromBase64Url(text) !== undefined, 'Send bytes as base64url text.')

/** The bytes of a text that `base64Url` has let through. */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => fromBase64Url(text) as Uint8Array<ArrayBuffer>
