import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const explorePages = new Hono<AppEnv>()
