/** Where the KPIs come from: sources with what came from them, and goals. */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { readSettings } from '../db/settings'
import { listPullErrors } from '../db/sources'
import { messagesOf } from '../i18n'
import { metricName } from '../i18n/metric-text'
import { removeGoal, setGoal } from '../services/goals'
import { knownMetric, listMetrics, type MetricView, readMetrics } from '../services/metrics'
import { getPull } from '../services/pulls'
import { type Belongings, belongingsOf, getSource, listSources, removeSource, type SourceView } from '../services/sources'
import type { Mistake } from './components/field'
import { DeletionForm } from './components/source-deletion'
import { errorsShown, PullResult } from './components/source-detail'
import type { Values } from './components/source-form'
import { KindList } from './components/source-kinds'
import { GoalForm, Goals, goalValues, readGoal, SourceList } from './components/source-list'
import { permit } from './failure'
import { sourceControls } from './source-controls'
import { limited, sourceFilePages } from './source-files'
import { sourcePage } from './source-page'
import { sourcePushPages } from './source-push'
import { sourceSetUpPages } from './source-setup'
import { Done, path, readValues, render } from './sources-frame'

export const sourcesPages = new Hono<AppEnv>()
  .use(limited)
  .get('/', permit('sources:read'), (c) => overviewPage(c))
  .get('/goals/:key', permit('metrics:write'), async (c) => goalPage(c, await metricAt(c, c.req.param('key'))))
  .post('/goals/:key', permit('metrics:write'), async (c) => {
    const [metric, settings, values] = await Promise.all([metricAt(c, c.req.param('key')), readSettings(c.var.services.db), readValues(c)])
    const read = readGoal(metric, values, settings.currency, messagesOf(c.var.locale).sourcesPage)
    if ('mistakes' in read) return goalPage(c, metric, { values, mistakes: read.mistakes })
    await setGoal(c.var.services, metric.key, read.goal)
    return c.redirect(`${path}?done=goalSaved`, 303)
  })
  .post('/goals/:key/removal', permit('metrics:write'), async (c) => {
    await removeGoal(c.var.services, (await knownMetric(c.var.services.db, c.req.param('key'))).definition.key)
    return c.redirect(`${path}?done=goalRemoved`, 303)
  })
  .get('/new', permit('sources:write'), (c) => kindsPage(c))
  .route('/', sourceFilePages)
  .route('/', sourcePushPages)
  .route('/', sourceSetUpPages)
  .route('/', sourceControls)
  .get('/:id', permit('sources:read'), async (c) => sourcePage(c, await getSource(c.var.services, c.req.param('id'))))
  .get('/:id/pulls/:pullId', permit('sources:read'), async (c) => {
    const source = await getSource(c.var.services, c.req.param('id'))
    return resultPage(c, source, c.req.param('pullId'))
  })
  .get('/:id/deletion', permit('sources:write'), async (c) => {
    const id = c.req.param('id')
    return deletionPage(c, await getSource(c.var.services, id), await belongingsOf(c.var.services, id))
  })
  .post('/:id/deletion', permit('sources:write'), async (c) => {
    await removeSource(c.var.services, c.req.param('id'))
    return c.redirect(`${path}?done=removed`, 303)
  })

async function metricAt(c: Context<AppEnv>, key: string): Promise<MetricView> {
  const metric = (await listMetrics(c.var.services)).find((candidate) => candidate.key === key)
  if (!metric) throw new DomainError('not-found', 'There is no such metric.')
  return metric
}

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function overviewPage(c: Context<AppEnv>) {
  const { services } = c.var
  const t = messagesOf(c.var.locale).sourcesPage
  const [settings, sources, known] = await Promise.all([
    readSettings(services.db),
    listSources(services.db, { now: services.now, limit: 500 }),
    readMetrics(services),
  ])
  return render(c, { title: t.title, path, settings }, (view) => (
    <>
      <div class="pagehead">
        <h1>{t.title}</h1>
        <p class="sub">{t.sub}</p>
        {sources.items.length > 0 ? (
          <p class="side">
            <a class="btn" href={`${path}/new`}>
              {t.add}
            </a>
          </p>
        ) : null}
      </div>
      <Done c={c} />
      <section class="sec">
        <SourceList view={view} sources={sources.items} />
      </section>
      <section class="sec">
        <div class="title">
          <h2>{t.kpis}</h2>
          <p class="what">{t.kpisWhat}</p>
        </div>
        <Goals view={view} known={known} currency={settings.currency} />
      </section>
    </>
  ))
}

async function resultPage(c: Context<AppEnv>, source: SourceView, pullId: string) {
  const { services } = c.var
  const pull = await getPull(services, source.id, pullId)
  const [settings, errors] = await Promise.all([readSettings(services.db), listPullErrors(services.db, pull.id)])
  const t = messagesOf(c.var.locale).sourcesPage
  const title = t.pullTitle(pull.fileName ?? t.unnamed)
  return render(c, { title, path: `${path}/${source.id}/pulls/${pull.id}`, settings }, (view) => (
    <PullResult view={view} source={source} pull={pull} errors={errors.slice(0, errorsShown)} errorCount={errors.length} />
  ))
}

async function kindsPage(c: Context<AppEnv>) {
  const t = messagesOf(c.var.locale).sourceSetup
  return render(c, { title: t.title, path: `${path}/new` }, (view) => (
    <>
      <div class="pagehead">
        <h1>{t.title}</h1>
        <p class="sub">{t.sub}</p>
      </div>
      <section class="sec">
        <KindList view={view} />
      </section>
    </>
  ))
}

async function deletionPage(c: Context<AppEnv>, source: SourceView, belongings: Belongings) {
  const title = messagesOf(c.var.locale).sourcesPage.remove
  return render(c, { title, path: `${path}/${source.id}/deletion` }, (view) => (
    <DeletionForm view={view} source={source} belongings={belongings} />
  ))
}

async function goalPage(c: Context<AppEnv>, metric: MetricView, refused?: { values: Values; mistakes: Mistake[] }) {
  const settings = await readSettings(c.var.services.db)
  const t = messagesOf(c.var.locale)
  const values = refused?.values ?? goalValues(metric, settings.currency)
  const at = { title: t.sourcesPage.goalFor(metricName(t, metric.key, metric.name)), path: `${path}/goals/${metric.key}`, settings }
  return render(c, { ...at, status: refused ? 422 : 200 }, (view) => (
    <GoalForm view={view} metric={metric} values={values} mistakes={refused?.mistakes ?? []} currency={settings.currency} />
  ))
}
