import type { Context } from 'hono'
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { decodeText } from '../core/csv'
import { nameLimit } from '../core/person'
import { peopleStates } from '../db/people'
import { allow } from '../guard'
import { locales } from '../i18n'
import { problem } from '../problem'
import { createPerson, deletePerson, getPerson, importPeople, listPeople, updatePerson } from '../services/people'
import { valid } from '../validate'
import { pageLimit } from './paging'
import { summary } from './summary'

const id = z.string().regex(/^[\w-]{1,64}$/, 'This is not an id.')
const PeopleQuery = z.strictObject({
  search: z.string().trim().max(100, 'Use at most 100 characters.').optional().describe('Part of a name or an address.'),
  teamId: id.optional().describe('People of this team and of all teams below it.'),
  state: z
    .enum(peopleStates, { error: `Use one of: ${peopleStates.join(', ')}.` })
    .optional()
    .describe('`active` where it is left out; `mail-stopped`: active, and asked not to be written to.'),
  cursor: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'Use the `next` of an earlier page.')
    .optional()
    .describe('The `next` of the page before.'),
  limit: pageLimit(500).optional(),
})
/** Why an address is refused is said by the service, which says it on the page too. */
const email = z.string('Give an address.').max(1000, 'Use at most 254 bytes.')
const name = z.string('Give a name.').trim().min(1, 'Give a name.').max(nameLimit, `Use at most ${nameLimit} characters.`)
const locale = z.enum(locales, { error: `Use one of: ${locales.join(', ')}.` })
const NewPerson = z.strictObject({ email, name, locale: locale.optional(), teamId: id })
const PersonChange = z.strictObject({
  email: email
    .optional()
    .describe(
      'Another one ends the link of the open round that went to the old one, unless it was used; a new one goes to the new address.',
    ),
  name: name.optional(),
  locale: locale.optional(),
  teamId: id.optional(),
  active: z
    .boolean('Use true or false.')
    .optional()
    .describe('False leaves the person out of the next rounds, and deletes them after the term that is set.'),
})
const PersonId = z.strictObject({ id })
/** Both must be said: an import that was meant as a rehearsal must not be the real one. */
const ImportQuery = z.strictObject({
  dryRun: z.enum(['true', 'false'], { error: 'Say true (nothing is written) or false.' }),
  mode: z.enum(['partial', 'full'], { error: 'Use partial (only adds and changes) or full (deactivates who is not in the file).' }),
})

const csvOnly = createMiddleware<AppEnv>(async (c, next) => {
  if (/^text\/csv\s*(;|$)/i.test(c.req.header('content-type') ?? '')) return next()
  return problem(c, 'unsupported-media-type', 'Send the file as text/csv.')
})

export const people = new Hono<AppEnv>()
  .get('/', summary('Lists people by name, a page at a time'), allow('people:read'), valid('query', PeopleQuery), async (c) =>
    c.json(await listPeople(c.var.services.db, c.req.valid('query'))),
  )
  .post('/', summary('Adds a person; 409 names who has the address already'), allow('people:write'), valid('json', NewPerson), async (c) =>
    c.json(await createPerson(c.var.services, c.req.valid('json')), 201),
  )
  .post(
    '/imports',
    summary('Brings people and teams in line with a CSV file, or says what that would change'),
    allow('people:write'),
    csvOnly,
    valid('query', ImportQuery),
    async (c) => {
      const { dryRun, mode } = c.req.valid('query')
      return c.json(await importPeople(c.var.services, await csvOf(c), { dryRun: dryRun === 'true', mode }))
    },
  )
  .get('/:id', summary('Says what is known of a person'), allow('people:read'), valid('param', PersonId), async (c) =>
    c.json(await getPerson(c.var.services.db, c.req.valid('param').id)),
  )
  .patch(
    '/:id',
    summary('Corrects a person, leaves them out of the next rounds, or takes them in again'),
    allow('people:write'),
    valid('param', PersonId),
    valid('json', PersonChange),
    async (c) => c.json(await updatePerson(c.var.services, c.req.valid('param').id, c.req.valid('json'))),
  )
  .delete(
    '/:id',
    summary('Deletes a person for good; a ballot that was cast and published results stay'),
    allow('people:write'),
    valid('param', PersonId),
    async (c) => {
      await deletePerson(c.var.services, c.req.valid('param').id)
      return c.body(null, 204)
    },
  )

const csvOf = async (c: Context<AppEnv>) => decodeText(new Uint8Array(await c.req.arrayBuffer()))
