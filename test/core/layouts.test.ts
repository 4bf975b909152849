import { describe, expect, it } from 'vitest'
import type { MappedFile } from '../../worker/connectors/connector'
import { columnsOf } from '../../worker/connectors/csv/layout'
import { mapCsv } from '../../worker/connectors/csv/mapper'
import { CsvSettings, type CsvSettingsInput } from '../../worker/connectors/csv/settings'
import { meaningOf, sampleOf, suggest } from '../../worker/connectors/csv/suggest'
import { parseTable } from '../../worker/core/csv'

type LayoutInput = CsvSettingsInput['layouts'][number]

const settingsOf = (layout: Omit<LayoutInput, 'name'>, more: Partial<CsvSettingsInput> = {}): CsvSettings =>
  CsvSettings.parse({
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    dateFormat: 'iso',
    decimal: '.',
    layouts: [{ name: 'x', ...layout }],
    ...more,
  })

function read(
  csv: string,
  layout: Omit<LayoutInput, 'name'>,
  more: Partial<CsvSettingsInput> = {},
  reportingZone = 'Europe/Berlin',
): MappedFile {
  const mapped = mapCsv(csv, settingsOf(layout, more), { reportingZone, today: '2026-11-22' })
  if (!('file' in mapped)) throw new Error(JSON.stringify(mapped))
  return mapped.file
}

const codes = ({ errors }: MappedFile) => errors.map(({ line, column, code }) => [line, column, code])

describe('a lead', () => {
  const lead = { id: 'id', createdAt: 'created' }

  it.each([
    ['a day is a day and no moment', '2026-03-29', 'Europe/Berlin', { createdDay: '2026-03-29', createdAt: null }],
    [
      'a time without a zone is in the zone of the source',
      '2026-03-28 23:30',
      'Asia/Bangkok',
      { createdDay: '2026-03-29', createdAt: '2026-03-28T22:30:00.000Z' },
    ],
    ['an offset wins', '2026-03-28T23:30:00-05:00', 'Europe/Berlin', { createdDay: '2026-03-29', createdAt: '2026-03-29T04:30:00.000Z' }],
    [
      'an hour that daylight saving skips is the next one',
      '2026-03-29 02:30',
      'Europe/Berlin',
      { createdDay: '2026-03-29', createdAt: '2026-03-29T01:30:00.000Z' },
    ],
    [
      'of an hour that comes twice it is the first',
      '2026-10-25 02:30',
      'Europe/Berlin',
      { createdDay: '2026-10-25', createdAt: '2026-10-25T00:30:00.000Z' },
    ],
  ])('%s', (_, created, zone, expected) => {
    const [row] = read(`id,created\nL1,${created}\n`, { lead }, {}, zone).rows
    const { createdDay, createdAt } = row?.lead ?? { createdDay: null, createdAt: null }
    expect({ createdDay, createdAt: createdAt === null ? null : new Date(createdAt).toISOString() }).toEqual(expected)
  })

  it('enters stages on the dates of its row, is returned and lost with a reason', () => {
    const columns = { ...lead, entered: { mql: 'mql on', sal: 'sal on' }, returnedAt: 'back', lostAt: 'gone', reason: 'why' }
    const file = read(
      'id,created,mql on,sal on,back,gone,why\nL1,2026-02-01,2026-02-02 09:00,,2026-02-05,,too early\nL2,2026-02-01,,,,2026-03-01,no budget\n',
      { lead: columns },
    )
    expect(file.errors).toEqual([])
    expect(file.rows.map(({ stages }) => stages.map(({ what, stage, day, at, reason }) => [what, stage, day, at, reason]))).toEqual([
      [
        ['entered', 'mql', '2026-02-02', Date.UTC(2026, 1, 2, 8), ''],
        ['returned', null, '2026-02-05', null, 'too early'],
      ],
      [['lost', null, '2026-03-01', null, 'no budget']],
    ])
    expect(file.rows[0]?.stages.map(({ externalId, leadId }) => [externalId, leadId])).toEqual([
      ['L1|mql', 'L1'],
      ['L1|returned', 'L1'],
    ])
  })

  it('says when it was changed and whether it is deleted, as a yes or as a date', () => {
    const file = read(
      'id,created,changed,gone\na,2026-02-01,2026-02-03 10:00,\nb,2026-02-01,2026-02-04,yes\nc,2026-02-01,,2026-02-06\nd,2026-02-01,,no\n',
      {
        lead: { ...lead, updatedAt: 'changed', deleted: 'gone' },
      },
    )
    expect(file.rows.map(({ lead: fact }) => [fact?.updatedAt, fact?.deletedAt])).toEqual([
      [Date.UTC(2026, 1, 3, 9), null],
      [Date.UTC(2026, 1, 4), Date.UTC(2026, 1, 4)],
      [null, Date.UTC(2026, 1, 6)],
      [null, null],
    ])
    expect(codes(read('id,created,gone\na,2026-02-01,perhaps\n', { lead: { ...lead, deleted: 'gone' } }))).toEqual([
      [2, 'gone', 'invalid-flag'],
    ])
  })

  it('refuses an address as its id and keeps addresses out of every text', () => {
    const file = read('id,created,origin\nann@example.com,2026-02-01,web\nL2,2026-02-01,from bob@example.com by mail\n', {
      lead: { ...lead, channel: 'origin' },
    })
    expect(file.errors).toEqual([{ line: 2, column: 'id', value: null, code: 'personal-id', effect: 'row-not-imported' }])
    expect(file.rows[0]?.lead?.channel).toBe('from … by mail')
  })
})

describe('a history of stages', () => {
  const stage = {
    leadId: 'lead',
    stage: 'to',
    at: 'when',
    from: 'from',
    reason: 'why',
    stages: { Qualified: 'mql', Accepted: 'sal', 'Not ready': 'returned', Dead: 'lost', Imported: 'ignored' },
  } as const
  const table = (...rows: string[]) => ['lead,from,to,when,why', ...rows].join('\n')

  it('knows entries, returns and losses, and from where', () => {
    const file = read(
      table(
        'L1,,Qualified,2026-02-01 10:00,x',
        'L1,Qualified,Accepted,2026-02-02,',
        'L1,Accepted,Not ready,2026-02-03,too early',
        'L1,Unheard of,Dead,2026-02-04,',
      ),
      { stage },
    )
    expect(file.rows.flatMap(({ stages }) => stages.map(({ what, stage: of, reason }) => [what, of, reason]))).toEqual([
      ['entered', 'mql', ''],
      ['entered', 'sal', ''],
      ['returned', 'sal', 'too early'],
      ['lost', null, ''],
    ])
  })

  it('names values without a meaning, leaves out what is ignored, and drops neither as an error', () => {
    const file = read(
      table('L1,,Nurture,2026-02-01,', 'L2,,Nurture,2026-02-01,', 'L3,,Imported,2026-02-01,', 'L4,,Qualified,2026-02-01,'),
      { stage },
    )
    expect(file).toMatchObject({ read: 4, errors: [], notices: [{ code: 'unknown-stages', stages: [{ stage: 'Nurture', rows: 2 }] }] })
    expect(file.rows.map(({ stages }) => stages.length)).toEqual([0, 0, 0, 1])
  })

  it('takes the same step twice for one, and needs a lead and a date', () => {
    const file = read(
      table(
        'L1,,Qualified,2026-02-01,',
        'L1,,Qualified,2026-02-01,',
        ',,Qualified,2026-02-01,',
        'L2,,Qualified,,',
        'x@y.zz,,Qualified,2026-02-01,',
      ),
      { stage },
    )
    expect(file.rows.flatMap(({ stages }) => stages)).toHaveLength(1)
    expect(codes(file)).toEqual([
      [4, 'lead', 'missing-id'],
      [5, 'when', 'missing-date'],
      [6, 'lead', 'personal-id'],
    ])
  })
})

describe('a deal', () => {
  const deal = { id: 'id', createdAt: 'created', closedAt: 'closed', state: 'won', amount: 'amount', currency: 'code' } as const

  it('is read in its own currency, with its decimals', () => {
    const file = read(
      'id,created,closed,amount,code\na,,2026-02-01,1234.5,eur\nb,,2026-02-01,1500,JPY\nc,,2026-02-01,1.234,KWD\nd,,2026-02-01,7,\n',
      { deal },
    )
    expect(file.rows.map(({ deal: fact }) => [fact?.amountMinor, fact?.currency])).toEqual([
      [123450, 'EUR'],
      [1500, 'JPY'],
      [1234, 'KWD'],
      [700, 'EUR'],
    ])
  })

  it('with an unknown currency is an error', () => {
    expect(codes(read('id,created,closed,amount,code\na,,2026-02-01,5,XQQ\nb,,2026-02-01,5,Euro\n', { deal }))).toEqual([
      [2, 'code', 'unknown-currency'],
      [3, 'code', 'unknown-currency'],
    ])
  })

  it('keeps the moments of its dates', () => {
    const [row] = read('id,created,closed,amount,code\na,2026-02-01 08:00,2026-02-01T12:00Z,5,\n', { deal }).rows
    expect([row?.deal?.createdAt, row?.deal?.closedAt]).toEqual([Date.UTC(2026, 1, 1, 7), Date.UTC(2026, 1, 1, 12)])
  })

  it('that closed before it began counts, and its duration does not', () => {
    const file = read('id,created,closed,amount,code\na,2026-02-03,2026-02-01,5,\n', { deal })
    expect(file.rows).toHaveLength(1)
    expect(file.errors).toMatchObject([{ code: 'negative-duration', effect: 'duration-not-counted' }])
  })
})

describe('an attempt, a touch, people and values', () => {
  it('is of a lead or a deal, of a kind, and reached somebody or not', () => {
    const activity = {
      id: 'id',
      leadId: 'lead',
      dealId: 'deal',
      at: 'at',
      kind: 'type',
      connected: 'ok',
      kinds: { Newsletter: 'ignored', Ping: 'message' },
    } as const
    const file = read(
      'id,lead,deal,at,type,ok\n1,L1,,2026-02-01 09:00,Outbound call,yes\n2,,D1,2026-02-01,E-Mail,no\n3,L1,,2026-02-01,Ping,\n4,L1,,2026-02-01,Newsletter,\n5,,,2026-02-01,Call,\n6,L1,,2026-02-01,Call,maybe\n',
      { activity },
    )
    expect(file.rows.map(({ activity: fact }) => fact && [fact.leadId, fact.dealId, fact.kind, fact.connected])).toEqual([
      ['L1', null, 'call', true],
      [null, 'D1', 'email', false],
      ['L1', null, 'message', null],
      null,
      null,
    ])
    expect(file.notices).toEqual([{ code: 'rows-unlinked', rows: 1 }])
    expect(codes(file)).toEqual([[7, 'ok', 'invalid-flag']])
  })

  it('tells the words of a CRM for somebody who was reached', () => {
    const activity = { leadId: 'lead', at: 'at', connected: 'outcome', connectedValues: ['Connected', 'Left with colleague'] }
    const file = read('lead,at,outcome\nL1,2026-02-01,Connected\nL1,2026-02-01,Busy\nL1,2026-02-01,\n', { activity })
    expect(file.rows.map(({ activity: fact }) => fact?.connected)).toEqual([true, false, null])
    expect(new Set(file.rows.map(({ activity: fact }) => fact?.externalId)).size).toBe(3)
  })

  it('counts people of a side from a day on', () => {
    const headcount = { day: 'from', side: 'team', people: 'fte' }
    const file = read(
      'from,team,fte\n2026-01-01,Sales,7.5\n2026-01-01,marketing,3\n2026-01-01,Support,3\n2026-02-01,sales,-1\n2026-03-01,sales,\n',
      { headcount },
    )
    expect(file.rows.map(({ headcount: fact }) => [fact?.externalId, fact?.side, fact?.people])).toEqual([
      ['2026-01-01|sales', 'sales', 7.5],
      ['2026-01-01|marketing', 'marketing', 3],
    ])
    expect(codes(file)).toEqual([
      [4, 'team', 'unknown-side'],
      [5, 'fte', 'negative-number'],
      [6, 'fte', 'missing-value'],
    ])
  })

  it('keeps two touches of one day apart, and names those of nobody', () => {
    const touch = { customerId: 'customer', at: 'at', channel: 'utm' }
    const file = read('customer,at,utm\n100,2026-02-01,ads\n100,2026-02-01,ads\n,2026-02-01,ads\n', { touch })
    expect(file.rows.flatMap(({ touch: fact }) => (fact ? [fact.externalId] : []))).toHaveLength(2)
    expect(file.notices).toEqual([{ code: 'rows-unlinked', rows: 1 }])
  })

  it('reads values by day, week, month and quarter', () => {
    const value = { metric: 'kpi', period: 'when', value: 'n', numerator: 'a', denominator: 'b' }
    const rows = ['own-nps,2026-02,41.5,,', 'own-nps,2026-W07,-3,,', 'own-nps,2026-Q1,0,1,3', 'own-nps,2026-02-28,1,,']
    const bad = [
      'own-nps,2026-W54,1,,',
      'own-nps,2026-13,1,,',
      'own-nps,2027-01,1,,',
      'own-nps,soon,1,,',
      'own-nps,2026-03,,,',
      'N P S,2026-04,1,,',
      'own-nps,,1,,',
    ]
    const file = read(['kpi,when,n,a,b', ...rows, ...bad].join('\n'), { value })
    expect(file.rows.map(({ value: fact }) => [fact?.period, fact?.value, fact?.numerator, fact?.denominator])).toEqual([
      ['2026-02', 41.5, null, null],
      ['2026-W07', -3, null, null],
      ['2026-Q1', 0, 1, 3],
      ['2026-02-28', 1, null, null],
    ])
    expect(codes(file).map(([, column, code]) => [column, code])).toEqual([
      ['when', 'invalid-period'],
      ['when', 'invalid-period'],
      ['when', 'future-date'],
      ['when', 'invalid-period'],
      ['n', 'missing-value'],
      ['kpi', 'unknown-metric'],
      ['when', 'missing-date'],
    ])
  })
})

describe('the settings of layouts', () => {
  it('that were stored before there were more kinds stay as they are', () => {
    const stored = {
      timeZone: 'UTC',
      currency: 'USD',
      dateFormat: 'iso',
      expectedEveryDays: 31,
      layouts: [
        { name: 'Leads', lead: { id: 'id', createdAt: 'created' } },
        { name: 'Deals', deal: { id: 'id', closedAt: 'closed', stage: 'stage', stages: { Won: 'won' } } },
        { name: 'Spend', spend: { date: 'day', amount: 'cost' } },
      ],
    }
    expect(CsvSettings.parse(stored)).toEqual(stored)
  })

  it.each([
    ['an activity of nobody', { activity: { at: 'at' } }],
    ['a touch of nobody', { touch: { at: 'at' } }],
    ['a history whose values mean nothing', { stage: { leadId: 'a', stage: 'b', at: 'c', stages: {} } }],
    ['a value of no metric', { value: { period: 'p', value: 'v' } }],
    ['a stage that there is not', { lead: { id: 'a', createdAt: 'b', entered: { winning: 'c' } } }],
  ])('refuse %s', (_, layout) => {
    expect(() => settingsOf(layout as never)).toThrow()
  })

  it('name every column once, and nothing that is no column', () => {
    const layout = settingsOf({
      lead: { id: 'id', createdAt: 'created', entered: { mql: 'mql', sal: 'sal' }, updatedAt: 'changed' },
      activity: { leadId: 'id', at: 'when', kinds: { Ping: 'message' }, connectedValues: ['Reached'] },
      value: { metricKey: 'own-nps', period: 'p', value: 'v' },
    }).layouts[0]
    expect(layout && columnsOf(layout).sort()).toEqual(['changed', 'created', 'id', 'mql', 'p', 'sal', 'v', 'when'])
  })
})

describe('suggestions', () => {
  const guess = (header: string, row: string) => {
    const { dateFormat: _f, decimal: _d, ...kinds } = suggest(sampleOf(parseTable(`${header}\n${row}\n`)))
    return Object.fromEntries(Object.entries(kinds).filter(([, columns]) => Object.keys(columns).length > 0))
  }
  it.each([
    [
      'mql_id,first_contact_date,origin',
      'a,2026-01-01,web',
      { lead: { id: 'mql_id', createdAt: 'first_contact_date', channel: 'origin' } },
    ],
    [
      'lead_id,created_at,status,mql_date,date_entered_sql,lost_at,reason,last_modified',
      'a,2026-01-01,x,,,,,',
      {
        lead: {
          id: 'lead_id',
          createdAt: 'created_at',
          stage: 'status',
          'entered.mql': 'mql_date',
          'entered.sql': 'date_entered_sql',
          lostAt: 'lost_at',
          reason: 'reason',
          updatedAt: 'last_modified',
        },
      },
    ],
    [
      'lead_id,old_value,new_value,created_date',
      'a,x,y,2026-01-01',
      { stage: { leadId: 'lead_id', stage: 'new_value', at: 'created_date', from: 'old_value' } },
    ],
    [
      'activity_id,lead_id,type,date,connected',
      '1,a,Call,2026-01-01,yes',
      { activity: { id: 'activity_id', leadId: 'lead_id', at: 'date', kind: 'type', connected: 'connected' } },
    ],
    [
      'session_id,customer_id,started_at,utm_source',
      '1,2,2026-01-01,ads',
      { touch: { id: 'session_id', customerId: 'customer_id', at: 'started_at', channel: 'utm_source' } },
    ],
    ['date,team,headcount', '2026-01-01,sales,4', { headcount: { day: 'date', side: 'team', people: 'headcount' } }],
    ['metric,period,value', 'own-nps,2026-01,4', { value: { metric: 'metric', period: 'period', value: 'value' } }],
    [
      'date_day,spend,currency,utm_source',
      '2026-01-01,4,EUR,ads',
      { spend: { date: 'date_day', amount: 'spend', currency: 'currency', channel: 'utm_source' } },
    ],
    [
      'opportunity_id,deal_stage,engage_date,close_date,close_value,currency',
      '1,Won,2026-01-01,2026-02-01,5,EUR',
      {
        deal: {
          id: 'opportunity_id',
          stage: 'deal_stage',
          createdAt: 'engage_date',
          closedAt: 'close_date',
          amount: 'close_value',
          currency: 'currency',
        },
      },
    ],
  ])('for %s', (header, row, expected) => {
    expect(guess(header, row)).toEqual(expected)
  })

  it.each([
    ['Marketing Qualified Lead', 'mql'],
    ['SAL – accepted', 'sal'],
    ['Closed Lost', 'lost'],
    ['Not ready', 'returned'],
    ['Nurturing', 'returned'],
    ['Banana', undefined],
  ])('of what %s means', (name, meaning) => {
    expect(meaningOf(name)).toBe(meaning)
  })
})
