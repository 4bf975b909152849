import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import type { AppEnv } from '../../worker/context'
import { messagesOf } from '../../worker/i18n'
import { addressOf, askedIn, id, month, oneOf, whole } from '../../worker/pages/query'

const en = messagesOf('en')
const { asked: texts } = en.explore

describe('askedIn', () => {
  const reader = new Hono<AppEnv>()
    .use(async (c, next) => {
      c.set('locale', 'en')
      await next()
    })
    .get('/', (c) => c.json(askedIn(c, { from: month(en), round: whole(en), side: oneOf(en, ['sales', 'marketing']), team: id() })))
  const asked = async (query: string) => (await reader.request(`/?${query}`)).json()

  it('keeps what can be used, and says of each of the others what would be right', async () => {
    expect(await asked('from=2026-13&round=0x1f&side=support&team=t1&lang=ar&utm=1')).toEqual({
      values: { team: 't1' },
      given: { from: '2026-13', round: '0x1f', side: 'support', team: 't1' },
      mistakes: [
        { field: 'from', reason: texts.month },
        { field: 'round', reason: texts.whole },
        { field: 'side', reason: texts.choice },
      ],
    })
  })

  it('takes an empty parameter for one that was not chosen, and refuses one that is there twice', async () => {
    expect(await asked('from=&round=3')).toEqual({ values: { round: 3 }, given: { round: '3' }, mistakes: [] })
    expect(await asked('round=3&round=4')).toMatchObject({ mistakes: [{ field: 'round', reason: texts.once }] })
  })

  it('shows again what was sent, but not endlessly, and nothing that acts beyond its field', async () => {
    const { given } = (await asked(`from=${encodeURIComponent('\u202ea\0b\n')}&round=${'9'.repeat(10_000)}`)) as {
      given: Record<string, string>
    }
    expect(given).toEqual({ from: 'ab', round: '9'.repeat(200) })
  })
})

describe('addressOf', () => {
  it('leaves out what is not chosen, and escapes the rest', () => {
    expect(addressOf('/explore', { from: '', team: undefined, round: 12, side: 'a&b' })).toBe('/explore?round=12&side=a%26b')
    expect(addressOf('/explore', {})).toBe('/explore')
  })
})
