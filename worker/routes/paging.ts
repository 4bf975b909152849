import * as z from 'zod'

/**
 * How many rows a page may have: `limit`, a whole number in plain digits. `Number('0x1f')` would be 31.
 *
 * @example pageLimit(100).default(50)
 */
export const pageLimit = (most: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,8}$/, `Use a whole number from 1 to ${most}.`)
    .transform(Number)
    .refine((value) => value <= most, `Use a whole number from 1 to ${most}.`)
