import type { PushConnector } from '../connector'
import { PushSettings } from './settings'

/** Programs of the organisation send rows of the canonical types when they have some. */
export const push: PushConnector<PushSettings> = { kind: 'push', brings: 'pushes', settings: PushSettings, secrets: [] }
