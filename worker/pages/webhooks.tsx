import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const webhookPages = new Hono<AppEnv>()
