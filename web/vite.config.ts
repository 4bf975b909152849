import { defineConfig, type Plugin } from 'vite'

/** Around an `import()` Vite puts 700 bytes that preload what it depends on; ours depend on next to nothing. */
const bareImport: Plugin = {
  name: 'bare-import',
  renderChunk: (code) => code.replaceAll('bareImport(', 'import('),
}

/** Assets keep stable names: the Worker's HTML names them without a manifest. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [bareImport],
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
