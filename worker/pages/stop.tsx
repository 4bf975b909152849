/**
 * Where the link at the end of a message leads: ends messages to whoever opens it, after they said so. No session is read,
 * opening it changes nothing, and it says nothing of answers. Mail programs post to it by themselves (RFC 8058).
 */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AppEnv } from '../context'
import { isLocale, messagesOf } from '../i18n'
import { findStop, type Stopped, setStop } from '../services/stopping'
import { SurveyDocument, SurveyNotice } from './components/survey-document'

export const stopPages = new Hono<AppEnv>()
  .use(bodyLimit({ maxSize: 4 * 1024 }))
  .get('/:token', async (c) => page(c, await findStop(c.var.services, c.req.param('token')), false))
  .post('/:token', async (c) => {
    const { undo } = await c.req.parseBody()
    return page(c, await setStop(c.var.services, c.req.param('token'), undo !== 'yes'), true)
  })

/** @param isDone it was asked for just now, so that writing again is worth a word */
function page(c: Context<AppEnv>, found: Stopped | undefined, isDone: boolean) {
  const chosen = c.req.query('lang')
  const locale = isLocale(chosen) ? chosen : found && isLocale(found.locale) ? found.locale : c.var.locale
  const t = messagesOf(locale).delivery.stopping
  return c.html(
    <SurveyDocument locale={locale} title={t.title} sample={false} sheet="reading" skip={messagesOf(locale).layout.skip} plain>
      {found ? (
        <div class="state" id="questions" tabindex={-1}>
          <h1>{found.isStopped ? t.stopped : isDone ? t.undone : t.title}</h1>
          <p>{found.isStopped ? t.stoppedWhat : isDone ? t.keeps : `${t.ask} ${t.keeps}`}</p>
          <form method="post" action={`?lang=${locale}`}>
            {found.isStopped ? <input type="hidden" name="undo" value="yes" /> : null}
            <button class="button" type="submit">
              {found.isStopped ? t.undo : t.yes}
            </button>
          </form>
        </div>
      ) : (
        <SurveyNotice title={t.unknown} lines={[t.unknownWhat]} />
      )}
    </SurveyDocument>,
    found ? 200 : 404,
  )
}
