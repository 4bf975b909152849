import { type Locale, messagesOf } from '../../i18n'
import { formatOf, isolate } from '../../i18n/format'
import type { Side, Trouble } from '../../services/delivery-settings'

/** Why nothing leaves this way: what happened, what helps, when it is tried again. Nothing where all is well. */
export function TroubleState(props: { locale: Locale; timeZone: string; side: Side; trouble: Trouble | null | undefined; to?: string }) {
  const { locale, side, trouble, to } = props
  if (!trouble) return null
  const t = messagesOf(locale).delivery
  const f = formatOf(locale, props.timeZone)
  const { what, fix } = t.failures[trouble.code]
  return (
    <div class="state err small" role="alert">
      <strong>{t.trouble.title[side]}</strong>
      <p>
        {what} {fix}
      </p>
      {trouble.reply ? <p class="note">{t.answered(isolate(trouble.reply))}</p> : null}
      <p class="note">{trouble.retryAt ? t.trouble.retry(f.moment(new Date(trouble.retryAt))) : t.trouble.waits}</p>
      {to ? (
        <a class="btn" href={to}>
          {t.trouble.to}
        </a>
      ) : null}
    </div>
  )
}
