import type { View } from './view'

/** What holds for every figure that ballots are in: how small a group may be, how sure it is, and what a dash means. */
export const Footnote = ({ view: { t, f }, minimum }: { view: Pick<View, 't' | 'f'>; minimum: number }) => (
  <p>
    {t.overview.promise(f.number(minimum))} {t.overview.dash}
  </p>
)
