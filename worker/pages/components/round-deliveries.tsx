/** How far the invitations of an open round are, whom they could not reach, and what helps. Nothing is said of reminders. */
import { type Locale, messagesOf } from '../../i18n'
import { type Format, isolate } from '../../i18n/format'
import type { DeliveryProgress } from '../../services/deliveries'
import { TroubleState } from './delivery-trouble'
import { EmailAddress } from './email-address'
import { Scroll } from './scroll'

interface Props {
  locale: Locale
  timeZone: string
  f: Format
  roundId: string
  progress: DeliveryProgress
}

export function RoundDeliveries({ locale, timeZone, f, roundId, progress }: Props) {
  const t = messagesOf(locale).delivery
  const [first] = progress.channels
  const { sent, waiting, failed } = progress
  if (first && sent + waiting + failed === 0) return null // opened for links to be handed over
  return (
    <section class="sec tight pile" id="deliveries">
      <div class="title">
        <h2>{t.progress.title}</h2>
        {first ? <p class="what">{t.progress.what}</p> : null}
      </div>
      {first ? (
        <>
          <TroubleState locale={locale} timeZone={timeZone} side={first} trouble={progress.trouble} to="/settings/delivery" />
          <Counts t={t} f={f} progress={progress} />
          {progress.failures.length > 0 ? <Failures locale={locale} f={f} roundId={roundId} progress={progress} /> : null}
        </>
      ) : (
        <>
          <p>{t.progress.none}</p>
          <div class="actions">
            <a class="btn" href={`/rounds/${roundId}/outbox`}>
              {t.progress.toOutbox}
            </a>
            <a class="btn" href="/settings/delivery">
              {t.partTo}
            </a>
          </div>
        </>
      )}
    </section>
  )
}

type Texts = ReturnType<typeof messagesOf>['delivery']

function Counts({ t, f, progress }: { t: Texts; f: Format; progress: DeliveryProgress }) {
  return (
    <Scroll label={t.progress.title}>
      <table class="data">
        <tbody>
          {(['sent', 'waiting', 'failed'] as const).map((state) => (
            <tr>
              <th scope="row">{t.progress[state]}</th>
              <td class="num">{f.number(progress[state])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function Failures({ locale, f, roundId, progress }: Omit<Props, 'timeZone'>) {
  const t = messagesOf(locale).delivery
  const { failed, failures } = progress
  const again = `/rounds/${roundId}/deliveries/attempts`
  return (
    <>
      <h3>{t.failed.title(failed, f.number(failed))}</h3>
      <p class="note">{t.failed.what}</p>
      <Scroll label={t.failed.title(failed, f.number(failed))}>
        <table class="data outbox">
          <thead>
            <tr>
              <th scope="col">{t.failed.person}</th>
              <th scope="col">
                {t.failed.reason} · {t.failed.fix}
              </th>
            </tr>
          </thead>
          <tbody>
            {failures.map(({ personId, name, email, code, reply }) => (
              <tr>
                <th scope="row">
                  <bdi>{name}</bdi>
                  <br />
                  <EmailAddress email={email} class="note" />
                </th>
                <td>
                  <p>
                    {t.failures[code].what} {t.failures[code].fix}
                  </p>
                  {reply ? <p class="note">{t.answered(isolate(reply))}</p> : null}
                  {code === 'no-link' ? null : (
                    <div class="actions">
                      <a class="btn" href={`/people/${personId}`}>
                        {t.failed.correct}
                      </a>
                      <form method="post" action={again}>
                        <input type="hidden" name="person" value={personId} />
                        <button class="btn" type="submit">
                          {t.failed.again}
                        </button>
                      </form>
                      <a class="btn" href={`/rounds/${roundId}/links/${personId}`}>
                        {t.failed.newLink}
                      </a>
                    </div>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {failed > 1 ? (
        <form method="post" action={again}>
          <button class="btn" type="submit">
            {t.failed.all}
          </button>
        </form>
      ) : null}
    </>
  )
}
