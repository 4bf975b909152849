import type { PullView } from '../../services/pulls'
import { failureWords } from '../../services/source-failure'
import type { SourceView } from '../../services/sources'
import { Failure } from './source-connect'
import { Clock, Warning } from './verdict'
import type { View } from './view'

/** How a source that is pulled stands, for people: what it is told to do, and what keeps it from doing so. */
export type Standing = 'draft' | 'active' | 'running' | 'waiting' | 'failing' | 'paused' | 'stopped'

/** @param running its pull that is under way; null where there is none */
export function standingOf(source: SourceView, running: PullView | null): Standing {
  if (source.state !== 'active') return source.state
  if (running) return running.failure ? 'waiting' : 'running'
  return source.trouble ? 'failing' : 'active'
}

/** Shape and word: filled where somebody should act. */
export const StandingMark = ({ view, standing }: { view: View; standing: Standing }) => {
  const acts = standing === 'failing' || standing === 'stopped'
  return (
    <span class={acts ? 'verdict signal' : 'verdict'}>
      {acts ? <Warning /> : standing === 'running' || standing === 'waiting' ? <Clock /> : null}
      {view.t.sourceSetup.standings[standing]}
    </span>
  )
}

/** What is going on, what is wrong with it, and the one thing that helps. */
export function SourceState({ view, source, running }: { view: View; source: SourceView; running: PullView | null }) {
  const { f } = view
  const t = view.t.sourceSetup
  const standing = standingOf(source, running)
  const path = `/sources/${source.id}`
  const kept = source.lastSuccessAt ? t.kept(f.moment(new Date(source.lastSuccessAt))) : t.keptNothing
  switch (standing) {
    case 'draft':
      return (
        <div class="state">
          <strong>{t.draftTitle}</strong>
          <p>{t.draftWhat}</p>
          <a class="btn solid" href={`${path}/connection`}>
            {t.goOn}
          </a>
        </div>
      )
    case 'paused':
      return (
        <div class="state">
          <strong>{t.pausedTitle}</strong>
          <p>{kept}</p>
          <form method="post" action={`${path}/resume`}>
            <button class="btn solid" type="submit">
              {t.resume}
            </button>
          </form>
        </div>
      )
    case 'running':
    case 'waiting':
      return running ? <Progress view={view} source={source} pull={running} /> : null
    case 'failing':
    case 'stopped':
      return source.trouble ? (
        <Failure
          view={view}
          title={standing === 'stopped' ? t.stoppedTitle : t.failingTitle(source.trouble.times)}
          failure={source.trouble}
          effect={[kept, source.trouble.retryAt ? t.triesAgain(f.moment(new Date(source.trouble.retryAt))) : ''].filter(Boolean).join(' ')}
        />
      ) : null
    case 'active':
      return null
  }
}

/** How far a pull has come. It is looked at again by itself, unless somebody is at work on the page. */
function Progress({ view, source, pull }: { view: View; source: SourceView; pull: PullView }) {
  const { f } = view
  const t = view.t.sourceSetup
  const { read, total, pages, nextAttemptAt } = pull
  return (
    <div class="done" data-reload="4000">
      <h2>{source.lastSuccessAt ? t.progress.title : t.progress.first}</h2>
      {total ? <progress class="progress" value={Math.min(read, total)} max={total} aria-label={t.progress.title} /> : null}
      <p role="status">{total ? t.progress.of(f.number(read), f.number(total), pages) : t.progress.sofar(f.number(read), pages)}</p>
      {pull.failure ? (
        <>
          <p>
            <strong>{t.waitingTitle}:</strong> {failureWords(view.locale, pull.failure).detail}{' '}
            {nextAttemptAt ? t.goesOn(f.moment(new Date(nextAttemptAt))) : null}
          </p>
          {pull.failure.code === 'rate-limited' ? null : <p>{failureWords(view.locale, pull.failure).fix}</p>}
        </>
      ) : null}
      <p class="note">{t.progress.unseen}</p>
      <p class="actions">
        <a class="btn" href={`/sources/${source.id}`}>
          {t.progress.look}
        </a>
      </p>
    </div>
  )
}
