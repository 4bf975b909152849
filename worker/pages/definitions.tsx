import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const definitionsPages = new Hono<AppEnv>()
