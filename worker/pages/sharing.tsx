import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const sharingPages = new Hono<AppEnv>()
