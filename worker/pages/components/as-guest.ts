/**
 * A page as somebody reads it who was sent a link to it: the same words and figures, and no way to change anything or to go
 * anywhere. What a page shows to whom is the page's to decide; this takes out what would lead a guest to a door.
 */

/** @param html of the whole page, rendered for a guest */
export async function asGuest(html: string): Promise<string> {
  const withForms = await detailsWithForms(html)
  let index = -1
  let inOwn = false
  return rewritten(html, (rewriter) =>
    rewriter
      .on('details', {
        element(details) {
          index += 1
          if (withForms.has(index)) details.remove()
        },
      })
      .on('form', {
        element(form) {
          if (form.getAttribute('class') !== 'lang') return void form.remove()
          inOwn = true
          form.onEndTag(() => {
            inOwn = false
          })
        },
      })
      .on('button', {
        element(button) {
          if (!inOwn && (button.hasAttribute('form') || (button.getAttribute('type') ?? 'submit') === 'submit')) button.remove()
        },
      })
      .on('nav', {
        element(nav) {
          nav.remove()
        },
      })
      .on('a[href]', {
        element(link) {
          const href = link.getAttribute('href') ?? ''
          if (href.startsWith('#') || /^\/privacy(\?|$)/.test(href)) return
          const classes = (link.getAttribute('class') ?? '').split(/\s+/)
          if (classes.includes('btn') || link.hasAttribute('download')) return void link.remove()
          link.tagName = 'span' // keeps its classes, and with them its place
          link.removeAttribute('href')
        },
      }),
  )
}

/**
 * What folds out to a form ("Delete", "Add an event"), by its place among all that fold out: without the form, there would be a
 * word that opens nothing. Tables below charts stay, whatever stands in them.
 */
async function detailsWithForms(html: string): Promise<ReadonlySet<number>> {
  const found = new Set<number>()
  const around: { index: number; isTable: boolean }[] = []
  let index = -1
  await rewritten(html, (rewriter) =>
    rewriter
      .on('details', {
        element(details) {
          index += 1
          around.push({ index, isTable: (details.getAttribute('class') ?? '').includes('asdata') })
          details.onEndTag(() => {
            around.pop()
          })
        },
      })
      .on('form', {
        element() {
          const inner = around.at(-1)
          if (inner && !inner.isTable) found.add(inner.index)
        },
      }),
  )
  return found
}

const rewritten = (html: string, rules: (rewriter: HTMLRewriter) => HTMLRewriter): Promise<string> =>
  rules(new HTMLRewriter()).transform(new Response(html)).text()
