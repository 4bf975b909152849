import { describe, expect, it } from 'vitest'
import { filterOf, findContacts, findNames, inFilter, maskNames, nameKeys } from '../../worker/core/names'
import { cleanLine } from '../../worker/core/text'

const people = [
  'Lisa Lee',
  "Mary O'Brien",
  'Anna-Marie van der Berg',
  'José Núñez',
  'Nurul Huda binti Ahmad',
  'สมชาย ใจดี',
  'أحمد الهاشمي',
  'Desk 2',
  'suharto',
]
const known = new Set(nameKeys(people))
const namesIn = (text: string, has = (key: string) => known.has(key)) =>
  findNames(text, has).map(({ start, end }) => text.slice(start, end))
const contactsIn = (text: string) => findContacts(text).map(({ start, end }) => text.slice(start, end))

describe('names in a comment', () => {
  it.each([
    ['Lisa never calls back.', ['Lisa']],
    ['ask lisa lee, please', ['lisa lee']],
    ['LISA LEE and Lee', ['LISA LEE', 'Lee']],
    ['Lisa’s list, O’Brien’s list', ['Lisa', 'Brien']],
    ['mary o’brien said so', ['mary o’brien']],
    ['Berg is always late', ['Berg']],
    ['anna-marie van der berg', ['anna-marie van der berg']],
    ['Talk to Jose or NUÑEZ', ['Jose', 'NUÑEZ']],
    ['kata Nurul kepada Huda', ['Nurul', 'Huda']],
    ['the Suharto account', ['Suharto']],
    ['คุณสมชายช่วยเรามาก', ['สมชาย']],
    ['พูดกับ สมชาย ใจดี แล้ว', ['สมชาย ใจดี']],
    ['اسألوا أحمد ولأحمد', ['أحمد', 'ولأحمد']],
    ['قال احمد الهاشمي ذلك', ['احمد الهاشمي']],
    ['call desk 2', ['desk 2']],
  ])('are found in %s', (text, names) => {
    expect(namesIn(text)).toEqual(names)
  })

  it.each([
    'the leads are in lee of the hill', // no capital
    'Van sales and Der Spiegel', // particles of a name
    'My Desk is full', // an account, not a person
    'Lisabon, Leeds and Bergen', // longer words
    'Br, Li and Jo', // too short
    '',
  ])('are not seen in “%s”', (text) => {
    expect(namesIn(text)).toEqual([])
  })

  it.each([
    ['joined by what nobody sees', 'Li\u200dsa\u00ad wrote it', ['Li\u200dsa\u00ad']],
    ['turned around', '\u202eLisa\u202c wrote it', ['Lisa\u202c']],
    ['under a thousand marks', `L${'\u0335'.repeat(1000)}isa wrote it`, [`L${'\u0335'.repeat(1000)}isa`]],
    ['in styled letters', '𝓛𝓲𝓼𝓪 wrote it', ['𝓛𝓲𝓼𝓪']],
    ['with accents as marks of their own', 'Nu\u0301n\u0303ez wrote it', ['Nu\u0301n\u0303ez']],
  ])('are found %s', (_, text, names) => {
    expect(namesIn(text)).toEqual(names)
  })

  it('are blanked out, and nothing else is', () => {
    expect(maskNames('Lisa Lee and mary o’brien should meet Bergen’s team.', people)).toBe('••• and ••• should meet Bergen’s team.')
    expect(maskNames('Nobody is named here.', people)).toBe('Nobody is named here.')
    expect(maskNames('Lisa is named.', [])).toBe('Lisa is named.')
  })
})

describe('the filter of names', () => {
  const filter = filterOf([...known])

  it('says yes to every name, and finds what the names themselves find', () => {
    for (const key of known) expect(inFilter(filter, key)).toBe(true)
    expect(namesIn('Lisa and สมชาย met Suharto', (key) => inFilter(filter, key))).toEqual(['Lisa', 'สมชาย', 'Suharto'])
  })

  it('says yes to fewer than one of a thousand other words, however many it was made of', () => {
    for (const size of [1, 100, 820, 10_000]) {
      const made = filterOf(Array.from({ length: size }, (_, index) => `name${index}`))
      const wrong = Array.from({ length: 20_000 }, (_, index) => `word${index}`).filter((word) => inFilter(made, word))
      expect(wrong.length).toBeLessThan(20)
    }
  })

  it('does not tell by its size how many it was made of', () => {
    expect([0, 1, 100].map((size) => filterOf(Array.from({ length: size }, String)).length)).toEqual([256, 256, 256])
    expect([110, 200].map((size) => filterOf(Array.from({ length: size }, String)).length)).toEqual([512, 512])
  })

  it('holds no name in the clear', () => {
    expect(new TextDecoder('latin1').decode(filter).toLowerCase()).not.toMatch(/lisa|brien|suharto/)
  })
})

describe('contacts in a comment', () => {
  it.each([
    ['write to lee@acme.example.', ['lee@acme.example.']],
    ['call +66 81 234 5678 today', ['+66 81 234 5678']],
    ['(02) 123-4567-89', ['02) 123-4567-89']],
    ['โทร ๐๘๑ ๒๓๔ ๕๖๗๘', ['๐๘๑ ๒๓๔ ๕๖๗๘']],
    ['اتصل ٠٥٠ ١٢٣ ٤٥٦٧', ['٠٥٠ ١٢٣ ٤٥٦٧']],
    ['ping @lisa.lee', ['@lisa.lee']],
    ['see https://linkedin.com/in/lisa and www.lisa.example', ['https://linkedin.com/in/lisa', 'www.lisa.example']],
    ['linkedin.com/in/lisa', ['linkedin.com/in/lisa']],
    ['between 2026-11-22 and 50 000 000 deals @ 3', []],
  ])('are found in %s', (text, contacts) => {
    expect(contactsIn(text)).toEqual(contacts)
  })
})

describe('a hostile comment', () => {
  it.each([
    ['ten thousand marks on one letter', `a${'\u0301'.repeat(10_000)}`],
    ['one very long word', 'Lisa'.repeat(5000)],
    ['a very long Thai word', 'สมชาย'.repeat(2000)],
    ['ten thousand at signs', '@'.repeat(10_000)],
    ['a number that never ends', '1 ( '.repeat(5000)],
    ['half of a pair', `${'\ud83d'.repeat(100)} Lisa`],
    ['dots after an at sign', `a@${'.'.repeat(10_000)}`],
  ])('%s is read in no time', (_, text) => {
    const startedAt = performance.now()
    findContacts(text)
    expect(maskNames(text, people)).toBeTypeOf('string')
    expect(performance.now() - startedAt).toBeLessThan(1000)
  })

  it.each([
    ['a name behind controls', 'Li\0sa\x07 \u202eeeL\u202c', '••• eeL'],
    ['markup', '<b onclick=alert(1)>Lisa</b>', '<b onclick=alert(1)>•••</b>'],
    ['a formula', '=cmd("Lisa Lee")', '=cmd("•••")'],
  ])('%s is cleaned, then blanked out', (_, text, clean) => {
    expect(maskNames(cleanLine(text), people)).toBe(clean)
  })
})
