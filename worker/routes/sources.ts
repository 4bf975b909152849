import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const sources = new Hono<AppEnv>()
