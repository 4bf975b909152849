import { defineConfig } from 'vite'

/** Assets keep stable names: the Worker's HTML names them without a manifest. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        survey: `${import.meta.dirname}/survey.ts`,
        'survey-comment': `${import.meta.dirname}/survey-comment.ts`,
        dashboard: `${import.meta.dirname}/dashboard.ts`,
        charts: `${import.meta.dirname}/charts.ts`,
        'sign-in': `${import.meta.dirname}/sign-in.ts`,
        survey_css: `${import.meta.dirname}/survey.css`,
        reading_css: `${import.meta.dirname}/reading.css`,
        dashboard_css: `${import.meta.dirname}/dashboard.css`,
      },
      output: {
        entryFileNames: 'assets/[name].js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: (asset) => `assets/${(asset.names[0] ?? 'asset').replace(/_css/, '')}`,
      },
    },
  },
})
