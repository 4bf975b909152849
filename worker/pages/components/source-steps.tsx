import type { View } from './view'

export const setUpSteps = ['connection', 'mapping', 'dry-run'] as const
export type SetUpStep = (typeof setUpSteps)[number]

/** Where somebody stands in the set-up of a source, and the way back to what was done. */
export function Steps({ view, at, source }: { view: View; at: SetUpStep; source: { id: string } | null }) {
  const t = view.t.sourceSetup
  const index = setUpSteps.indexOf(at)
  return (
    <nav aria-label={t.steps.label}>
      <ol class="steps">
        {setUpSteps.map((step, position) => (
          <li aria-current={step === at ? 'step' : undefined}>
            {source && position < index ? <a href={`/sources/${source.id}/${step}`}>{t.steps[step]}</a> : <span>{t.steps[step]}</span>}
          </li>
        ))}
      </ol>
    </nav>
  )
}
