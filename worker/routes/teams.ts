import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { sides, teamNameLimit } from '../core/teams'
import { allow } from '../guard'
import { archiveTeam, createTeam, listTeams, setOpenLink, updateTeam } from '../services/teams'
import { valid } from '../validate'
import { summary } from './summary'

const id = z.string().regex(/^[\w-]{1,64}$/, 'This is not an id.')
const name = z
  .string('Give the team a name.')
  .trim()
  .min(1, 'Give the team a name.')
  .max(teamNameLimit, `Use at most ${teamNameLimit} characters.`)
const side = z.enum(sides, { error: `Use one of: ${sides.join(', ')}.` })
const parentId = z.union([id, z.null()], { error: 'Use the id of a team, or null for a topmost one.' })

const NewTeam = z.strictObject({ name, parentId: parentId.default(null), side: side.optional() })
const position = z
  .int('Use a whole number from 0 to 10000.')
  .min(0, 'Use a whole number from 0 to 10000.')
  .max(10_000, 'Use a whole number from 0 to 10000.')
const TeamChange = z.strictObject({
  name: name.optional(),
  parentId: parentId.optional().describe('The team that it is moved below, null for the top; it comes last there.'),
  side: side.optional().describe('Teams below that had the old side follow. Below a team of sales or marketing it is that team’s.'),
  position: position.optional().describe('How many siblings stand before it, after the change; more than there are is last.'),
  /** Its people answer through one shared link from the next round on, where the settings allow that (`openLinks`). */
  openLink: z.boolean('Use true or false.').optional(),
})
const TeamId = z.strictObject({ id })

/** The whole tree at once: it is drawn whole, and an organisation has tens of teams. */
export const teams = new Hono<AppEnv>()
  .get('/', summary('Lists the tree of teams, parents first, siblings in their order'), allow('people:read'), async (c) =>
    c.json({ items: await listTeams(c.var.services.db), next: null }),
  )
  .post('/', summary('Adds a team as the last of its siblings'), allow('people:write'), valid('json', NewTeam), async (c) =>
    c.json(await createTeam(c.var.services, c.req.valid('json')), 201),
  )
  .patch(
    '/:id',
    summary('Renames a team, moves it, or gives it a side; an open round keeps its tree'),
    allow('people:write'),
    valid('param', TeamId),
    valid('json', TeamChange),
    async (c) => {
      const { id } = c.req.valid('param')
      const { openLink, ...change } = c.req.valid('json')
      const { team } = await updateTeam(c.var.services, id, change)
      return c.json(openLink === undefined ? team : await setOpenLink(c.var.services, id, openLink))
    },
  )
  .delete('/:id', summary('Archives a team without people and teams'), allow('people:write'), valid('param', TeamId), async (c) => {
    await archiveTeam(c.var.services, c.req.valid('param').id)
    return c.body(null, 204)
  })
