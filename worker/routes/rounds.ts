import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const rounds = new Hono<AppEnv>()
