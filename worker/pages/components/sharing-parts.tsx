import type { Context } from 'hono'
import type { Child } from 'hono/jsx'
import type { AppEnv } from '../../context'
import { type Messages, messagesOf } from '../../i18n'
import { Page } from '../layout'
import { type Mistake, Mistakes } from './field'

const parts = { links: '/settings/sharing', digest: '/settings/digest', webhooks: '/settings/webhooks' } as const
type SharingPart = keyof typeof parts

/** What leaves by link, by itself to people, and by itself to programs: three pages of one section. */
const SharingParts = ({ t, shown }: { t: Messages; shown: SharingPart }) => (
  <nav class="side" aria-label={t.sharing.title}>
    <ul class="inline">
      {(Object.keys(parts) as SharingPart[]).map((part) => (
        <li>
          <a href={parts[part]} aria-current={part === shown ? 'page' : undefined}>
            {t.sharing.parts[part]}
          </a>
        </li>
      ))}
    </ul>
  </nav>
)

/** One of the three, with what is wrong with what was sent, or what was done. */
export function SharingPage(props: {
  c: Context<AppEnv>
  shown: SharingPart
  t: { title: string; sub: string }
  /** What the sample does not do. */
  sampleNote?: string
  sample: boolean
  mistakes: readonly Mistake[]
  done: string | false | undefined
  children: Child
}) {
  const { c, t, shown, sample, done } = props
  const texts = messagesOf(c.var.locale)
  return (
    <Page c={c} title={t.title} section="sharing" sample={sample} path={parts[shown]}>
      <div class="pagehead">
        <h1>{t.title}</h1>
        <p class="sub">{t.sub}</p>
        {sample && props.sampleNote ? <p class="sub">{props.sampleNote}</p> : null}
        <SharingParts t={texts} shown={shown} />
      </div>
      <Mistakes mistakes={props.mistakes} title={texts.settingsPage.unusable} />
      {done ? (
        <p class="done" role="status">
          {done}
        </p>
      ) : null}
      {props.children}
    </Page>
  )
}
