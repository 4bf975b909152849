/**
 * The survey page: keeps a draft, says what is missing, and sends the ballot when asked to and not before. The server
 * renders every word; this file shows and fills in. The last page has it too, for its receipt.
 */
import { castStamp, type Draft, forgetRound, type JournalStore, openJournal, type Stamp } from './ballot-journal'
import { BallotProblem, byteLength, type GroupKey, groupKey, type Link, sendBallot, sha256Hex } from './ballot-sender'

const find = (selector: string, within: ParentNode = document) => within.querySelector<HTMLElement>(selector)
const all = (selector: string, within: ParentNode = document) => [...within.querySelectorAll<HTMLElement>(selector)]

const form = document.querySelector<HTMLFormElement>('form[data-round]')
const questions = [...(form?.querySelectorAll('fieldset') ?? [])]
/** Those that may be left out count nowhere. */
const needed = questions.filter((question) => find('[required]', question))
const parts = form ? all('section', form) : []
/** In the list beside the questions: one for each part. */
const entries = all('.rail li')
const comment = form?.querySelector('textarea')
const receipt = find('#receipt')
const title = document.title
/** The personal part of the link; once it is used up, the tab knows it and its address does not. */
const fragment: string = location.hash || history.state || ''
/** A team's link: others may answer on the same device. */
const shared = fragment.endsWith('.team')

keepFragment()
if (form) answerSurvey(form)
else if (receipt) showReceipt(receipt)
else forgetRound(location.pathname.split('/')[2] ?? '')

/** Asks whether a server that was gone is there again; after this many milliseconds, for as long as it takes. */
let look = () => {}
const patience = 8000

async function answerSurvey(form: HTMLFormElement): Promise<void> {
  form.addEventListener('keydown', chooseByKey)
  form.addEventListener('input', keepOne)
  form.addEventListener('input', showProgress)
  followParts()
  const button = form.querySelector<HTMLButtonElement>('[type=submit]')
  if (button) button.disabled = false
  comment?.addEventListener('focus', loadCheck, { once: true })

  const link = linkOf(form.dataset.round ?? '')
  if (!crypto.subtle || !link) {
    const refuse = (event?: Event) => {
      event?.preventDefault()
      showProblem(link ? 'insecure' : 'link')
    }
    form.addEventListener('submit', refuse)
    return refuse()
  }

  const journal = openJournal(link.roundId, (await sha256Hex(new TextEncoder().encode(link.secret))).slice(0, 32))
  find('#shared')?.toggleAttribute('hidden', !shared)
  const show = () => {
    const state = journal.read()
    if (state.step === 'cast') finish('already', state.stamp, journal)
    else restore(state.values, state.comment)
    return state.step
  }
  const step = show()
  // A page that the browser kept may be older than the draft, or than the ballot.
  addEventListener('pageshow', ({ persisted }) => persisted && show())
  if (step === 'cast') return

  let key: Promise<GroupKey> | undefined
  const keyOf = () => {
    key ??= groupKey(link).catch((error) => {
      key = undefined
      throw error
    })
    return key
  }
  const begin = () => keyOf().then(showGroup)
  begin().catch(report)
  look = () => {
    key = undefined
    begin().then(sayBack, lookAgain)
  }
  addEventListener('offline', () => showProblem('offline', false))
  addEventListener('online', look)

  // Who finds half of somebody's answers on a shared device has read them.
  if (!shared) form.addEventListener('input', () => save(journal))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (form.ariaBusy !== 'true' && isComplete(form)) submit(form, link, journal, keyOf)
  })
  for (const retry of all('[data-retry]')) retry.addEventListener('click', () => form.requestSubmit())
  if (step !== 'draft') form.requestSubmit()
}

/** One tab at a time: a second one waits, and then finds the ballot cast. */
async function submit(form: HTMLFormElement, link: Link, journal: JournalStore, keyOf: () => Promise<GroupKey>): Promise<void> {
  const send = () => {
    save(journal)
    return sendBallot(link, journal, keyOf, (step) => say(find('#status')?.dataset[step]))
  }
  form.ariaBusy = 'true'
  lock(true)
  hideProblems()
  try {
    const stamp = await navigator.locks.request(`ballot ${link.roundId}`, send)
    return finish('done', stamp, journal)
  } catch (error) {
    const over = error instanceof BallotProblem && /closed|late|full/.test(error.reason)
    if (over) journal.forget()
    lock(over || journal.read().step === 'sealed')
    report(error)
  }
  say()
  form.ariaBusy = 'false'
}

function lookAgain(): void {
  setTimeout(look, patience)
}

function sayBack(): void {
  showProblem('back', false)
  say(find('#problem-back h2')?.textContent)
}

/** The secret stays in the fragment: it is read here, and only ever sent with the sealed ballot. */
function linkOf(roundId: string): Link | undefined {
  const [, cohort, secret, list = ''] = /^#(c\d{1,4})\.([\w-]{43})(?:\.([\da-f]{32})(?:\.team)?)?$/.exec(fragment) ?? []
  return cohort && secret ? { roundId, cohort, secret, list } : undefined
}

/** Links inside the page move the focus and leave the fragment alone; the language switch takes it along. */
function keepFragment(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[lang]')) link.hash = fragment
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href^="#"]') : null
    const target = link && find(link.hash)
    if (!target) return
    event.preventDefault()
    target.scrollIntoView()
    const field = target.matches('.q') ? find(':checked, input, textarea', target) : target
    field?.focus({ preventScroll: true })
  })
  addEventListener('hashchange', () => location.reload())
}

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const fieldOf = (question: Element) => question.querySelector<HTMLInputElement>('[data-last]')

/** The chosen value or the written number, '' for "I can't judge" or "I'm not sure", null for nothing yet. */
const chosen = (question: Element) =>
  // The digits of Arabic, Persian, Thai and wide Latin have their value in their last four bits.
  question.querySelector<HTMLInputElement>(':checked')?.value ??
  (fieldOf(question)
    ?.value.trim()
    .replace(/[٠-٩۰-۹๐-๙０-９]/g, (digit) => `${digit.charCodeAt(0) & 15}`) ||
    null)

function isAnswered(question: Element): boolean {
  const value = chosen(question)
  const last = fieldOf(question)?.dataset.last
  return value !== null && !(value && last && !(/^\d+$/.test(value) && +value <= +last))
}

/** A number and "I'm not sure" exclude each other. */
function keepOne({ target }: Event): void {
  const input = target as HTMLInputElement
  const other = input.closest('.number')?.querySelector<HTMLInputElement>(input.dataset.last ? ':checked' : '[data-last]')
  if (!other) return
  other.checked = false
  if (other.dataset.last) other.value = ''
}

/** In the ballot: the parts of the page put questions in an order of their own. */
const placeOf = ({ id }: Element) => Number(id.slice(1))

function save(journal: JournalStore): void {
  const state = journal.read()
  if (state.step === 'cast' || state.step === 'sealed') return
  const values: Draft['values'] = []
  for (const question of questions) values[placeOf(question)] = chosen(question)
  journal.write({ ...state, values, comment: comment?.value ?? '' })
}

/** What was answered before this script was there stays; not on a shared device, where it may be somebody else's. */
function restore(values: readonly (string | null)[], text: string): void {
  for (const question of questions) {
    const value = values[placeOf(question)] ?? (shared ? null : chosen(question))
    for (const input of question.querySelectorAll('input')) {
      if (input.dataset.last) input.value = value ?? ''
      else input.checked = input.value === value
    }
  }
  if (comment) comment.value = text || (shared ? '' : comment.value)
  showProgress()
}

/** Marks what is missing, and says so above the questions with a link to each. */
function isComplete(form: HTMLFormElement): boolean {
  const wrong: Element[] = questions.filter((question) => !isAnswered(question) && (needed.includes(question) || chosen(question) !== null))
  if (comment && !commentFits(comment)) wrong.push(comment.closest('.q') as Element)
  for (const question of all('.q', form)) mark(question, wrong.includes(question))
  if (wrong.length === 0) return true
  hideProblems()
  const title = find('#missing-title')
  if (title) fill(title, wrong.length)
  find('#missing ul')?.replaceChildren(
    ...wrong.map((question) => {
      const item = document.createElement('li')
      const link = document.createElement('a')
      const words = find('legend, .legend', question)?.firstChild
      link.href = `#${question.id}`
      link.append(words?.cloneNode(true) ?? '')
      item.append(link)
      return item
    }),
  )
  reveal(find('#missing'))
  return false
}

function mark(question: Element, bad: boolean): void {
  question.classList.toggle('bad', bad)
  const why = find('.why', question) ?? (bad ? addReason(question) : null)
  if (!why || why.hidden === !bad) return
  why.hidden = !bad
  const described = find('textarea, [data-last]', question) ?? question
  const others = (described.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id && id !== why.id)
  described.setAttribute('aria-describedby', (bad ? [why.id, ...others] : others).join(' '))
  if (described !== question) described.ariaInvalid = String(bad)
}

function addReason(question: Element): HTMLElement | null {
  const kind = find('.list, .number', question)?.className ?? 'scale'
  const reason = find(`#why-${kind}`)?.cloneNode(true) as HTMLElement | null
  if (!reason) return null
  reason.id = `${question.id}-why`
  find('legend', question)?.after(reason)
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

/** A digit chooses in the group that has the focus; in a right-to-left page the arrows follow the eye. Enter sends nothing. */
function chooseByKey(event: KeyboardEvent): void {
  const input = event.target
  if (!(input instanceof HTMLInputElement) || event.ctrlKey || event.altKey || event.metaKey) return
  if (event.key === 'Enter') event.preventDefault()
  if (input.type !== 'radio') return
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

// ── What is shown ───────────────────────────────────────────────────────────────────────────────────────────────────

function fill(element: HTMLElement, ...values: (string | number)[]): void {
  element.textContent = (element.dataset.text ?? '').replace(/\{(\d)\}/g, (_, index) => String(values[index]))
}

function say(text?: string | null): void {
  const status = find('#status')
  if (status) status.textContent = text ?? ''
}

function showProgress(): void {
  const answered = questions.filter(isAnswered)
  for (const question of answered) mark(question, false)
  const countIn = (own: Element[]) => own.filter((question) => answered.includes(question as HTMLFieldSetElement)).length
  for (const [index, part] of parts.entries()) {
    const own = needed.filter((question) => part.contains(question))
    const done = countIn(own)
    const entry = entries[index]
    entry?.classList.toggle('done', done === own.length)
    const count = entry && find('bdi', entry)
    if (count && own.length) count.textContent = `${done}/${own.length}`
  }
  const words = find('#answered')
  const done = countIn(needed)
  if (words) fill(words, done, needed.length)
  find('#survey')?.style.setProperty('--done', String(done / needed.length))
  const counter = find('#comment-count')
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
  const name = find('.progress b')
  const showCurrent = () => {
    const above = parts.findLastIndex((part) => part.getBoundingClientRect().top < innerHeight * 0.3)
    const current = entries[Math.max(0, above)]
    for (const entry of entries) entry.ariaCurrent = entry === current ? 'step' : null
    if (name) name.textContent = current?.firstChild?.textContent ?? ''
  }
  const observer = new IntersectionObserver(showCurrent, { rootMargin: '-30% 0px -70% 0px' })
  for (const part of parts) observer.observe(part)
}

function showGroup(key: GroupKey): void {
  showStamp(key)
  const invited = find('#group-invited')
  if (invited) fill(invited, key.invited)
  const group = find('#group')
  if (group) group.hidden = false
}

/** The keys in groups of four characters: what two people compare. */
function showStamp({ group, fingerprint, list }: Stamp): void {
  const inFours = (hex: string) => hex.replace(/.{4}(?=.)/g, '$& ')
  const texts: Record<string, string> = { group, short: inFours(fingerprint.slice(0, 8)), key: inFours(fingerprint), list: inFours(list) }
  for (const element of all('[data-stamp]')) element.textContent = texts[element.dataset.stamp ?? ''] ?? ''
}

function report(error: unknown): void {
  const problem = error instanceof BallotProblem ? error : new BallotProblem('refused', String(error))
  const code = find('#problem-refused code')
  if (code) code.textContent = problem.code
  showProblem(problem.reason)
  if (/offline|unconfirmed/.test(problem.reason)) lookAgain()
}

function showProblem(reason: string, focus = true): void {
  hideProblems()
  reveal(find(`#problem-${reason}`), focus)
}

function reveal(box: HTMLElement | null, focus = true): void {
  if (!box) return
  box.hidden = false
  if (!focus) return
  document.title = (form?.dataset.error ?? '').replace('{0}', title)
  ;(find('h2[tabindex]', box) ?? box).focus()
}

function hideProblems(): void {
  document.title = title
  for (const box of all('.oops[id]')) box.hidden = true
}

// ── Afterwards ──────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Says at once that the ballot is in, and goes on to the last page if that can be had: it is not asked for with the link.
 * After a team's link it waits for whoever comes next, and forgets the ballot for them.
 */
async function finish(outcome: 'done' | 'already', { cohort }: Stamp, journal: JournalStore): Promise<void> {
  const panel = find('#cast')
  const heading = panel && find('h1', panel)
  const last = panel?.querySelector('a')
  if (!panel || !heading || !last) return
  find('#survey')?.remove()
  panel.hidden = false
  titleOf(heading)
  // A browser prints the address in the margin, and remembers it: the secret is no part of the receipt.
  history.replaceState(fragment, '', location.pathname + location.search)
  scrollTo(0, 0)
  heading.focus()
  last.search += `&cohort=${cohort}`
  last.hash = outcome
  const next = find('#next')
  if (shared && next) {
    next.hidden = false
    return next.addEventListener('click', () => {
      journal.forget()
      location.hash = fragment
    })
  }
  const found = await fetch(last.href, { credentials: 'omit' }).catch(() => null)
  if (found?.ok) location.replace(last.href)
}

/** On the last page: what this browser's ballot was stamped with, if it cast one here. */
function showReceipt(receipt: HTMLElement): void {
  const outcome = all('.outcome').find(({ id }) => `#${id}` === fragment)
  titleOf(outcome ? find('h1', outcome) : null)
  const stamp = castStamp(receipt.dataset.round ?? '', receipt.dataset.cohort ?? '')
  if (!stamp) return
  showStamp(stamp)
  receipt.hidden = false
  find('button', receipt)?.addEventListener('click', () => print())
}

/** The heading in the title of the tab, before the product's name. */
function titleOf(heading: HTMLElement | null): void {
  if (heading) document.title = heading.textContent + title.slice(title.lastIndexOf(' – '))
}
