import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const metrics = new Hono<AppEnv>()
