import { exactFrom } from '../../core/figures'
import { isHidden } from '../../core/findings'
import type { ClassCounts, Figure, Hidden } from '../../core/result'
import { type Theme, themes } from '../../core/round'
import { type FigureChange, isUnshown, type Unshown } from '../../core/round-change'
import { directionOf, type Locale, type Messages } from '../../i18n'
import { type Format, isolate } from '../../i18n/format'
import type { LastRound } from '../../services/last-round'
import { Agreed, PrivacyLink, type Terms } from './survey-intro'
import { Verdict } from './verdict'

/** How the ballot arrived: the fragment of the address chooses one of these, and stays in the browser. */
export const Done = ({ id, title, text }: { id: string; title: string; text: string }) => (
  <div class="outcome" id={id}>
    <svg class="tick" viewBox="0 0 36 36" aria-hidden="true">
      <circle cx="18" cy="18" r="16.5" fill="none" stroke="currentColor" stroke-width="1.5" />
      <path d="M11 18.6l5 5 9.5-11" fill="none" stroke="currentColor" stroke-width="2" />
    </svg>
    <h1>{title}</h1>
    <p>{text}</p>
  </div>
)

interface Shown {
  t: Messages
  locale: Locale
  f: Format
  /** Undefined in a first round. */
  last: LastRound | undefined
  /** "Round 11, September 2026". */
  name: string
}

/** What the group said the last time, and what came of it; in words where there is nothing of that. */
export function LastTime({ t, locale, f, last, name }: Shown) {
  const { said, done } = t.lastRound
  return (
    <>
      <section aria-labelledby="said">
        <h2 id="said">{last?.node && !last.own ? said.above : said.title}</h2>
        {last ? <Said t={t} locale={locale} f={f} last={last} name={name} /> : <p>{said.first}</p>}
      </section>
      {last ? (
        <section aria-labelledby="changed">
          <h2 id="changed">{done.title}</h2>
          {last.actions.length === 0 ? <p>{done.none}</p> : null}
          <ul>
            {last.actions.map(({ text, dueDay, doneDay }) => (
              <li>
                <bdi>{text}</bdi>
                <small>{doneDay ? done.on(f.day(doneDay)) : dueDay ? done.by(f.day(dueDay)) : done.agreed}</small>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  )
}

function Said({ t, locale, f, last, name }: Shown & { last: LastRound }) {
  const { said } = t.lastRound
  const { node, own, change } = last
  if (!node) return <p>{said.nothing(name)}</p>
  const asked = themes.filter((theme) => node.themes[theme]).sort((a, b) => favour(node.themes[b]) - favour(node.themes[a]))
  const small = asked.some((theme) => isSmall(node.themes[theme]))
  const firstBar = asked.find((theme) => hasBar(node.themes[theme]))
  return (
    <>
      <p class="what">
        {said.who(isolate(node.name || t.sides.company), f.number(node.n), f.number(node.invited), name)} {own ? null : said.aboveWhy}
      </p>
      <p class="what">{change ? `${said.classes} ${said.change}` : said.classes}</p>
      <Hatch />
      <ul class="rows">
        {asked.map((theme) => (
          <Row
            t={t}
            locale={locale}
            f={f}
            last={last}
            theme={theme}
            figure={node.themes[theme] as Figure | Hidden}
            isFirstBar={theme === firstBar}
          />
        ))}
      </ul>
      {small ? <p class="what">{said.small(f.number(exactFrom))}</p> : null}
      {node.openLink ? <p class="what">{t.openLinks.markWhat}</p> : null}
    </>
  )
}

const favour = (figure: Figure | Hidden | undefined) => (figure && !isHidden(figure) ? (figure.value ?? -1) : -1)
const isSmall = (figure: Figure | Hidden | undefined) => figure !== undefined && !isHidden(figure) && figure.classes === null
const hasBar = (figure: Figure | Hidden | undefined) => figure !== undefined && !isHidden(figure) && figure.classes !== null

type RowProps = Pick<Shown, 't' | 'locale' | 'f'> & {
  last: LastRound
  theme: Theme
  figure: Figure | Hidden
  /** Its classes are named over it, once for all bars. */
  isFirstBar: boolean
}

function Row({ t, locale, f, last, theme, figure, isFirstBar }: RowProps) {
  return (
    <li>
      {isFirstBar ? (
        <span class="key" aria-hidden="true">
          <span class="of-pro">{t.overview.answers.promoters}</span>
          <span class="of-pas">{t.overview.answers.passives}</span>
          <span class="of-cri">{t.overview.answers.critics}</span>
        </span>
      ) : null}
      <span class="name">{t.themes[theme]}</span>
      {isHidden(figure) ? (
        <span class="hatch">
          <span>{t.roundsPage.hidden[figure.hidden](f.number(last.minimumGroupSize))}</span>
        </span>
      ) : figure.classes ? (
        <Bar t={t} locale={locale} f={f} name={t.themes[theme]} classes={figure.classes} />
      ) : (
        <span class="one">
          {figure.value !== null ? t.lastRound.said.value(f.number(figure.value)) : figure.band ? t.roundsPage.bands[figure.band] : '–'}
        </span>
      )}
      <Change t={t} change={last.change?.themes[theme]} />
    </li>
  )
}

/** In words, and never without its verdict. */
function Change({ t, change }: { t: Messages; change: FigureChange | Unshown | undefined }) {
  const { said } = t.lastRound
  if (!change || isUnshown(change)) return null
  const text = change.verdict === 'normal' ? said.steady : change.points > 0 ? said.higher : said.lower
  return <Verdict view={{ t }} verdict={change.verdict} text={text} />
}

/** Shares under this have no room for their number; the accessible name and the other two have it. */
const roomFrom = 0.08

/** One bar, in attributes rather than styles: the policy of these pages allows no style of their own. */
function Bar({ t, locale, f, name, classes }: Pick<Shown, 't' | 'locale' | 'f'> & { name: string; classes: ClassCounts }) {
  const total = Math.max(1, classes.promoters + classes.passives + classes.critics)
  const kinds = [
    ['pro', 'promoters'],
    ['pas', 'passives'],
    ['cri', 'critics'],
  ] as const
  const parts = kinds.map(([kind, key], index) => {
    const before = kinds.slice(0, index).reduce((sum, [, earlier]) => sum + classes[earlier], 0) / total
    const share = classes[key] / total
    // Drawings do not mirror by themselves.
    const start = directionOf(locale) === 'rtl' ? 1 - before - share : before
    return { kind, share, start, label: t.overview.answers[key], percent: f.percent(share) }
  })
  const size = (share: number) => `${Math.round(share * 10_000) / 100}%`
  return (
    <svg class="bar" role="img" aria-label={`${name}: ${parts.map(({ label, percent }) => `${label} ${percent}`).join(', ')}`}>
      {parts.map(({ kind, share, start, percent }) => (
        <>
          <rect class={`is-${kind}`} x={size(start)} width={size(share)} height="100%" fill={kind === 'cri' ? 'url(#hatch)' : undefined} />
          {share < roomFrom ? null : (
            <text class={`on-${kind}`} x={size(start + share / 2)} y="50%">
              {percent}
            </text>
          )}
        </>
      ))}
    </svg>
  )
}

/** What critics are drawn with, in print too. */
const Hatch = () => (
  <svg class="vh" aria-hidden="true">
    <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <path class="of-cri" d="M0 0v5" stroke="currentColor" stroke-width="4" />
    </pattern>
  </svg>
)

/** To keep, or to print: the script puts the stamp of this browser's ballot into it. No answers, no link, no time of day. */
export function Receipt({ t, locale, name, round, cohort, terms }: ReceiptProps) {
  return (
    <section id="receipt" aria-labelledby="receipt-title" data-round={round} data-cohort={cohort} hidden>
      <h2 id="receipt-title">{t.survey.receipt.title}</h2>
      <p>
        <b>{name}.</b> {t.survey.receipt.text}
      </p>
      <Agreed t={t} terms={terms} />
      <p>
        <PrivacyLink t={t} locale={locale} />
      </p>
      <button class="button" type="button">
        {t.survey.receipt.print}
      </button>
    </section>
  )
}

interface ReceiptProps {
  t: Messages
  locale: Locale
  name: string
  round: string
  cohort: string | undefined
  terms: Terms
}
