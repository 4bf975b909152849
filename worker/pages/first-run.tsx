import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const firstRunPages = new Hono<AppEnv>()
