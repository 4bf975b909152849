import type { Drawing } from './drawing'

/** The buttons beside "Show as table", which only work with a script. */
export function offerFiles(_figure: HTMLElement, _drawing: Drawing): void {}
