import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const peoplePages = new Hono<AppEnv>()
