import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const overviewPages = new Hono<AppEnv>()
