import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const people = new Hono<AppEnv>()
