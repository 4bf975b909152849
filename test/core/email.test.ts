import { describe, expect, it } from 'vitest'
import { type EmailProblem, problemOfEmail, readEmail } from '../../worker/core/email'
import { cleanLine } from '../../worker/core/text'

describe('an address', () => {
  it.each([
    ['ann@example.com', 'ann@example.com'],
    [' Ann.Lee@Example.COM\r\n', 'ann.lee@example.com'],
    ["Ann.O'Lee+x@Sub.Example.co.uk", "ann.o'lee+x@sub.example.co.uk"],
    ['zoe\u0308@example.com', 'zoë@example.com'],
    ['สมชาย@ตัวอย่าง.ไทย', 'สมชาย@xn--72c1a1bt4awk9o.xn--o3cw4h'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('%j is read as %j', (text, email) => {
    expect(readEmail(text)).toBe(email)
    expect(readEmail(email)).toBe(email)
    expect(problemOfEmail(text)).toBeUndefined()
  })

  it('has one spelling, however its domain is written', () => {
    const spellings = [
      'jo@bücher.example',
      'JO@BÜCHER.EXAMPLE',
      'jo@bu\u0308cher.example',
      'jo@xn--bcher-kva.example',
      'jo@ｂücher.example',
    ]
    expect(new Set(spellings.map(readEmail))).toEqual(new Set(['jo@xn--bcher-kva.example']))
  })

  it.each<[string, EmailProblem]>([
    ['', 'email-empty'],
    [' \r\n', 'email-empty'],
    ['ann@example.com\r\nBcc: all@example.com', 'email-invisible'],
    ['ann\r@example.com', 'email-invisible'],
    ['ann@example.com\0', 'email-invisible'],
    ['ann\u2028@example.com', 'email-invisible'],
    ['ann@exa\u200bmple.com', 'email-invisible'],
    ['\u202eann@example.com', 'email-invisible'],
    ['Ann <ann@example.com>', 'email-with-name'],
    ['"ceo@example.com" <ann@evil.example>', 'email-with-name'],
    ['ann@example.com,bo@example.com', 'email-with-name'],
    ['mailto:ann@example.com', 'email-with-name'],
    [`${'a'.repeat(65)}@example.com`, 'email-too-long'],
    [`${'ก'.repeat(22)}@example.com`, 'email-too-long'],
    [`${'a'.repeat(30)}@${'b.'.repeat(120)}com`, 'email-too-long'],
    ['ann', 'email-invalid'],
    ['Ann.O’Lee@example.com', 'email-invalid'],
    ['ann@localhost', 'email-invalid'],
    ['ann@@example.com', 'email-invalid'],
    ['ann@example..com', 'email-invalid'],
    ['.ann@example.com', 'email-invalid'],
    ['a nn@example.com', 'email-invalid'],
    ['ann@-example.com', 'email-invalid'],
    ['ann@127.0.0.1', 'email-invalid'],
    ['ann@0x7f.1', 'email-invalid'],
    ['ann@xn--zzzzzzzzz-.example', 'email-invalid'],
    [`ann@${'b'.repeat(64)}.example`, 'email-invalid'],
  ])('%j is refused as %s', (text, problem) => {
    expect([readEmail(text), problemOfEmail(text)]).toEqual([undefined, problem])
  })
})

describe('a name', () => {
  it.each([
    ['Ann\r\nBcc: all@example.com', 'Ann Bcc: all@example.com'],
    ['Ann\u0085Lee\u2028Lee\0', 'Ann Lee Lee'],
    ['\u202eeeL nnA\u202c', 'eeL nnA'],
  ])('%j is one line: %j', (text, name) => expect(cleanLine(text)).toBe(name))
})
