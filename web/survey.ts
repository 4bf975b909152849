/**
 * The survey page: keeps a draft, says what is missing, and sends the ballot when asked to and not before. The server
 * renders every word; this file shows and fills in.
 */
import { forgetRound, type JournalStore, openJournal, type Stamp } from './ballot-journal'
import { BallotProblem, byteLength, type GroupKey, groupKey, type Link, sendBallot, sha256Hex } from './ballot-sender'

const form = document.querySelector<HTMLFormElement>('form[data-round]')
const questions = [...(form?.querySelectorAll('fieldset') ?? [])]
const parts = [...(form?.querySelectorAll('section') ?? [])]
const comment = form?.querySelector('textarea')
const title = document.title
/** The personal part of the link; once it is used up, the tab knows it and its address does not. */
const fragment: string = location.hash || history.state || ''

keepFragment()
if (form) answerSurvey(form)
else forgetRound(location.pathname.split('/')[2] ?? '')

async function answerSurvey(form: HTMLFormElement): Promise<void> {
  form.addEventListener('keydown', chooseByKey)
  form.addEventListener('input', showProgress)
  followParts()
  const button = form.querySelector<HTMLButtonElement>('[type=submit]')
  if (button) button.disabled = false
  comment?.addEventListener('focus', loadCheck, { once: true })

  const refuse = (reason: string) => {
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      showProblem(reason)
    })
    showProblem(reason)
  }
  const link = linkOf(form.dataset.round ?? '')
  if (!globalThis.crypto?.subtle) return refuse('insecure')
  if (!link) return refuse('link')

  const journal = openJournal(link.roundId, (await sha256Hex(new TextEncoder().encode(link.secret))).slice(0, 32))
  const state = journal.read()
  if (state.step === 'cast') return finish('already', state.stamp)
  restore(state.values, state.comment)

  let key: Promise<GroupKey> | undefined
  const keyOf = () => {
    key ??= groupKey(link)
    key.catch(() => {
      key = undefined
    })
    return key
  }
  keyOf().then(showGroup, report)

  form.addEventListener('input', () => save(journal))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (form.ariaBusy !== 'true' && isComplete(form)) submit(form, link, journal, keyOf)
  })
  for (const retry of document.querySelectorAll('[data-retry]')) retry.addEventListener('click', () => form.requestSubmit())
  if (state.step !== 'draft') form.requestSubmit()
}

/** One tab at a time: a second one waits, and then finds the ballot cast. */
async function submit(form: HTMLFormElement, link: Link, journal: JournalStore, keyOf: () => Promise<GroupKey>): Promise<void> {
  const status = form.querySelector<HTMLElement>('#status')
  const say = (text = '') => {
    if (status) status.textContent = text
  }
  const send = () => {
    save(journal)
    return sendBallot(link, journal, keyOf, (step) => say(status?.dataset[step]))
  }
  form.ariaBusy = 'true'
  lock(true)
  hideProblems()
  try {
    const stamp = await (navigator.locks ? navigator.locks.request(`ballot ${link.roundId}`, send) : send())
    form.reset()
    return finish('done', stamp)
  } catch (error) {
    const over = error instanceof BallotProblem && /closed|late/.test(error.reason)
    if (over) journal.forget()
    lock(over || journal.read().step === 'sealed')
    report(error)
  }
  say()
  form.ariaBusy = 'false'
}

/** The secret stays in the fragment: it is read here, and only ever sent with the sealed ballot. */
function linkOf(roundId: string): Link | undefined {
  const [, cohort, secret, list = ''] = /^#(c\d{1,4})\.([\w-]{43})(?:\.([\da-f]{32}))?$/.exec(fragment) ?? []
  return cohort && secret ? { roundId, cohort, secret, list } : undefined
}

/** Links inside the page move the focus and leave the fragment alone; the language switch takes it along. */
function keepFragment(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[hreflang]')) link.hash = fragment
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null
    const target = link && document.getElementById(link.getAttribute('href')?.slice(1) ?? '')
    if (!target) return
    event.preventDefault()
    target.scrollIntoView()
    const field = target.matches('.q') ? target.querySelector<HTMLElement>(':checked, input, textarea') : target
    field?.focus({ preventScroll: true })
  })
  addEventListener('hashchange', () => location.reload())
}

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────

const chosen = (question: Element) => question.querySelector<HTMLInputElement>(':checked')?.value ?? null

function save(journal: JournalStore): void {
  const state = journal.read()
  if (state.step === 'cast' || state.step === 'sealed') return
  journal.write({ ...state, values: questions.map(chosen), comment: comment?.value ?? '' })
}

function restore(values: readonly (string | null)[], text: string): void {
  for (const [index, question] of questions.entries()) {
    for (const input of question.querySelectorAll('input')) input.checked = input.value === values[index]
  }
  if (comment) comment.value = text
  showProgress()
}

/** Marks what is missing, and says so above the questions with a link to each. */
function isComplete(form: HTMLFormElement): boolean {
  const wrong = questions.filter((question) => chosen(question) === null)
  if (comment && !commentFits(comment)) wrong.push(comment.closest('.q') as HTMLFieldSetElement)
  for (const question of form.querySelectorAll('.q')) mark(question, wrong.includes(question as HTMLFieldSetElement))
  if (wrong.length === 0) return true
  hideProblems()
  const summary = document.querySelector<HTMLElement>('#missing')
  const title = document.querySelector<HTMLElement>('#missing-title')
  if (title) fill(title, wrong.length)
  summary?.querySelector('ul')?.replaceChildren(
    ...wrong.map((question) => {
      const item = document.createElement('li')
      const link = document.createElement('a')
      link.href = `#${question.id}`
      link.textContent = question.querySelector('legend, .legend')?.firstChild?.textContent ?? ''
      item.append(link)
      return item
    }),
  )
  reveal(summary)
  return false
}

function mark(question: Element, bad: boolean): void {
  question.classList.toggle('bad', bad)
  const why = question.querySelector<HTMLElement>('.why') ?? (bad ? addReason(question) : null)
  if (!why || why.hidden === !bad) return
  why.hidden = !bad
  const described = question.querySelector('textarea') ?? question
  const others = (described.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id && id !== why.id)
  described.setAttribute('aria-describedby', (bad ? [why.id, ...others] : others).join(' '))
  if (described !== question) described.setAttribute('aria-invalid', String(bad))
}

function addReason(question: Element): HTMLElement | null {
  const reason = document.getElementById(question.querySelector('.list') ? 'why-list' : 'why-scale')?.cloneNode(true) as HTMLElement | null
  if (!reason) return null
  reason.id = `${question.id}-why`
  question.querySelector('legend')?.after(reason)
  return reason
}

const commentFits = ({ value }: HTMLTextAreaElement) => value.length <= 600 && byteLength(value) <= 800

/** What looks through a comment weighs more than it is worth to somebody who writes none. Without it, nobody is warned. */
function loadCheck(): void {
  bareImport('/assets/survey-comment.js').catch(() => comment?.addEventListener('focus', loadCheck, { once: true }))
}

/** `import()`, as vite.config.ts writes it. */
declare const bareImport: (address: string) => Promise<unknown>

/** Answers are fixed while they are on their way, and once they may have arrived. */
function lock(locked: boolean): void {
  for (const question of questions) question.disabled = locked
  if (comment) comment.readOnly = locked
}

/** A digit chooses in the group that has the focus; in a right-to-left page the arrows follow the eye. */
function chooseByKey(event: KeyboardEvent): void {
  const input = event.target
  if (!(input instanceof HTMLInputElement) || event.ctrlKey || event.altKey || event.metaKey) return
  const group = [...(input.closest('fieldset')?.querySelectorAll('input') ?? [])]
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1]
  const step = { ArrowLeft: 1, ArrowRight: -1 }[event.key]
  let next: HTMLInputElement | undefined
  if (digit) {
    const list = group[0]?.closest('.list')
    // "1" then "0" is ten, where there is one.
    const ten = digit === '0' && input.value === '1' && group.find(({ value }) => value === '10')
    next = ten || group.find(({ value }) => value === (list ? String(Number(digit) - 1) : digit))
  } else if (step && document.dir === 'rtl') next = group.at((group.indexOf(input) + step) % group.length)
  if (!next) return
  event.preventDefault()
  next.focus()
  next.click()
}

// ── What is shown ───────────────────────────────────────────────────────────────────────────────────────────────

function fill(element: HTMLElement, ...values: (string | number)[]): void {
  element.textContent = (element.dataset.text ?? '').replace(/\{(\d)\}/g, (_, index) => String(values[index]))
}

function showProgress(): void {
  const answered = questions.filter((question) => chosen(question) !== null)
  for (const question of answered) mark(question, false)
  for (const part of parts) {
    const own = questions.filter((question) => part.contains(question))
    const done = own.filter((question) => answered.includes(question)).length
    const entry = document.querySelector(`[data-part="${part.id}"]`)
    entry?.classList.toggle('done', done === own.length)
    const count = entry?.querySelector('bdi')
    if (count) count.textContent = `${done}/${own.length}`
  }
  const words = document.querySelector<HTMLElement>('#answered')
  if (words) fill(words, answered.length, questions.length)
  document.querySelector<HTMLElement>('#survey')?.style.setProperty('--done', String(answered.length / questions.length))
  const counter = document.querySelector<HTMLElement>('#comment-count')
  if (comment && counter) {
    // 800 bytes hold fewer characters of some scripts: the limit is that of what is being written.
    const { length } = comment.value
    const limit = length ? Math.min(600, Math.floor((800 * length) / byteLength(comment.value))) : comment.dataset.limit
    counter.textContent = `${length}/${limit}`
    if (commentFits(comment)) mark(comment.closest('.q') as Element, false)
  }
}

/** The part in view, in the list beside the questions and in the line above them. */
function followParts(): void {
  const name = document.querySelector('.progress b')
  const showCurrent = () => {
    const current = parts.findLast((part) => part.getBoundingClientRect().top < innerHeight * 0.3) ?? parts[0]
    for (const entry of document.querySelectorAll('[data-part]')) {
      if (entry.getAttribute('data-part') === current?.id) entry.setAttribute('aria-current', 'step')
      else entry.removeAttribute('aria-current')
    }
    if (name) name.textContent = current?.querySelector('h2')?.textContent ?? ''
  }
  const observer = new IntersectionObserver(showCurrent, { rootMargin: '-30% 0px -70% 0px' })
  for (const part of parts) observer.observe(part)
}

function showGroup(key: GroupKey): void {
  showStamp(key)
  const invited = document.getElementById('group-invited')
  if (invited) fill(invited, key.invited)
  const group = document.getElementById('group')
  if (group) group.hidden = false
}

/** The keys in groups of four characters: what two people compare. */
function showStamp({ group, fingerprint, list }: Stamp): void {
  const inFours = (hex: string) => hex.replace(/.{4}(?=.)/g, '$& ')
  const texts: Record<string, string> = { group, short: inFours(fingerprint.slice(0, 8)), key: inFours(fingerprint), list: inFours(list) }
  for (const element of document.querySelectorAll<HTMLElement>('[data-stamp]'))
    element.textContent = texts[element.dataset.stamp ?? ''] ?? ''
}

function report(error: unknown): void {
  const problem = error instanceof BallotProblem ? error : new BallotProblem('refused', String(error))
  const code = document.querySelector('#problem-refused code')
  if (code) code.textContent = problem.code
  showProblem(problem.reason)
}

function showProblem(reason: string): void {
  hideProblems()
  reveal(document.querySelector<HTMLElement>(`#problem-${reason}`))
}

function reveal(box: HTMLElement | null): void {
  if (!box) return
  document.title = (form?.dataset.error ?? '').replace('{0}', title)
  box.hidden = false
  box.focus()
}

function hideProblems(): void {
  document.title = title
  for (const box of document.querySelectorAll<HTMLElement>('.oops[id]')) box.hidden = true
}

/** The terms that stood above the questions are the receipt. */
function finish(outcome: 'done' | 'already', stamp: Stamp): void {
  showStamp(stamp)
  const panel = document.getElementById(outcome)
  const heading = panel?.querySelector('h1')
  const receipt = document.getElementById('receipt')
  receipt?.querySelector('p')?.after(document.querySelector('#terms') ?? '')
  document.querySelector('#survey')?.remove()
  for (const part of [panel, receipt]) if (part) part.hidden = false
  document.title = `${heading?.textContent} – ${title.split(' – ').pop()}`
  // A browser prints the address in the margin, and remembers it: the secret is no part of the receipt.
  history.replaceState(fragment, '', location.pathname + location.search)
  receipt?.querySelector('button')?.addEventListener('click', () => print())
  scrollTo(0, 0)
  heading?.focus()
}
