import { Hono } from 'hono'
import type { AppEnv } from '../context'

export const surveyPages = new Hono<AppEnv>()
