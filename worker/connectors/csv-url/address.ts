/** Addresses that people copy out of Google Sheets, and the ones that answer with CSV. */

const sheet = /^\/spreadsheets\/(?:u\/\d+\/)?d\/([\w-]+)(?:\/(.*))?$/
const publishedSheet = /^\/spreadsheets\/(?:u\/\d+\/)?d\/e\/([\w-]+)(?:\/.*)?$/

/**
 * Where the table is: the CSV of the sheet for a link of Google Sheets, else the address itself.
 *
 * @example tableAddress('https://docs.google.com/spreadsheets/d/abc/edit?usp=sharing#gid=7')
 * // 'https://docs.google.com/spreadsheets/d/abc/export?format=csv&gid=7'
 */
export function tableAddress(address: string): string {
  const url = URL.parse(address)
  if (!url || !isGoogleSheets(url)) return address
  const tab = url.searchParams.get('gid') ?? /(?:^#|&)gid=(\d+)/.exec(url.hash)?.[1]
  const gid = tab && /^\d+$/.test(tab) ? tab : undefined
  const published = publishedSheet.exec(url.pathname)?.[1]
  if (published) return `${url.origin}/spreadsheets/d/e/${published}/pub?output=csv${gid ? `&gid=${gid}&single=true` : ''}`
  const [, id, action = ''] = sheet.exec(url.pathname) ?? []
  if (!id || action.startsWith('gviz/')) return address
  return `${url.origin}/spreadsheets/d/${id}/export?format=csv${gid ? `&gid=${gid}` : ''}`
}

/** @example isGoogleSheets(new URL('https://docs.google.com/spreadsheets/d/abc/edit')) // true */
export const isGoogleSheets = (url: URL): boolean => url.hostname === 'docs.google.com' && url.pathname.startsWith('/spreadsheets/')
