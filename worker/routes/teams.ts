import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const teams = new Hono<AppEnv>()
