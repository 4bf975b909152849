/** KPIs, the funnel, the SLA and attribution: what the facts of the sources say. */
import { Hono } from 'hono'
import type { AppEnv } from '../context'
import { attributionPages } from './attribution'
import { funnelPages } from './funnel'
import { kpiSeriesPages } from './kpi-series'
import { kpiSetupPages } from './kpi-setup'
import { kpiOverviewPages } from './kpis-overview'
import { slaPages } from './sla'

export const kpisPages = new Hono<AppEnv>()
  .route('/', kpiOverviewPages)
  .route('/', kpiSeriesPages)
  .route('/', kpiSetupPages)
  .route('/', funnelPages)
  .route('/', attributionPages)
  .route('/sla', slaPages)
