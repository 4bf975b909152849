import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const sample = new Hono<AppEnv>()
