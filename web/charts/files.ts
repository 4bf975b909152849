import { plotHeight } from '../../worker/core/chart-height'
import type { Drawing } from './drawing'
import { lookOf } from './look'
import { chartOn, painterOf } from './painter'
import { fontText, hatch, isNarrow, prepared, stroke, wrapped, write } from './pen'

/**
 * What a picture is made with. It is handed to the module that makes one, which is loaded when somebody asks: would that
 * module import it, the drawing of every page would come in three files instead of one.
 */
const kit = { plotHeight, lookOf, chartOn, painterOf, fontText, hatch, isNarrow, prepared, stroke, wrapped, write, handOver }
export type Kit = typeof kit

/** See `web/vite.config.ts`. */
declare const bareImport: <Module>(address: string) => Promise<Module>

/** The buttons beside "Show as table". */
export function offerFiles(figure: HTMLElement, drawing: Drawing): void {
  const offer = (kind: 'png' | 'csv', save: () => Promise<void>) => {
    const button = figure.querySelector<HTMLButtonElement>(`[data-save="${kind}"]`)
    if (!button) return
    button.hidden = false
    button.addEventListener('click', () => void save())
  }
  offer('png', async () => (await bareImport<typeof import('./picture')>('/assets/picture.js')).savePicture(kit, figure, drawing))
  offer('csv', async () => (await bareImport<typeof import('./figures')>('/assets/figures.js')).saveFigures(kit, figure))
}

/** Hands a file over as a browser does with any download. */
function handOver(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
