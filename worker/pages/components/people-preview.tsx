import type { Child } from 'hono/jsx'
import type { ImportMode } from '../../core/people-import'
import { isLocale, type Locale, localeNames, type Messages } from '../../i18n'
import { formatOf } from '../../i18n/format'
import type { PeopleImportReport } from '../../services/people'
import type { Sheet } from '../layout'
import { SideMark } from './people-lists'
import { Scroll } from './scroll'

type Texts = Messages['peoplePage']
type Facts = Record<string, string | number>

/** What is wrong and what to do, in the language of the page. */
export function problemText(t: Texts, problem: { code: keyof Texts['problems']; facts: Facts }): string {
  const texts: Record<string, (facts: Facts) => string> = t.problems
  return texts[problem.code]?.(problem.facts) ?? problem.code
}

/** Rows of a list that are shown; the files of errors and of changes have all of them. */
const shown = 100
/** Whoever would be deactivated is named: a wrong file shows here. */
const shownDeactivated = 1000

/** What an import would do, list by list; a button that does exactly that, unless nothing can be or is to be done. */
export function Preview(props: {
  t: Texts
  locale: Locale
  sheet: Sheet
  report: PeopleImportReport
  form: { csv: string; mode: ImportMode }
  /** Of this report: the confirmation carries it back. */
  digest: string
  /** The confirmed preview no longer held. */
  stale: boolean
  path: string
}) {
  const { t, report, form, path } = props
  const format = formatOf(props.locale, 'UTC')
  const lists = listsOf(t, report)
  const changes = report.added.length + report.changed.length + report.moved.length + report.reactivated.length + report.deactivated.length
  const refusals: Record<string, (facts: Facts) => string> = t.refusals
  const notices: Record<string, (facts: Facts) => string> = t.notices
  return (
    <>
      <div class="pagehead">
        <h1>{t.previewTitle}</h1>
        <p class="sub">
          {t.previewSub(report.read)} {report.unchanged > 0 ? t.unchanged(report.unchanged) : null}
        </p>
      </div>
      {props.stale ? (
        <p class="oops" role="alert">
          {t.stale}
        </p>
      ) : null}
      {report.refusal ? (
        <div class="oops" role="alert">
          <h2>{t.refused}</h2>
          <p>{refusals[report.refusal.code]?.(report.refusal.facts)}</p>
        </div>
      ) : null}
      {report.notices.map(({ code, facts }) => (
        <p class="done">{notices[code]?.(facts)}</p>
      ))}
      {report.refusal === null && changes === 0 ? <p class="done">{t.noChange}</p> : null}
      <form method="post" action={`${path}/imports`} enctype="multipart/form-data">
        <input type="hidden" name="csv" value={form.csv} />
        <input type="hidden" name="mode" value={form.mode} />
        <input type="hidden" name="digest" value={props.digest} />
        <div class={`actions ${props.sheet.rule('margin-block-end:var(--s6)')}`}>
          {report.refusal === null && changes > 0 ? (
            <button class="btn solid" type="submit">
              {t.confirm}
            </button>
          ) : null}
          {report.errors.length > 0 ? (
            <button class="btn" type="submit" formaction={`${path}/imports/errors.csv`}>
              {t.errorsFile}
            </button>
          ) : null}
          {changes > 0 ? (
            <button class="btn" type="submit" formaction={`${path}/imports/changes.csv`}>
              {t.changesFile}
            </button>
          ) : null}
          <a class="btn" href={path}>
            {t.cancel}
          </a>
        </div>
      </form>
      {lists
        .filter(({ rows }) => rows.length > 0)
        .map(({ title, columns, rows, most = shown }, index) => (
          <section class="sec tight" aria-labelledby={`list-${index}`}>
            <div class="title">
              <h2 id={`list-${index}`}>
                {title} <span class="note">{format.number(rows.length)}</span>
              </h2>
            </div>
            <Scroll label={title}>
              <table class="data" aria-labelledby={`list-${index}`}>
                <thead>
                  <tr>
                    {columns.map((column) => (
                      <th scope="col">{column}</th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {rows.slice(0, most).map((row) => (
                    <tr>
                      {row().map((cell) => (
                        <td>{typeof cell === 'string' ? <bdi>{cell}</bdi> : cell}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
            {rows.length > most ? <p class="note">{t.more(rows.length - most)}</p> : null}
          </section>
        ))}
    </>
  )
}

/** Rows are functions, so that only those that are shown are made. */
interface List {
  title: string
  columns: string[]
  rows: (() => Child[])[]
  /** How many are shown, where that is not as for the others. */
  most?: number
}

function listsOf(t: Texts, report: PeopleImportReport): List[] {
  const language = (code: string) => (isLocale(code) ? localeNames[code] : code)
  const { groups, name, email, team, side } = t
  return [
    {
      title: groups.errors,
      columns: [t.line, t.column, t.value, t.problem],
      rows: report.errors.map((error) => () => [String(error.line), error.column ?? '–', error.value ?? '–', problemText(t, error)]),
    },
    {
      title: groups.deactivated,
      most: shownDeactivated,
      columns: [name, email, team],
      rows: report.deactivated.map((person) => () => [person.name, person.email, person.team]),
    },
    {
      title: groups.moved,
      columns: [name, email, t.from, t.to],
      rows: report.moved.map((person) => () => [person.name, person.email, person.from, person.to]),
    },
    {
      title: groups.changed,
      columns: [name, email, t.field, t.from, t.to],
      rows: report.changed.map((change) => () => {
        const [from, to] = change.field === 'locale' ? [language(change.from), language(change.to)] : [change.from, change.to]
        return [change.name, change.email, change.field === 'locale' ? t.language : name, from, to]
      }),
    },
    {
      title: groups.reactivated,
      columns: [name, email, team],
      rows: report.reactivated.map((person) => () => [person.name, person.email, person.team]),
    },
    {
      title: groups.added,
      columns: [name, email, team, t.language],
      rows: report.added.map((person) => () => [person.name, person.email, person.team, language(person.locale)]),
    },
    {
      title: groups.teamsAdded,
      columns: [team, side],
      rows: report.teamsAdded.map((added) => () => [
        added.team,
        <span class="with-mk">
          <SideMark t={t} side={added.side} />
          <span aria-hidden="true">{t.sides[added.side]}</span>
        </span>,
      ]),
    },
  ]
}
