import * as z from 'zod'
import { fromBase64Url } from '../services/context'

/** Bytes on the wire, without padding. How many there must be is for the service to say. */
export const base64Url = z
  .string('Send bytes as base64url text.')
  .regex(/^(?=.)(?:[\w-]{4}){0,255}(?:[\w-]{2,3})?$/, 'Send bytes as base64url text, at most 1,023 characters.')

/** The bytes of a text that `base64Url` has let through. */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => fromBase64Url(text) as Uint8Array<ArrayBuffer>
