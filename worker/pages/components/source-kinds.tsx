import { sourceKinds } from '../../connectors'
import type { View } from './view'

/** Every kind of source with what it brings and what it needs: a plain list to choose from. */
export function KindList({ view }: { view: View }) {
  const t = view.t.sourceSetup
  return (
    <ul class="questions">
      {sourceKinds
        .toSorted((a, b) => order.indexOf(a) - order.indexOf(b))
        .map((kind) => (
          <li>
            <div class="words">
              <h2 class={view.sheet.rule('font-size:var(--fs-body)')}>
                <bdi>{t.kinds[kind].name}</bdi>
              </h2>
              <p>{t.kinds[kind].brings}</p>
              <p class="note">{t.needs(t.kinds[kind].needs)}</p>
            </div>
            <a class="btn" href={`/sources/new/${kind}`}>
              {t.choose}
              <span class="vh">: {t.kinds[kind].name}</span>
            </a>
          </li>
        ))}
    </ul>
  )
}

/** CRMs first; a kind that is not listed comes before them all. */
const order: readonly string[] = ['hubspot', 'salesforce', 'pipedrive', 'csv-url', 'json', 'csv', 'push']
