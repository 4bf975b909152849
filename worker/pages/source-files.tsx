/** Sources whose rows come in files: what their columns mean, and imports with a preview. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { mapTable } from '../connectors/csv/mapper'
import { CsvSettings } from '../connectors/csv/settings'
import { sampleOf } from '../connectors/csv/suggest'
import type { AppEnv } from '../context'
import { dayOf } from '../core/calendar'
import { decodeText, parseTable } from '../core/csv'
import { DomainError } from '../core/errors'
import { readSettings, type Settings } from '../db/settings'
import { messagesOf } from '../i18n'
import { ColumnsMissingError, listPulls, pullCsv, UnreadableError } from '../services/pulls'
import { changeSource, createSource, getSource, type SourceOf, unknownSource } from '../services/sources'
import { Field, type Mistake, Mistakes } from './components/field'
import { PullPreview, UploadForm } from './components/source-detail'
import { mistakesOf, readingOf, readMapping, readSample, suggestedValues, type Values, withStages } from './components/source-form'
import { MappingForm, ReadingFields } from './components/source-mapping'
import { permit } from './failure'
import { sourcePage } from './source-page'
import { path, readValues, render } from './sources-frame'

type FileSource = SourceOf<'csv'>

const megabyte = 1024 * 1024
/** As for a pull over the API. */
const csvLimit = 10 * megabyte
/** A form sends the text with CRLF for LF. */
const formLimit = 16 * megabyte

export const limited = bodyLimit({ maxSize: formLimit, onError: (c) => tooLarge(c as Context<AppEnv>) })

export const sourceFilePages = new Hono<AppEnv>()
  .get('/new/csv', permit('sources:write'), (c) => newPage(c, []))
  .post('/samples', permit('sources:write'), async (c) => {
    const upload = await readUpload(c)
    return 'mistakes' in upload ? newPage(c, upload.mistakes) : mappingPage(c, upload)
  })
  .post('/', permit('sources:write'), async (c) => {
    const form = await readMappingForm(c)
    if (!('settings' in form) || form.isCheck) return mappingAgain(c, form)
    const source = await createSource(c.var.services, { name: form.values.name?.trim() ?? '', settings: form.settings })
    return c.redirect(`${path}/${source.id}?done=saved`, 303)
  })
  .get('/:id/settings', permit('sources:write'), async (c) => settingsPage(c, await fileSource(c)))
  .post('/:id/settings', permit('sources:write'), async (c) => {
    const source = await fileSource(c)
    const values = await readValues(c)
    const read = readSettingsForm(c, source, values)
    if ('mistakes' in read) return settingsPage(c, source, { values, mistakes: read.mistakes })
    await changeSource(c.var.services, source.id, { name: values.name?.trim(), settings: read.settings })
    return c.redirect(`${path}/${source.id}?done=settingsSaved`, 303)
  })
  .get('/:id/layouts/new', permit('sources:write'), async (c) => newPage(c, [], await fileSource(c)))
  .post('/:id/samples', permit('sources:write'), async (c) => {
    const source = await fileSource(c)
    const upload = await readUpload(c)
    return 'mistakes' in upload ? newPage(c, upload.mistakes, source) : mappingPage(c, upload, source)
  })
  .post('/:id/layouts', permit('sources:write'), async (c) => {
    const source = await fileSource(c)
    const form = await readMappingForm(c, source)
    if (!('settings' in form) || form.isCheck) return mappingAgain(c, form, source)
    await changeSource(c.var.services, source.id, { settings: form.settings })
    return c.redirect(`${path}/${source.id}?done=layoutSaved`, 303)
  })
  .post('/:id/preview', permit('pulls:write'), async (c) => {
    const source = await fileSource(c)
    const upload = await readUpload(c)
    if ('mistakes' in upload) return sourcePage(c, source, upload.mistakes)
    return previewPage(c, source, upload)
  })
  .post('/:id/pulls', permit('pulls:write'), async (c) => {
    const id = c.req.param('id')
    const { csv, fileName } = await readValues(c)
    const pullId = await importFile(c, id, csv ?? '', fileName)
    return c.redirect(`${path}/${id}${pullId ? `/pulls/${pullId}` : ''}`, 303)
  })

/** @throws DomainError not-found, also for a source of another kind */
async function fileSource(c: Context<AppEnv>): Promise<FileSource> {
  const source = await getSource(c.var.services, c.req.param('id') ?? '')
  if (source.kind !== 'csv') throw unknownSource()
  return source
}

// ── What a form says ────────────────────────────────────────────────────────────────────────────────────────────────

interface Upload {
  csv: string
  fileName: string
}

/** The chosen file as text. */
async function readUpload(c: Context<AppEnv>): Promise<Upload | { mistakes: Mistake[] }> {
  const t = messagesOf(c.var.locale).sourcesPage
  const { file } = await c.req.parseBody()
  if (!(file instanceof File) || file.size === 0) return { mistakes: [{ field: 'file', reason: t.chooseFile }] }
  if (file.size > csvLimit) return { mistakes: [{ field: 'file', reason: t.fileTooLarge }] }
  return { csv: decodeText(new Uint8Array(await file.arrayBuffer())), fileName: file.name.slice(0, 200) }
}

type PostedMapping = { values: Values; isCheck: boolean } & ({ settings: CsvSettings } | { mistakes: Mistake[] })

async function readMappingForm(c: Context<AppEnv>, source?: FileSource): Promise<PostedMapping> {
  const t = messagesOf(c.var.locale).sourcesPage
  const values = await readValues(c)
  const isCheck = values.action === 'check'
  const read = readMapping(values, t, source?.settings)
  const nameless: Mistake[] = source || values.name?.trim() ? [] : [{ field: 'name', reason: t.why.name }]
  const mistakes = [...nameless, ...('mistakes' in read ? read.mistakes : [])]
  return mistakes.length > 0 || 'mistakes' in read ? { values, isCheck, mistakes } : { values, isCheck, settings: read.settings }
}

function readSettingsForm(c: Context<AppEnv>, source: FileSource, values: Values): { settings: CsvSettings } | { mistakes: Mistake[] } {
  const t = messagesOf(c.var.locale).sourcesPage
  const parsed = CsvSettings.safeParse({ ...readingOf(values), layouts: source.settings.layouts })
  const nameless: Mistake[] = values.name?.trim() ? [] : [{ field: 'name', reason: t.why.name }]
  if (parsed.success && nameless.length === 0) return { settings: parsed.data }
  return { mistakes: [...nameless, ...(parsed.success ? [] : mistakesOf(parsed.error, t))] }
}

/** The pull that was recorded, also when the file was refused. */
async function importFile(c: Context<AppEnv>, sourceId: string, csv: string, fileName: string | undefined): Promise<string | null> {
  try {
    const report = await pullCsv(c.var.services, sourceId, csv, { dryRun: false, ...(fileName ? { fileName } : {}) })
    return report.pullId
  } catch (error) {
    if (!(error instanceof DomainError) || error.code === 'not-found') throw error
    const { items } = await listPulls(c.var.services, sourceId, { limit: 1 })
    return items[0]?.id ?? null
  }
}

// ── Pages ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Upload of a sample: for a new source, or for a further kind of file of one. */
async function newPage(c: Context<AppEnv>, mistakes: Mistake[], source?: FileSource) {
  const t = messagesOf(c.var.locale).sourcesPage
  const settings = await readSettings(c.var.services.db)
  const at = source ? `${path}/${source.id}/layouts/new` : `${path}/new/csv`
  const title = source ? t.addLayout : t.newTitle
  return render(c, { title, path: at, settings, status: mistakes.length > 0 ? 422 : 200 }, (view) => (
    <>
      <div class="pagehead">
        <h1>{title}</h1>
        <p class="sub">{t.newSub}</p>
      </div>
      <Mistakes mistakes={mistakes} title={() => t.failedTitle} />
      <UploadForm
        view={view}
        action={source ? `${path}/${source.id}/samples` : `${path}/samples`}
        button={t.readColumns}
        mistakes={mistakes}
        cancel={source ? `${path}/${source.id}` : `${path}/new`}
      />
    </>
  ))
}

/** The columns of a sample that was just uploaded, with everything that could be guessed. */
async function mappingPage(c: Context<AppEnv>, upload: Upload, source?: FileSource) {
  const t = messagesOf(c.var.locale).sourcesPage
  const table = parseTable(upload.csv)
  const refused = table.problems.find(({ scope }) => scope === 'file')
  if (refused) return newPage(c, [{ field: 'file', reason: problemText(c, refused) }], source)
  const settings = await readSettings(c.var.services.db)
  const sample = sampleOf(table)
  const name = upload.fileName.replace(/\.[^.]*$/, '').slice(0, 80)
  const { timeZone, currency } = source?.settings ?? settings
  const values = suggestedValues(sample, { source: name, layout: name, timeZone, currency })
  const read = readMapping(values, t, source?.settings)
  return mapping(c, { sample, values, mistakes: [], settings, source, read: 'settings' in read ? read.settings : null })
}

/** The same form again: to check it, or because something in it is wrong. */
async function mappingAgain(c: Context<AppEnv>, form: PostedMapping, source?: FileSource) {
  const t = messagesOf(c.var.locale).sourcesPage
  const sample = readSample(form.values.sample ?? '')
  if (!sample) return newPage(c, [{ field: 'file', reason: t.why.sample }], source)
  const settings = await readSettings(c.var.services.db)
  const mistakes = 'mistakes' in form ? form.mistakes : []
  return mapping(c, {
    sample,
    values: withStages(form.values, sample),
    mistakes,
    settings,
    source,
    read: 'settings' in form ? form.settings : null,
  })
}

function mapping(
  c: Context<AppEnv>,
  parts: {
    sample: Parameters<typeof withStages>[1]
    values: Values
    mistakes: Mistake[]
    settings: Settings
    source: FileSource | undefined
    read: CsvSettings | null
  },
) {
  const t = messagesOf(c.var.locale).sourcesPage
  const { sample, values, mistakes, settings, source, read } = parts
  const layout = read?.layouts.at(-1)
  const rows = sample.rows.map((cells, index) => ({ line: index + 2, cells }))
  const context = { reportingZone: settings.timeZone, today: dayOf(c.var.services.now, settings.timeZone) }
  const firstRows = read && layout ? mapTable({ header: sample.header, rows, delimiter: ',', problems: [] }, layout, read, context) : null
  const at = source ? `${path}/${source.id}/layouts/new` : `${path}/new/csv`
  return render(c, { title: t.mapTitle, path: at, settings, status: mistakes.length > 0 ? 422 : 200 }, (view) => (
    <MappingForm
      view={view}
      sample={sample}
      values={values}
      mistakes={mistakes}
      firstRows={firstRows}
      action={source ? `${path}/${source.id}/layouts` : path}
      cancel={source ? `${path}/${source.id}` : path}
      isNew={!source}
    />
  ))
}

async function settingsPage(c: Context<AppEnv>, source: FileSource, refused?: { values: Values; mistakes: Mistake[] }) {
  const t = messagesOf(c.var.locale).sourcesPage
  const settings = await readSettings(c.var.services.db)
  const { timeZone, currency, dateFormat, decimal = '', expectedEveryDays } = source.settings
  const values = refused?.values ?? {
    name: source.name,
    timeZone,
    currency,
    dateFormat,
    decimal,
    expectedEveryDays: String(expectedEveryDays),
  }
  const mistakes = refused?.mistakes ?? []
  const at = `${path}/${source.id}/settings`
  return render(c, { title: t.settings, path: at, settings, status: refused ? 422 : 200 }, (view) => (
    <>
      <div class="pagehead">
        <h1>{t.settings}</h1>
        <p class="sub">
          <bdi>{source.name}</bdi>
        </p>
      </div>
      <Mistakes mistakes={mistakes} title={() => t.notSaved} />
      <form class="form" method="post" action={at} novalidate>
        <Field name="name" label={t.sourceName} mistakes={mistakes}>
          {(control) => <input {...control} value={values.name ?? ''} maxlength={80} required dir="auto" />}
        </Field>
        <ReadingFields view={view} values={values} mistakes={mistakes} />
        <div class="actions">
          <button class="btn solid" type="submit">
            {t.save}
          </button>
          <a class="btn" href={`${path}/${source.id}`}>
            {t.cancel}
          </a>
        </div>
      </form>
    </>
  ))
}

async function previewPage(c: Context<AppEnv>, source: FileSource, upload: Upload) {
  const { services } = c.var
  try {
    const [settings, report] = await Promise.all([readSettings(services.db), pullCsv(services, source.id, upload.csv, { dryRun: true })])
    const at = { title: messagesOf(c.var.locale).sourcesPage.previewTitle, path: `${path}/${source.id}`, settings }
    return render(c, { ...at, status: report.state === 'failed' ? 422 : 200 }, (view) => (
      <PullPreview view={view} source={source} report={report} csv={upload.csv} fileName={upload.fileName} currency={settings.currency} />
    ))
  } catch (error) {
    const mistakes = unusable(c, error)
    if (!mistakes) throw error
    return sourcePage(c, source, mistakes)
  }
}

/** What keeps a whole file from being read, in the reader's language. */
function unusable(c: Context<AppEnv>, error: unknown): Mistake[] | undefined {
  const t = messagesOf(c.var.locale).sourcesPage
  if (error instanceof UnreadableError) return [{ field: 'file', reason: problemText(c, error.problem) }]
  if (!(error instanceof ColumnsMissingError)) return undefined
  const layouts = error.layouts.map(({ name, missing, extra }) => {
    const unused = extra.length > 0 ? ` ${t.extraColumns(extra.join(', '))}` : ''
    return { field: 'file', reason: `${name} – ${t.missingColumns(missing.join(', '))}${unused}` }
  })
  return [{ field: 'file', reason: t.columnsMissing }, ...layouts]
}

function problemText(c: Context<AppEnv>, { line, code, detail }: { line: number; code: string; detail: string }): string {
  const texts = messagesOf(c.var.locale).sourcesPage.fileProblems
  const known: Record<string, unknown> = texts
  const text = known[code]
  return texts.onLine(line, typeof text === 'string' ? text : detail)
}

const tooLarge = (c: Context<AppEnv>) => newPage(c, [{ field: 'file', reason: messagesOf(c.var.locale).sourcesPage.fileTooLarge }])
