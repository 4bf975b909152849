/** Who can be invited: the tree of teams, everybody in it, and the import that keeps both up to date. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import * as z from 'zod'
import type { AppEnv } from '../context'
import { decodeText, parseTable, toCsv } from '../core/csv'
import { DomainError } from '../core/errors'
import { type ImportMode, peopleColumns, problemOfFile } from '../core/people-import'
import { cleanLine } from '../core/text'
import type { Database } from '../db/client'
import { peopleStates } from '../db/people'
import { readSettings } from '../db/settings'
import { intlTag, type Locale, locales, messagesOf } from '../i18n'
import { formatOf } from '../i18n/format'
import { sha256Hex } from '../services/context'
import { importPeople, listPeople, type PeopleImportReport } from '../services/people'
import { listTeams, type TeamView } from '../services/teams'
import { Field, type Mistake, Mistakes } from './components/field'
import { PeopleList, type PeopleListQuery, TeamTree } from './components/people-lists'
import { Preview, problemText } from './components/people-preview'
import { Scroll } from './components/scroll'
import { permit } from './failure'
import { Page, Sheet } from './layout'
import { personPages } from './person'
import { among, chosenIn, id, oneOf } from './query'
import { teamsPages } from './teams'

const path = '/people'
const pageSize = 50
const megabyte = 1024 * 1024
/** As for an import over the API. */
const csvLimit = 10 * megabyte
/** A form sends the text once more than the file, with CRLF for LF. */
const formLimit = 16 * megabyte

/** Characters that a person may want to correct in the page; more are corrected in the file. */
const editable = 200_000

const withinLimit = bodyLimit({
  maxSize: formLimit,
  onError: (c) => {
    const { locale } = (c as Context<AppEnv>).var
    return peoplePage(c as Context<AppEnv>, { mistakes: [{ field: 'file', reason: messagesOf(locale).peoplePage.tooLarge }] }, 413)
  },
})

export const peoplePages = new Hono<AppEnv>()
  .get('/', permit('people:read'), (c) => peoplePage(c))
  .get('/template.csv', permit('people:read'), (c) => download(c, 'people.csv', template))
  .get('/imports/*', permit('people:read'), (c) => c.redirect(path, 303)) // a preview that is reloaded without its form
  .post('/imports/preview', permit('people:write'), withinLimit, async (c) => {
    const form = await readForm(c)
    if (form.mistakes.length > 0) return peoplePage(c, form)
    return previewPage(c, form)
  })
  .post('/imports/errors.csv', permit('people:write'), withinLimit, async (c) => {
    const form = await readForm(c)
    if (form.mistakes.length > 0) return peoplePage(c, form)
    const report = await importPeople(c.var.services, form.csv, { dryRun: true, mode: form.mode })
    return download(c, 'people-errors.csv', errorRows(report, c.var.locale))
  })
  .post('/imports/changes.csv', permit('people:write'), withinLimit, async (c) => {
    const form = await readForm(c)
    if (form.mistakes.length > 0) return peoplePage(c, form)
    const report = await importPeople(c.var.services, form.csv, { dryRun: true, mode: form.mode })
    return download(c, 'people-changes.csv', changeRows(report, c.var.locale))
  })
  .post('/imports', permit('people:write'), withinLimit, async (c) => {
    const form = await readForm(c)
    if (form.mistakes.length > 0) return peoplePage(c, form)
    const rehearsal = await importPeople(c.var.services, form.csv, { dryRun: true, mode: form.mode })
    if (rehearsal.refusal || (await digestOf(rehearsal)) !== form.digest) return previewPage(c, { ...form, stale: true })
    const report = await importPeople(c.var.services, form.csv, { dryRun: false, mode: form.mode })
    return c.redirect(`${path}?done=${outcomes.map((list) => report[list].length).join('-')}`, 303)
  })
  .route('/teams', teamsPages)
  .route('/', personPages) // last: its addresses begin with an id

// ── What a form says ────────────────────────────────────────────────────────────────────────────────────────────────

interface Form {
  /** The file's or the pasted text. */
  csv: string
  mode: ImportMode
  /** Of the preview that was looked at; empty before there was one. */
  digest: string
  mistakes: Mistake[]
}

/** The file if there is one, else the pasted rows; with everything that keeps it from being compared. */
async function readForm(c: Context<AppEnv>): Promise<Form> {
  const { file, csv: pasted, mode, digest } = await c.req.parseBody()
  const t = messagesOf(c.var.locale).peoplePage
  const isFile = file instanceof File && file.size > 0
  const csv = isFile ? decodeText(new Uint8Array(await file.arrayBuffer())) : typeof pasted === 'string' ? pasted : ''
  const source = isFile ? 'file' : 'csv'
  const mistakes: Mistake[] = []
  if (mode !== 'partial' && mode !== 'full') mistakes.push({ field: 'mode', reason: t.modeMissing })
  if (csv.trim() === '') mistakes.push({ field: 'file', reason: t.nothingSent })
  else if ((isFile ? file.size : new TextEncoder().encode(csv).length) > csvLimit) mistakes.push({ field: source, reason: t.tooLarge })
  else {
    const problem = problemOfFile(parseTable(csv))
    if (problem) mistakes.push({ field: source, reason: `${t.line} ${problem.line}: ${problemText(t, problem)}` })
  }
  return { csv, mode: mode === 'full' ? 'full' : 'partial', digest: typeof digest === 'string' ? digest : '', mistakes }
}

/** Ties a confirmation to what was looked at: other people, teams or characters give another digest. */
const digestOf = (report: PeopleImportReport) => sha256Hex(JSON.stringify(report))

const outcomes = ['added', 'changed', 'moved', 'reactivated', 'deactivated', 'teamsAdded'] as const

const template = [
  [...peopleColumns],
  ['ann.lee@example.com', 'Ann Lee', 'Sales / SDR', 'sales', 'en'],
  ['somchai@example.com', 'สมชาย ใจดี', 'Sales / Account executives', 'sales', 'th'],
  ['fatima@example.com', 'فاطمة الزهراء', 'Marketing', 'marketing', 'ar'],
]

const errorRows = ({ errors }: PeopleImportReport, locale: Locale) => {
  const t = messagesOf(locale).peoplePage
  return [[t.line, t.column, t.value, t.problem], ...errors.map((error) => [error.line, error.column, error.value, problemText(t, error)])]
}

function changeRows(report: PeopleImportReport, locale: Locale): string[][] {
  const t = messagesOf(locale).peoplePage
  const { groups } = t
  return [
    ['', t.name, t.email, t.team, t.from, t.to],
    ...report.deactivated.map(({ name, email, team }) => [groups.deactivated, name, email, team, '', '']),
    ...report.moved.map(({ name, email, from, to }) => [groups.moved, name, email, to, from, to]),
    ...report.changed.map(({ name, email, from, to }) => [groups.changed, name, email, '', from, to]),
    ...report.reactivated.map(({ name, email, team }) => [groups.reactivated, name, email, team, '', '']),
    ...report.added.map(({ name, email, team }) => [groups.added, name, email, team, '', '']),
    ...report.teamsAdded.map(({ team, side }) => [groups.teamsAdded, '', '', team, '', t.sides[side]]),
  ]
}

/** With a byte order mark: without it, spreadsheets take Thai and Arabic for another encoding. */
const download = (c: Context<AppEnv>, name: string, rows: (string | number | null)[][]) =>
  c.body(`\uFEFF${toCsv(rows)}`, 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}"`,
  })

type Texts = ReturnType<typeof messagesOf>['peoplePage']

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function peoplePage(
  c: Context<AppEnv>,
  shown?: Partial<Form> & { mistakes: Mistake[] },
  status: 200 | 413 | 422 = shown ? 422 : 200,
) {
  const { services, locale } = c.var
  const t = messagesOf(locale).peoplePage
  const [settings, teams] = await Promise.all([readSettings(services.db), listTeams(services.db)])
  const query = readQuery(c, teams)
  const page = await pageOfPeople(services.db, query)
  const active = teams.reduce((sum, team) => sum + team.people, 0)
  const sheet = new Sheet()
  const isEmpty = teams.length === 0 && page.total === 0 && query.state === 'active' && !query.search
  const body = (
    <>
      <div class="pagehead">
        <h1>{t.title}</h1>
        <p class="sub">{isEmpty ? t.emptyWhat : t.sub(active, teams.length)}</p>
        {isEmpty ? null : (
          <p class="side actions">
            <a class="btn" href="/people/new">
              {t.person.addTitle}
            </a>
            <a class="btn" href="#import">
              {t.toImport}
            </a>
          </p>
        )}
      </div>
      <Mistakes mistakes={shown?.mistakes ?? []} title={t.unusable} />
      {shown ? null : <Done t={t} locale={locale} done={c.req.query('done')} />}
      {shown ? <ImportSection t={t} sheet={sheet} form={shown} /> : null}
      {isEmpty ? (
        <Empty t={t} />
      ) : (
        <section class="sec">
          <div class="cols">
            <TeamTree
              t={t}
              figure={formatOf(locale, settings.timeZone).number}
              sheet={sheet}
              teams={teams}
              k={settings.minimumGroupSize}
              chosen={query.teamId}
            />
            <PeopleList t={t} removal={messagesOf(locale).retention.person} sheet={sheet} teams={teams} query={query} page={page} />
          </div>
        </section>
      )}
      {shown ? null : <ImportSection t={t} sheet={sheet} />}
    </>
  )
  return framed(c, { title: t.title, sample: settings.sample !== null, sheet, body }, status)
}

async function previewPage(c: Context<AppEnv>, form: Form & { stale?: boolean }) {
  const { services, locale } = c.var
  const t = messagesOf(locale).peoplePage
  const [settings, report] = await Promise.all([
    readSettings(services.db),
    importPeople(services, form.csv, { dryRun: true, mode: form.mode }),
  ])
  const sheet = new Sheet()
  const body = (
    <>
      <Preview
        t={t}
        locale={locale}
        sheet={sheet}
        report={report}
        form={form}
        digest={await digestOf(report)}
        stale={form.stale === true}
        path={path}
      />
      {report.errors.length > 0 ? <ImportSection t={t} sheet={sheet} form={{ ...form, mistakes: [] }} title={t.correct} /> : null}
    </>
  )
  const status = report.refusal ? 422 : form.stale ? 409 : 200
  return framed(c, { title: t.previewTitle, sample: settings.sample !== null, sheet, body }, status)
}

async function framed(
  c: Context<AppEnv>,
  { title, sample, sheet, body }: { title: string; sample: boolean; sheet: Sheet; body: HtmlEscapedString | Promise<HtmlEscapedString> },
  status: 200 | 409 | 413 | 422,
) {
  const html = await body.toString() // before the layout, which writes the sheet that this fills
  return c.html(
    <Page c={c} title={title} section="people" sample={sample} sheet={sheet} path={path}>
      {raw(html)}
    </Page>,
    status,
  )
}

/** The page that is asked for, or the first one where the person that it came after was deleted. */
async function pageOfPeople(db: Database, query: PeopleListQuery) {
  try {
    return await listPeople(db, { ...query, limit: pageSize })
  } catch (error) {
    if (!(error instanceof DomainError && query.cursor)) throw error
    return listPeople(db, { ...query, cursor: undefined, limit: pageSize })
  }
}

/** @throws DomainError not-found */
function readQuery(c: Context<AppEnv>, teams: readonly TeamView[]): PeopleListQuery {
  const {
    search = '',
    team,
    state = 'active',
    cursor,
  } = chosenIn(c, { search: z.string(), team: among(teams), state: oneOf(messagesOf(c.var.locale), peopleStates), cursor: id() })
  return { search: cleanLine(search).slice(0, 100), teamId: team, state, cursor }
}

// ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What an import did, from the counts that its redirect carries. */
function Done({ t, locale, done }: { t: Texts; locale: Locale; done: string | undefined }) {
  if (done === 'deleted') {
    return (
      <p class="done" role="status">
        {messagesOf(locale).retention.person.done}
      </p>
    )
  }
  if (!/^\d{1,6}(-\d{1,6}){5}$/.test(done ?? '')) return null
  const counts = (done ?? '').split('-').map(Number)
  const said = outcomes.flatMap((list, index) => (counts[index] ? [t.counts[list](counts[index])] : []))
  return (
    <p class="done" role="status">
      {said.length === 0 ? t.nothingChanged : `${t.imported} ${new Intl.ListFormat(intlTag(locale), { type: 'unit' }).format(said)}.`}
    </p>
  )
}

const Empty = ({ t }: { t: Texts }) => (
  <section class="sec tight">
    <div class="state small">
      <strong>{t.empty}</strong>
      <Scroll label={t.template}>
        <pre dir="ltr">{template.map((row) => row.join(',')).join('\n')}</pre>
      </Scroll>
      <p>
        <a class="btn" href={`${path}/template.csv`}>
          {t.template}
        </a>
      </p>
    </div>
  </section>
)

function ImportSection(props: { t: Texts; sheet: Sheet; form?: (Partial<Form> & { mistakes: Mistake[] }) | undefined; title?: string }) {
  const { t, sheet, form, title } = props
  const mistakes = form?.mistakes ?? []
  const modeMistake = mistakes.find(({ field }) => field === 'mode')
  return (
    <section class="sec" id="import" aria-labelledby="import-title">
      <div class="cols">
        <div class="c4">
          <div class="title">
            <h2 id="import-title">{title ?? t.import}</h2>
            <p class="what">{t.importWhat}</p>
          </div>
          <dl class="note">
            {peopleColumns.map((column) => (
              <>
                <dt class={sheet.rule('margin-block-start:var(--s2)')}>
                  <code>{column}</code>
                </dt>
                <dd>{column === 'locale' ? t.columns.locale(locales.join(', ')) : t.columns[column]}</dd>
              </>
            ))}
          </dl>
        </div>
        <form class="form c8" method="post" action={`${path}/imports/preview`} enctype="multipart/form-data" novalidate>
          <Field name="file" label={t.file} hint={t.fileHint} mistakes={mistakes}>
            {(control) => <input {...control} type="file" accept=".csv,.tsv,.txt,text/csv" />}
          </Field>
          <Field name="csv" label={t.text} mistakes={mistakes}>
            {(control) => (
              <textarea {...control} class="code" rows={8} spellcheck={false} autocomplete="off">
                {`\n${(form?.csv ?? '').length <= editable ? (form?.csv ?? '') : ''}`}
              </textarea>
            )}
          </Field>
          <fieldset class={modeMistake ? 'field bad' : 'field'} id="mode">
            <legend>{t.mode}</legend>
            {(['partial', 'full'] as const).map((mode) => (
              <label class="check">
                <input type="radio" name="mode" value={mode} checked={(form?.mode ?? 'partial') === mode} />
                {t.modes[mode]}
              </label>
            ))}
            {modeMistake ? <p class="why">{modeMistake.reason}</p> : null}
          </fieldset>
          <div class="actions">
            <button class="btn solid" type="submit">
              {t.preview}
            </button>
            <a class="btn" href={`${path}/template.csv`}>
              {t.template}
            </a>
          </div>
        </form>
      </div>
    </section>
  )
}
