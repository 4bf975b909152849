/** What is stored of a pull between two pages, and of a source between two pulls. */
import type { Json } from '../connectors/connector'
import type { FailureCode, FailureFacts } from '../connectors/failure'
import { canonicalJson } from '../core/canonical-json'
import { contentHash, type FactKind } from '../core/facts'
import type { CursorMark } from '../core/pulling'
import type { PullRow, SourceRow } from '../db/sources'

/** Where a pull stands: `pulls.cursor`. */
export interface Progress {
  /** Of the page that is next, as the connector understands it; null before the first one. */
  next: Json | null
  /** The last page is staged: all that is left is to publish. */
  isRead: boolean
  mark: CursorMark | null
  /** Kinds of fact of which whatever was not brought is gone. */
  complete: readonly FactKind[]
  /** Everything was read, whatever the last pull brought. */
  isWhole: boolean
  /** Somebody said that it may be true that there is nothing left. */
  acceptsEmpty: boolean
  /** How often in a row the source said to come back much later. */
  longWaits: number
  /** What this pull cost on that day, `YYYY-MM-DD` of the reporting time zone. */
  spent: { day: string; cost: number } | null
}

export const atTheStart = (acceptsEmpty = false): Progress => ({
  next: null,
  isRead: false,
  mark: null,
  complete: [],
  isWhole: false,
  acceptsEmpty,
  longWaits: 0,
  spent: null,
})

export const progressOf = ({ cursor }: Pick<PullRow, 'cursor'>): Progress => ({ ...atTheStart(), ...(cursor as Partial<Progress> | null) })

/** What went wrong at the page that is next, or what ended a pull: `pulls.detail`. */
export interface FailureDetail {
  code: FailureCode
  facts: FailureFacts
}

export const failureOf = ({ detail }: Pick<PullRow, 'detail'>): FailureDetail | null => detail as FailureDetail | null

/** What is wrong with a source: `sources.trouble`. A pull that is published clears it. */
export interface Trouble extends FailureDetail {
  /** ISO dates; `retryAt` is null where somebody has to change something first. */
  since: string
  retryAt: string | null
  /** Pulls that failed in a row. */
  times: number
}

export const troubleOf = ({ trouble }: Pick<SourceRow, 'trouble'>): Trouble | null => trouble as Trouble | null

/** Why a source cannot be read: it fails and is tried again, or stopped until somebody mends it; one that somebody paused is as they want it. */
export const unreadBecause = ({ state, trouble }: Pick<SourceRow, 'state' | 'trouble'>): 'failing' | 'stopped' | null =>
  trouble === null ? null : state === 'stopped' ? 'stopped' : state === 'active' ? 'failing' : null

/** What the next pull begins after, with what it was read by: `sources.bookmark`. */
interface Bookmark {
  rules: string
  after: Json
}

/** @returns what to store; null where the connector has no bookmark */
export const bookmarkAfter = (settings: unknown, after: Json | null): Bookmark | null =>
  after === null ? null : { rules: rulesOf(settings), after }

/**
 * Where a source is read from; null for everything. Under other settings everything is read again: a stage that means
 * something now may be that of a record which did not change since.
 */
export function bookmarkOf({ bookmark, settings }: Pick<SourceRow, 'bookmark' | 'settings'>): Json | null {
  const stored = bookmark as Bookmark | null
  return stored !== null && stored.rules === rulesOf(settings) ? stored.after : null
}

/** Settings that do not say how anything is read. */
const ofNoMatter = new Set(['everyMinutes', 'expectedEveryDays', 'quotaShare'])

const rulesOf = (settings: unknown): string =>
  contentHash([canonicalJson(Object.fromEntries(Object.entries(settings ?? {}).filter(([name]) => !ofNoMatter.has(name))))])
