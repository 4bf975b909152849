import type { Messages } from '../../i18n'

const parts = { links: '/settings/sharing', digest: '/settings/digest', webhooks: '/settings/webhooks' } as const
export type SharingPart = keyof typeof parts

/** What leaves by link, by itself to people, and by itself to programs: three pages of one section. */
export const SharingParts = ({ t, shown }: { t: Messages; shown: SharingPart }) => (
  <nav class="side" aria-label={t.sharing.title}>
    <ul class="inline">
      {(Object.keys(parts) as SharingPart[]).map((part) => (
        <li>
          <a href={parts[part]} aria-current={part === shown ? 'page' : undefined}>
            {t.sharing.parts[part]}
          </a>
        </li>
      ))}
    </ul>
  </nav>
)
