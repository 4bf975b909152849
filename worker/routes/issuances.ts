import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const issuances = new Hono<AppEnv>()
