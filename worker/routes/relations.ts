import { Hono } from 'hono'
import type { AppEnv } from '../context'
import { allow } from '../guard'
import { listRelations } from '../services/analyses'

/** Which KPI moves with the people index, as far as that can be told; never with the score, which holds the KPIs. */
export const relations = new Hono<AppEnv>().get('/', allow('scores:read'), async (c) =>
  c.json({ items: await listRelations(c.var.services.db), next: null }),
)
