/**
 * Every table, in the order a reader needs them.
 *
 * Three rules that the database keeps for us:
 * - nothing cascades: D1 ignores `PRAGMA foreign_keys=OFF`, so a rebuilt parent would silently empty its children;
 * - a ballot has no time, no order, no author and no index on its token (see docs/decisions/003-ballots.md);
 * - a moment is an integer of milliseconds since 1970, a day is the text `YYYY-MM-DD` in the reporting time zone, a
 *   period is the text `YYYY-MM`.
 *
 * The migrations add `STRICT` and `WITHOUT ROWID`, which drizzle cannot express.
 */
import { sql } from 'drizzle-orm'
import { blob, check, index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

const moment = (name: string) => integer(name, { mode: 'timestamp_ms' })
const json = <T>(name: string) => text(name, { mode: 'json' }).$type<T>()
/** Bytes; D1 hands blobs back as arrays of numbers, `bytes()` in client.ts makes them a Uint8Array. */
const bytes = (name: string) => blob(name).$type<Uint8Array | ArrayBuffer | number[]>()

// ── The organisation ────────────────────────────────────────────────────────────────────────────────────────────

/** One row a setting; `db/settings.ts` names them and their defaults. */
export const settings = sqliteTable('settings', {
  key: text('key').primaryKey(),
  value: json<unknown>('value').notNull(),
})

export const teams = sqliteTable(
  'teams',
  {
    id: text('id').primaryKey(),
    parentId: text('parent_id'),
    name: text('name').notNull(),
    side: text('side', { enum: ['sales', 'marketing', 'other'] }).notNull(),
    position: integer('position').notNull().default(0),
    archivedAt: moment('archived_at'),
    /** Its people answer through one shared link, capped at their number, instead of a personal one each. */
    openLink: integer('open_link', { mode: 'boolean' }).notNull().default(false),
  },
  (table) => [index('teams_parent_id').on(table.parentId), check('teams_side', sql`${table.side} in ('sales', 'marketing', 'other')`)],
)

/** Somebody who can be invited. Never has an answer attached. */
export const people = sqliteTable(
  'people',
  {
    id: text('id').primaryKey(),
    email: text('email').notNull(), // lower case
    name: text('name').notNull(),
    locale: text('locale').notNull(),
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id),
    deactivatedAt: moment('deactivated_at'),
    mailStoppedAt: moment('mail_stopped_at'), // asked not to be written to; may still answer
  },
  (table) => [uniqueIndex('people_email').on(table.email), index('people_team_id').on(table.teamId)],
)

/** Something that happened on a date, drawn on every time axis. */
export const events = sqliteTable(
  'events',
  {
    id: text('id').primaryKey(),
    day: text('day').notNull(),
    name: text('name').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [index('events_day').on(table.day)],
)

// ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * What the organisation decided about its survey, one row a version; without any, the default survey is asked. Rows are
 * never changed: a round freezes its items when it opens, and the latest version holds for the next one.
 */
export const surveys = sqliteTable('surveys', {
  version: integer('version').primaryKey(),
  body: json<unknown>('body').notNull(), // SurveyPlan without its version
  createdAt: moment('created_at').notNull(),
})

/** Statements that the organisation wrote itself. The id is for ever: closed rounds name it. */
export const ownItems = sqliteTable('own_items', {
  id: text('id').primaryKey(), // 'own-…'
  theme: text('theme').notNull(),
  texts: json<Record<string, string>>('texts').notNull(), // by language
  createdAt: moment('created_at').notNull(),
  retiredAt: moment('retired_at'),
})

/** The organisation's own options of a term's question, and which of them is agreed on; without a row, the bank's. */
export const termQuestions = sqliteTable('term_questions', {
  term: text('term').primaryKey(),
  body: json<unknown>('body').notNull(), // TermQuestion
  updatedAt: moment('updated_at').notNull(),
})

// ── Rounds and ballots ──────────────────────────────────────────────────────────────────────────────────────────

export const rounds = sqliteTable(
  'rounds',
  {
    id: text('id').primaryKey(),
    number: integer('number').notNull(),
    period: text('period').notNull(),
    state: text('state', { enum: ['scheduled', 'open', 'closed'] }).notNull(),
    opensAt: moment('opens_at'), // planned
    closesAt: moment('closes_at'), // planned
    openedAt: moment('opened_at'),
    closingAt: moment('closing_at'), // casting ends here; the count follows
    closedAt: moment('closed_at'),
    /** `FrozenRound`: tree, items, minimum group size and method version, fixed when the round opens. */
    frozen: json<unknown>('frozen'),
    /** The day of the schedule that it was made for, `YYYY-MM-DD`; null for a round that somebody made by hand. */
    slot: text('slot'),
    /** Days that it was moved away from its slot. */
    shiftedDays: integer('shifted_days').notNull().default(0),
    /** What every personal link of the round is derived from: v1.<iv>.<ciphertext>; null before it opens and once it has closed. */
    linkKey: text('link_key'),
  },
  (table) => [
    uniqueIndex('rounds_number').on(table.number),
    uniqueIndex('rounds_slot').on(table.slot),
    index('rounds_state').on(table.state),
    uniqueIndex('rounds_one_open').on(table.state).where(sql`${table.state} = 'open'`),
    check('rounds_state_value', sql`${table.state} in ('scheduled', 'open', 'closed')`),
  ],
)

/** A reporting cell with at least the minimum group size of invitees, and its signing key while the round is open. */
export const cohorts = sqliteTable(
  'cohorts',
  {
    roundId: text('round_id').notNull(),
    cohort: text('cohort').notNull(), // 'c1', 'c2', … in tree order
    nodeId: text('node_id').notNull(), // of the frozen tree
    invited: integer('invited').notNull(),
    publicKey: text('public_key').notNull(), // JWK n, base64url
    fingerprint: text('fingerprint').notNull(), // SHA-256 of the SubjectPublicKeyInfo, hex
    privateKey: text('private_key'), // v1.<iv>.<ciphertext>; null once the round has closed
  },
  (table) => [primaryKey({ columns: [table.roundId, table.cohort] })],
)

/**
 * One person's right to one ballot. `blindedHash` is 32 zero bytes until the ballot is collected: fixed width, so that
 * collecting it rewrites the cell in place. Deleted when the round closes.
 */
export const invitations = sqliteTable(
  'invitations',
  {
    tokenHash: bytes('token_hash').primaryKey(),
    roundId: text('round_id').notNull(),
    cohort: text('cohort').notNull(),
    personId: text('person_id').notNull(),
    blindedHash: bytes('blinded_hash').notNull(),
    generation: integer('generation').notNull().default(0), // of the link: a new one ends the one before
  },
  (table) => [
    index('invitations_round_id').on(table.roundId, table.personId),
    check('invitations_token_hash', sql`length(${table.tokenHash}) = 32`),
    check('invitations_blinded_hash', sql`length(${table.blindedHash}) = 32`),
  ],
)

/**
 * One message to one person. Says who was written to and who could not be reached, so it goes when the round closes: who
 * got a reminder had not answered yet.
 */
export const deliveries = sqliteTable(
  'deliveries',
  {
    roundId: text('round_id').notNull(),
    personId: text('person_id').notNull(),
    kind: text('kind', { enum: ['invitation', 'reminder-1', 'reminder-2'] }).notNull(),
    state: text('state', { enum: ['waiting', 'sending', 'sent', 'failed'] }).notNull(),
    attempts: integer('attempts').notNull().default(0),
    dueAt: moment('due_at').notNull(), // not before
    leasedUntil: moment('leased_until'), // whoever sends it now has so long
    fence: integer('fence').notNull().default(0), // one more at each lease: a late answer of an earlier one changes nothing
    error: text('error'), // a code of ours, never an address
    reply: text('reply'), // what the other server said, without addresses
  },
  (table) => [primaryKey({ columns: [table.roundId, table.personId, table.kind] }), index('deliveries_due').on(table.state, table.dueAt)],
)

/** What a round did once: sent its invitations, its first reminder. The row is the claim. */
export const notices = sqliteTable(
  'notices',
  {
    roundId: text('round_id').notNull(),
    kind: text('kind').notNull(),
    at: moment('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.roundId, table.kind] })],
)

/** A team's shared link into a round, while it is open. */
export const openLinks = sqliteTable(
  'open_links',
  {
    roundId: text('round_id').notNull(),
    teamId: text('team_id').notNull(),
    cohort: text('cohort').notNull(),
    tokenHash: bytes('token_hash').notNull(),
    generation: integer('generation').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.roundId, table.teamId] }), check('open_links_token_hash', sql`length(${table.tokenHash}) = 32`)],
)

/** As many as the team has people; 32 zero bytes until a ballot is collected with one, like an invitation without a person. */
export const openIssuances = sqliteTable(
  'open_issuances',
  {
    roundId: text('round_id').notNull(),
    teamId: text('team_id').notNull(),
    slot: integer('slot').notNull(),
    blindedHash: bytes('blinded_hash').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.roundId, table.teamId, table.slot] }),
    check('open_issuances_blinded_hash', sql`length(${table.blindedHash}) = 32`),
  ],
)

/**
 * Who was invited to the latest round, by node: what the next opening compares with, to know how many joined and left.
 * Says nothing of who answered. A deleted person's row keeps a random id instead.
 */
export const roster = sqliteTable(
  'roster',
  {
    roundId: text('round_id').notNull(),
    personId: text('person_id').notNull(),
    nodeId: text('node_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.roundId, table.personId] }), index('roster_person_id').on(table.personId)],
)

/** As many slots as invitees, made when the round opens. A free slot has a token of 32 zero bytes. */
export const ballotSlots = sqliteTable(
  'ballot_slots',
  {
    roundId: text('round_id').notNull(),
    cohort: text('cohort').notNull(),
    slot: integer('slot').notNull(),
    token: bytes('token').notNull(),
    answers: bytes('answers').notNull(), // one byte an item, see core/ballot.ts
  },
  (table) => [
    primaryKey({ columns: [table.roundId, table.cohort, table.slot] }),
    check('ballot_slots_token', sql`length(${table.token}) = 32`),
  ],
)

/** Comments apart from answers: own slots, 800 bytes each, first byte 0 when free. */
export const commentSlots = sqliteTable(
  'comment_slots',
  {
    roundId: text('round_id').notNull(),
    cohort: text('cohort').notNull(),
    slot: integer('slot').notNull(),
    body: bytes('body').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.roundId, table.cohort, table.slot] }),
    check('comment_slots_body', sql`length(${table.body}) = 800`),
  ],
)

// ── What was published ──────────────────────────────────────────────────────────────────────────────────────────

/** One a closed round, frozen. Its primary key is what makes closing happen once. */
export const results = sqliteTable('results', {
  roundId: text('round_id').primaryKey(),
  methodVersion: text('method_version').notNull(),
  inputsHash: text('inputs_hash').notNull(),
  body: json<unknown>('body').notNull(), // RoundResult
  publishedAt: moment('published_at').notNull(),
})

/** The alignment score of a round. Late KPI rows add a revision; earlier ones stay. */
export const scores = sqliteTable(
  'scores',
  {
    roundId: text('round_id').notNull(),
    revision: integer('revision').notNull(),
    number: integer('number').notNull(),
    period: text('period').notNull(),
    methodVersion: text('method_version').notNull(),
    inputsHash: text('inputs_hash').notNull(),
    body: json<unknown>('body').notNull(), // Score
    computedAt: moment('computed_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.roundId, table.revision] }), index('scores_period').on(table.period)],
)

/** What two owners, one from each side, agreed to do about what a round found. */
export const agreedActions = sqliteTable(
  'actions',
  {
    id: text('id').primaryKey(),
    roundId: text('round_id').notNull(), // whose result it answers
    text: text('text').notNull(),
    salesOwner: text('sales_owner').notNull(),
    marketingOwner: text('marketing_owner').notNull(),
    dueDay: text('due_day'),
    doneDay: text('done_day'),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [index('actions_round_id').on(table.roundId)],
)

/**
 * What the organisation decided about its score, one row a version; without any, the defaults hold (version 1). Rows are
 * never changed: every score names the version that it was computed under.
 */
export const scoringRules = sqliteTable('scoring_rules', {
  version: integer('version').primaryKey(),
  body: json<unknown>('body').notNull(), // ScoringRules without its version
  createdAt: moment('created_at').notNull(),
})

/**
 * What is computed from scores and KPIs and takes too long for a page: replaced as a whole, whenever what it is made of
 * has changed (`inputsHash`).
 */
export const analyses = sqliteTable('analyses', {
  kind: text('kind', { enum: ['relations', 'around-events'] }).primaryKey(),
  inputsHash: text('inputs_hash').notNull(),
  body: json<unknown>('body').notNull(),
  computedAt: moment('computed_at').notNull(),
})

// ── Sources, pulls and facts ────────────────────────────────────────────────────────────────────────────────────

export const sources = sqliteTable('sources', {
  id: text('id').primaryKey(),
  kind: text('kind').notNull(), // 'csv'
  name: text('name').notNull(),
  settings: json<unknown>('settings').notNull(),
  settingsVersion: integer('settings_version').notNull().default(1),
  expectedEveryDays: integer('expected_every_days').notNull().default(31),
  createdAt: moment('created_at').notNull(),
  lastSuccessAt: moment('last_success_at'), // of a pull that was read to its end
  lastNewDataAt: moment('last_new_data_at'),
})

/** One run of a source's connector. A dry run leaves no row. */
export const pulls = sqliteTable(
  'pulls',
  {
    id: text('id').primaryKey(),
    sourceId: text('source_id').notNull(),
    state: text('state', { enum: ['done', 'failed'] }).notNull(),
    layout: text('layout'),
    fileName: text('file_name'),
    startedAt: moment('started_at').notNull(),
    finishedAt: moment('finished_at'),
    read: integer('read').notNull().default(0),
    inserted: integer('inserted').notNull().default(0),
    updated: integer('updated').notNull().default(0),
    unchanged: integer('unchanged').notNull().default(0),
    rejected: integer('rejected').notNull().default(0),
    error: text('error'), // a problem code and detail, never a row's content
  },
  (table) => [index('pulls_source_id').on(table.sourceId, table.startedAt)],
)

export const pullErrors = sqliteTable(
  'pull_errors',
  {
    pullId: text('pull_id').notNull(),
    position: integer('position').notNull(),
    line: integer('line').notNull(),
    column: text('column'),
    value: text('value'),
    code: text('code').notNull(),
    detail: text('detail').notNull(),
    fix: text('fix').notNull(),
  },
  (table) => [primaryKey({ columns: [table.pullId, table.position] })],
)

export const leads = sqliteTable(
  'leads',
  {
    sourceId: text('source_id').notNull(),
    externalId: text('external_id').notNull(),
    createdDay: text('created_day').notNull(),
    channel: text('channel').notNull().default(''),
    leadType: text('lead_type').notNull().default(''),
    stage: text('stage'),
    contentHash: text('content_hash').notNull(),
    deletedAt: moment('deleted_at'),
  },
  (table) => [primaryKey({ columns: [table.sourceId, table.externalId] }), index('leads_created_day').on(table.createdDay)],
)

export const deals = sqliteTable(
  'deals',
  {
    sourceId: text('source_id').notNull(),
    externalId: text('external_id').notNull(),
    leadId: text('lead_id'), // external id of a lead of the same source
    customerId: text('customer_id'),
    createdDay: text('created_day'),
    closedDay: text('closed_day'),
    state: text('state', { enum: ['open', 'won', 'lost'] }).notNull(),
    stage: text('stage').notNull().default(''), // as the source names it
    amountMinor: integer('amount_minor'),
    currency: text('currency').notNull(),
    channel: text('channel').notNull().default(''),
    contentHash: text('content_hash').notNull(),
    deletedAt: moment('deleted_at'),
  },
  (table) => [
    primaryKey({ columns: [table.sourceId, table.externalId] }),
    index('deals_closed_day').on(table.closedDay),
    index('deals_lead_id').on(table.sourceId, table.leadId),
    check('deals_state', sql`${table.state} in ('open', 'won', 'lost')`),
  ],
)

export const spend = sqliteTable(
  'spend',
  {
    sourceId: text('source_id').notNull(),
    externalId: text('external_id').notNull(),
    day: text('day').notNull(),
    channel: text('channel').notNull().default(''),
    side: text('side').notNull().default(''),
    kind: text('kind').notNull().default(''),
    amountMinor: integer('amount_minor').notNull(),
    currency: text('currency').notNull(),
    contentHash: text('content_hash').notNull(),
    deletedAt: moment('deleted_at'),
  },
  (table) => [primaryKey({ columns: [table.sourceId, table.externalId] }), index('spend_day').on(table.day)],
)

/** A KPI's value for one period, recomputed from the facts after each pull. `value` is null where it is undefined. */
export const observations = sqliteTable(
  'observations',
  {
    metric: text('metric').notNull(),
    basis: text('basis', { enum: ['period', 'cohort'] }).notNull(),
    window: text('window').notNull().default(''), // cohorts: '30' | '60' | '90' | 'ever'
    period: text('period').notNull(),
    value: real('value'),
    numerator: real('numerator'),
    denominator: real('denominator'),
    count: integer('count').notNull().default(0), // records behind the value
    mean: real('mean'),
    p90: real('p90'),
    provisional: integer('provisional', { mode: 'boolean' }).notNull().default(false),
    asOf: moment('as_of').notNull(), // oldest last success of the sources behind it
  },
  (table) => [primaryKey({ columns: [table.metric, table.basis, table.window, table.period] })],
)

// ── Access ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const signInLinks = sqliteTable('sign_in_links', {
  tokenHash: text('token_hash').primaryKey(),
  role: text('role').notNull(),
  expiresAt: moment('expires_at').notNull(),
  usedAt: moment('used_at'),
})

export const sessions = sqliteTable('sessions', {
  tokenHash: text('token_hash').primaryKey(),
  role: text('role').notNull(),
  createdAt: moment('created_at').notNull(),
  lastSeenAt: moment('last_seen_at').notNull(),
})

export const apiKeys = sqliteTable('api_keys', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  secretHash: text('secret_hash').notNull(),
  role: text('role').notNull(),
  createdAt: moment('created_at').notNull(),
  expiresAt: moment('expires_at'),
  lastUsedDay: text('last_used_day'),
  revokedAt: moment('revoked_at'),
})

/** The last time each scheduled job ran, for /readyz. */
export const heartbeats = sqliteTable('heartbeats', {
  job: text('job').primaryKey(),
  at: moment('at').notNull(),
})
