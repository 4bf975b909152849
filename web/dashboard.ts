/**
 * What every signed-in page gains from a script. Without it, forms post, pickers have a button and charts are tables.
 */
for (const select of document.querySelectorAll<HTMLSelectElement>('select[data-submit]')) {
  select.addEventListener('change', () => select.form?.requestSubmit())
}

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-confirm]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.confirmed) return
    event.preventDefault()
    ask(form, event.submitter)
  })
}

for (const details of document.querySelectorAll<HTMLDetailsElement>('details.asdata')) {
  details.open = false
  details.dataset.ready = ''
}

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => print())
}

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy ?? '')?.textContent?.trim() ?? '')
    button.textContent = button.dataset.done ?? button.textContent
  })
}

// What a form says, in one sentence that follows its fields; without a script, it stands on the page that comes next.
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-sentence]')) {
  const output = form.querySelector('output')
  let asked = 0
  form.addEventListener('input', async () => {
    asked += 1
    const own = asked
    const fields = [...new FormData(form)].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
    await new Promise((resolve) => setTimeout(resolve, 250))
    if (own !== asked || !output) return
    const response = await fetch(`${form.dataset.sentence}?${new URLSearchParams(fields)}`).catch(() => null)
    if (response?.ok && own === asked) output.textContent = await response.text()
  })
}

// Work that is done a step at a time goes on by itself; without a script, somebody presses the button.
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-proceed]')) {
  setTimeout(() => form.requestSubmit(), Number(form.dataset.proceed))
}

// What is under way is looked at again, unless somebody is at work on the page: it would lose its place.
for (const part of document.querySelectorAll<HTMLElement>('[data-reload]')) {
  setInterval(() => {
    const isIdle = document.activeElement === null || document.activeElement === document.body
    if (isIdle && !document.hidden && getSelection()?.isCollapsed !== false && !document.querySelector('details[open]'))
      location.replace(location.pathname)
  }, Number(part.dataset.reload))
}

// Once the first screen is there, the rest is laid out part by part.
requestAnimationFrame(() => setTimeout(layOutBelow))

async function layOutBelow(): Promise<void> {
  for (const part of document.querySelectorAll<HTMLElement>('.sec ~ .sec')) {
    part.dataset.near = ''
    await new Promise(requestAnimationFrame)
  }
}

/**
 * Asks in a modal dialog with the form's own words: `data-confirm` (the question), `data-confirm-detail` (optional) and
 * `data-cancel` (the way out; without it, the dialog closes with Escape only). The native element traps the focus,
 * closes with Escape and gives the focus back.
 */
function ask(form: HTMLFormElement, submitter: HTMLElement | null): void {
  const { confirm: question = '', confirmDetail: detail, cancel } = form.dataset
  const dialog = element('dialog', { ariaLabel: question })
  const go = element('button', {
    type: 'button',
    className: submitter?.className || 'btn solid',
    textContent: submitter?.textContent ?? 'OK',
  })
  const stay = cancel ? element('button', { type: 'button', className: 'btn', textContent: cancel, autofocus: true }) : undefined
  const actions = element('div', { className: 'actions' })
  actions.append(...(stay ? [stay, go] : [go]))
  dialog.append(element('h2', { textContent: question }))
  dialog.append(element('p', { textContent: detail ?? '' }))
  dialog.append(actions)
  stay?.addEventListener('click', () => dialog.close())
  go.addEventListener('click', () => {
    form.dataset.confirmed = 'true'
    form.requestSubmit(submitter)
  })
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}

function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]>,
): HTMLElementTagNameMap[Tag] {
  return Object.assign(document.createElement(tag), properties)
}
