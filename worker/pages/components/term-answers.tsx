import type { MirroredSpec } from '../../core/chart'
import { countedBy } from '../../core/round'
import { leadersOf, type Measured } from '../../core/standing-terms'
import { optionOf, questionOf } from '../../i18n/items'
import { lowerFirst } from '../../i18n/lower-first'
import { isSaid, type ShownDefinitions, type ShownTerm } from '../../services/definitions'
import { bankQuestion } from '../../services/term-answers'
import { changeText } from './agreement-index'
import { ChartFigure } from './chart-figure'
import { type DefinitionsView, mostChosen, plainOption, roundName, shareOf, sides } from './definition-view'
import { Range, Verdict } from './verdict'
import { Worded } from './worded'

interface Shown {
  view: DefinitionsView
  shown: ShownDefinitions
}
type MeasuredTerm = ShownTerm & { latest: Measured; answers: NonNullable<ShownTerm['answers']> }

/** How each team answered, term by term; then the terms that have no figure. */
export function TermSections({ view, shown }: Shown) {
  const t = view.t.definitionsPage
  const measured = shown.terms.flatMap((one) => (one.latest && one.answers ? [{ ...one, latest: one.latest, answers: one.answers }] : []))
  const missing = shown.terms.filter(({ latest }) => latest === null)
  return (
    <>
      {measured.length > 0 ? (
        <section class="sec">
          <div class="title">
            <h2>{t.answers.title}</h2>
            <p class="what">{t.answers.what}</p>
          </div>
          <div class="terms">
            {measured.map((one) => (
              <TermArticle view={view} shown={shown} one={one} />
            ))}
          </div>
        </section>
      ) : null}
      {missing.length > 0 ? (
        <section class="sec">
          <div class="title">
            <h2>{t.missing.title}</h2>
            <p class="what">{t.missing.what}</p>
          </div>
          <ul class="unmeasured">
            {missing.map((one) => (
              <Unmeasured view={view} one={one} />
            ))}
          </ul>
        </section>
      ) : null}
    </>
  )
}

/** One term: what each side answered, and what that says. */
function TermArticle({ view, shown, one }: Shown & { one: MeasuredTerm }) {
  const { t, f, reader } = view
  const item = one.latest.item ?? bankQuestion(one.term)
  const question = questionOf(reader, item).text
  const { interval } = one.latest.agreement
  const beside = (
    <p class="ix">
      <span>
        {interval ? (
          <small>
            <Range t={t} ends={interval} write={(share) => f.number(100 * share)} />
          </small>
        ) : null}{' '}
        <b>
          <bdi>{f.number(one.latest.value)}</bdi>
        </b>
      </span>{' '}
      <span>
        {changeText(view, one)}
        {one.change && one.change.verdict === 'signal' ? (
          <>
            {' '}
            <Verdict view={view} verdict="signal" />
          </>
        ) : null}
      </span>
    </p>
  )
  if (!sides.some((side) => isSaid(one.answers[side]))) {
    return (
      <article class="term" id={one.term}>
        <div class="title">
          <h3>{t.terms[one.term]}</h3>
          <p class="what">{question}</p>
          {beside}
        </div>
        <div class="state hatch small">
          <p>
            {sides.map((side) => (
              <span>{unsaidText(view, shown, one, side)} </span>
            ))}
          </p>
        </div>
        <Facts view={view} shown={shown} one={one} />
      </article>
    )
  }
  return (
    <article class="term c6">
      <ChartFigure
        view={view}
        id={one.term}
        heading="h3"
        title={t.terms[one.term]}
        what={question}
        beside={beside}
        label={labelOf(view, one)}
        spec={answersSpec(view, one)}
        under={<Facts view={view} shown={shown} one={one} />}
      >
        <AnswersTable view={view} one={one} />
      </ChartFigure>
    </article>
  )
}

function AnswersTable({ view, one }: { view: DefinitionsView; one: MeasuredTerm }) {
  const { t, f, reader } = view
  const item = one.latest.item ?? bankQuestion(one.term)
  const texts = t.definitionsPage.answers
  return (
    <>
      <thead>
        <tr>
          <th scope="col">{t.roundsPage.option}</th>
          {sides.map((side) => (
            <>
              <th scope="col" class="num">
                {texts.head(t.sides[side])}
              </th>
              <th scope="col" class="num">
                {texts.count(t.sides[side])}
              </th>
            </>
          ))}
        </tr>
      </thead>
      <tbody>
        {countedBy(item).map((option) => (
          <tr>
            <th scope="row">
              <bdi>
                <Worded words={optionOf(reader, item, option)} />
              </bdi>{' '}
              {option === item.official ? <small>{t.roundsPage.official}</small> : null}
            </th>
            {sides.map((side) => {
              const answers = one.answers[side]
              const share = shareOf(answers, option)
              return isSaid(answers) && share !== null ? (
                <>
                  <td class="num">
                    <data value={(100 * share).toFixed(1)}>
                      <bdi>{f.number(100 * share)}</bdi>
                    </data>
                  </td>
                  <td class="num">
                    <bdi>{f.number(answers.options[option] ?? 0)}</bdi>
                  </td>
                </>
              ) : (
                <>
                  <td class="num hidden">{t.overview.hidden}</td>
                  <td class="num hidden">{t.overview.hidden}</td>
                </>
              )
            })}
          </tr>
        ))}
      </tbody>
    </>
  )
}

/** What the bars mean, who answered and when, and what else is known; quiet, as it is the same for every term. */
function Facts({ view, shown, one }: Shown & { one: MeasuredTerm }) {
  const { t, f } = view
  const texts = t.definitionsPage.term
  const { agreement, round } = one.latest
  const percent = (share: number) => f.number(100 * share)
  const unsaid = sides.filter((side) => !isSaid(one.answers[side]))
  const isPartly = unsaid.length === 1
  return (
    <div class="facts-of">
      {one.reading ? <p class={one.reading === 'open' ? 'note' : undefined}>{texts.readings[one.reading]}</p> : null}
      {agreement.withinSales !== null && agreement.withinMarketing !== null ? (
        <p class="note">{texts.within(percent(agreement.withinSales), percent(agreement.withinMarketing))}</p>
      ) : null}
      <AgreedAnswer view={view} one={one} />
      {isPartly ? unsaid.map((side) => <p class="note">{unsaidText(view, shown, one, side)}</p>) : null}
      <p class="note">
        {texts.asked(roundName(view, round), texts.people(f.number(agreement.nSales), f.number(agreement.nMarketing)))}{' '}
        {one.isOld ? <strong>{texts.old(one.roundsAgo)}</strong> : one.roundsAgo > 0 ? texts.ago(one.roundsAgo) : null}{' '}
        {one.hidden ? <strong>{texts.hiddenSince(roundName(view, one.hidden))}</strong> : null} {nextText(view, one)}
      </p>
      <EditLink view={view} one={one} />
    </div>
  )
}

/** How many of each side chose what the organisation agreed on; nothing where nothing was agreed. */
function AgreedAnswer({ view, one }: { view: DefinitionsView; one: MeasuredTerm }) {
  const { t, f, reader } = view
  const texts = t.definitionsPage.term
  const { item } = one.latest
  if (!one.written || !item) return null
  const { option } = one.written
  const said = sides.map((side) => {
    const share = one.written?.[side]
    if (!share) return texts.notCounted(t.sides[side])
    const range = t.roundsPage.range(f.percent(share.interval.low), f.percent(share.interval.high))
    return texts.chose(t.sides[side], f.percent(share.share), range)
  })
  return (
    <p class="note">
      {texts.agreed}{' '}
      <bdi>
        <Worded words={optionOf(reader, item, option)} />
      </bdi>
      . {new Intl.ListFormat(view.locale, { type: 'unit' }).format(said)}.
    </p>
  )
}

function Unmeasured({ view, one }: { view: DefinitionsView; one: ShownTerm }) {
  const { t } = view
  const texts = t.definitionsPage.missing
  return (
    <li id={one.term} class={one.hidden ? 'veiled' : undefined}>
      {one.hidden ? <i class="hatch" /> : null}
      <h3>{t.terms[one.term]}</h3>
      <p>{questionOf(view.reader, bankQuestion(one.term)).text}</p>
      <p>
        {one.hidden ? texts.hidden(lowerFirst(roundName(view, one.hidden))) : texts.notAsked} {nextText(view, one)}
      </p>
      <EditLink view={view} one={one} />
    </li>
  )
}

const EditLink = ({ view: { t, mayEdit }, one }: { view: DefinitionsView; one: ShownTerm }) =>
  mayEdit ? (
    <p class="note edit">
      <a href={`/survey/terms/${one.term}`} aria-label={`${t.definitionsPage.term.edit}: ${t.terms[one.term]}`}>
        {t.definitionsPage.term.edit}
      </a>
    </p>
  ) : null

/** When it is asked again; nothing where the page shows an earlier round. */
export function nextText({ t, f }: DefinitionsView, { next }: Pick<ShownTerm, 'next'>): string | null {
  if (!next) return null
  const texts = t.definitionsPage.term
  return next.isOpen ? texts.nextNow(f.number(next.number)) : texts.next(f.number(next.number))
}

function unsaidText({ t, f }: DefinitionsView, shown: ShownDefinitions, one: MeasuredTerm, side: 'sales' | 'marketing'): string | null {
  const answers = one.answers[side]
  if (isSaid(answers)) return null
  return t.definitionsPage.term.unsaid[answers.unsaid](t.sides[side], f.number(shown.minimumGroupSize))
}

function labelOf(view: DefinitionsView, one: MeasuredTerm): string {
  const { t, f, reader } = view
  const texts = t.definitionsPage.answers
  const item = one.latest.item ?? bankQuestion(one.term)
  const [sales, marketing] = sides.map((side) => {
    const most = mostChosen({ reader }, item, one.answers[side])
    return most ? texts.quoted(plainOption(view, item, most.option), f.percent(most.share)) : texts.unsaid
  }) as [string, string]
  return texts.label(t.terms[one.term], f.number(one.latest.value), sales, marketing)
}

function answersSpec(view: DefinitionsView, one: MeasuredTerm): MirroredSpec {
  const { t, f } = view
  const item = one.latest.item ?? bankQuestion(one.term)
  const leaders = sides.flatMap((side) => {
    const answers = one.answers[side]
    return isSaid(answers) ? leadersOf(answers.options) : []
  })
  const bar = (side: 'sales' | 'marketing', option: string) => {
    const share = shareOf(one.answers[side], option)
    return share === null ? null : { value: 100 * share, text: f.number(100 * share) }
  }
  return {
    kind: 'mirrored',
    heads: { sales: t.definitionsPage.answers.head(t.sides.sales), marketing: t.definitionsPage.answers.head(t.sides.marketing) },
    most: 100,
    rows: countedBy(item).map((option) => ({
      label: option === item.official ? `${plainOption(view, item, option)} ${t.roundsPage.official}` : plainOption(view, item, option),
      sales: bar('sales', option),
      marketing: bar('marketing', option),
      strong: leaders.includes(option),
    })),
  }
}
