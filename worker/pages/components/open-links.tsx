/** Links of teams on the pages of staff: the table of a round, the poster, the strips, and the mark in a result. */
import { directionOf, isLocale, type Locale, type Messages, messagesOf } from '../../i18n'
import { type Format, isolate } from '../../i18n/format'
import type { OpenLinkView } from '../../services/open-links'
import type { PrintedLink } from '../../services/printed-links'
import { Confirm } from './confirm'
import { CopyButton } from './copy'
import { QrCode } from './qr-code'

type Texts = Messages['openLinks']

/** Each link with its code, a button to copy it, its poster, and the way to end it. */
export const OpenLinkList = (props: { texts: Messages; f: Format; links: readonly OpenLinkView[]; path: string }) => {
  const { texts, f, path } = props
  const { openLinks: t, roundsPage } = texts
  return (
    <ul class="plain agreed">
      {props.links.map(({ teamId, name, people, url }) => (
        <li class="team-link">
          <QrCode of={url} label={`${t.code}: ${name}`} />
          <div class="pile">
            <h3>
              <bdi>{name}</bdi>
            </h3>
            <p class="note">{t.people(people, f.number(people))}</p>
            <code id={`team-link-${teamId}`} class="secret" dir="ltr">
              {url}
            </code>
            <div class="actions">
              <CopyButton of={`team-link-${teamId}`} label={roundsPage.copy} done={roundsPage.copied} />
              <a class="btn" href={`${path}/${teamId}`}>
                {t.toPoster}
              </a>
            </div>
            <Confirm summary={t.renew} question={t.renewAsk} action={`${path}/${teamId}/renewal`} yes={t.renewYes} />
          </div>
        </li>
      ))}
    </ul>
  )
}

/** What is printed for a wall, in the language of those who walk by. */
export function Poster(props: {
  locale: Locale
  link: OpenLinkView
  organisation: string
  minimum: number
  closes: string | null
  f: Format
}) {
  const { link, f } = props
  const { survey, openLinks } = messagesOf(props.locale)
  const t = openLinks.poster
  return (
    <article class="poster" lang={props.locale} dir={directionOf(props.locale)}>
      <p>
        <bdi>{props.organisation}</bdi>
      </p>
      <h2>{survey.title}</h2>
      <QrCode of={link.url} label={openLinks.code} />
      <p class="lead">{t.scan}</p>
      <p>
        {t.who(isolate(link.name), link.people, f.number(link.people))} {t.once}
      </p>
      <p>
        {t.sees(props.minimum)} {props.closes ? t.until(props.closes) : ''}
      </p>
      <KeyList label={t.key} fingerprint={link.fingerprint} />
    </article>
  )
}

/** One strip a person, to cut out, in that person's language. */
export const Strips = (props: { links: readonly PrintedLink[]; minimum: number }) => (
  <ul class="strips">
    {props.links.map((link) => (
      <Strip link={link} minimum={props.minimum} />
    ))}
  </ul>
)

function Strip({ link, minimum }: { link: PrintedLink; minimum: number }) {
  const locale = isLocale(link.locale) ? link.locale : 'en'
  const { survey, openLinks } = messagesOf(locale)
  return (
    <li lang={locale} dir={directionOf(locale)}>
      <QrCode of={link.url} label={openLinks.code} />
      <div>
        <p class="lead">
          <bdi>{link.name}</bdi>
        </p>
        <p>
          <strong>{survey.title}</strong> {openLinks.sheet.scan} {openLinks.sheet.sees(minimum)}
        </p>
        <KeyList label={openLinks.poster.key} fingerprint={link.fingerprint} />
      </div>
    </li>
  )
}

/** As much of it as stands in the link, in groups of four: what two people compare. */
const KeyList = ({ label, fingerprint }: { label: string; fingerprint: string }) => (
  <p class="note">
    {label}: <code dir="ltr">{fingerprint.slice(0, 32).replace(/.{4}(?=.)/g, '$& ')}</code>
  </p>
)

/** What the mark means, where a group of this result has it. */
export const OpenLinkNote = ({ t, nodes }: { t: Texts; nodes: readonly { openLink?: true }[] }) =>
  nodes.some(({ openLink }) => openLink) ? <p class="note">{t.markWhat}</p> : null

/** Beside the name of a group: a team in it answered through one link for all. Nothing where none did. */
export const OpenLinkMark = ({ t, node }: { t: Texts; node: { openLink?: true } }) =>
  node.openLink ? <span class="tag">{t.mark}</span> : null
