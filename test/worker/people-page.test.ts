import { beforeEach, describe, expect, it } from 'vitest'
import { locales } from '../../worker/i18n'
import { importPeople, invitees } from '../../worker/services/people'
import { adminHeaders, fetchWorker, keyHeaders, origin, services } from './client'

const header = 'email,name,team,side,locale'
const rows = Array.from({ length: 12 }, (_, i) => `p${i}@example.com,"Person ""${i}""",Sales / SDR,sales,en`)
const csv = [header, ...rows].join('\n')

let headers: Record<string, string>
beforeEach(async () => {
  headers = await adminHeaders()
})

const get = (path: string) => fetchWorker(path, { headers })
const text = async (response: Response | Promise<Response>) => (await response).text()
const post = (path: string, fields: Record<string, string | Blob>) => {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') body.append(name, value)
    else body.append(name, value, 'people.csv')
  }
  return fetchWorker(path, { method: 'POST', body, headers })
}
const preview = (content: string, mode = 'partial') => post('/people/imports/preview', { csv: content, mode })
const digestOf = (html: string) => /name="digest" value="([0-9a-f]{64})"/.exec(html)?.[1] ?? ''
const names = async () => (await invitees(services().db)).map(({ name }) => name)
const load = (content: string) => importPeople(services(), content, { dryRun: false, mode: 'partial' })

describe('the page of people', () => {
  it.each(locales)('says in %s what to do first, and what is there afterwards', async (locale) => {
    const empty = await text(get(`/people?lang=${locale}`))
    expect(empty).toContain(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}"`)
    expect(empty).toContain(header)
    await load(csv)
    const full = await text(get(`/people?lang=${locale}`))
    expect(full).toContain('p11@<wbr/>example.com')
    for (const html of [empty, full, await text(preview(`${csv}\nbad,,,,xx`))])
      expect(html).not.toMatch(/undefined|\bNaN\b|\[object| style=/)
  })

  it('narrows the list by team and search, and pages through it', async () => {
    const many = Array.from({ length: 60 }, (_, i) => `m${i}@example.com,Many ${String(i).padStart(2, '0')},Marketing,marketing,en`)
    await load([csv, ...many].join('\n'))
    const html = await text(get('/people'))
    const team = /href="\/people\?team=([\w-]+)"[^>]*><bdi>Marketing</.exec(html)?.[1]
    const first = await text(get(`/people?team=${team}`))
    expect([first.includes('Many 00'), first.includes('Many 59'), first.includes('p1@<wbr/>example.com')]).toEqual([true, false, false])
    const next = /href="([^"]+)" rel="next"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(await text(get(next))).toContain('Many 59')
    expect(await text(get('/people?search=p3'))).toContain('p3@<wbr/>example.com')
  })

  it('deletes a person after a page that says what goes and what stays', async () => {
    await load(csv)
    const list = await text(get('/people?search=p3'))
    const action = /href="(\/people\/[\w-]+\/deletion)"/.exec(list)?.[1] ?? ''
    for (const locale of locales) {
      const html = await text(get(`${action}?lang=${locale}`))
      expect(html).toContain('p3@example.com')
      expect(html).toContain(`action="${action}"`)
      expect(html).not.toMatch(/undefined|\bNaN\b|\[object| style=/)
    }
    expect(await text(get(action))).toContain('A ballot that was cast: nobody can find it')
    for (const _ of [1, 2]) expect((await post(action, {})).headers.get('location')).toBe('/people?done=deleted')
    expect(await text(get('/people?done=deleted'))).toContain('The person was deleted.')
    expect(await names()).toHaveLength(11)
    expect((await get(action)).status).toBe(404)
  })

  it('deletes nobody for those who may not', async () => {
    await load(csv)
    const [person] = await invitees(services().db)
    const response = await fetchWorker(`/people/${person?.personId}/deletion`, {
      method: 'POST',
      headers: { ...(await keyHeaders('reader')), Origin: origin },
    })
    expect([response.status < 400, (await names()).length]).toEqual([response.status === 303, 12])
  })

  it('marks teams that are too small to be reported on', async () => {
    await load(`${csv}\nx@example.com,X,Sales / Tiny,sales,en`)
    const html = await text(get('/people'))
    expect(html.match(/answers with the team above/g)).toHaveLength(1)
  })

  it('shows names as text, whatever they are', async () => {
    await load(`${header}\nx@example.com,<script>alert(1)</script>,Sales & <b>Co,sales,en`)
    const html = await text(get('/people'))
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(html).not.toContain('<script>alert')
  })

  it('is for administrators', async () => {
    const response = await fetchWorker('/people', { headers: await keyHeaders('reader') })
    expect([response.status, response.headers.get('content-type')]).toEqual([403, 'text/html; charset=UTF-8'])
  })
})

describe('importing on the page', () => {
  it('previews without storing, then imports what was previewed', async () => {
    const response = await preview(csv)
    const html = await response.text()
    expect([response.status, await names()]).toEqual([200, []])
    expect(html).toContain('New people <span class="note">12</span>')
    const done = await post('/people/imports', { csv: csv.replaceAll('\n', '\r\n'), mode: 'partial', digest: digestOf(html) })
    expect([done.status, done.headers.get('location')]).toEqual([303, '/people?done=12-0-0-0-0-2'])
    expect(await text(get('/people?done=12-0-0-0-0-2'))).toContain('12 people added, 2 teams added.')
    expect(await names()).toHaveLength(12)
    expect(await text(preview(csv))).toContain('Nothing would change')
  })

  it('takes a file in another encoding, and carries its text', async () => {
    const utf16 = new Uint8Array([0xff, 0xfe, ...[...csv].flatMap((c) => [c.charCodeAt(0), 0])])
    const html = await text(post('/people/imports/preview', { file: new Blob([utf16]), csv: '', mode: 'full' }))
    expect(html).toContain('name="mode" value="full"')
    expect(html).toContain('Person &quot;3&quot;')
  })

  it('shows the preview again when people or the text changed in the meantime', async () => {
    const digest = digestOf(await text(preview(csv)))
    const tampered = await post('/people/imports', { csv: csv.replace('p3@', 'q3@'), mode: 'partial', digest })
    expect([tampered.status, await names()]).toEqual([409, []])
    await load(`${header}\np0@example.com,Person,Sales,sales,en`)
    const late = await post('/people/imports', { csv, mode: 'partial', digest })
    expect([late.status, await names()]).toEqual([409, ['Person']])
    expect(await late.text()).toContain('changed since you looked')
  })

  it('names row errors, and gives them as a file that no spreadsheet runs', async () => {
    const bad = `${csv}\n=cmd|x,Bad,Sales,finance,en`
    const html = await text(preview(bad))
    expect(html).toContain('Use one of: sales, marketing, other.')
    const response = await post('/people/imports/errors.csv', { csv: bad, mode: 'partial' })
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="people-errors.csv"')
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    expect(new TextDecoder().decode(bytes).split('\r\n').slice(1, 3)).toEqual([
      '14,email,"\'=cmd|x",This is not an email address. Use the form name@example.com.',
      '14,side,finance,"There is no such side. Use one of: sales, marketing, other."',
    ])
  })

  it('names everybody whom a full import would deactivate, and gives all of it as a file', async () => {
    const many = Array.from({ length: 150 }, (_, i) => `m${i}@example.com,Many ${i},Marketing,marketing,en`)
    await load([csv, ...many].join('\n'))
    const whole = [header, 'p0@example.com,=cmd,Marketing,marketing,en', ...rows.slice(1)].join('\n')
    const html = await text(preview(whole, 'full'))
    expect(many.filter((_, i) => !html.includes(`>m${i}@example.com<`))).toEqual([])
    expect(await names()).toHaveLength(162)
    const file = await text(post('/people/imports/changes.csv', { csv: whole, mode: 'full' }))
    const lines = file.split('\r\n')
    expect(lines.filter((line) => line.startsWith('Deactivated,'))).toHaveLength(150)
    expect(lines).toContain('Moved to another team,"\'=cmd",p0@example.com,Marketing,Sales / SDR,Marketing')
  })

  it('keeps what was entered when it is refused, in a form to correct it', async () => {
    const bad = [header, ...rows.slice(0, 3), 'nobody,Nobody,Sales,sales,en'].join('\n')
    const response = await preview(bad)
    const html = await response.text()
    expect([response.status, html.includes('Import exactly this')]).toEqual([422, false])
    expect(html).toContain('1 of 4 rows have errors')
    expect(html).toMatch(/<textarea[^>]*>\n(email,name,team,side,locale\n)/)
    expect((await post('/people/imports', { csv: bad, mode: 'partial', digest: digestOf(html) })).status).toBe(422)
    expect(await names()).toEqual([])
  })

  it.each([
    ['nothing', { csv: '', mode: 'partial' }, 'Choose a file or paste rows.', 422],
    ['an empty file', { csv: ' ', file: new Blob([]), mode: 'partial' }, 'Choose a file or paste rows.', 422],
    ['no mode', { csv }, 'Say what happens to people who are not in the file.', 422],
    ['an unknown mode', { csv, mode: 'all' }, 'Say what happens to people who are not in the file.', 422],
    ['missing columns', { csv: 'email,name\nx@example.com,X', mode: 'full' }, 'Missing columns: team, side, locale.', 422],
    ['a quote that is never closed', { csv: `${header}\nx,"X`, mode: 'full' }, 'Line 2: A quote opens here', 422],
    ['more than ten megabytes', { csv: 'x'.repeat(10 * 1024 * 1024 + 1), mode: 'full' }, 'This is more than 10 MB.', 422],
    ['far more than that', { csv: 'x'.repeat(17 * 1024 * 1024), mode: 'full' }, 'This is more than 10 MB.', 413],
  ] as const)('refuses %s, saying why', async (_, fields, why, status) => {
    for (const path of ['/people/imports/preview', '/people/imports', '/people/imports/errors.csv', '/people/imports/changes.csv']) {
      const response = await post(path, fields)
      expect(response.status).toBe(status)
      expect(await response.text()).toContain(why)
    }
  })

  it('leads back from the address of a preview that has no form any more', async () => {
    const response = await get('/people/imports/preview')
    expect([response.status, response.headers.get('location')]).toEqual([303, '/people'])
  })

  it('hands out a template that can be imported as it is', async () => {
    const content = await text(get('/people/template.csv'))
    const report = await importPeople(services(), content, { dryRun: true, mode: 'full' })
    expect([report.errors, report.added.length]).toEqual([[], 3])
  })

  it('accepts its forms as browsers send them, and nobody else’s', async () => {
    const send = (more: Record<string, string>) => {
      const body = new FormData()
      body.append('csv', csv)
      body.append('mode', 'partial')
      return fetchWorker('/people/imports/preview', { method: 'POST', body, headers: { Cookie: headers.Cookie ?? '', ...more } })
    }
    expect((await send({ Origin: 'null', 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200)
    expect((await send({ Origin: origin })).status).toBe(200)
    expect((await send({ Origin: 'null' })).status).toBe(403)
    expect((await send({ Origin: 'null', 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await send({ Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' })).status).toBe(403)
  })
})
