import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { longestRetention } from '../../worker/core/retention'
import { messagesOf, type PrivacyFacts } from '../../worker/i18n'

const root = resolve(import.meta.dirname, '../..')
const file = join(root, 'docs/privacy.md')
const document = readFileSync(file, 'utf8')
const defaults: PrivacyFacts = { minimum: 5, mixMinutes: null, ...longestRetention }

describe('docs/privacy.md', () => {
  it('says every sentence of the public page, with the numbers of an organisation that set nothing', () => {
    const { link: _, reading: __, ...shown } = messagesOf('en').privacy
    const text = plain(document)
    expect(textsOf(shown).filter((sentence) => !text.includes(plain(sentence)))).toEqual([])
  })

  it('links to files that exist', () => {
    const targets = [...document.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = '']) => target)
    expect(targets.length).toBeGreaterThan(20)
    expect(targets.filter((target) => !existsSync(join(dirname(file), target)))).toEqual([])
  })

  it('names tests by what they are called', () => {
    const named = [...document.matchAll(/“([^”]+)” in \[[^\]]+\]\(([^)]+)\)/g)]
    expect(named.length).toBeGreaterThan(15)
    const missing = named.filter(([, title = '', target = '']) => !readFileSync(join(dirname(file), target), 'utf8').includes(title))
    expect(missing.map(([reference]) => reference)).toEqual([])
  })
})

/** Every text of a section of the messages, with the numbers filled in. */
function textsOf(section: unknown): string[] {
  if (typeof section === 'string') return [section]
  if (typeof section === 'function') return [section(defaults) as string]
  return Object.values(section as object).flatMap(textsOf)
}

/** Without Markdown and line breaks. */
const plain = (text: string) =>
  text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*`|]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
