import type { CrmSettings } from '../../connectors/crm'
import type { PullView } from '../../services/pulls'
import { setUpOf } from '../../services/source-settings'
import type { SourceView } from '../../services/sources'
import { Confirm } from './confirm'
import { streams } from './crm-form'
import { addressOf } from './source-address'
import { ConnectionForm } from './source-connect'
import { FreshnessMark } from './source-list'
import { Runs } from './source-runs'
import { SourceState, StandingMark, standingOf } from './source-state'
import type { View } from './view'

/** A source that is pulled: how it stands, what can be done, what came from it, and what it was told. */
export function PulledSource({ view, source, pulls }: { view: View; source: SourceView; pulls: readonly PullView[] }) {
  const t = view.t.sourceSetup
  const running = pulls.find(({ state }) => state === 'running') ?? null
  const standing = standingOf(source, running)
  const path = `/sources/${source.id}`
  const refusesKey = source.state === 'stopped' && source.trouble?.code === 'unauthorised'
  return (
    <>
      <section class="sec" aria-labelledby="state-title">
        <div class="part">
          <div class="title">
            <h2 id="state-title">{t.stateTitle}</h2>
            <p class="with-mk">
              <StandingMark view={view} standing={standing} />
              {source.state === 'draft' ? null : <FreshnessMark view={view} freshness={source.freshness} />}
            </p>
            <Dates view={view} source={source} isRunning={running !== null} />
          </div>
          <div class="pile">
            <SourceState view={view} source={source} running={running} />
            {refusesKey ? (
              <ConnectionForm
                view={view}
                kind={source.kind}
                source={source}
                values={{ name: source.name, ...addressOf(source.settings) }}
                mistakes={[]}
                button={t.saveAndResume}
              />
            ) : null}
            <Controls view={view} source={source} running={running} />
          </div>
        </div>
      </section>
      {source.state === 'draft' ? null : <Runs view={view} source={source} pulls={pulls} title={t.pulls} none={t.pullsNone} />}
      <Told view={view} source={source} />
      <section class="sec tight">
        <a class="btn danger" href={`${path}/deletion`}>
          {view.t.sourcesPage.remove}
        </a>
      </section>
    </>
  )
}

function Dates({ view, source, isRunning }: { view: View; source: SourceView; isRunning: boolean }) {
  const { f } = view
  const t = view.t.sourceSetup
  const isWaitingForNext = source.state === 'active' && source.dueAt !== null && !isRunning
  return (
    <dl class="facts">
      <div>
        <dt>{view.t.sourcesPage.lastSuccess}</dt>
        <dd>{source.lastSuccessAt ? f.moment(new Date(source.lastSuccessAt)) : view.t.sourcesPage.never}</dd>
      </div>
      {source.lastNewDataAt ? (
        <div>
          <dt>{t.lastNews}</dt>
          <dd>{f.moment(new Date(source.lastNewDataAt))}</dd>
        </div>
      ) : null}
      {isWaitingForNext ? (
        <div>
          <dt>{t.nextPull}</dt>
          <dd>{f.moment(new Date(source.dueAt ?? 0))}</dd>
        </div>
      ) : null}
    </dl>
  )
}

/** What can be done now. Whatever cannot be undone, or costs much, asks first. */
function Controls({ view, source, running }: { view: View; source: SourceView; running: PullView | null }) {
  const t = view.t.sourceSetup
  const path = `/sources/${source.id}`
  if (source.state === 'draft' || source.state === 'paused') return null
  const isEmpty = source.trouble?.code === 'suspiciously-empty'
  return (
    <>
      <div class="actions">
        {running ? (
          <form method="post" action={`${path}/pulls/${running.id}/cancellation`}>
            <button class="btn" type="submit">
              {t.cancelPull}
            </button>
          </form>
        ) : (
          <form method="post" action={`${path}/pull`}>
            <button class="btn" type="submit">
              {source.state === 'stopped' || source.trouble ? t.tryNow : t.pullNow}
            </button>
          </form>
        )}
        <form method="post" action={`${path}/pause`}>
          <button class="btn" type="submit">
            {t.pause}
          </button>
        </form>
      </div>
      {isEmpty ? (
        <Confirm summary={t.itIsEmpty} question={t.itIsEmptyWhat} action={`${path}/pull?acceptsEmpty=true`} yes={t.itIsEmptyYes} />
      ) : null}
      {source.lastSuccessAt ? (
        <Confirm summary={t.reread} question={t.rereadWhat} action={`${path}/pull?from=start`} yes={t.rereadYes} />
      ) : null}
    </>
  )
}

/** What the source was told, with the ways to tell it something else. */
function Told({ view, source }: { view: View; source: SourceView }) {
  const t = view.t.sourceSetup
  const path = `/sources/${source.id}`
  const isCrm = setUpOf(source.kind) === 'crm'
  const settings = source.settings as Partial<CrmSettings> & { url?: string; layouts?: readonly { name: string }[] }
  const rows: [string, string | null][] = [
    [t.kind, t.kinds[source.kind].name],
    [t.domain, settings.domain || settings.url || null],
    [t.secret, source.secretHint === null ? null : source.secretHint === '' ? t.secretStored : t.secretEnds(source.secretHint)],
    [
      t.reads.title,
      isCrm
        ? streams
            .filter((stream) => settings.reads?.[stream])
            .map((stream) => t.reads.streams[stream])
            .join(t.comma)
        : null,
    ],
    [view.t.sourcesPage.layouts, settings.layouts?.map(({ name }) => name).join(t.comma) || null],
    [t.when.since, isCrm ? (settings.changedSince ?? null) : null],
    [t.when.every, settings.everyMinutes ? t.when.minutes(settings.everyMinutes) : null],
    [t.when.share, isCrm ? view.f.number((settings.quotaShare ?? 0) * 100) : null],
    [t.when.owner, source.ownerEmail ?? t.when.nobody],
  ]
  return (
    <section class="sec" aria-labelledby="told-title">
      <div class="part">
        <div class="title">
          <h2 id="told-title">{t.told}</h2>
        </div>
        <div class="pile">
          <dl class="facts">
            {rows.map(([label, value]) =>
              value === null ? null : (
                <div>
                  <dt>{label}</dt>
                  <dd>
                    <bdi>{value}</bdi>
                  </dd>
                </div>
              ),
            )}
          </dl>
          <p class="actions">
            <a class="btn" href={`${path}/mapping`}>
              {t.changeMapping}
            </a>
            <a class="btn" href={`${path}/connection`}>
              {t.changeConnection}
            </a>
            <a class="btn" href={`${path}/dry-run`}>
              {t.look.title}
            </a>
          </p>
        </div>
      </div>
    </section>
  )
}
