import { toCsv } from '../../core/csv'
import { isLocale, localeNames, type Messages } from '../../i18n'
import type { Invitation, RoundView } from '../../services/rounds'
import { CopyButton } from './copy'
import { EmailAddress } from './email-address'
import { Scroll } from './scroll'

/**
 * Everybody's personal link, the only time that it is known. The download is made of this page and asks nobody again,
 * so it also works without a script.
 */
export function PersonalLinks(props: { t: Messages['roundsPage']; round: RoundView; invitations: readonly Invitation[] }) {
  const { t, round, invitations } = props
  const table = toCsv([
    ['name', 'email', 'group', 'locale', 'key list', 'link'],
    ...invitations.map(({ name, email, group, locale, fingerprint, url }) => [name, email, group, locale, fingerprint, url]),
  ])
  return (
    <section class="sec tight pile">
      <div class="done" role="note">
        <p>{t.linksWarn}</p>
      </div>
      <p>
        {t.keyList}: <code dir="ltr">{invitations[0]?.fingerprint.replace(/.{4}(?=.)/g, '$& ')}</code>
        <br />
        <span class="note">{t.keyListHint}</span>
      </p>
      <div class="actions">
        <a
          class="btn solid"
          download={`round-${round.number}-links.csv`}
          href={`data:text/csv;charset=utf-8,${encodeURIComponent(`\ufeff${table}`)}`}
        >
          {t.download}
        </a>
        <a class="btn" href={`/rounds/${round.id}`}>
          {t.takePart}
        </a>
      </div>
      <Scroll label={t.link}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">{t.person}</th>
              <th scope="col">
                <span class="vh">{t.copy}</span>
              </th>
              <th scope="col">{t.link}</th>
              <th scope="col">{t.group}</th>
              <th scope="col">{t.language}</th>
            </tr>
          </thead>
          <tbody>
            {invitations.map(({ name, email, group, locale, url }, index) => (
              <tr>
                <th scope="row">
                  <bdi>{name}</bdi>
                  <br />
                  <EmailAddress email={email} class="note" />
                </th>
                <td>
                  <CopyButton of={`link-${index}`} label={t.copy} done={t.copied} />
                </td>
                <td class="address">
                  <code id={`link-${index}`} class="secret" dir="ltr">
                    {url}
                  </code>
                </td>
                <td>
                  <bdi>{group}</bdi>
                </td>
                <td class="nowrap">{isLocale(locale) ? localeNames[locale] : locale}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}
