import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const scores = new Hono<AppEnv>()
