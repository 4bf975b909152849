import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const eventPages = new Hono<AppEnv>()
