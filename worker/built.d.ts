/** What `npm run build` makes of the style sheets in `web/`: each by its name, and as a content security policy names it. */
declare module '*/dist/styles.js' {
  export const styles: Readonly<Record<string, string>>
  export const hashes: Readonly<Record<string, string>>
}
