import type { View } from './view'

/** For the head of a page: which closed round it is about, and paper. */
export function RoundTools(props: { view: View; action: string; rounds: readonly { number: number; period: string }[]; shown: number }) {
  const { t, f } = props.view
  return (
    <>
      <form method="get" action={props.action} class="tools">
        <label>
          <span class="vh">{t.overview.round}</span>
          <select class="pick" id="round" name="round" data-submit>
            {props.rounds.map(({ number, period }) => (
              <option value={number} selected={number === props.shown}>
                {t.overview.roundOption(f.number(number), f.period(period))}
              </option>
            ))}
          </select>
        </label>
        <noscript>
          <button class="btn" type="submit">
            {t.overview.show}
          </button>
        </noscript>
      </form>
      <button class="btn wide" type="button" data-print hidden>
        {t.overview.print}
      </button>
    </>
  )
}
