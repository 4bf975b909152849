import { describe, expect, it } from 'vitest'
import { parseTable } from '../../worker/core/csv'
import { diffPeople, type ImportMode, type KnownPerson } from '../../worker/core/people-import'
import type { Team } from '../../worker/core/teams'

const header = 'email,name,team,side,locale'
const teams: Team[] = [
  { id: 'company', parentId: null, name: 'Acme', side: 'other' },
  { id: 'sales', parentId: 'company', name: 'Sales', side: 'sales' },
  { id: 'sdr', parentId: 'sales', name: 'SDR', side: 'sales' },
  { id: 'marketing', parentId: 'company', name: 'Marketing', side: 'marketing' },
]
const person = (name: string, teamId: string, more: Partial<KnownPerson> = {}): KnownPerson => ({
  id: `id-${name}`,
  email: `${name.toLowerCase()}@example.com`,
  name,
  locale: 'en',
  teamId,
  active: true,
  ...more,
})

/** Ten people who stay as they are, so that one bad row is no more than the allowed share. */
const crowd = Array.from({ length: 10 }, (_, i) => person(`Crowd${i}`, 'sdr'))
const crowdRows = crowd.map(({ email, name }) => `${email},${name},Acme/Sales/SDR,sales,en`)

const diff = (rows: readonly string[], people: readonly KnownPerson[] = [], mode: ImportMode = 'partial', known = teams) =>
  diffPeople(
    parseTable([header, ...rows].join('\n')),
    { teams: known, people },
    { mode, locales: ['en', 'th', 'ms', 'ar'], defaultLocale: 'ms' },
  )

describe('a file of people', () => {
  it('adds people, and the teams that are missing on their paths', () => {
    const { changes, writes } = diff(['Ann@Example.com , Ann  Lee ,Acme/Sales / AE / North,Sales,', 'bo@example.com,Bo,acme/sales/sdr,,TH'])
    expect(changes.added).toEqual([
      { email: 'ann@example.com', name: 'Ann Lee', team: 'Acme / Sales / AE / North', side: 'sales', locale: 'ms' },
      { email: 'bo@example.com', name: 'Bo', team: 'Acme / Sales / SDR', side: 'sales', locale: 'th' },
    ])
    expect(changes.teamsAdded).toEqual([
      { team: 'Acme / Sales / AE', side: 'sales' },
      { team: 'Acme / Sales / AE / North', side: 'sales' },
    ])
    const [ae, north] = writes.teams
    expect([ae?.parent, north?.parent]).toEqual(['sales', ae?.key])
    expect(writes.people.map(({ team }) => team)).toEqual([north?.key, 'sdr'])
  })

  it('tells changed, moved, reactivated and unchanged apart', () => {
    const known = [
      person('Ann', 'sdr'),
      person('Bo', 'sdr'),
      person('Cy', 'sdr', { active: false }),
      person('Di', 'sdr'),
      person('Ed', 'sdr', { locale: 'th' }),
    ]
    const { changes, writes } = diff(
      [
        'ann@example.com,Anna,Acme/Sales/SDR,sales,ar',
        'bo@example.com,Bo,Acme / Marketing,marketing,en',
        'cy@example.com,Cy,Acme / Sales / SDR,sales,en',
        'di@example.com,Di,Acme / Sales / SDR,sales,en',
        'ed@example.com,Ed,Acme / Sales / SDR,sales,',
      ],
      known,
    )
    expect(changes.changed).toEqual([
      { email: 'ann@example.com', name: 'Anna', field: 'name', from: 'Ann', to: 'Anna' },
      { email: 'ann@example.com', name: 'Anna', field: 'locale', from: 'en', to: 'ar' },
    ])
    expect(changes.moved).toEqual([{ email: 'bo@example.com', name: 'Bo', from: 'Acme / Sales / SDR', to: 'Acme / Marketing' }])
    expect(changes.reactivated).toEqual([{ email: 'cy@example.com', name: 'Cy', team: 'Acme / Sales / SDR' }])
    expect([changes.unchanged, changes.added, changes.deactivated]).toEqual([2, [], []])
    expect(writes.people.map(({ email }) => email)).toEqual(['ann@example.com', 'bo@example.com', 'cy@example.com'])
  })

  it('reads columns in any order and any case, and says which it ignored', () => {
    const table = parseTable(' LOCALE ;Name;Phone;SIDE;Team;EMAIL\nen;Ann;123;sales;Sales;ann@example.com')
    const { changes } = diffPeople(table, { teams: [], people: [] }, { mode: 'partial', locales: ['en'], defaultLocale: 'en' })
    expect(changes.added).toHaveLength(1)
    expect(changes.notices).toMatchObject([{ code: 'columns-ignored', facts: { names: 'Phone' } }])
  })

  it.each([
    ['email,name,team\na@b.co,A,T', 'columns-missing', 'Missing: side, locale. Found: “email”, “name”, “team”.'],
    ['email|name|team|side|locale\nx', 'columns-missing', 'Found: “email|name|team|side|locale”'],
    ['Email,email,name,team,side,locale\n1,2,3,4,5,6', 'invalid-input', 'email more than once'],
    ['email,name,team,side,locale,x,x\n1,2,3,4,5,6,7', 'invalid-input', '“x” more than once'],
    ['', 'invalid-input', 'nothing in this file'],
    [`${header}\na@b.co,"A,T,sales,en\n`, 'invalid-input', 'line 2 is never closed'],
  ])('is refused when nothing of it can be used: %j', (text, code, detail) => {
    const run = () => diffPeople(parseTable(text), { teams: [], people: [] }, { mode: 'partial', locales: ['en'], defaultLocale: 'en' })
    expect(run).toThrow(expect.objectContaining({ code, message: expect.stringContaining(detail) }))
  })

  it.each([
    ['not-an-address,Bad,Acme,other,en', 'email', 'email-invalid', 'not-an-address'],
    [',Bad,Acme,other,en', 'email', 'email-empty', ''],
    ['"bad@example.com\nBcc: all@example.com",Bad,Acme,other,en', 'email', 'email-invisible', 'bad@example.com\nBcc: all@example.com'],
    ['Bad <bad@example.com>,Bad,Acme,other,en', 'email', 'email-with-name', 'Bad <bad@example.com>'],
    [`${'x'.repeat(65)}@example.com,Bad,Acme,other,en`, 'email', 'email-too-long', `${'x'.repeat(65)}@example.com`],
    ['bad@example.com, \u202e\u200b ,Acme,other,en', 'name', 'name-empty', ' \u202e\u200b '],
    ['bad@example.com,,Acme,other,en', 'name', 'name-empty', ''],
    [`bad@example.com,${'x'.repeat(121)},Acme,other,en`, 'name', 'name-too-long', 'x'.repeat(121)],
    ['bad@example.com,Bad, ,other,en', 'team', 'team-empty', ' '],
    ['bad@example.com,Bad,Acme // SDR,other,en', 'team', 'team-gap', 'Acme // SDR'],
    ['bad@example.com,Bad,a/b/c/d/e/f/g/h/i,other,en', 'team', 'team-too-deep', 'a/b/c/d/e/f/g/h/i'],
    [`bad@example.com,Bad,${'x'.repeat(81)},other,en`, 'team', 'team-too-long', 'x'.repeat(81)],
    ['bad@example.com,Bad,Acme,finance,en', 'side', 'side-unknown', 'finance'],
    ['bad@example.com,Bad,Acme / Sales,marketing,en', 'side', 'side-contradicts', 'marketing'],
    ['bad@example.com,Bad,Acme / Sales / New,other,en', 'side', 'side-contradicts', 'other'],
    ['bad@example.com,Bad,Acme,sales,en', 'side', 'side-contradicts', 'sales'],
    ['bad@example.com,Bad,Brand new,,en', 'side', 'side-empty', ''],
    ['bad@example.com,Bad,Acme,other,klingon', 'locale', 'locale-unknown', 'klingon'],
  ])('leaves out a bad row, naming line, column and value: %s', (row, column, code, value) => {
    const { changes, writes } = diff([...crowdRows, row], crowd)
    expect(changes.errors).toMatchObject([{ line: 12, column, code, value }])
    expect(changes.errors[0]?.detail).toBeTruthy()
    expect(changes.errors[0]?.fix).toBeTruthy()
    expect([changes.unchanged, changes.refusal, writes.people, writes.teams]).toEqual([10, null, [], []])
  })

  it('names every error of a row, and both lines of an address that is there twice', () => {
    const { changes } = diff(
      [...crowdRows, ...Array(10).fill(''), 'ann@example.com,,Acme,other,xx', 'ANN@example.com,Ann,Acme,other,en'],
      crowd,
    )
    expect(changes.errors.map(({ line, code, facts }) => [line, code, facts.lines])).toEqual([
      [22, 'email-duplicate', '23'],
      [22, 'name-empty', undefined],
      [22, 'locale-unknown', undefined],
      [23, 'email-duplicate', '22'],
    ])
    expect(changes.added).toEqual([])
  })

  it('counts ragged rows among the bad ones', () => {
    const { changes } = diff([...crowdRows, 'ann@example.com,Ann'], crowd)
    expect(changes).toMatchObject({ read: 11, errors: [{ line: 12, column: null, code: 'row-too-short' }], refusal: null })
  })

  it('is refused when more than one row in ten is bad, not at one in ten', () => {
    const bad = 'x,Bad,Acme,other,en'
    expect(diff([...crowdRows.slice(0, 9), bad], crowd).changes.refusal).toBeNull()
    expect(diff([...crowdRows.slice(0, 8), bad], crowd).changes.refusal).toMatchObject({
      code: 'too-many-bad-rows',
      facts: { bad: 1, read: 9 },
    })
  })

  it('keeps names of every script, and drops only what cannot be seen', () => {
    const names = ['สมชาย ใจดี', 'فاطمة الزهراء', 'Zoë O’Neil', '=HYPERLINK("http://x")', '山田 太郎']
    const rows = names.map((name, i) => `p${i}@example.com,"${name.replaceAll('"', '""')}\u202e",ทีมขาย / ฝ่ายขาย,sales,th`)
    expect(diff(rows).changes.added.map(({ name }) => name)).toEqual(names)
  })
})

describe('the side of a new team', () => {
  const sidesOf = (rows: readonly string[]) =>
    diff(
      rows.map((row, i) => `p${i}@example.com,P,${row},en`),
      [],
      'partial',
      [],
    ).changes

  it('is shared upwards where all teams below agree, and other where they do not', () => {
    expect(sidesOf(['Acme / Sales / SDR,sales', 'Acme / Sales / AE,sales', 'Acme / Marketing,marketing']).teamsAdded).toEqual([
      { team: 'Acme', side: 'other' },
      { team: 'Acme / Sales', side: 'sales' },
      { team: 'Acme / Sales / SDR', side: 'sales' },
      { team: 'Acme / Sales / AE', side: 'sales' },
      { team: 'Acme / Marketing', side: 'marketing' },
    ])
  })

  it('is what its own rows say, whatever the order of the rows', () => {
    const changes = sidesOf(['Acme / Sales,sales', 'Acme,other', 'Acme / Office,'])
    expect(changes.teamsAdded).toContainEqual({ team: 'Acme', side: 'other' })
    expect(changes.teamsAdded).toContainEqual({ team: 'Acme / Office', side: 'other' })
  })

  it('passes down, so that a contradiction below it names the line that said it', () => {
    const { errors } = sidesOf(['Sales / Ops,marketing', 'Sales,sales'])
    expect(errors).toMatchObject([{ line: 2, code: 'side-contradicts', facts: { team: 'Sales', side: 'sales', line: 3 } }])
  })

  it('is taken from the first row where two rows of one team differ', () => {
    expect(sidesOf(['Ops,sales', 'Ops,marketing']).errors).toMatchObject([{ line: 3, facts: { team: 'Ops', side: 'sales', line: 2 } }])
  })
})

describe('a full import', () => {
  it('deactivates who is not in the file, a partial one nobody', () => {
    const known = [...crowd, person('Gone', 'sdr'), person('Left', 'sdr', { active: false })]
    expect(diff(crowdRows, known, 'full').changes.deactivated).toEqual([
      { email: 'gone@example.com', name: 'Gone', team: 'Acme / Sales / SDR' },
    ])
    expect(diff(crowdRows, known, 'partial').changes.deactivated).toEqual([])
  })

  it('counts somebody whose row has an error as present', () => {
    const known = [...crowd, person('Ann', 'sdr')]
    expect(diff([...crowdRows, 'ann@example.com,Ann,Acme,other,xx'], known, 'full').changes.deactivated).toEqual([])
    expect(diff([...crowdRows, 'ann@example.com,Ann'], known, 'full').changes.deactivated).toEqual([])
  })

  it('deactivates nobody while a row does not show whose it is', () => {
    const { changes, writes } = diff([...crowdRows, 'ann@example,Ann,Acme,other,en'], [...crowd, person('Ann', 'sdr')], 'full')
    expect([changes.deactivated, writes.deactivate]).toEqual([[], []])
    expect(changes.notices).toMatchObject([{ code: 'deactivation-withheld', facts: { lines: '12' } }])
  })

  it('refuses to deactivate everybody, and names them', () => {
    const { changes } = diff(['new@example.com,New,Acme,other,en'], crowd, 'full')
    expect(changes.refusal).toMatchObject({ code: 'everybody-missing', facts: { active: 10 } })
    expect(changes.deactivated).toHaveLength(10)
  })
})
