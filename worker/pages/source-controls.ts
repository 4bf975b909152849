/** What can be done with a source that is pulled: pull now, read everything again, give a pull up, pause, resume. */
import { Hono } from 'hono'
import { pullAtOnce, resumeAtOnce } from '../at-once'
import type { AppEnv } from '../context'
import { cancelPull, pauseSource, startPull } from '../services/pulling'
import { permit } from './failure'
import { path } from './sources-frame'

export const sourceControls = new Hono<AppEnv>()
  .post('/:id/pull', permit('sources:write'), async (c) => {
    const id = c.req.param('id')
    const pull = await startPull(c.var.services, id, {
      from: c.req.query('from') === 'start' ? 'start' : 'bookmark',
      acceptsEmpty: c.req.query('acceptsEmpty') === 'true',
    })
    pullAtOnce(c, pull.id)
    return c.redirect(`${path}/${id}?done=asked`, 303)
  })
  .post('/:id/pulls/:pullId/cancellation', permit('sources:write'), async (c) => {
    const { id, pullId } = c.req.param()
    await cancelPull(c.var.services, id, pullId)
    return c.redirect(`${path}/${id}?done=cancelled`, 303)
  })
  .post('/:id/pause', permit('sources:write'), async (c) => {
    const id = c.req.param('id')
    await pauseSource(c.var.services, id)
    return c.redirect(`${path}/${id}?done=paused`, 303)
  })
  .post('/:id/resume', permit('sources:write'), async (c) => {
    const id = c.req.param('id')
    await resumeAtOnce(c, id)
    return c.redirect(`${path}/${id}?done=resumed`, 303)
  })
