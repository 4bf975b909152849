/** Do both sides mean the same: terms, lead stories and numbers, and how alike people judge stories altogether. */
import type { Child } from 'hono/jsx'
import { isHidden, sideOf } from '../../core/findings'
import type { DefinitionFigure, NumberAgreement, PublicResult, TermAgreement, VignetteAgreement, WrittenShare } from '../../core/result'
import { countedBy, type FrozenRound, type TermItem } from '../../core/round'
import type { StoryAgreement } from '../../core/stories'
import type { Messages } from '../../i18n'
import type { Format } from '../../i18n/format'
import { optionOf, questionOf, type Reader } from '../../i18n/items'
import type { Stories } from '../../services/results'
import { Scroll } from './scroll'
import { Range } from './verdict'
import { pointsText } from './view'
import { Worded } from './worded'

interface Shown {
  t: Messages['roundsPage']
  texts: Messages
  f: Format
  reader: Reader
  frozen: FrozenRound
  result: PublicResult
}

const sides = ['sales', 'marketing'] as const

/** The terms of the round; how many chose the agreed answer, where one is agreed on. */
export function TermTable(props: Shown) {
  const { t, texts, f, reader, frozen, result } = props
  const isWritten = result.terms.some(({ written }) => written)
  return (
    <>
      <AgreementTable
        {...props}
        label={t.agreement}
        head={t.term}
        columns={isWritten ? sides.map((side) => texts.vignettes.written(texts.sides[side])) : []}
        rows={result.terms.map((term) => ({
          name: texts.terms[term.term],
          agreement: term,
          cells: isWritten ? sides.map((side) => <Written t={texts} f={f} share={term.written?.[side]} />) : [],
        }))}
      />
      {result.terms.map(({ term, itemId, written }) => {
        const item = frozen.items.find(({ id }) => id === itemId)
        if (!written || !item) return null
        return (
          <p class="note">
            {texts.vignettes.agreedOn(texts.terms[term])} <Worded words={optionOf(reader, item, written.option)} />
          </p>
        )
      })}
    </>
  )
}

const Written = ({ t, f, share }: { t: Messages; f: Format; share: WrittenShare | null | undefined }) =>
  share ? (
    <>
      {f.percent(share.share)}{' '}
      <small>
        <Range t={t} ends={share.interval} write={f.percent} />
      </small>
    </>
  ) : (
    <>–</>
  )

/** Lead stories and numbers that the round asked, as both sides answered them; nothing where it asked none. */
export function StorySection(props: Shown & { stories: Stories; title: string }) {
  const { t, texts, f, frozen, result, stories, title } = props
  const asked = frozen.items.flatMap((item) => (item.kind === 'vignette' || item.kind === 'number' ? [item] : []))
  if (asked.length === 0 || result.vignettes === undefined) return null
  const compared = [...result.vignettes, ...(result.numbers ?? [])]
  const of = (kind: 'vignette' | 'number') => asked.filter((item) => item.kind === kind)
  return (
    <section class="sec tight" id="stories">
      <div class="title">
        <h2>{title}</h2>
        <p class="what">{texts.vignettes.what}</p>
      </div>
      {of('vignette').length > 0 ? (
        <AgreementTable
          {...props}
          label={texts.vignettes.title}
          head={texts.vignettes.story}
          columns={sides.map((side) => texts.vignettes.chose(texts.sides[side]))}
          rows={of('vignette').map((item) => ({
            name: <Worded words={questionOf(props.reader, item)} />,
            agreement: compared.find(({ itemId }) => itemId === item.id) ?? null,
            cells: sides.map((side) => <Chosen {...props} item={item} side={side} />),
          }))}
        />
      ) : null}
      {of('number').length > 0 ? (
        <AgreementTable
          {...props}
          label={texts.vignettes.number}
          head={texts.vignettes.number}
          columns={[...sides.map((side) => texts.vignettes.median(texts.sides[side])), t.distance]}
          rows={of('number').map((item) => {
            const found = result.numbers?.find(({ itemId }) => itemId === item.id) ?? null
            return { name: <NumberName {...props} item={item} />, agreement: found, cells: inUnits(f, found) }
          })}
        />
      ) : null}
      <StoriesText texts={texts} f={f} stories={stories} />
    </section>
  )
}

const NumberName = ({ texts, reader, item }: Shown & { item: TermItem }) => (
  <>
    <Worded words={questionOf(reader, item)} /> {item.kind === 'number' ? <small>({texts.vignettes.units[item.unit]})</small> : null}
  </>
)

const inUnits = (f: Format, found: NumberAgreement | null): Child[] =>
  [found?.medianSales, found?.medianMarketing, found?.distance].map((value) => (value == null ? '–' : f.number(value)))

/** What a side chose, most first; a dash where that is not said. */
function Chosen({ texts, f, reader, result, item, side }: Shown & { item: TermItem; side: (typeof sides)[number] }) {
  const node = sideOf(result, side)
  const figure = node && !isHidden(node) ? node.definitions[item.id] : undefined
  if (!figure || isHidden(figure) || !figure.options) return <>–</>
  return <OptionList texts={texts} f={f} reader={reader} item={item} options={figure.options} />
}

/** How many chose what, most first; of a number by band, from the lowest on. */
export function OptionList(props: {
  texts: Messages
  f: Format
  reader: Reader
  item: TermItem
  options: NonNullable<DefinitionFigure['options']>
}) {
  const { texts, f, reader, item, options } = props
  const given = countedBy(item).filter((option) => (options[option] ?? 0) > 0)
  if (item.kind !== 'number') given.sort((a, b) => (options[b] ?? 0) - (options[a] ?? 0))
  return (
    <ul>
      {given.map((option) => (
        <li>
          <strong>{f.number(options[option] ?? 0)}</strong>{' '}
          {item.kind === 'number' ? (
            <Band t={texts} f={f} item={item} from={Number(option)} />
          ) : (
            <Worded words={optionOf(reader, item, option)} />
          )}
          {item.kind === 'definition' && option === item.official ? <small> {texts.roundsPage.official}</small> : null}
        </li>
      ))}
    </ul>
  )
}

/** The numbers of a band, both ends of which are in it. */
function Band({ t, f, item, from }: { t: Messages; f: Format; item: TermItem & { kind: 'number' }; from: number }) {
  const next = item.bands[item.bands.indexOf(from) + 1]
  const to = next === undefined ? item.last : next - 1
  return (
    <span class="band">
      {to > from ? <Range t={t} ends={{ low: from, high: to }} write={f.number} /> : f.number(from)} {t.vignettes.units[item.unit]}
    </span>
  )
}

/** α, as a sentence; why not, where there is none. Only of the stories up to this round where it asked too few itself. */
const StoriesText = ({ texts, f, stories: { round, standing } }: { texts: Messages; f: Format; stories: Stories }) => (
  <AlikeText texts={texts} f={f} said={round.pooled === null ? standing : round} />
)

/** How alike people judge leads altogether. */
export function AlikeText({ texts, f, said }: { texts: Messages; f: Format; said: StoryAgreement }) {
  const t = texts.vignettes.alike
  return (
    <div class="note stories">
      <p>
        <strong>{t.title}</strong> {storiesText(texts, f, said)}
      </p>
      {said.pooled === null ? null : (
        <p>
          {said.sales !== null && said.marketing !== null ? t.within(f.number(said.sales, 2), f.number(said.marketing, 2)) : null}{' '}
          {t.reading(f.number(said.pooled, 2))}
        </p>
      )}
    </div>
  )
}

function storiesText({ vignettes: { alike: t } }: Messages, f: Format, said: StoryAgreement): string {
  const { stories, needed, pooled, from, to, missing } = said
  if (pooled === null)
    return missing === 'all-alike' ? t['all-alike'](f.number(stories)) : t['too-few'](f.number(stories), f.number(needed))
  const where = from === to ? t.ofRound(f.number(stories)) : t.ofRounds(f.number(stories), f.number(from ?? 0), f.number(to ?? 0))
  return `${pooled > 0 ? t.said(f.percent(pooled)) : t.none} ${where}`
}

interface AgreementRow {
  name: Child
  /** Null where a side says too little of it. */
  agreement: TermAgreement | VignetteAgreement | null
  /** One for each of `columns`. */
  cells: readonly Child[]
}

/** What both sides answered, a row a question: `columns` stand before the chance of the same answer. */
function AgreementTable(props: Shown & { label: string; head: string; columns: readonly string[]; rows: readonly AgreementRow[] }) {
  const { t, texts, f, label, head, columns, rows } = props
  const percent = (share: number | null) => (share === null ? '–' : f.percent(share))
  const points = (share: number) => pointsText({ t: texts, f }, share)
  const common = [
    t.across,
    t.figure.interval,
    ...sides.map((side) => t.within(texts.sides[side])),
    t.divide,
    `${t.divide} (${t.figure.interval})`,
  ]
  return (
    <Scroll label={label}>
      <table class="data pin figures">
        <thead>
          <tr>
            <th scope="col">{head}</th>
            {[...columns, ...common, t.figure.n].map((column) => (
              <th scope="col" class="num">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, agreement, cells }) => (
            <tr>
              <th scope="row">{name}</th>
              {agreement ? (
                <>
                  {cells.map((cell) => (
                    <td class="num">{cell}</td>
                  ))}
                  <td class="num">{percent(agreement.between)}</td>
                  <td class="num">
                    <Range t={texts} ends={agreement.interval} write={percent} />
                  </td>
                  <td class="num">{percent(agreement.withinSales)}</td>
                  <td class="num">{percent(agreement.withinMarketing)}</td>
                  <td class="num">
                    <bdi>{agreement.divide === null ? '–' : points(agreement.divide)}</bdi>
                  </td>
                  <td class="num">
                    <Range t={texts} ends={agreement.divideInterval} write={points} />
                  </td>
                  <td class="num">
                    <bdi>{`${f.number(agreement.nSales)} + ${f.number(agreement.nMarketing)}`}</bdi>
                  </td>
                </>
              ) : (
                <td class="hatch" colspan={columns.length + common.length + 1}>
                  <span class="paper">{texts.overview.sides.missing}</span>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
