import type { FrozenRound } from '../../core/round'
import type { Messages } from '../../i18n'

/** Who sees what, how, and what is left unprotected. The page's script fills in the group and its key. */
export function Assurance({ t, frozen }: { t: Messages; frozen: FrozenRound }) {
  const { sealed, cast, counted } = t.survey.steps
  const steps = [sealed, cast, { title: counted.title, text: counted.text(frozen.minimumGroupSize) }]
  return (
    <div class="promise">
      <Lock />
      <div>
        <p>{t.survey.promise(frozen.minimumGroupSize)}</p>
        <details open>
          <summary>{t.survey.how}</summary>
          <ol class="steps">
            {steps.map(({ title, text }) => (
              <li>
                <b>{title}</b>
                {text}
              </li>
            ))}
          </ol>
        </details>
        <details>
          <summary>{t.survey.limits}</summary>
          <ul class="dashes">
            {Object.values(t.survey.limitList).map((text) => (
              <li>{text}</li>
            ))}
          </ul>
        </details>
        {frozen.merged.length > 0 ? <Merged t={t} frozen={frozen} /> : null}
        <Group t={t} />
      </div>
    </div>
  )
}

function Merged({ t, frozen }: { t: Messages; frozen: FrozenRound }) {
  const nameOf = (id: string) => frozen.nodes.find((node) => node.id === id)?.name ?? ''
  return (
    <div class="merged">
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

/** Different for each group, so it is not in the page: the script fills it in from the public list of keys. */
const Group = ({ t }: { t: Messages }) => (
  <details class="group" id="group" hidden>
    <summary>
      <span>
        {t.survey.group} <b id="group-name" dir="auto" /> · <span id="group-invited" data-text={t.survey.invited('{0}')} /> ·{' '}
        <code id="group-short" dir="ltr" aria-hidden="true" />
      </span>
    </summary>
    <p>{t.survey.keyHelp}</p>
    <p>
      {t.survey.key}: <code id="group-key" dir="ltr" />
    </p>
  </details>
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
