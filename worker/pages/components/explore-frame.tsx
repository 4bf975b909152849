/** Around every page of Explore: the way up, what is chosen, and the address that says so. */
import type { Context } from 'hono'
import type { Child } from 'hono/jsx'
import type { AppEnv } from '../../context'
import { isHidden, teamsOf } from '../../core/findings'
import type { NodeResult } from '../../core/result'
import type { Messages } from '../../i18n'
import { isolate } from '../../i18n/format'
import type { Chosen, Explored, Wanted } from '../../services/explore'
import { addressOf } from '../query'
import { Field, type Mistake } from './field'
import type { View } from './view'

/** What the address chooses, as text. */
export type Given = { [Name in keyof Wanted]?: string | undefined }

/** Where a page stands, from the top down; the last one is the page itself. */
export type Crumbs = readonly { text: string; path: string }[]

/** What every part of a page of Explore draws with. */
export interface Level {
  c: Context<AppEnv>
  view: View
  /** Of the page itself, without its query. */
  path: string
  explored: Explored
  chosen: Chosen
  /** Below the heading. */
  filters: Child
  /** What the address chooses, to be kept on the way up and down. */
  wanted: Wanted
  /** An address of Explore with the same choices, or with others. */
  link: (path: string, other?: Wanted) => string
}

/** The way up. A page at the top has none. */
export const Breadcrumbs = ({ t, crumbs, link }: { t: Messages; crumbs: Crumbs; link: (path: string) => string }) =>
  crumbs.length < 2 ? null : (
    <nav class="crumbs" aria-label={t.explore.place}>
      <ol>
        {crumbs.map(({ text, path }, index) => (
          <li>
            {index === crumbs.length - 1 ? (
              <span aria-current="page">
                <bdi>{text}</bdi>
              </span>
            ) : (
              <a href={link(path)}>
                <bdi>{text}</bdi>
              </a>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )

/**
 * Four small forms whose answers are addresses. Each keeps what the others chose, as far as it can still hold: another
 * period chooses its own latest round, and a side takes the place of a team.
 */
export function Filters(props: {
  view: View
  path: string
  /** Months of all closed rounds, oldest first. */
  periods: readonly string[]
  /** As the address says. */
  given: Given
  mistakes: readonly Mistake[]
  /** The rounds of the period, the one that is read, and its groups; a KPI has none of them. */
  within?: Pick<Explored, 'range' | 'chosen'>
}) {
  const { view, path, periods, given, mistakes, within } = props
  const { t, f } = view
  const texts = t.explore.filter
  const months = periods.map((period) => ({ value: period, label: f.period(period) }))
  const nodes = within?.chosen ? teamsOf(within.chosen.result) : []
  const { from, to, round, side, team } = given
  // Only rounds in which the team that is chosen is published: the others have nothing of it.
  const rounds = within?.range.filter(({ node }) => team === undefined || (node !== null && !isHidden(node))) ?? []
  const hidden = nodes.filter(isHidden)
  return (
    <section class="sec tight picks" aria-label={texts.title}>
      <div class="pickers">
        <Form view={view} path={path} keep={{ side, team }}>
          <Pick name="from" label={texts.from} options={months} chosen={from ?? periods[0]} mistakes={mistakes} />
          <Pick name="to" label={texts.to} options={months} chosen={to ?? periods.at(-1)} mistakes={mistakes} />
        </Form>
        {within === undefined ? null : (
          <>
            <Form view={view} path={path} keep={{ from, to, side, team }}>
              <Pick
                name="round"
                label={texts.round}
                options={rounds.map(({ number, period }) => ({
                  value: String(number),
                  label: t.overview.roundOption(f.number(number), f.period(period)),
                }))}
                chosen={round ?? (within.chosen ? String(within.chosen.number) : undefined)}
                mistakes={mistakes}
              />
            </Form>
            <Form view={view} path={path} keep={{ from, to, round }}>
              <Pick
                name="side"
                label={texts.side}
                options={[
                  { value: '', label: texts.both },
                  { value: 'sales', label: t.sides.sales },
                  { value: 'marketing', label: t.sides.marketing },
                ]}
                chosen={side ?? ''}
                mistakes={mistakes}
              />
            </Form>
            <Form view={view} path={path} keep={{ from, to, round }}>
              <Pick
                name="team"
                label={texts.team}
                options={[
                  { value: '', label: texts.anyTeam },
                  ...nodes.filter((node) => !isHidden(node)).map(({ id, name }) => ({ value: id, label: isolate(name) })),
                ]}
                chosen={team ?? ''}
                mistakes={mistakes}
              />
            </Form>
          </>
        )}
      </div>
      {hidden.length > 0 ? (
        <p class="note">{texts.hidden(hidden.map(({ name }) => isolate(name)).join(view.t.sourceSetup.comma))}</p>
      ) : null}
    </section>
  )
}

const Form = (props: { view: View; path: string; keep: Readonly<Record<string, string | undefined>>; children: Child }) => (
  <form method="get" action={props.path}>
    {Object.entries(props.keep).map(([name, value]) => (value === undefined ? null : <input type="hidden" name={name} value={value} />))}
    {props.children}
    <noscript>
      <button class="btn" type="submit">
        {props.view.t.overview.show}
      </button>
    </noscript>
  </form>
)

/** What was sent and is none of the options is one more of them: a form that was refused stands as it was sent. */
function Pick(props: {
  name: string
  label: string
  options: readonly { value: string; label: string }[]
  chosen: string | undefined
  mistakes: readonly Mistake[]
}) {
  const { options, chosen } = props
  const isKnown = chosen === undefined || options.some(({ value }) => value === chosen)
  return (
    <Field name={props.name} label={props.label} mistakes={props.mistakes} short>
      {(control) => (
        <select {...control} class="pick" data-submit>
          {isKnown ? null : (
            <option value={chosen} selected>
              {isolate(chosen ?? '')}
            </option>
          )}
          {options.map(({ value, label }) => (
            <option value={value} selected={value === chosen}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** Made-up nodes have no name of their own: the company and the sides are called so in the reader's language. */
export function groupName({ t }: Pick<View, 't'>, node: Pick<NodeResult, 'id' | 'parentId' | 'name'>): string {
  if (node.id === 'side-sales') return t.sides.sales
  if (node.id === 'side-marketing') return t.sides.marketing
  return node.parentId === null ? t.sides.company : isolate(node.name)
}

/** The choices that an address keeps. */
export const linkOf =
  (wanted: Wanted) =>
  (path: string, other: Wanted = {}): string =>
    addressOf(path, { ...wanted, ...other })
