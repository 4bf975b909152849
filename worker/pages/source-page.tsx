import type { Context } from 'hono'
import type { AppEnv } from '../context'
import { readSettings } from '../db/settings'
import { messagesOf } from '../i18n'
import { isolate } from '../i18n/format'
import { listPulls } from '../services/pulls'
import { setUpOf } from '../services/source-settings'
import type { SourceView } from '../services/sources'
import { type Mistake, Mistakes } from './components/field'
import { PulledSource } from './components/pulled-source'
import { PushedSource } from './components/pushed-source'
import { SourceDetail } from './components/source-detail'
import { Done, path, render } from './sources-frame'

/** One source: how it stands, what came from it, and everything that can be done with it. */
export async function sourcePage(c: Context<AppEnv>, source: SourceView, mistakes: Mistake[] = []) {
  const { services } = c.var
  const t = messagesOf(c.var.locale).sourcesPage
  const [settings, pulls] = await Promise.all([readSettings(services.db), listPulls(services, source.id, { limit: 20 })])
  return render(
    c,
    { title: isolate(source.name), path: `${path}/${source.id}`, settings, status: mistakes.length > 0 ? 422 : 200 },
    (view) => (
      <>
        <div class="pagehead">
          <h1>
            <bdi>{source.name}</bdi>
          </h1>
          <p class="sub">
            <a href={path}>{t.title}</a>
          </p>
        </div>
        <Mistakes mistakes={mistakes} title={() => t.failedTitle} />
        <Done c={c} />
        {source.kind === 'csv' ? (
          <SourceDetail view={view} source={source} pulls={pulls.items} origin={services.origin} mistakes={mistakes} />
        ) : setUpOf(source.kind) === 'push' ? (
          <PushedSource view={view} source={source} pulls={pulls.items} origin={services.origin} />
        ) : (
          <PulledSource view={view} source={source} pulls={pulls.items} />
        )}
      </>
    ),
  )
}
