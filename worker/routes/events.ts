import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const events = new Hono<AppEnv>()
