/**
 * What this browser remembers of one personal link: the answers until they are sent, and each step of sending, so that
 * a closed tab resumes where it was and never casts a second ballot. Afterwards only that it was used, and with which key.
 */
import type { PublicKey } from '../worker/core/blind-rsa'

/** What a ballot was stamped with, for the receipt: nothing of the answers or of the link. */
export interface Stamp {
  cohort: string
  group: string
  /** Of the group's key, in hex. */
  fingerprint: string
  /** Of all keys of the round, in hex. */
  list: string
}

export interface Draft {
  /** By question: the chosen value, '' for "I can't judge", null for nothing yet. */
  values: (string | null)[]
  comment: string
}

/** Bytes are in base64url. The key is kept: a signature under any other is refused. */
interface Blinded extends Draft {
  key: PublicKey & Stamp
  message: string
  blinded: string
  inverse: string
}

interface Issued extends Blinded {
  blindSignature: string
}

export type Journal =
  | (Draft & { step: 'draft' })
  | (Blinded & { step: 'blinded' })
  | (Issued & { step: 'issued' })
  /** May have been handed in already: the answers are fixed. */
  | (Issued & { step: 'sealed'; signature: string })
  | { step: 'cast'; stamp: Stamp }

export interface JournalStore {
  read: () => Journal
  write: <T extends Journal>(journal: T) => T
  forget: () => void
}

/** The journal of one link. Without storage (some private windows) it lasts as long as the page. */
export function openJournal(roundId: string, linkHash: string): JournalStore {
  const key = prefixOf(roundId) + linkHash
  let memory: Journal = { step: 'draft', values: [], comment: '' }
  return {
    read() {
      try {
        memory = JSON.parse(localStorage.getItem(key) ?? '') as Journal
      } catch {
        // Nothing there, or no storage: what we have in memory holds.
      }
      return memory
    },
    write(journal) {
      memory = journal
      try {
        localStorage.setItem(key, JSON.stringify(journal))
      } catch {
        // As above.
      }
      return journal
    },
    forget() {
      memory = { step: 'draft', values: [], comment: '' }
      forget(key)
    },
  }
}

/** What a ballot of this cohort was stamped with, whichever link of this browser cast it: all of a cohort have the same. */
export function castStamp(roundId: string, cohort: string): Stamp | undefined {
  for (const key of keysOf(roundId)) {
    const journal = JSON.parse(localStorage[key]) as Journal
    if (journal.step === 'cast' && journal.stamp.cohort === cohort) return journal.stamp
  }
  return undefined
}

/** Wipes answers that were never sent, once their round is over. */
export const forgetRound = (roundId: string): void => keysOf(roundId).forEach(forget)

const prefixOf = (roundId: string) => `plumbline:${roundId}:`

function keysOf(roundId: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefixOf(roundId)))
  } catch {
    return [] // no storage
  }
}

function forget(key: string): void {
  try {
    localStorage.removeItem(key)
  } catch {
    // No storage, nothing to wipe.
  }
}
