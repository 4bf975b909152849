/**
 * What holds for the whole organisation: name and rules, the score, events, keys, the sample. Every part is a plain form; what was
 * refused comes back filled in, with the reason beside its field.
 */

import type { BatchItem } from 'drizzle-orm/batch'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AppEnv } from '../context'
import { dayOf, isCalendarDay, isTimeZone } from '../core/calendar'
import { DomainError } from '../core/errors'
import { type Retention, type RetentionTerm, retentionTerms } from '../core/retention'
import { cleanLine } from '../core/text'
import { apiKeys } from '../db/schema'
import { readSettings, type Settings } from '../db/settings'
import { clearSessionCookie } from '../guard'
import { intlTag, isLocale, type Locale, localeNames, locales, type Messages, messagesOf } from '../i18n'
import { formatOf } from '../i18n/format'
import { createApiKey, endSession, keyRoles, revokeApiKey } from '../services/access'
import { getDelivery } from '../services/delivery-settings'
import { listEvents } from '../services/events'
import { countOverdue, refusedTerms, shortenRetention } from '../services/retention'
import {
  countOrganisation,
  isNothing,
  nameOf,
  type OrganisationCounts,
  readSample,
  removeSample,
  sampleStep,
  sampleSteps,
} from '../services/sample'
import { listVersions } from '../services/scoring-rules'
import { changeSettings } from '../services/settings'
import { Confirm } from './components/confirm'
import { CopyButton } from './components/copy'
import { Field, type Mistake, Mistakes } from './components/field'
import { Part } from './components/part'
import { ScoringRulesPart } from './components/scoring-form'
import { Scroll } from './components/scroll'
import { DeliveryPart, deliveryPages } from './delivery'
import { goneAnyway, permit } from './failure'
import { Page } from './layout'
import { scoringPages } from './scoring'
import { SecondLook } from './second-look'
import { TeamLinksSetting, teamLinksSetting } from './team-links-setting'

const path = '/settings'
const nameLimit = 120
const keyNameLimit = 80

export const settingsPages = new Hono<AppEnv>()
  .use(bodyLimit({ maxSize: 64 * 1024 }))
  .get('/', permit('settings:read'), (c) => settingsPage(c))
  .post('/', permit('settings:write'), async (c) => {
    const values = await formOf(c, 'organisationName', 'timeZone', 'currency', 'locale', 'minimumGroupSize')
    const { change, mistakes } = readChange(values, messagesOf(c.var.locale).settingsPage)
    if (mistakes.length > 0) return settingsPage(c, { form: 'organisation', values, mistakes })
    await changeSettings(c.var.services, change)
    return done(c, 'saved')
  })
  .route(
    '/score',
    scoringPages((c, values, mistakes) => settingsPage(c, { form: 'score', values, mistakes })),
  )
  .route('/team-links', teamLinksSetting)
  .route('/delivery', deliveryPages)
  .get('/retention', permit('settings:write'), (c) => shorteningPage(c))
  .post('/retention', permit('settings:write'), async (c) => {
    const values = await formOf(c, ...retentionTerms)
    const { retention } = await readSettings(c.var.services.db)
    const { wanted, mistakes } = readTerms(values, retention, c.var.locale)
    if (mistakes.length > 0) return settingsPage(c, { form: 'retention', values, mistakes })
    const { db } = c.var.services
    await db.batch((await shortenRetention(db, wanted)) as [BatchItem<'sqlite'>])
    return done(c, 'shortened')
  })
  .post('/api-keys', permit('api-keys:write'), async (c) => {
    const values = await formOf(c, 'keyName', 'role', 'expiry')
    const { timeZone } = await readSettings(c.var.services.db)
    const { input, mistakes } = readKey(values, dayOf(c.var.services.now, timeZone), messagesOf(c.var.locale).settingsPage)
    if (mistakes.length > 0) return settingsPage(c, { form: 'key', values, mistakes })
    return settingsPage(c, { newKey: await createApiKey(c.var.services, input) })
  })
  .post('/api-keys/:id/revocation', permit('api-keys:write'), async (c) => {
    await revokeApiKey(c.var.services, c.req.param('id')).catch(goneAnyway)
    return done(c, 'keyWasRevoked')
  })
  .get('/sample', permit('sample:write'), (c) => samplePage(c))
  .post('/sample/steps', permit('sample:write'), async (c) => {
    const before = await readSample(c.var.services)
    const after = await sampleStep(c.var.services).catch((error: unknown) => {
      if (error instanceof DomainError && error.code === 'sample-not-empty') return undefined
      throw error
    })
    if (!after) return c.redirect(`${path}#sample`, 303)
    const waits = after.state === 'loading' && after.step === before.step
    return c.redirect(`${path}/sample${waits ? '?waiting=1' : ''}`, 303)
  })
  .get('/sample/removal', permit('sample:write'), (c) => removalPage(c))
  .post('/sample/removal', permit('sample:write'), async (c) => {
    try {
      await removeSample(c.var.services)
    } catch (error) {
      if (error instanceof DomainError && error.code === 'sample-loading') return c.redirect(`${path}/sample?waiting=1`, 303)
      goneAnyway(error)
    }
    return done(c, 'removed')
  })
  .post('/session/end', async (c) => {
    const { actor, services } = c.var
    if (actor.kind === 'session') await endSession(services.db, actor.tokenHash)
    clearSessionCookie(c)
    return c.redirect('/sign-in', 303)
  })

// ── What a form says ────────────────────────────────────────────────────────────────────────────────────────────────

type Texts = ReturnType<typeof messagesOf>['settingsPage']
type Values = Record<string, string>

/** A form's fields by name, each as one clean line; files and repeated fields are nothing. */
async function formOf(c: Context<AppEnv>, ...names: string[]): Promise<Values> {
  const body = await c.req.parseBody()
  return Object.fromEntries(names.map((name) => [name, typeof body[name] === 'string' ? cleanLine(body[name]) : '']))
}

function readChange(values: Values, t: Texts): { change: Partial<Settings>; mistakes: Mistake[] } {
  const { organisationName = '', timeZone = '', currency = '', locale = '' } = values
  const minimumGroupSize = /^\d{1,2}$/.test(values.minimumGroupSize ?? '') ? Number(values.minimumGroupSize) : 0
  const mistakes = mistakesOf(
    ['organisationName', organisationName === '' && t.nameMissing],
    ['organisationName', organisationName.length > nameLimit && t.tooLong(nameLimit)],
    ['timeZone', !(timeZone !== '' && timeZone.length <= 64 && isTimeZone(timeZone)) && t.timeZoneUnknown],
    ['currency', !currencies().includes(currency) && t.currencyUnknown],
    ['locale', !isLocale(locale) && t.languageUnknown],
    ['minimumGroupSize', !(minimumGroupSize >= 3 && minimumGroupSize <= 20) && t.groupSizeWrong],
  )
  return { change: { organisationName, timeZone, currency, locale, minimumGroupSize }, mistakes }
}

/** The terms of a form, or of the address that leads to the second look. */
function readTerms(values: Values, current: Retention, locale: Locale): { wanted: Retention; mistakes: Mistake[] } {
  const t = messagesOf(locale).retention
  const f = formatOf(locale, 'UTC')
  const numberOf = (text = '') => (/^\d{1,4}$/.test(text) ? Number(text) : 0)
  const wanted = Object.fromEntries(retentionTerms.map((term) => [term, numberOf(values[term])])) as unknown as Retention
  const mistakes = refusedTerms(current, wanted).map(({ term, most }) => ({ field: term, label: t[term], reason: t.wrong(f.number(most)) }))
  return { wanted, mistakes }
}

function readKey({ keyName = '', role = '', expiry = '' }: Values, today: string, t: Texts) {
  const known = keyRoles.find((candidate) => candidate === role)
  const mistakes = mistakesOf(
    ['keyName', keyName === '' && t.keyNameMissing],
    ['keyName', keyName.length > keyNameLimit && t.tooLong(keyNameLimit)],
    ['role', !known && t.keyRoleWrong],
    ['expiry', expiry !== '' && !(isCalendarDay(expiry) && expiry >= today) && t.keyExpiryWrong],
  )
  const expiresAt = expiry && mistakes.length === 0 ? { expiresAt: new Date(`${expiry}T23:59:59.999Z`) } : {}
  return { input: { name: keyName, role: known ?? 'importer', ...expiresAt }, mistakes }
}

const mistakesOf = (...checks: (readonly [string, string | false])[]): Mistake[] =>
  checks.flatMap(([field, reason]) => (reason ? [{ field, reason }] : []))

const done = (c: Context<AppEnv>, what: string) => c.redirect(`${path}?done=${what}`, 303)

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Shown {
  /** The form that was refused, as it was sent. */
  form?: 'organisation' | 'score' | 'retention' | 'key'
  values?: Values
  mistakes?: readonly Mistake[]
  newKey?: { name: string; key: string }
}

async function settingsPage(c: Context<AppEnv>, shown: Shown = {}) {
  const { services, locale } = c.var
  const { db } = services
  const [settings, versions, events, keys, sample, counts, delivery] = await Promise.all([
    readSettings(db),
    listVersions(db),
    listEvents(db, { limit: 500 }),
    db.select().from(apiKeys).orderBy(apiKeys.createdAt),
    readSample(services),
    countOrganisation(db),
    getDelivery(db),
  ])
  const texts = messagesOf(locale)
  const t = texts.settingsPage
  const of = (form: Shown['form']) =>
    shown.form === form ? { values: shown.values ?? {}, mistakes: shown.mistakes ?? [] } : { mistakes: [] }
  const message = doneMessage(c.req.query('done'), texts)
  return c.html(
    <Page c={c} title={t.title} section="settings" sample={settings.sample !== null} path={path}>
      <div class="pagehead">
        <h1>{t.title}</h1>
        <p class="sub">{t.sub}</p>
      </div>
      <Mistakes mistakes={shown.mistakes ?? []} title={t.unusable} />
      {message && !shown.form && !shown.newKey ? (
        <p class="done" role="status">
          {message}
        </p>
      ) : null}
      {shown.form || shown.newKey ? null : <SettingsIndex t={texts} locale={locale} timeZone={settings.timeZone} counts={counts} />}
      <Part id="organisation" title={t.organisation} what={t.organisationWhat}>
        <OrganisationForm t={t} locale={locale} settings={settings} {...of('organisation')} />
      </Part>
      <Part id="score" title={texts.scoring.title} what={texts.scoring.what}>
        <ScoringRulesPart locale={locale} timeZone={settings.timeZone} versions={versions} events={events.items} {...of('score')} />
      </Part>
      <Part id="team-links" title={texts.openLinks.setting.title} what={texts.openLinks.setting.what}>
        <TeamLinksSetting c={c} allowed={settings.openLinks} />
      </Part>
      <DeliveryPart locale={locale} delivery={delivery} />
      <Part id="retention" title={texts.retention.title} what={texts.retention.what}>
        <RetentionForm locale={locale} retention={settings.retention} {...of('retention')} />
      </Part>
      <Part id="keys" title={t.keys} what={t.keysWhat}>
        {shown.newKey ? <NewKey t={t} made={shown.newKey} /> : null}
        <KeyList t={t} locale={locale} timeZone={settings.timeZone} now={services.now} keys={keys} />
        <KeyForm t={t} {...of('key')} />
      </Part>
      <Part id="sample" title={texts.sample.title} what={texts.sample.what}>
        <SampleState t={texts.sample} state={sample.state} surveyUrl={sample.surveyUrl} empty={isNothing(counts)} />
      </Part>
      <Part id="session" title={t.session} what={t.sessionWhat}>
        <form method="post" action={`${path}/session/end`}>
          <button class="btn" type="submit">
            {texts.layout.signOut}
          </button>
        </form>
      </Part>
    </Page>,
    shown.mistakes?.length ? 422 : 200,
  )
}

/** A second look before terms are shortened: what goes, in numbers, and that it goes for good. */
async function shorteningPage(c: Context<AppEnv>) {
  const { services, locale } = c.var
  const settings = await readSettings(services.db)
  const values = Object.fromEntries(retentionTerms.map((term) => [term, cleanLine(c.req.query(term) ?? '')]))
  const { wanted, mistakes } = readTerms(values, settings.retention, locale)
  if (mistakes.length > 0) return settingsPage(c, { form: 'retention', values, mistakes })
  const shorter = retentionTerms.filter((term) => wanted[term] < settings.retention[term])
  if (shorter.length === 0) return done(c, 'same')
  const t = messagesOf(locale).retention
  const f = formatOf(locale, settings.timeZone)
  const length = (term: RetentionTerm, n: number) => (term === 'commentMonths' ? t.months : t.days)(n, f.number(n))
  const overdue = await countOverdue(services, wanted)
  const going = (['results', 'people', 'importErrors'] as const).filter((kind) => overdue[kind] > 0)
  return c.html(
    <SecondLook
      c={c}
      settings={settings}
      path={`${path}/retention`}
      values={values}
      texts={t}
      about={t.term}
      rules={shorter.map((term) => ({ name: t[term], now: length(term, settings.retention[term]), later: length(term, wanted[term]) }))}
      final
      part="retention"
    >
      <h2>{t.atNextRun}</h2>
      {going.length === 0 ? (
        <p>{t.nothingYet}</p>
      ) : (
        <ul class="plain">
          {going.map((kind) => (
            <li>{t[kind](overdue[kind], f.number(overdue[kind]))}</li>
          ))}
        </ul>
      )}
    </SecondLook>,
  )
}

/** Loading, step by step: the script presses the button, or a person does. */
async function samplePage(c: Context<AppEnv>) {
  const { services, locale } = c.var
  const sample = await readSample(services)
  if (sample.state === 'absent') return c.redirect(`${path}#sample`, 303)
  const texts = messagesOf(locale)
  const t = texts.sample
  const waits = c.req.query('waiting') === '1'
  return c.html(
    <Page c={c} title={t.title} section="settings" sample path={`${path}/sample`}>
      <div class="pagehead">
        <h1>{sample.state === 'loaded' ? t.loaded : t.loading}</h1>
        <p class="sub">{sample.state === 'loaded' ? t.loadedWhat : waits ? t.waiting : t.goesOn}</p>
      </div>
      {sample.state === 'loaded' ? (
        <div class="actions">
          <a class="btn solid" href="/overview">
            {t.toOverview}
          </a>
          <AnswerLink t={t} surveyUrl={sample.surveyUrl} />
        </div>
      ) : (
        <form class="form" method="post" action={`${path}/sample/steps`} data-proceed={waits ? '2000' : '0'}>
          <div class="field">
            <label for="progress" role="status">
              {t.progress(sample.step + 1, sample.steps)}
            </label>
            <progress id="progress" max={sample.steps} value={sample.step} />
          </div>
          <ol class="stepper">
            {sampleSteps.map((step, index) => (
              <li class={index < sample.step ? 'done' : undefined} aria-current={index === sample.step ? 'step' : undefined}>
                {nameOf(step, t.steps)}
              </li>
            ))}
          </ol>
          <button class="btn solid" type="submit">
            {t.proceed}
          </button>
        </form>
      )}
    </Page>,
  )
}

async function removalPage(c: Context<AppEnv>) {
  const { services, locale } = c.var
  const [settings, counts] = await Promise.all([readSettings(services.db), countOrganisation(services.db)])
  if (!settings.sample) return c.redirect(`${path}#sample`, 303)
  const texts = messagesOf(locale)
  const t = texts.sample
  const f = formatOf(locale, settings.timeZone)
  return c.html(
    <Page c={c} title={t.removeTitle} section="settings" sample path={`${path}/sample/removal`}>
      <div class="pagehead">
        <h1>{t.removeTitle}</h1>
        <p class="sub">{t.removeWhat}</p>
      </div>
      <form class="form" method="post" action={`${path}/sample/removal`}>
        <ul class="plain">
          {(Object.keys(t.counts) as (keyof typeof t.counts)[])
            .filter((key) => counts[key] > 0)
            .map((key) => (
              <li>{t.counts[key](counts[key], f.number(counts[key]))}</li>
            ))}
        </ul>
        <div class="actions">
          <button class="btn danger" type="submit">
            {t.removeYes}
          </button>
          <a class="btn" href={`${path}#sample`}>
            {texts.settingsPage.cancel}
          </a>
        </div>
      </form>
    </Page>,
  )
}

function doneMessage(what: string | undefined, texts: ReturnType<typeof messagesOf>): string | undefined {
  const { saved, keyWasRevoked } = texts.settingsPage
  const { shortened, same } = texts.retention
  const messages: Record<string, string> = {
    saved,
    keyWasRevoked,
    shortened,
    same,
    rulesSaved: texts.scoring.saved,
    rulesSame: texts.scoring.same,
    removed: texts.sample.removed,
    teamLinksOn: texts.openLinks.setting.saved.on,
    teamLinksOff: texts.openLinks.setting.saved.off,
    teamLinksChosen: texts.openLinks.setting.saved.teams,
  }
  return what !== undefined && Object.hasOwn(messages, what) ? messages[what] : undefined
}

// ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where each thing is set, with how much there is of it. */
function SettingsIndex(props: { t: Messages; locale: Locale; timeZone: string; counts: OrganisationCounts }) {
  const { t, counts } = props
  const { lines, titles, ...texts } = t.settingsPage
  const f = formatOf(props.locale, props.timeZone)
  const countOf = (key: 'people' | 'sources' | 'goals' | 'events' | 'clauses') => t.sample.counts[key](counts[key], f.number(counts[key]))
  const here: readonly Entry[] = [
    ['#organisation', texts.organisation, lines.organisation],
    ['#score', t.scoring.title, lines.score],
    ['#team-links', t.openLinks.setting.title, lines.teamLinks],
    ['#delivery', t.delivery.title, lines.delivery],
    ['#retention', t.retention.title, lines.retention],
    ['#keys', texts.keys, lines.keys],
    ['#sample', t.sample.title, lines.sample],
    ['#session', texts.session, lines.session],
  ]
  const elsewhere: readonly Entry[] = [
    ['/settings/leaders', t.leaders.title, t.leaders.line],
    ['/people', t.layout.people, lines.people, countOf('people')],
    ['/survey', t.layout.survey, lines.survey],
    ['/survey/terms', titles.terms, lines.terms],
    ['/rounds/schedule', titles.schedule, lines.schedule],
    ['/sources', t.layout.sources, lines.sources, countOf('sources')],
    ['/kpis/sla', titles.sla, lines.sla, countOf('clauses')],
    ['/kpis/sla/calendar', titles.calendar, lines.calendar],
    ['/kpis', titles.targets, lines.targets, countOf('goals')],
    ['/kpis/setup', titles.kpiRules, lines.kpiRules],
    ['/events', t.events.title, lines.events, countOf('events')],
    ['/settings/sharing', t.layout.sharing, lines.sharing],
    ['/settings/digest', t.digest.title, lines.digest],
    ['/settings/webhooks', t.webhooks.title, lines.webhooks],
    ['/first-steps', t.firstRun.title, lines.firstSteps],
  ]
  return (
    <nav class="index" aria-label={texts.index}>
      <Entries title={texts.indexHere} entries={here} />
      <Entries title={texts.indexElsewhere} entries={elsewhere} />
    </nav>
  )
}

/** Address, name, one line; and how much there is. */
type Entry = readonly [address: string, name: string, line: string, state?: string]

const Entries = ({ title, entries }: { title: string; entries: readonly Entry[] }) => (
  <div>
    <h2>{title}</h2>
    <ul>
      {entries.map(([address, name, line, state]) => (
        <li>
          <a href={address}>{name}</a>
          <span class="note">{state ? `${line} · ${state}` : line}</span>
        </li>
      ))}
    </ul>
  </div>
)

interface FormState {
  values?: Values
  mistakes: readonly Mistake[]
}

function OrganisationForm({ t, locale, settings, values, mistakes }: FormState & { t: Texts; locale: Locale; settings: Settings }) {
  const { organisationName, timeZone, currency, minimumGroupSize } = settings
  const current: Values = {
    organisationName,
    timeZone,
    currency,
    locale: settings.locale,
    minimumGroupSize: String(minimumGroupSize),
    ...values,
  }
  const names = new Intl.DisplayNames(intlTag(locale), { type: 'currency' })
  return (
    <form class="form" method="post" action={path} novalidate>
      <Field name="organisationName" label={t.name} mistakes={mistakes}>
        {(control) => (
          <input {...control} type="text" value={current.organisationName} maxlength={nameLimit} autocomplete="organization" dir="auto" />
        )}
      </Field>
      <Field name="timeZone" label={t.timeZone} hint={t.timeZoneHint} mistakes={mistakes} short>
        {(control) => (
          <select {...control} class="pick">
            {withCurrent(timeZones(), current.timeZone).map((zone) => (
              <option value={zone} selected={zone === current.timeZone}>
                {zone.replaceAll('_', ' ')}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name="currency" label={t.currency} hint={t.currencyHint} mistakes={mistakes} short>
        {(control) => (
          <select {...control} class="pick">
            {withCurrent(currencies(), current.currency).map((code) => (
              <option value={code} selected={code === current.currency}>
                {`${code} – ${/^[A-Z]{3}$/.test(code) ? names.of(code) : code}`}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name="locale" label={t.language} hint={t.languageHint} mistakes={mistakes} short>
        {(control) => (
          <select {...control} class="pick">
            {locales.map((code) => (
              <option value={code} lang={code} selected={code === current.locale}>
                {localeNames[code]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name="minimumGroupSize" label={t.groupSize} hint={t.groupSizeHint} mistakes={mistakes} short>
        {(control) => <input {...control} type="number" inputmode="numeric" min="3" max="20" value={current.minimumGroupSize} />}
      </Field>
      <button class="btn solid" type="submit">
        {t.save}
      </button>
    </form>
  )
}

/** Leads to the second look; nothing is changed by this form itself. */
function RetentionForm({ locale, retention, values, mistakes }: FormState & { locale: Locale; retention: Retention }) {
  const t = messagesOf(locale).retention
  const f = formatOf(locale, 'UTC')
  return (
    <form class="form" method="get" action={`${path}/retention`} novalidate>
      {retentionTerms.map((term) => (
        <Field name={term} label={t[term]} hint={t.range(f.number(retention[term]))} mistakes={mistakes} short>
          {(control) => (
            <input
              {...control}
              type="number"
              inputmode="numeric"
              min="1"
              max={String(retention[term])}
              value={values?.[term] ?? String(retention[term])}
            />
          )}
        </Field>
      ))}
      <p class="note">{t.fixed}</p>
      <button class="btn" type="submit">
        {t.shorten}
      </button>
    </form>
  )
}

const NewKey = ({ t, made }: { t: Texts; made: { name: string; key: string } }) => (
  <div class="done" role="status">
    <h3>
      <bdi>{t.keyMade(made.name)}</bdi>
    </h3>
    <p>{t.keyOnce}</p>
    <div class="actions">
      <code id="new-key" class="secret" dir="ltr">
        {made.key}
      </code>
      <CopyButton of="new-key" label={t.copy} done={t.copied} />
    </div>
  </div>
)

type KeyRow = typeof apiKeys.$inferSelect

function KeyList({ t, locale, timeZone, now, keys }: { t: Texts; locale: Locale; timeZone: string; now: Date; keys: readonly KeyRow[] }) {
  if (keys.length === 0) return <p class="note">{t.keysNone}</p>
  const format = formatOf(locale, timeZone)
  const dayText = (day: string) => `${format.day(day)} ${day.slice(0, 4)}`
  return (
    <Scroll label={t.keys}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t.keyName}</th>
            <th scope="col">{t.keyRole}</th>
            <th scope="col">{t.keyCreated}</th>
            <th scope="col">{t.keyUsed}</th>
            <th scope="col">{t.keyExpires}</th>
            <th scope="col">{t.keyState}</th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr>
              <th scope="row">
                <bdi>{key.name}</bdi>
              </th>
              <td>{key.role === 'reader' ? t.keyRoleNames.reader : t.keyRoleNames.importer}</td>
              <td class="nowrap">{format.date(key.createdAt)}</td>
              <td class="nowrap">{key.lastUsedDay ? dayText(key.lastUsedDay) : t.keyNever}</td>
              <td class="nowrap">{key.expiresAt ? dayText(key.expiresAt.toISOString().slice(0, 10)) : t.keyForever}</td>
              <td>
                {key.revokedAt ? (
                  t.keyRevoked
                ) : key.expiresAt && key.expiresAt <= now ? (
                  t.keyExpired
                ) : (
                  <>
                    {t.keyActive}
                    <Confirm
                      summary={t.keyRevoke}
                      question={t.keyRevokeAsk(key.name)}
                      action={`${path}/api-keys/${key.id}/revocation`}
                      yes={t.keyRevokeYes}
                    />
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

const KeyForm = ({ t, values = {}, mistakes }: FormState & { t: Texts }) => (
  <form class="form" method="post" action={`${path}/api-keys`} novalidate>
    <Field name="keyName" label={t.keyName} mistakes={mistakes}>
      {(control) => <input {...control} type="text" value={values.keyName} maxlength={keyNameLimit} required dir="auto" />}
    </Field>
    <Field name="role" label={t.keyRole} mistakes={mistakes}>
      {(control) => (
        <select {...control} class="pick">
          {keyRoles.map((role) => (
            <option value={role} selected={role === values.role}>
              {t.keyRoles[role]}
            </option>
          ))}
        </select>
      )}
    </Field>
    <Field name="expiry" label={t.keyExpiry} mistakes={mistakes} short>
      {(control) => <input {...control} type="date" value={values.expiry} />}
    </Field>
    <button class="btn" type="submit">
      {t.keyAdd}
    </button>
  </form>
)

type SampleTexts = ReturnType<typeof messagesOf>['sample']

function SampleState({ t, state, surveyUrl, empty }: { t: SampleTexts; state: string; surveyUrl: string | null; empty: boolean }) {
  if (state === 'absent' && !empty) return <p class="note">{t.notEmpty}</p>
  if (state === 'loaded') {
    return (
      <>
        <p>{t.loadedWhat}</p>
        <div class="actions">
          <AnswerLink t={t} surveyUrl={surveyUrl} />
          <a class="btn danger" href={`${path}/sample/removal`}>
            {t.remove}
          </a>
        </div>
      </>
    )
  }
  return (
    <>
      <p>{t.how}</p>
      <p class="note">{t.replaces}</p>
      <form class="actions" method="post" action={`${path}/sample/steps`}>
        <button class="btn" type="submit">
          {state === 'loading' ? t.proceed : t.load}
        </button>
        {state === 'loading' ? (
          <a class="btn danger" href={`${path}/sample/removal`}>
            {t.remove}
          </a>
        ) : null}
      </form>
    </>
  )
}

const AnswerLink = ({ t, surveyUrl }: { t: SampleTexts; surveyUrl: string | null }) =>
  surveyUrl ? (
    <a class="btn" href={surveyUrl} target="_blank" rel="noopener">
      {t.answer}
    </a>
  ) : (
    <p class="note">{t.noneLeft}</p>
  )

const withCurrent = (options: readonly string[], current = '') => (options.includes(current) ? options : [current, ...options])

/** Every name that the platform knows; UTC stands first, which some lists leave out. */
const timeZones = () => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
const currencies = () => Intl.supportedValuesOf('currency')
