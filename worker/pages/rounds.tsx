import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const roundsPages = new Hono<AppEnv>()
