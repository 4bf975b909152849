import { commentersForComments, respondentsForComments } from '../../core/publish'
import type { FrozenRound } from '../../core/round'
import type { Locale, Messages } from '../../i18n'

/** What holds for this round, as the page promises it before and its receipt after. */
export interface Terms {
  frozen: FrozenRound
  commentMonths: number
  /** The planned day of the close, in words. */
  closes: string | null
}

/** Who sees what, how, and what is left unprotected. The page's script fills in the group and the keys. */
export function Assurance({ t, locale, terms }: { t: Messages; locale: Locale; terms: Terms }) {
  const { frozen } = terms
  return (
    <div class="promise">
      <Lock />
      <div>
        <p>{t.survey.promise(frozen.minimumGroupSize)}</p>
        {frozen.openLinks ? (
          <p class="aside" id="shared" hidden>
            {t.openLinks.survey.came}
          </p>
        ) : null}
        <details open>
          <summary>{t.survey.how}</summary>
          <ol class="steps">
            {Object.values(t.survey.steps).map(({ title, text }) => (
              <li>
                <b>{title}</b>
                {text}
              </li>
            ))}
          </ol>
        </details>
        <p class="aside">
          {t.survey.limits} <PrivacyLink t={t} locale={locale} />
        </p>
        {frozen.merged.length > 0 ? <Merged t={t} frozen={frozen} /> : null}
        <Group t={t} terms={terms} />
      </div>
    </div>
  )
}

/** Where everything is said that a survey has no room for. */
export const PrivacyLink = ({ t, locale }: { t: Messages; locale: Locale }) => <a href={`/privacy?lang=${locale}`}>{t.survey.privacy}</a>

function Merged({ t, frozen }: { t: Messages; frozen: FrozenRound }) {
  const nameOf = (id: string) => frozen.nodes.find((node) => node.id === id)?.name ?? ''
  return (
    <div class="aside">
      <p>{t.survey.merged}</p>
      <ul class="dashes">
        {frozen.merged.map(({ name, nodeId }) => (
          <li>
            <bdi>{name}</bdi>: <bdi>{nameOf(nodeId)}</bdi>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Keys and group are different for each group, so they are not in the page: the script fills them in from the public list of keys. */
const Group = ({ t, terms }: { t: Messages; terms: Terms }) => (
  <details id="group" hidden>
    <summary>
      <span>
        {t.survey.group}{' '}
        <b>
          <bdi data-stamp="group" />
        </b>{' '}
        · <span id="group-invited" data-text={t.survey.invited('{0}')} /> · <code data-stamp="short" dir="ltr" aria-hidden="true" />
      </span>
    </summary>
    <Agreed t={t} terms={terms} />
    <p class="aside">{t.survey.keyHelp}</p>
  </details>
)

/** The promise in figures and keys: before answering, and again on the receipt. */
export const Agreed = ({ t, terms: { frozen, commentMonths, closes } }: { t: Messages; terms: Terms }) => (
  <dl class="terms">
    <dt>{t.survey.groupName}</dt>
    <dd>
      <bdi data-stamp="group" />
    </dd>
    <dt>{t.survey.key}</dt>
    <dd>
      <code data-stamp="key" dir="ltr" />
    </dd>
    <dt>{t.survey.keyList}</dt>
    <dd>
      <code data-stamp="list" dir="ltr" />
    </dd>
    <dt>{t.survey.leaders}</dt>
    <dd>
      {t.survey.leadersSee(frozen.minimumGroupSize, closes)}{' '}
      {frozen.comment ? t.survey.leadersRead(respondentsForComments, commentersForComments) : null}
    </dd>
    <dt>{t.survey.kept}</dt>
    <dd>
      {t.survey.keptFor(commentMonths)} {frozen.mixMinutes ? t.survey.mixed(frozen.mixMinutes) : null}
    </dd>
  </dl>
)

const Lock = () => (
  <svg viewBox="0 0 20 20" aria-hidden="true">
    <path
      d="M4.5 9h11v8h-11z M6.8 9V6.2a3.2 3.2 0 016.4 0V9"
      fill="none"
      stroke="currentColor"
      stroke-width="1.4"
      stroke-linejoin="round"
    />
    <path d="M10 12v2.2" stroke="currentColor" stroke-width="1.4" />
  </svg>
)
