import type { Context } from 'hono'
import type { Child } from 'hono/jsx'
import type { AppEnv } from '../context'
import type { Settings } from '../db/settings'
import { messagesOf } from '../i18n'
import { Page, type Section } from './layout'

/** A rule that would change, in words. */
export interface ChangedRule {
  name: string
  now: string
  later: string
}

/** A page that says what a form would change before it does. `children`: what else would follow from it. */
export function SecondLook(props: {
  c: Context<AppEnv>
  settings: Settings
  /** Of the page; the form is sent to the same, unless it says where. */
  path: string
  action?: string
  section?: Section
  /** The way back; without it, to the part of the settings that the form is in. */
  cancel?: { href: string; text: string }
  /** The form, as it was filled in. */
  values: Readonly<Record<string, string>>
  /** Sent along, and no part of the page's address. */
  version?: number
  texts: { confirmTitle: string; confirmWhat: string; now: string; later: string; confirm: string }
  /** Heading of the column of names. */
  about: string
  rules: readonly ChangedRule[]
  /** It cannot be undone. */
  final?: boolean
  part?: string
  children: Child
}) {
  const { c, settings, path, values, version, texts: t, about, rules, final, part, children } = props
  const { locale } = c.var
  const back = props.cancel ?? { href: `/settings#${part}`, text: messagesOf(locale).settingsPage.cancel }
  return (
    <Page
      c={c}
      title={t.confirmTitle}
      section={props.section ?? 'settings'}
      sample={settings.sample !== null}
      path={`${path}?${new URLSearchParams(values)}`}
    >
      <div class="pagehead">
        <h1>{t.confirmTitle}</h1>
        <p class="sub">{t.confirmWhat}</p>
      </div>
      <form class="form" method="post" action={props.action ?? path}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">{about}</th>
              <th scope="col">{t.now}</th>
              <th scope="col">{t.later}</th>
            </tr>
          </thead>
          <tbody>
            {rules.map(({ name, now, later }) => (
              <tr>
                <th scope="row">{name}</th>
                <td>
                  <bdi>{now}</bdi>
                </td>
                <td>
                  <bdi>{later}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {children}
        {Object.entries({ ...values, ...(version !== undefined && { version: String(version) }) }).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <div class="actions">
          <button class={final ? 'btn danger' : 'btn solid'} type="submit">
            {t.confirm}
          </button>
          <a class="btn" href={back.href}>
            {back.text}
          </a>
        </div>
      </form>
    </Page>
  )
}
