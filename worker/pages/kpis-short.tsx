/** The funnel and the promises as the page of KPIs shows them: in short, with the way to the whole. */
import type { Context } from 'hono'
import type { AppEnv } from '../context'
import { DomainError } from '../core/errors'
import { slaFinding } from '../core/sla'
import { formatOf } from '../i18n/format'
import { readClauses } from '../services/clause-evaluation'
import { type ClauseView, viewsIn } from '../services/clauses'
import { slaText } from '../services/findings'
import { type FunnelView, readFunnel } from '../services/funnel'
import { FunnelFigure } from './components/funnel-rows'
import { PromiseRow } from './components/promises'
import type { View } from './components/view'
import { titleOf } from './funnel'

/** Of the usual window; null where there are no leads, or more than one answer can count. */
export async function shortFunnel(c: Context<AppEnv>): Promise<FunnelView | null> {
  try {
    const funnel = await readFunnel(c.var.services, {})
    return (funnel.stages[0]?.count ?? 0) > 0 ? funnel : null
  } catch (error) {
    if (error instanceof DomainError && error.code === 'invalid-input') return null
    throw error
  }
}

/**
 * @param props.view whose days are texts without a zone
 * @param props.wide whether nothing stands beside it
 */
export function ShortFunnel({ view, funnel, wide }: { view: View; funnel: FunnelView; wide: boolean }) {
  const { t, f } = view
  const { window } = funnel
  const day = (text: string) => f.date(new Date(text))
  return (
    <div class={wide ? 'c12' : 'c8'}>
      <FunnelFigure
        view={view}
        funnel={funnel}
        title={titleOf(t.funnel, f, funnel)}
        what={window ? t.funnel.sub(day(window.from), day(window.to)) : ''}
        link={{ href: '/kpis/funnel', text: t.kpisPage.funnelLink }}
      />
    </div>
  )
}

/** As many promises are shown; the page of the SLA has all. */
const shown = 3

export interface Promises {
  held: ClauseView[]
  timeZone: string
}

export async function readPromises(c: Context<AppEnv>): Promise<Promises> {
  const { services } = c.var
  const reading = await readClauses(services.db)
  return { held: viewsIn(reading, services.now).filter(({ state }) => state === 'holds'), timeZone: reading.timeZone }
}

export function PromisesInShort({ view, promises: { held, timeZone }, now }: { view: View; promises: Promises; now: Date }) {
  const { t, locale } = view
  if (held.length === 0) return null
  return (
    <section class="sec">
      <div class="title">
        <h2>{slaText(slaFinding(held), { t, locale, f: formatOf(locale, timeZone) })}</h2>
        <p class="what">{t.sla.what}</p>
      </div>
      {held.slice(0, shown).map((promise) => (
        <PromiseRow view={view} promise={promise} reach={() => undefined} now={now} timeZone={timeZone} mayWrite={false} heading="h3" />
      ))}
      <p class="after">
        <a href="/kpis/sla">{t.kpisPage.slaLink}</a>
      </p>
    </section>
  )
}
