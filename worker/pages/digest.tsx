import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const digestPages = new Hono<AppEnv>()
