import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const ballots = new Hono<AppEnv>()
