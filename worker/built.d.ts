/** A style sheet in `web/` that stands in the documents. */
type SheetName =
  | 'dashboard'
  | 'definitions'
  | 'explore'
  | 'forms'
  | 'kpis'
  | 'overview'
  | 'reading'
  | 'rounds'
  | 'setup'
  | 'survey'
  | 'thanks'

/** What `npm run build` makes of the style sheets: each by its name, and as a content security policy names it. */
declare module '*/dist/styles.js' {
  export const styles: Readonly<Record<SheetName, string>>
  export const hashes: Readonly<Record<SheetName, string>>
}
