/** The first steps: an administrator without data is led from nothing to the first round. */
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { type FirstStep, type FirstStepView, firstSteps } from '../core/first-steps'
import { type Messages, messagesOf } from '../i18n'
import { type Format, formatOf } from '../i18n/format'
import { type FirstSteps, hideFirstSteps, keepSurvey, readFirstSteps, resumeStep, showFirstSteps, skipStep } from '../services/first-steps'
import { isEmpty } from '../services/sample'
import { permit } from './failure'
import { Bob, Page } from './layout'

const path = '/first-steps'

/** Where each step is taken. */
const addresses: Readonly<Record<FirstStep, string>> = {
  people: '/people',
  survey: '/survey',
  source: '/sources/new',
  sla: '/kpis/sla/clauses/new',
  round: '/rounds/schedule',
}

export const firstRunPages = new Hono<AppEnv>()
  .get('/', permit('settings:write'), (c) => firstStepsPage(c))
  .post('/survey', permit('survey:write'), async (c) => {
    await keepSurvey(c.var.services)
    return c.redirect(path, 303)
  })
  .post('/hiding', permit('settings:write'), async (c) => {
    await hideFirstSteps(c.var.services)
    return c.redirect('/overview', 303)
  })
  .post('/showing', permit('settings:write'), async (c) => {
    await showFirstSteps(c.var.services)
    return c.redirect(path, 303)
  })
  .post('/:step/skip', permit('settings:write'), async (c) => {
    await skipStep(c.var.services, stepAt(c))
    return c.redirect(path, 303)
  })
  .post('/:step/resumption', permit('settings:write'), async (c) => {
    await resumeStep(c.var.services, stepAt(c))
    return c.redirect(path, 303)
  })

/** @throws DomainError not-found */
function stepAt(c: Context<AppEnv>): FirstStep {
  const step = firstSteps.find((one) => one === c.req.param('step'))
  if (!step) throw new DomainError('not-found', 'There is no such step.')
  return step
}

async function firstStepsPage(c: Context<AppEnv>) {
  const { services, locale } = c.var
  const [progress, isUntouched] = await Promise.all([readFirstSteps(services), isEmpty(services.db)])
  const { settings, steps, done, next, minutesLeft } = progress
  const t = messagesOf(locale)
  const texts = t.firstRun
  const f = formatOf(locale, settings.timeZone)
  if (settings.sample) return c.html(<InSample c={c} />)
  return c.html(
    <Page c={c} title={texts.title} sample={false} path={path} styles={['setup']}>
      <div class="pagehead">
        <h1>
          {next === null ? texts.headingDone : done === 0 ? texts.heading : texts.headingSome(f.number(done), f.number(steps.length))}
        </h1>
        <p class="sub">{next === null ? texts.subDone : texts.sub(texts.minutes(minutesLeft, f.number(minutesLeft)))}</p>
      </div>
      <section class="sec tight" aria-label={texts.title}>
        <ol class="first-steps">
          {steps.map((view) => (
            <Step t={t} f={f} view={view} progress={progress} isNext={view.step === next} />
          ))}
        </ol>
      </section>
      <section class="sec tight">
        <div class="cols">
          {isUntouched ? (
            <div class="c6 pile">
              <div class="title">
                <h2>{texts.look}</h2>
                <p class="what">{texts.lookWhat}</p>
              </div>
              <form method="post" action="/settings/sample/steps">
                <button class="btn" type="submit">
                  {texts.lookGo}
                </button>
              </form>
            </div>
          ) : null}
          <div class="c6 pile">
            <div class="title">
              <h2>{next === null ? texts.doneTitle : texts.hideTitle}</h2>
              <p class="what">{settings.firstSteps.hidden ? texts.isHidden : next === null ? texts.doneWhat : texts.hideWhat}</p>
            </div>
            <div class="actions">
              <a class={next === null ? 'btn solid' : 'btn'} href="/overview">
                {texts.toOverview}
              </a>
              {settings.firstSteps.hidden ? (
                <form method="post" action={`${path}/showing`}>
                  <button class="btn" type="submit">
                    {texts.show}
                  </button>
                </form>
              ) : (
                <form method="post" action={`${path}/hiding`}>
                  <button class="btn" type="submit">
                    {texts.hide}
                  </button>
                </form>
              )}
            </div>
          </div>
        </div>
      </section>
    </Page>,
  )
}

function Step(props: { t: Messages; f: Format; view: FirstStepView; progress: FirstSteps; isNext: boolean }) {
  const { t, f, view, isNext } = props
  const { step, state, minutes } = view
  const texts = t.firstRun
  const { name, what, go } = texts.steps[step]
  const time = texts.minutes(minutes, f.number(minutes))
  return (
    <li class={state} aria-current={isNext ? 'step' : undefined}>
      <span class="mark" aria-hidden="true">
        {isNext ? <Bob /> : null}
      </span>
      <div class="words">
        <h2>{name}</h2>
        <p class="note">
          {state === 'done' ? found(t, f, step, props.progress) : state === 'skipped' ? `${texts.skipped} · ${time}` : time}
        </p>
        {state === 'done' ? null : <p class="what">{what}</p>}
      </div>
      <div class="actions">
        <a
          class={isNext ? 'btn solid' : 'btn'}
          href={addresses[step]}
          aria-label={state === 'done' ? `${texts.show1}: ${name}` : undefined}
        >
          {state === 'done' ? texts.show1 : go}
        </a>
        {step === 'survey' && state !== 'done' ? <Post action={`${path}/survey`} text={texts.keep} /> : null}
        {step === 'sla' && state !== 'done' ? (
          <a class="btn" href="/kpis">
            {texts.target}
          </a>
        ) : null}
        {state === 'open' ? <Post action={`${path}/${step}/skip`} text={texts.skip} label={`${texts.skip}: ${name}`} /> : null}
        {state === 'skipped' ? <Post action={`${path}/${step}/resumption`} text={texts.resume} label={`${texts.resume}: ${name}`} /> : null}
      </div>
    </li>
  )
}

const Post = ({ action, text, label }: { action: string; text: string; label?: string }) => (
  <form method="post" action={action}>
    <button class="btn" type="submit" aria-label={label}>
      {text}
    </button>
  </form>
)

/** What is there of a step that is done. */
function found(t: Messages, f: Format, step: FirstStep, { facts }: FirstSteps): string {
  const { done } = t.firstRun
  const countOf = (key: 'sources' | 'clauses' | 'goals') => (facts[key] > 0 ? [t.sample.counts[key](facts[key], f.number(facts[key]))] : [])
  switch (step) {
    case 'people':
      return t.peoplePage.sub(facts.people, facts.teams)
    case 'survey':
      return done.survey
    case 'source':
      return countOf('sources').join('')
    case 'sla':
      return [...countOf('clauses'), ...countOf('goals')].join(' · ')
    case 'round':
      return facts.closedRounds > 0 ? done.closed : facts.openedRounds > 0 ? done.open : done.planned
  }
}

/** The sample is no organisation to set up. */
function InSample({ c }: { c: Context<AppEnv> }) {
  const t = messagesOf(c.var.locale).firstRun
  return (
    <Page c={c} title={t.title} sample path={path} styles={['setup']}>
      <div class="pagehead">
        <h1>{t.title}</h1>
        <p class="sub">{t.inSample}</p>
      </div>
      <div class="actions">
        <a class="btn solid" href="/overview">
          {t.toOverview}
        </a>
        <a class="btn" href="/settings/sample/removal">
          {t.removeSample}
        </a>
      </div>
    </Page>
  )
}
