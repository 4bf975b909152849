import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const settingsPages = new Hono<AppEnv>()
