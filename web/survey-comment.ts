/**
 * Warns, while a comment is written, of what may tell who wrote it: addresses, numbers, names of colleagues. Advice only:
 * nothing is held back, and nothing of the comment leaves the page. The names come as a filter, the same for everybody.
 * The survey page loads this file when the field gets the focus: who writes nothing needs none of it.
 */
import { findContacts, findNames, inFilter } from '../worker/core/names'

/** Milliseconds without a key before a warning is announced. */
const pause = 600
/** Of what was found: a long text makes a short warning. */
const mostWords = 5
const longestWord = 40

/** Null where the answers were sent before this file arrived. */
const comment = document.querySelector('textarea')
const round = comment?.form?.dataset.round
const warning = document.querySelector<HTMLElement>('#telling')
let has = (_: string) => false
let timer = 0
let said = ''

comment?.addEventListener('input', () => {
  clearTimeout(timer)
  timer = setTimeout(check, pause)
})
if (round) learnNames(round).then(check)

/** Where the names do not arrive, addresses and numbers are still found: advice is not worth an error. */
async function learnNames(round: string): Promise<void> {
  try {
    const response = await fetch(`/api/v1/rounds/${round}/names`, { credentials: 'omit' })
    const { filter } = (await response.json()) as { filter: string }
    const bytes = Uint8Array.from(atob(filter), (byte) => byte.charCodeAt(0))
    has = (key) => inFilter(bytes, key)
  } catch {
    // As above.
  }
}

function check(): void {
  if (!comment || !warning) return
  const text = comment.value
  const found = [...findContacts(text), ...findNames(text, has)].map(({ start, end }) => shown(text.slice(start, end)))
  const words = [...new Set(found)].slice(0, mostWords).join(' · ')
  if (words === said) return // or it would be announced again with every word
  said = words
  warning.textContent = words && (warning.dataset.text ?? '').replace('{0}', () => words)
}

/** Isolated from the text around it, and without what could turn that. */
const shown = (word: string) => `\u2068${word.replace(/\p{C}/gu, '').slice(0, longestWord)}\u2069`
