/** Setting a source up, step by step: connect, map, look at the first rows, go. Each step can be come back to. */
import { type Context, Hono } from 'hono'
import { pullAtOnce, resumeAtOnce } from '../at-once'
import { type SourceKind, sourceKinds } from '../connectors'
import type { ConnectionReport, Discovery } from '../connectors/connector'
import type { CrmSettings } from '../connectors/crm'
import type { AppEnv } from '../context'
import { dayOf } from '../core/calendar'
import { readSettings } from '../db/settings'
import { messagesOf } from '../i18n'
import { isolate } from '../i18n/format'
import { startPull } from '../services/pulling'
import { connectorOf, type Secret, setUpOf } from '../services/source-settings'
import { type DryRun, discover, dryRun, testConnection } from '../services/source-setup'
import { activateSource, changeSource, createSource, getSource, type SourceView, unknownSource } from '../services/sources'
import { crmSettingsOf, crmValues } from './components/crm-form'
import { CrmMapping } from './components/crm-mapping'
import type { Mistake } from './components/field'
import { addressIn, addressOf } from './components/source-address'
import { ConnectionForm, Failure, Report } from './components/source-connect'
import { DryRunResult } from './components/source-dry-run'
import type { Values } from './components/source-form'
import { Steps } from './components/source-steps'
import { permit } from './failure'
import { saveTableMapping, tableMappingPage } from './source-table'
import { type Answered, answered, path, readValues, render, tried } from './sources-frame'

export const sourceSetUpPages = new Hono<AppEnv>()
  .get('/new/:kind', permit('sources:write'), (c) => connectNew(c, kindAt(c), firstValues(c, kindAt(c))))
  .post('/new/:kind', permit('sources:write'), async (c) => {
    const kind = kindAt(c)
    const values = await readValues(c)
    const made = await tried(c, values, async () =>
      createSource(c.var.services, {
        kind,
        name: values.name?.trim() ?? '',
        settings: await firstSettings(c, kind, values),
        secret: secretIn(kind, values),
      }),
    )
    if ('mistakes' in made) return connectNew(c, kind, values, made.mistakes)
    return c.redirect(`${path}/${made.done.id}/connection`, 303)
  })
  .get('/:id/connection', permit('sources:write'), async (c) => connectionPage(c, await pulledSource(c)))
  .post('/:id/connection', permit('sources:write'), async (c) => {
    const source = await pulledSource(c)
    const values = await readValues(c)
    const secret = secretIn(source.kind, values)
    const changed = await tried(c, values, () =>
      changeSource(c.var.services, source.id, {
        name: values.name?.trim(),
        settings: { ...source.settings, ...addressIn(source.kind, values) },
        ...(source.secretHint === null || secret ? { secret: secret ?? {} } : {}),
      }),
    )
    if ('mistakes' in changed) return connectionPage(c, source, { values, mistakes: changed.mistakes })
    if (source.state === 'stopped' && 'done' in (await answered(() => testConnection(c.var.services, source.id)))) {
      await resumeAtOnce(c, source.id)
      return c.redirect(`${path}/${source.id}?done=resumed`, 303)
    }
    return c.redirect(`${path}/${source.id}/connection`, 303)
  })
  .get('/:id/mapping', permit('sources:write'), async (c) => {
    const source = await pulledSource(c)
    return isCrm(source) ? mappingPage(c, source) : tableMappingPage(c, source)
  })
  .post('/:id/mapping', permit('sources:write'), async (c) => {
    const source = await pulledSource(c)
    const values = await readValues(c)
    if (!isCrm(source)) return saveTableMapping(c, source, values)
    const changed = await tried(c, { ...values, name: source.name }, () =>
      changeSource(c.var.services, source.id, {
        settings: crmSettingsOf(values, source.settings),
        ownerEmail: values.ownerEmail?.trim() || null,
      }),
    )
    if ('mistakes' in changed) return mappingPage(c, source, { values, mistakes: changed.mistakes })
    return c.redirect(source.state === 'draft' ? `${path}/${source.id}/dry-run` : `${path}/${source.id}?done=mapped`, 303)
  })
  .get('/:id/dry-run', permit('sources:write'), async (c) => dryRunPage(c, await pulledSource(c)))
  .post('/:id/dry-run', permit('sources:write'), async (c) => {
    const source = await pulledSource(c)
    return dryRunPage(c, source, await answered(() => dryRun(c.var.services, source.id)))
  })
  .post('/:id/start', permit('sources:write'), async (c) => {
    const source = await pulledSource(c)
    const started = await tried(c, { name: source.name }, () => activateSource(c.var.services, source.id))
    if ('mistakes' in started) return c.redirect(`${path}/${source.id}/mapping`, 303)
    const pull = await startPull(c.var.services, source.id)
    pullAtOnce(c, pull.id)
    return c.redirect(`${path}/${source.id}?done=started`, 303)
  })

// ── What was asked for ──────────────────────────────────────────────────────────────────────────────────────────────

type PulledSource = SourceView
type CrmSource = Extract<SourceView, { settings: CrmSettings }>

/** @throws DomainError not-found */
function kindAt(c: Context<AppEnv>): SourceKind {
  const kind = sourceKinds.find((known) => known === c.req.param('kind'))
  if (!kind || connectorOf(kind).brings !== 'pulls') throw unknownSource()
  return kind
}

/** @throws DomainError not-found, also for a source that nothing is fetched from */
async function pulledSource(c: Context<AppEnv>): Promise<PulledSource> {
  const source = await getSource(c.var.services, c.req.param('id') ?? '')
  if (connectorOf(source.kind).brings !== 'pulls') throw unknownSource()
  return source
}

const isCrm = (source: SourceView): source is CrmSource => setUpOf(source.kind) === 'crm'

/** A CRM is mostly the only one of its kind; of tables there are several, and each has its own name. */
const firstValues = (c: Context<AppEnv>, kind: SourceKind): Values =>
  setUpOf(kind) === 'crm' ? { name: messagesOf(c.var.locale).sourceSetup.kinds[kind].name } : {}

/** A year of changes, in the organisation's zone and currency: the next step says better. */
async function firstSettings(c: Context<AppEnv>, kind: SourceKind, values: Values): Promise<Record<string, unknown>> {
  const { timeZone, currency } = await readSettings(c.var.services.db)
  const today = dayOf(c.var.services.now, timeZone)
  const crm = {
    changedSince: `${Number(today.slice(0, 4)) - 1}-${today.slice(5, 7)}-01`,
    reads: { leads: true, deals: true, activities: true, spend: true },
  }
  const usual = setUpOf(kind) === 'crm' ? crm : { dateFormat: 'iso', layouts: [] }
  return { timeZone, currency, ...usual, ...addressIn(kind, values) }
}

/** Undefined where nothing was entered: what is stored stays. */
function secretIn(kind: SourceKind, values: Values): Secret | undefined {
  const parts = connectorOf(kind).secrets.flatMap(({ name }) => {
    const value = values[`secret.${name}`]
    return value ? [[name, value] as const] : []
  })
  return parts.length > 0 ? Object.fromEntries(parts) : undefined
}

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The form as it was filled in, but for the secret, which is asked for again. */
function connectNew(c: Context<AppEnv>, kind: SourceKind, values: Values, mistakes: Mistake[] = []) {
  const t = messagesOf(c.var.locale).sourceSetup
  const title = `${t.title}: ${isolate(t.kinds[kind].name)}`
  return render(c, { title, path: `${path}/new/${kind}`, status: mistakes.length > 0 ? 422 : 200 }, (view) => (
    <>
      <div class="pagehead">
        <h1>{title}</h1>
        <p class="sub">{t.kinds[kind].brings}</p>
      </div>
      <Steps view={view} at="connection" source={null} />
      <section class="sec">
        <ConnectionForm view={view} kind={kind} source={null} values={values} mistakes={mistakes} button={t.connect} />
      </section>
    </>
  ))
}

async function connectionPage(c: Context<AppEnv>, source: PulledSource, refused?: { values: Values; mistakes: Mistake[] }) {
  const t = messagesOf(c.var.locale).sourceSetup
  const report: Answered<ConnectionReport> | null = refused ? null : await answered(() => testConnection(c.var.services, source.id))
  const isDraft = source.state === 'draft'
  const works = report !== null && 'done' in report
  return render(c, { title: t.connection, path: `${path}/${source.id}/connection`, status: refused ? 422 : 200 }, (view) => (
    <>
      <div class="pagehead">
        <h1>{t.connection}</h1>
        <p class="sub">
          <a href={`${path}/${source.id}`}>
            <bdi>{source.name}</bdi>
          </a>
        </p>
      </div>
      {isDraft ? <Steps view={view} at="connection" source={source} /> : null}
      {report === null ? null : 'done' in report ? (
        <Report view={view} report={report.done} />
      ) : (
        <Failure view={view} title={t.notConnectedTitle} failure={report.failure} />
      )}
      {works && isDraft ? (
        <p class={`actions ${view.sheet.rule('margin-block-end:var(--s6)')}`}>
          <a class="btn solid" href={`${path}/${source.id}/mapping`}>
            {t.goOnToMapping}
          </a>
        </p>
      ) : null}
      <section class="sec">
        <div class="title">
          <h2>{works ? t.changeConnection : t.tryAgain}</h2>
          <p class="what">{t.changeConnectionWhat}</p>
        </div>
        <ConnectionForm
          view={view}
          kind={source.kind}
          source={source}
          values={refused?.values ?? { name: source.name, ...addressOf(source.settings) }}
          mistakes={refused?.mistakes ?? []}
          button={t.saveAndTest}
        />
      </section>
    </>
  ))
}

async function mappingPage(c: Context<AppEnv>, source: CrmSource, refused?: { values: Values; mistakes: Mistake[] }) {
  const t = messagesOf(c.var.locale).sourceSetup
  const found: Answered<Discovery> = await answered(() => discover(c.var.services, source.id))
  const discovery = 'done' in found ? found.done : null
  const isDraft = source.state === 'draft'
  const values = refused?.values ?? crmValues(source, discovery, isDraft)
  const at = `${path}/${source.id}/mapping`
  return render(c, { title: t.mapTitle, path: at, status: refused ? 422 : 200 }, (view) => (
    <>
      <div class="pagehead">
        <h1>{t.mapTitle}</h1>
        <p class="sub">{t.mapSub(isolate(source.name))}</p>
      </div>
      {isDraft ? <Steps view={view} at="mapping" source={source} /> : null}
      {'failure' in found ? <Failure view={view} title={t.notDiscovered} failure={found.failure} effect={t.notDiscoveredEffect} /> : null}
      <CrmMapping
        view={view}
        settings={source.settings}
        discovery={discovery}
        values={values}
        mistakes={refused?.mistakes ?? []}
        action={at}
        cancel={`${path}/${source.id}`}
        isNew={isDraft}
      />
    </>
  ))
}

async function dryRunPage(c: Context<AppEnv>, source: PulledSource, result?: Answered<DryRun>) {
  const t = messagesOf(c.var.locale).sourceSetup
  const settings = await readSettings(c.var.services.db)
  const isDraft = source.state === 'draft'
  return render(c, { title: t.look.title, path: `${path}/${source.id}/dry-run`, settings }, (view) => (
    <>
      <div class="pagehead">
        <h1>{t.look.title}</h1>
        <p class="sub">{t.look.sub(isolate(source.name))}</p>
      </div>
      {isDraft ? <Steps view={view} at="dry-run" source={source} /> : null}
      {result && 'failure' in result ? <Failure view={view} title={t.look.failed} failure={result.failure} /> : null}
      <div class={`actions ${view.sheet.rule('margin-block-end:var(--s5)')}`}>
        <form method="post" action={`${path}/${source.id}/dry-run`}>
          <button class={result ? 'btn' : 'btn solid'} type="submit">
            {result ? t.look.again : t.look.run}
          </button>
        </form>
        {isDraft ? (
          <form method="post" action={`${path}/${source.id}/start`}>
            <button class={result && 'done' in result ? 'btn solid' : 'btn'} type="submit">
              {t.look.start}
            </button>
          </form>
        ) : null}
        <a class="btn" href={`${path}/${source.id}/${isDraft ? 'mapping' : ''}`}>
          {isDraft ? t.look.back : view.t.sourcesPage.back}
        </a>
      </div>
      {isDraft ? <p class={`note ${view.sheet.rule('margin-block-end:var(--s5)')}`}>{t.look.startWhat}</p> : null}
      {result && 'done' in result ? <DryRunResult view={view} source={source} run={result.done} currency={settings.currency} /> : null}
    </>
  ))
}
