import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vite'

/** What paper needs is fetched last, and nothing waits for it. */
const fetched = ['print.css']

/**
 * Style sheets stand in the documents, so that nothing is painted later for them: the Worker gets their texts, and what the
 * policy of a page without a nonce names them by. Written only where something changed, as who reads it may be running.
 */
const stylesInPages: Plugin = {
  name: 'styles-in-pages',
  generateBundle(_, bundle) {
    const styles: Record<string, string> = {}
    for (const [path, file] of Object.entries(bundle)) {
      if (file.type !== 'asset' || !path.endsWith('.css') || fetched.includes(basename(path))) continue
      styles[basename(path, '.css')] = String(file.source)
        .replaceAll(/\/\*\$vite\$.*?\*\//g, '')
        .trim()
      delete bundle[path]
    }
    const hashed = Object.entries(styles).map(([name, text]) => [name, `'sha256-${createHash('sha256').update(text).digest('base64')}'`])
    const made = `export const styles = ${JSON.stringify(styles)}\nexport const hashes = ${JSON.stringify(Object.fromEntries(hashed))}\n`
    const path = resolve(import.meta.dirname, '../worker/dist/styles.js')
    if (existsSync(path) && readFileSync(path, 'utf8') === made) return
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, made)
  },
}

/** Around an `import()` Vite puts 700 bytes that preload what it depends on; ours depend on next to nothing. */
const bareImport: Plugin = {
  name: 'bare-import',
  renderChunk: (code) => code.replaceAll('bareImport(', 'import('),
}

/** Assets keep stable names: the Worker's HTML names them without a manifest. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [bareImport, stylesInPages],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      preserveEntrySignatures: 'exports-only',
      input: {
        survey: `${import.meta.dirname}/survey.ts`,
        'survey-comment': `${import.meta.dirname}/survey-comment.ts`,
        dashboard: `${import.meta.dirname}/dashboard.ts`,
        charts: `${import.meta.dirname}/charts.ts`,
        picture: `${import.meta.dirname}/charts/picture.ts`,
        figures: `${import.meta.dirname}/charts/figures.ts`,
        'sign-in': `${import.meta.dirname}/sign-in.ts`,
        survey_css: `${import.meta.dirname}/survey.css`,
        reading_css: `${import.meta.dirname}/reading.css`,
        thanks_css: `${import.meta.dirname}/thanks.css`,
        dashboard_css: `${import.meta.dirname}/dashboard.css`,
        overview_css: `${import.meta.dirname}/overview.css`,
        kpis_css: `${import.meta.dirname}/kpis.css`,
        definitions_css: `${import.meta.dirname}/definitions.css`,
        rounds_css: `${import.meta.dirname}/rounds.css`,
        explore_css: `${import.meta.dirname}/explore.css`,
        forms_css: `${import.meta.dirname}/forms.css`,
        print_css: `${import.meta.dirname}/print.css`,
        setup_css: `${import.meta.dirname}/setup.css`,
      },
      output: {
        entryFileNames: 'assets/[name].js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: (asset) => `assets/${(asset.names[0] ?? 'asset').replace(/_css/, '')}`,
      },
    },
  },
})
