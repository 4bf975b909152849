import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { sides, teamNameLimit } from '../core/teams'
import { allow } from '../guard'
import { archiveTeam, createTeam, listTeams, setOpenLink, updateTeam } from '../services/teams'
import { valid } from '../validate'

const id = z.string().regex(/^[\w-]{1,64}$/, 'This is not an id.')
const name = z
  .string('Give the team a name.')
  .trim()
  .min(1, 'Give the team a name.')
  .max(teamNameLimit, `Use at most ${teamNameLimit} characters.`)
const side = z.enum(sides, { error: `Use one of: ${sides.join(', ')}.` })
const parentId = z.union([id, z.null()], { error: 'Use the id of a team, or null for a topmost one.' })

const NewTeam = z.strictObject({ name, parentId: parentId.default(null), side: side.optional() })
/** How many siblings stand before it, after the change; more than there are is last. */
const position = z
  .int('Use a whole number from 0 to 10000.')
  .min(0, 'Use a whole number from 0 to 10000.')
  .max(10_000, 'Use a whole number from 0 to 10000.')
const TeamChange = z.strictObject({
  name: name.optional(),
  parentId: parentId.optional(),
  side: side.optional(),
  position: position.optional(),
  /** Its people answer through one shared link from the next round on, where the settings allow that (`openLinks`). */
  openLink: z.boolean('Use true or false.').optional(),
})
const TeamId = z.strictObject({ id })

/** The whole tree at once: it is drawn whole, and an organisation has tens of teams. */
export const teams = new Hono<AppEnv>()
  .get('/', allow('people:read'), async (c) => c.json({ items: await listTeams(c.var.services.db), next: null }))
  .post('/', allow('people:write'), valid('json', NewTeam), async (c) => c.json(await createTeam(c.var.services, c.req.valid('json')), 201))
  .patch('/:id', allow('people:write'), valid('param', TeamId), valid('json', TeamChange), async (c) => {
    const { id } = c.req.valid('param')
    const { openLink, ...change } = c.req.valid('json')
    const { team } = await updateTeam(c.var.services, id, change)
    return c.json(openLink === undefined ? team : await setOpenLink(c.var.services, id, openLink))
  })
  .delete('/:id', allow('people:write'), valid('param', TeamId), async (c) => {
    await archiveTeam(c.var.services, c.req.valid('param').id)
    return c.body(null, 204)
  })
