/** Sources that programs send rows to: what is said of one before the first row comes, and after. */
import { type Context, Hono } from 'hono'
import { sourceKinds } from '../connectors'
import type { AppEnv } from '../context'
import { readSettings } from '../db/settings'
import { messagesOf } from '../i18n'
import { isolate } from '../i18n/format'
import { setUpOf } from '../services/source-settings'
import { changeSource, createSource, getSource, type SourceView, unknownSource } from '../services/sources'
import { wholeNumber } from './components/crm-form'
import type { Mistake } from './components/field'
import { PushForm } from './components/pushed-source'
import type { Values } from './components/source-form'
import { permit } from './failure'
import { path, readValues, render, tried } from './sources-frame'

/** The kind that rows are pushed to; undefined in a deployment without one. */
const kind = sourceKinds.find((known) => setUpOf(known) === 'push')

export const sourcePushPages = new Hono<AppEnv>()
  .get('/new/push', permit('sources:write'), async (c) => {
    const { timeZone, currency } = await readSettings(c.var.services.db)
    const { name } = messagesOf(c.var.locale).sourceSetup.kinds.push
    return newPage(c, { name, timeZone, currency, expectedEveryDays: '7' }, [])
  })
  .post('/new/push', permit('sources:write'), async (c) => {
    if (!kind) throw unknownSource()
    const values = await readValues(c)
    const made = await tried(c, values, () =>
      createSource(c.var.services, {
        kind,
        name: values.name?.trim() ?? '',
        settings: settingsIn(values),
        ownerEmail: values.ownerEmail ?? null,
      }),
    )
    if ('mistakes' in made) return newPage(c, values, made.mistakes)
    return c.redirect(`${path}/${made.done.id}`, 303)
  })
  .get('/:id/reading', permit('sources:write'), async (c) => {
    const source = await pushedSource(c)
    const { timeZone, currency, expectedEveryDays } = source.settings
    const owner = { name: source.name, ownerEmail: source.ownerEmail ?? '' }
    return readingPage(c, source, { ...owner, timeZone, currency, expectedEveryDays: String(expectedEveryDays) }, [])
  })
  .post('/:id/reading', permit('sources:write'), async (c) => {
    const source = await pushedSource(c)
    const values = await readValues(c)
    const changed = await tried(c, values, () =>
      changeSource(c.var.services, source.id, {
        name: values.name?.trim(),
        settings: { ...source.settings, ...settingsIn(values) },
        ownerEmail: values.ownerEmail ?? null,
      }),
    )
    if ('mistakes' in changed) return readingPage(c, source, values, changed.mistakes)
    return c.redirect(`${path}/${source.id}?done=changed`, 303)
  })

const settingsIn = (values: Values) => ({
  timeZone: values.timeZone?.trim() ?? '',
  currency: values.currency?.trim().toUpperCase() ?? '',
  expectedEveryDays: wholeNumber(values.expectedEveryDays),
})

/** @throws DomainError not-found, also for a source of another kind */
async function pushedSource(c: Context<AppEnv>): Promise<SourceView> {
  const source = await getSource(c.var.services, c.req.param('id') ?? '')
  if (source.kind !== kind) throw unknownSource()
  return source
}

function newPage(c: Context<AppEnv>, values: Values, mistakes: Mistake[]) {
  const t = messagesOf(c.var.locale)
  const title = `${t.sourceSetup.title}: ${isolate(t.sourceSetup.kinds.push.name)}`
  const { brings } = t.sourceSetup.kinds.push
  return render(c, { title, path: `${path}/new/push`, status: mistakes.length > 0 ? 422 : 200 }, (view) => (
    <>
      <div class="pagehead">
        <h1>{title}</h1>
        <p class="sub">{brings}</p>
      </div>
      <section class="sec">
        <PushForm
          view={view}
          action={`${path}/new/push`}
          cancel={`${path}/new`}
          button={t.sourcesPage.create}
          values={values}
          mistakes={mistakes}
        />
      </section>
    </>
  ))
}

function readingPage(c: Context<AppEnv>, source: SourceView, values: Values, mistakes: Mistake[]) {
  const t = messagesOf(c.var.locale).sourcesPage
  const at = `${path}/${source.id}/reading`
  return render(c, { title: t.settings, path: at, status: mistakes.length > 0 ? 422 : 200 }, (view) => (
    <>
      <div class="pagehead">
        <h1>{t.settings}</h1>
        <p class="sub">
          <a href={`${path}/${source.id}`}>
            <bdi>{source.name}</bdi>
          </a>
        </p>
      </div>
      <section class="sec">
        <PushForm view={view} action={at} cancel={`${path}/${source.id}`} button={t.save} values={values} mistakes={mistakes} />
      </section>
    </>
  ))
}
