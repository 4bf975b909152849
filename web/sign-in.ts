/** Spends the one-time link in the address bar and forgets it. */
const status = document.querySelector<HTMLElement>('#sign-in')
const token = location.hash.slice(1)
if (status && token) {
  history.replaceState(null, '', location.pathname + location.search)
  status.textContent = status.dataset.working ?? ''
  const response = await fetch('/api/v1/sessions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  }).catch(() => undefined)
  if (response?.ok) location.replace(((await response.json()) as { next: string }).next)
  else status.textContent = status.dataset.spent ?? ''
}

export {}
