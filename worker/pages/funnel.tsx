/** The funnel: how far the leads of a window came, and where they were held up. */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { isCalendarDay } from '../core/calendar'
import { DomainError } from '../core/errors'
import { factsBySource } from '../db/facts'
import { funnelChoices } from '../db/funnel'
import { settings as settingsTable } from '../db/schema'
import { settingsIn } from '../db/settings'
import { type Messages, messagesOf } from '../i18n'
import { type Format, formatOf } from '../i18n/format'
import { authorize } from '../services/authorize'
import { blank, type FunnelQuery, type FunnelView, readFunnel } from '../services/funnel'
import { sourceProblems } from '../services/import-problems'
import { isGroup } from '../services/kpi-table'
import { type Mistake, Mistakes } from './components/field'
import { FunnelFilter, type FunnelValues, funnelFields } from './components/funnel-filter'
import { FunnelFigure } from './components/funnel-rows'
import { GroupTable, ReasonTable, TimeTable } from './components/funnel-tables'
import { SourcesFirst } from './components/import-problems'
import { Clock, Warning } from './components/verdict'
import type { View } from './components/view'
import { permit } from './failure'
import { showInKpis, showNothingYet } from './kpis-frame'
import { askedIn, id } from './query'

export const funnelPages = new Hono<AppEnv>().get('/funnel', permit('metrics:read'), async (c) => {
  const t = messagesOf(c.var.locale).funnel
  const { values, mistakes: repeated } = valuesOf(c)
  const { query, mistakes: wrong } = readQuery(t, values)
  const mistakes = [...repeated, ...wrong]
  for (const field of ['leadType', 'channel'] as const) {
    const value = query[field] === blank ? '' : query[field]
    if (value !== undefined && !(await isGroup(c.var.services.db, field, value))) mistakes.push({ field, reason: t.wrong.group })
  }
  if (mistakes.length > 0) return refused(c, values, mistakes)
  try {
    return await show(c, values, await readFunnel(c.var.services, query))
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'invalid-input')) throw error
    const pointers = error.errors?.map(({ pointer }) => pointer.replace('query/', '')) ?? []
    return refused(
      c,
      values,
      pointers.length > 0 ? pointers.map((field) => mistakeAt(t, field)) : [{ field: 'from', reason: t.wrong.tooMany }],
    )
  }
})

/** The address as a form, and what is there more than once. */
function valuesOf(c: Context<AppEnv>): { values: FunnelValues; mistakes: Mistake[] } {
  const { given, mistakes } = askedIn(c, Object.fromEntries(funnelFields.map((field) => [field, id()])))
  return { values: Object.fromEntries(funnelFields.map((field) => [field, given[field] ?? ''])) as FunnelValues, mistakes }
}

function readQuery(t: Messages['funnel'], values: FunnelValues): { query: FunnelQuery; mistakes: Mistake[] } {
  const mistakes: Mistake[] = (['from', 'to'] as const)
    .filter((field) => values[field] !== '' && !isCalendarDay(values[field]))
    .map((field) => ({ field, reason: t.wrong.day }))
  if (values.path !== '' && values.path !== 'any' && values.path !== 'strict') mistakes.push({ field: 'path', reason: t.wrong.path })
  const given = (field: keyof FunnelValues) => values[field] || undefined
  return {
    query: {
      from: given('from'),
      to: given('to'),
      path: values.path === 'strict' ? 'strict' : 'any',
      source: given('source'),
      leadType: given('leadType'),
      channel: given('channel'),
    },
    mistakes,
  }
}

function mistakeAt(t: Messages['funnel'], field: string): Mistake {
  const reason = field === 'to' ? t.wrong.order : field === 'source' ? t.wrong.source : t.wrong.long
  return { field, reason }
}

const noChoices = { sources: [], channels: [], leadTypes: [] }

function refused(c: Context<AppEnv>, values: FunnelValues, mistakes: readonly Mistake[]) {
  const { funnel: t, settingsPage } = messagesOf(c.var.locale)
  return showInKpis(c, {
    title: t.title.plain,
    path: pathOf(values),
    tab: 'funnel',
    status: 422,
    body: () => (
      <>
        <div class="pagehead">
          <h1>{t.title.plain}</h1>
        </div>
        <Mistakes mistakes={mistakes} title={settingsPage.unusable} />
        <section class="sec tight">
          <FunnelFilter t={t} values={values} mistakes={mistakes} choices={noChoices} />
        </section>
      </>
    ),
  })
}

/** As many sources are named beside the heading; the form has all. */
const mostNamed = 3

async function show(c: Context<AppEnv>, asked: FunnelValues, funnel: FunnelView) {
  const t = messagesOf(c.var.locale)
  const f = formatOf(c.var.locale, 'UTC') // days are texts without a zone, and are written as they stand
  const { window, previous } = funnel
  if (!window || !previous) return showNothingYet(c, 'funnel', t.funnel.empty)
  const { db, now } = c.var.services
  const [choices, [settingRows, sources]] = await Promise.all([
    funnelChoices(db, { from: previous.from, to: window.to }),
    db.batch([db.select().from(settingsTable), factsBySource(db)]),
  ])
  const values: FunnelValues = { ...asked, from: window.from, to: window.to, path: funnel.path }
  const title = titleOf(t.funnel, f, funnel)
  const read = funnel.sources.filter(({ id }) => asked.source === '' || id === asked.source)
  const problems = sourceProblems(
    sources.filter((source) => read.some(({ id }) => id === source.id)),
    now,
  )
  return showInKpis(c, {
    title,
    path: pathOf(asked),
    tab: 'funnel',
    settings: settingsIn(settingRows),
    body: (view) => (
      <>
        <div class="pagehead">
          <h1>{title}</h1>
          <p class="sub">{t.funnel.sub(day(f, window.from), day(f, window.to))}</p>
          {funnel.asOf ? (
            <p class="side note">
              {read.slice(0, mostNamed).map(({ name }) => (
                <>
                  <bdi>{name}</bdi>
                  <br />
                </>
              ))}
              {t.funnel.asOf(day(f, funnel.asOf))}
            </p>
          ) : null}
        </div>
        <SourcesFirst view={view} problems={problems} mayOpen={authorize(c.var.actor, 'sources:read')} />
        <section class="sec tight" aria-label={t.funnel.filter}>
          <FunnelFilter t={t.funnel} values={values} mistakes={[]} choices={{ ...choices, sources: funnel.sources }} />
          <Notes t={t.funnel} f={f} funnel={funnel} />
        </section>
        {(funnel.stages[0]?.count ?? 0) === 0 ? (
          <section class="sec">
            <p>{t.funnel.noneHere}</p>
          </section>
        ) : (
          <Figures view={{ ...view, f }} funnel={funnel} />
        )}
      </>
    ),
  })
}

function Figures({ view, funnel }: { view: View; funnel: FunnelView }) {
  const t = view.t.funnel
  return (
    <>
      <section class="sec">
        <FunnelFigure
          view={view}
          funnel={funnel}
          title={t.steps}
          what={t.stepsWhat[funnel.path]}
          link={{ href: '#groups', text: t.group.title }}
        />
        <p class="note after">{t.rule}</p>
      </section>
      <section class="sec" aria-labelledby="time">
        <div class="title">
          <h2 id="time">{t.time.title}</h2>
          <p class="what">{t.time.what}</p>
        </div>
        <TimeTable view={view} funnel={funnel} />
      </section>
      <section class="sec" aria-labelledby="reasons">
        <div class="title">
          <h2 id="reasons">{t.reasons.title}</h2>
          <p class="what">{t.reasons.sub}</p>
        </div>
        <ReasonTable view={view} funnel={funnel} />
      </section>
      <section class="sec" aria-labelledby="groups">
        <div class="title">
          <h2 id="groups">{t.group.title}</h2>
          <p class="what">{t.group.what}</p>
        </div>
        <div class="pile">
          {funnel.groups.source.length > 1 ? (
            <GroupTable view={view} funnel={funnel} title={t.fields.source} groups={funnel.groups.source} />
          ) : null}
          <GroupTable view={view} funnel={funnel} title={t.fields.leadType} groups={funnel.groups.leadType} />
          <GroupTable view={view} funnel={funnel} title={t.fields.channel} groups={funnel.groups.channel} />
        </div>
      </section>
    </>
  )
}

/** What the figures do not say by themselves. */
function Notes({ t, f, funnel }: { t: Messages['funnel']; f: Format; funnel: FunnelView }) {
  const { window, previous, withoutHistory, leftOut } = funnel
  return (
    <ul class="notes">
      {window?.provisional ? (
        <li>
          <Clock /> {t.provisional}
        </li>
      ) : null}
      {previous ? <li>{t.previous(day(f, previous.from), day(f, previous.to))}</li> : null}
      {withoutHistory.length > 0 ? (
        <li>
          <Warning /> {t.withoutHistory(withoutHistory)}
        </li>
      ) : null}
      {leftOut.length > 0 ? (
        <li>
          <Warning /> {t.leftOut(leftOut.map((stage) => t.stages[stage]))}
        </li>
      ) : null}
    </ul>
  )
}

/** The finding. */
export function titleOf(t: Messages['funnel'], f: Format, { bottleneck, stages }: FunnelView): string {
  if (bottleneck?.share.value == null) return t.title.plain
  const [from, to, now] = [t.stages[bottleneck.from], t.stages[bottleneck.to], f.percent(bottleneck.share.value)]
  const before = stages.find(({ stage }) => stage === bottleneck.to)?.previous.next?.value
  return bottleneck.why === 'fell' && before != null ? t.title.fell(from, to, now, f.percent(before)) : t.title.lowest(from, to, now)
}

const day = (f: Format, text: string) => f.date(new Date(text))

function pathOf(values: FunnelValues): string {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ''))
  return query.size > 0 ? `/kpis/funnel?${query}` : '/kpis/funnel'
}
