import { asc } from 'drizzle-orm'
import { Hono } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { apiKeys as table } from '../db/schema'
import { allow } from '../guard'
import { createApiKey, keyRoles, revokeApiKey } from '../services/access'
import { valid } from '../validate'

const NewKey = z.strictObject({
  name: z.string().trim().min(1, 'Say what the key is for.').max(80, 'Use at most 80 characters.'),
  role: z.enum(keyRoles, { error: `Use one of: ${keyRoles.join(', ')}.` }).default('importer'),
  expiresAt: z.iso.datetime({ error: 'Use a date and time such as 2027-01-31T00:00:00Z.' }).optional(),
})
const KeyId = z.strictObject({ id: z.string().max(8) })

export const apiKeys = new Hono<AppEnv>()
  .get('/', allow('api-keys:write'), async (c) => {
    const rows = await c.var.services.db.select().from(table).orderBy(asc(table.createdAt))
    return c.json({
      items: rows.map((row) => ({
        id: row.id,
        name: row.name,
        role: row.role,
        createdAt: row.createdAt.toISOString(),
        expiresAt: row.expiresAt?.toISOString() ?? null,
        lastUsedDay: row.lastUsedDay,
        revokedAt: row.revokedAt?.toISOString() ?? null,
      })),
      next: null,
    })
  })
  .post('/', allow('api-keys:write'), valid('json', NewKey), async (c) => {
    const { expiresAt, ...input } = c.req.valid('json')
    const key = await createApiKey(c.var.services, { ...input, ...(expiresAt ? { expiresAt: new Date(expiresAt) } : {}) })
    return c.json({ ...key, expiresAt: key.expiresAt?.toISOString() ?? null }, 201)
  })
  .delete('/:id', allow('api-keys:write'), valid('param', KeyId), async (c) => {
    await revokeApiKey(c.var.services, c.req.valid('param').id)
    return c.body(null, 204)
  })
