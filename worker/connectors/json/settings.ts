import * as z from 'zod'
import { TablePullSettings } from '../tables/settings'

/** RFC 6901: empty for the whole document, else `/data/items`. */
const Pointer = z
  .string('Give a JSON Pointer.')
  .trim()
  .max(200, 'Use at most 200 characters.')
  .regex(/^(\/([^~/]|~[01])*)*$/, 'Use a JSON Pointer such as /data/items, or leave it empty for the whole document.')

const Parameter = z
  .string('Name a query parameter.')
  .trim()
  .min(1, 'Name a query parameter.')
  .max(100, 'Use at most 100 characters.')
  .regex(/^[\w.[\]$-]+$/, 'Use the name of a query parameter, such as page.')
const Size = z.int('Use a whole number.').min(1, 'Use at least 1.').max(10_000, 'Use at most 10,000.')

/** How the server hands out its records. */
export const Paging = z.discriminatedUnion('by', [
  /** All at once. */
  z.strictObject({ by: z.literal('none') }),
  /** The answer has the address of the next page, on the same host. */
  z.strictObject({ by: z.literal('next-link'), pointer: Pointer }),
  /** Pages are numbered. Without a size, the first page without a record ends it. */
  z
    .strictObject({
      by: z.literal('page'),
      parameter: Parameter,
      first: z.int('Use 0 or 1.').min(0, 'Use 0 or 1.').max(1, 'Use 0 or 1.').default(1),
      sizeParameter: Parameter.optional(),
      size: Size.optional(),
    })
    .refine((page) => page.sizeParameter === undefined || page.size !== undefined, { error: 'Give the size of a page.', path: ['size'] }),
  /** The number of records that came before. */
  z.strictObject({ by: z.literal('offset'), parameter: Parameter, sizeParameter: Parameter, size: Size }),
  /** The answer has what the next request must send. */
  z.strictObject({ by: z.literal('cursor'), pointer: Pointer, parameter: Parameter }),
])

export type Paging = z.infer<typeof Paging>

export const JsonSettings = TablePullSettings.extend({
  /** Where the list of records is. */
  recordsPath: Pointer.default(''),
  paging: Paging.default({ by: 'none' }),
}).strict()

export type JsonSettings = z.infer<typeof JsonSettings>
