import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const sourcesPages = new Hono<AppEnv>()
