import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { type Sample, sampleOf } from '../../worker/connectors/csv/suggest'
import { parseTable } from '../../worker/core/csv'
import { locales, messagesOf } from '../../worker/i18n'
import { mappable, readMapping, suggestedValues, type Values } from '../../worker/pages/components/source-form'
import { adminHeaders, fetchWorker } from './client'

const t = messagesOf('en').sourcesPage
const names = { source: 'CRM', layout: 'Table', timeZone: 'UTC', currency: 'EUR' }
const sampleFrom = (csv: string): Sample => sampleOf(parseTable(csv))
const layoutOf = (csv: string, change: Values = {}) => {
  const read = readMapping({ ...suggestedValues(sampleFrom(csv), names), ...change }, t)
  return 'settings' in read ? read.settings.layouts[0] : read.mistakes
}

describe('what a form says of a table', () => {
  it('is a history of stages, with a meaning for each value that was recognised', () => {
    expect(
      layoutOf(
        'lead_id,old_value,new_value,created_date,reason\na,,Marketing Qualified Lead,2026-02-01,\na,,Not ready,2026-02-02,early\na,,Odd,2026-02-03,\n',
      ),
    ).toEqual({
      name: 'Table',
      stage: {
        leadId: 'lead_id',
        stage: 'new_value',
        at: 'created_date',
        from: 'old_value',
        reason: 'reason',
        stages: { 'Marketing Qualified Lead': 'mql', 'Not ready': 'returned' },
      },
    })
  })

  it('is a lead with the dates of its steps', () => {
    expect(layoutOf('lead_id,created_at,mql_date,sql_date\na,2026-02-01,2026-02-02,\n')).toEqual({
      name: 'Table',
      lead: { id: 'lead_id', createdAt: 'created_at', entered: { mql: 'mql_date', sql: 'sql_date' } },
    })
  })

  it('keeps a stage of a deal that is called like a column of a history apart from it', () => {
    const csv = 'deal_id,stage,close_date\n1,at,2026-02-01\n2,Won,2026-02-01\n'
    expect(layoutOf(csv, { 'stage.at': 'lost' })).toMatchObject({ deal: { stage: 'stage', stages: { at: 'lost', Won: 'won' } } })
  })

  it('names what is missing beside its field', () => {
    const csv = 'lead_id,new_status,when\na,Odd,2026-02-01\n'
    const none = layoutOf(csv, { 'step.leadId': 'lead_id', 'step.stage': 'new_status', 'step.at': 'when' })
    expect(none).toEqual([{ field: 'step.stage', reason: t.why.stages }])
    expect(layoutOf(csv, { 'activity.at': 'when' })).toEqual([{ field: 'activity.leadId', reason: t.why.column }])
  })
})

describe('the form in a browser', () => {
  it.each(locales)('shows every kind of fact and saves a history, in %s', async (locale) => {
    const headers = { ...(await adminHeaders()), 'Accept-Language': locale }
    const csv = 'lead_id,old_value,new_value,created_date\na,,MQL,2026-02-01\na,MQL,SAL,2026-02-02\n'
    const upload = new FormData()
    upload.set('file', new File([csv], 'history.csv', { type: 'text/csv' }))
    const form = await fetchWorker('/sources/samples', { method: 'POST', headers, body: upload })
    const html = await form.text()
    const words = messagesOf(locale).sourcesPage
    expect(form.status).toBe(200)
    expect(html).toMatch(/<details open/)
    for (const text of [words.moreKindsTitle, ...Object.values(words.moreKinds).map(({ name }) => name), words.leadMeanings.returned])
      expect(html).toContain(text)
    const sample = sampleFrom(csv)
    const values = { ...suggestedValues(sample, { ...names, source: `History ${locale}` }), sample: JSON.stringify(sample), action: 'save' }
    const saved = await fetchWorker('/sources', { method: 'POST', headers, body: new URLSearchParams(values) })
    expect(saved.status).toBe(303)
    const stored = await env.DB.prepare(`select settings from sources where name = 'History ${locale}'`).first<{ settings: string }>()
    expect(JSON.parse(stored?.settings ?? '{}').layouts[0].stage.stages).toEqual({ MQL: 'mql', SAL: 'sal' })
  })

  it('has a label in every language for every column of every kind', () => {
    for (const locale of locales) {
      const { fields } = messagesOf(locale).sourcesPage
      for (const field of Object.values(mappable)
        .flat()
        .filter((name) => !name.startsWith('entered.')))
        expect([locale, field, field in fields]).toEqual([locale, field, true])
    }
  })
})
