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
    author: text('author').notNull().default(''), // who says so, as they wrote it
    scope: text('scope', { enum: ['company', 'sales', 'marketing'] })
      .notNull()
      .default('company'), // whom it happened to
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

export const sources = sqliteTable(
  'sources',
  {
    id: text('id').primaryKey(),
    kind: text('kind').notNull(), // of the registry in connectors/index.ts
    name: text('name').notNull(),
    settings: json<unknown>('settings').notNull(),
    settingsVersion: integer('settings_version').notNull().default(1),
    expectedEveryDays: integer('expected_every_days').notNull().default(31),
    createdAt: moment('created_at').notNull(),
    lastSuccessAt: moment('last_success_at'), // of a pull that was read to its end
    lastNewDataAt: moment('last_new_data_at'),
    /**
     * `draft`: being set up, pulled by nobody. `active`. `paused`: by somebody. `stopped`: by itself, until somebody changes
     * something, because trying again cannot help (a key that is refused, say).
     */
    state: text('state', { enum: ['draft', 'active', 'paused', 'stopped'] })
      .notNull()
      .default('active'),
    everyMinutes: integer('every_minutes'), // null: nothing is pulled, rows are uploaded or pushed
    dueAt: moment('due_at'), // of the next pull
    ownerEmail: text('owner_email'), // who is told when it stops working
    sealed: text('sealed'), // the secret: v1.<iv>.<ciphertext>
    secretHint: text('secret_hint'), // its last four characters
    /** What the next pull begins after, by stream; written together with what was read. */
    bookmark: json<unknown>('bookmark'),
    /** `Trouble` in services/pulling.ts: what went wrong, since when, how often in a row; null while it works. */
    trouble: json<unknown>('trouble'),
    alertedAt: moment('alerted_at'), // its owner was told, and not yet that it works again
  },
  (table) => [index('sources_due').on(table.state, table.dueAt)],
)

/** One run of a source's connector, or one file. A dry run leaves no row. */
export const pulls = sqliteTable(
  'pulls',
  {
    id: text('id').primaryKey(),
    sourceId: text('source_id').notNull(),
    /** `running`: has pages to read; `cancelled`: somebody paused or deleted its source, or its settings changed. */
    state: text('state', { enum: ['running', 'done', 'failed', 'cancelled'] }).notNull(),
    layout: text('layout'),
    fileName: text('file_name'),
    startedAt: moment('started_at').notNull(),
    finishedAt: moment('finished_at'),
    read: integer('read').notNull().default(0),
    inserted: integer('inserted').notNull().default(0),
    updated: integer('updated').notNull().default(0),
    unchanged: integer('unchanged').notNull().default(0),
    rejected: integer('rejected').notNull().default(0),
    error: text('error'), // a problem code, never a row's content
    detail: json<unknown>('detail'), // what is known of the failure: scope, field, host, the vendor's correlation id
    origin: text('origin', { enum: ['upload', 'push', 'schedule', 'person'] })
      .notNull()
      .default('upload'),
    slot: text('slot'), // of the schedule: of two runs of cron for one slot, one makes the pull
    settingsVersion: integer('settings_version').notNull().default(1), // read under
    fence: integer('fence').notNull().default(0), // one more at each lease: a late answer of an earlier one changes nothing
    leasedUntil: moment('leased_until'),
    dueAt: moment('due_at'), // of the next page: not before
    attempts: integer('attempts').notNull().default(0), // at the page that is next
    cursor: json<unknown>('cursor'), // of the page that is next, as its connector understands it
    bookmark: json<unknown>('bookmark'), // what the source's becomes once this is published
    pages: integer('pages').notNull().default(0),
    total: integer('total'), // records that the source says there are; null where it does not say
    cost: integer('cost').notNull().default(0), // of the vendor's quota, in its unit
    notices: json<unknown>('notices'),
  },
  (table) => [
    index('pulls_source_id').on(table.sourceId, table.startedAt),
    uniqueIndex('pulls_slot').on(table.sourceId, table.slot),
    index('pulls_running').on(table.state, table.dueAt),
  ],
)

/** Facts that a pull has read and not published yet. `body` has the columns of the kind's table in order, see db/facts.ts. */
export const stagedFacts = sqliteTable(
  'staged_facts',
  {
    pullId: text('pull_id').notNull(),
    kind: text('kind').notNull(),
    externalId: text('external_id').notNull(),
    body: text('body').notNull(),
  },
  (table) => [primaryKey({ columns: [table.pullId, table.kind, table.externalId] })],
)

/**
 * Row 1 grows with every change of a fact or of a rule that KPIs are made by: whoever publishes has seen it unchanged. Row 2
 * is the revision that scores and analyses were last made of, row 3 the one that observations were.
 */
export const factRevision = sqliteTable('fact_revision', {
  id: integer('id').primaryKey(),
  revision: integer('revision').notNull(),
})

/**
 * One row, which triggers give another random value whenever a row changes of what the overview and the scores are made of: as
 * long as it stays, an answer that was given before is still right (`remember.ts`). The migrations have the triggers.
 */
export const contentVersion = sqliteTable('content_version', { version: text('version').notNull() })

/** A batch that must not go on writes null here, which aborts all of it. Empty at all other times. */
export const guards = sqliteTable('guards', { held: integer('held').notNull() })

/** What a program was answered for its key, so that asking again has no second effect. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    sourceId: text('source_id').notNull(),
    key: text('key').notNull(),
    bodyHash: text('body_hash').notNull(),
    status: integer('status').notNull(),
    body: json<unknown>('body').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.sourceId, table.key] }), index('idempotency_keys_created_at').on(table.createdAt)],
)

export const pullErrors = sqliteTable(
  'pull_errors',
  {
    pullId: text('pull_id').notNull(),
    position: integer('position').notNull(),
    line: integer('line').notNull(), // 0 where the source has records and no lines
    column: text('column'),
    value: text('value'),
    record: text('record'), // its id in the source
    code: text('code').notNull(),
    detail: text('detail').notNull(),
    fix: text('fix').notNull(),
  },
  (table) => [primaryKey({ columns: [table.pullId, table.position] })],
)

/** The columns that every fact has. */
const fact = () => ({
  sourceId: text('source_id').notNull(),
  externalId: text('external_id').notNull(),
})
const provenance = () => ({
  updatedAt: moment('updated_at'), // at the source; what is older than what is stored changes nothing
  contentHash: text('content_hash').notNull(),
  deletedAt: moment('deleted_at'),
})

export const leads = sqliteTable(
  'leads',
  {
    ...fact(),
    createdDay: text('created_day').notNull(),
    createdAt: moment('created_at'),
    channel: text('channel').notNull().default(''),
    leadType: text('lead_type').notNull().default(''),
    stage: text('stage'),
    ...provenance(),
  },
  (table) => [primaryKey({ columns: [table.sourceId, table.externalId] }), index('leads_created_day').on(table.createdDay)],
)

/** What happened to leads: entries into stages, returns, losses. */
export const stageEvents = sqliteTable(
  'stage_events',
  {
    ...fact(),
    leadId: text('lead_id').notNull(),
    what: text('what', { enum: ['entered', 'returned', 'lost'] }).notNull(),
    stage: text('stage'),
    day: text('day').notNull(),
    at: moment('at'),
    reason: text('reason').notNull().default(''),
    ...provenance(),
  },
  (table) => [
    primaryKey({ columns: [table.sourceId, table.externalId] }),
    index('stage_events_lead').on(table.sourceId, table.leadId),
    index('stage_events_day').on(table.what, table.stage, table.day),
    check('stage_events_what', sql`${table.what} in ('entered', 'returned', 'lost')`),
  ],
)

export const deals = sqliteTable(
  'deals',
  {
    ...fact(),
    leadId: text('lead_id'), // external id of a lead of the same source
    customerId: text('customer_id'),
    createdDay: text('created_day'),
    createdAt: moment('created_at'),
    closedDay: text('closed_day'),
    closedAt: moment('closed_at'),
    state: text('state', { enum: ['open', 'won', 'lost'] }).notNull(),
    stage: text('stage').notNull().default(''), // as the source names it
    amountMinor: integer('amount_minor'),
    currency: text('currency').notNull(),
    channel: text('channel').notNull().default(''),
    ...provenance(),
  },
  (table) => [
    primaryKey({ columns: [table.sourceId, table.externalId] }),
    index('deals_closed_day').on(table.closedDay),
    index('deals_lead_id').on(table.sourceId, table.leadId),
    check('deals_state', sql`${table.state} in ('open', 'won', 'lost')`),
  ],
)

export const activities = sqliteTable(
  'activities',
  {
    ...fact(),
    leadId: text('lead_id'),
    dealId: text('deal_id'),
    kind: text('kind').notNull(),
    day: text('day').notNull(),
    at: moment('at'),
    connected: integer('connected', { mode: 'boolean' }),
    ...provenance(),
  },
  (table) => [
    primaryKey({ columns: [table.sourceId, table.externalId] }),
    index('activities_lead').on(table.sourceId, table.leadId),
    index('activities_deal').on(table.sourceId, table.dealId),
    index('activities_day').on(table.day),
  ],
)

export const spend = sqliteTable(
  'spend',
  {
    ...fact(),
    day: text('day').notNull(),
    channel: text('channel').notNull().default(''),
    side: text('side').notNull().default(''),
    kind: text('kind').notNull().default(''),
    amountMinor: integer('amount_minor').notNull(),
    currency: text('currency').notNull(),
    ...provenance(),
  },
  (table) => [primaryKey({ columns: [table.sourceId, table.externalId] }), index('spend_day').on(table.day)],
)

/** How many people a side has, from a day on. */
export const headcounts = sqliteTable(
  'headcounts',
  {
    ...fact(),
    day: text('day').notNull(),
    side: text('side').notNull(),
    people: real('people').notNull(),
    ...provenance(),
  },
  (table) => [primaryKey({ columns: [table.sourceId, table.externalId] }), index('headcounts_day').on(table.side, table.day)],
)

export const touches = sqliteTable(
  'touches',
  {
    ...fact(),
    leadId: text('lead_id'),
    customerId: text('customer_id'),
    day: text('day').notNull(),
    at: moment('at'),
    channel: text('channel').notNull().default(''),
    ...provenance(),
  },
  (table) => [
    primaryKey({ columns: [table.sourceId, table.externalId] }),
    index('touches_lead').on(table.sourceId, table.leadId),
    index('touches_customer').on(table.sourceId, table.customerId),
  ],
)

/** Values of the organisation's own metrics. */
export const metricValues = sqliteTable(
  'metric_values',
  {
    ...fact(),
    metric: text('metric').notNull(),
    period: text('period').notNull(),
    value: real('value').notNull(),
    numerator: real('numerator'),
    denominator: real('denominator'),
    ...provenance(),
  },
  (table) => [primaryKey({ columns: [table.sourceId, table.externalId] }), index('metric_values_metric').on(table.metric, table.period)],
)

/** KPIs that the organisation brings itself. */
export const ownMetrics = sqliteTable('own_metrics', {
  key: text('key').primaryKey(), // 'own-…'
  name: text('name').notNull(),
  unit: text('unit').notNull(),
  better: text('better'), // 'higher' | 'lower' | null
  createdAt: moment('created_at').notNull(),
})

/** What one unit of a currency is worth in the organisation's, from a day on. */
export const exchangeRates = sqliteTable(
  'exchange_rates',
  {
    currency: text('currency').notNull(),
    day: text('day').notNull(),
    rate: real('rate').notNull(),
    origin: text('origin').notNull(), // 'person', or the id of the source that brought it
  },
  (table) => [primaryKey({ columns: [table.currency, table.day] })],
)

// ── Promises between the sides ──────────────────────────────────────────────────────────────────────────────────────

/**
 * One promise of the SLA, one row a version: what was due is judged by the version that held then. Rows are never changed
 * but for their end.
 */
export const clauses = sqliteTable(
  'clauses',
  {
    id: text('id').notNull(),
    version: integer('version').notNull(),
    fromDay: text('from_day').notNull(), // due dates from this day on
    endDay: text('end_day'), // the last day for which the clause holds; null while it does
    body: json<unknown>('body').notNull(), // Clause
    createdAt: moment('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.id, table.version] })],
)

/** What the sides report of a clause where no CRM has its facts. */
export const clauseReports = sqliteTable(
  'clause_reports',
  {
    clauseId: text('clause_id').notNull(),
    dueDay: text('due_day').notNull(),
    numerator: real('numerator').notNull(),
    denominator: real('denominator'),
    reportedAt: moment('reported_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.clauseId, table.dueDay] })],
)

/** How each due date of each clause came out, computed from the facts again after each pull. */
export const evaluations = sqliteTable(
  'evaluations',
  {
    clauseId: text('clause_id').notNull(),
    dueAt: moment('due_at').notNull(),
    dueDay: text('due_day').notNull(),
    version: integer('version').notNull(),
    /** `open` until it is due, or until the data reaches it. */
    state: text('state', { enum: ['kept', 'missed', 'open', 'nothing-due'] }).notNull(),
    value: real('value'),
    numerator: real('numerator'),
    denominator: real('denominator'),
    target: real('target').notNull(),
    asOf: moment('as_of'),
  },
  (table) => [primaryKey({ columns: [table.clauseId, table.dueAt] })],
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
  name: text('name').notNull().default(''), // whom a leader's link is for, as its maker wrote it
  expiresAt: moment('expires_at').notNull(),
  usedAt: moment('used_at'),
})

export const sessions = sqliteTable('sessions', {
  tokenHash: text('token_hash').primaryKey(),
  role: text('role').notNull(),
  name: text('name').notNull().default(''), // of the link that it began with
  linkHash: text('link_hash'), // that link: whoever ends it ends this too
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

/** A page that whoever has its link may read until a day. The link is signed, so a row alone opens nothing. */
export const shares = sqliteTable('shares', {
  id: text('id').primaryKey(),
  path: text('path').notNull(), // of the page, with its query
  name: text('name').notNull(), // whom it is for, as its maker wrote it
  createdAt: moment('created_at').notNull(),
  expiresAt: moment('expires_at').notNull(),
  revokedAt: moment('revoked_at'),
})

// ── What goes out by itself ─────────────────────────────────────────────────────────────────────────────────────────

/** Addresses that are told when a round has closed. */
export const webhooks = sqliteTable('webhooks', {
  id: text('id').primaryKey(),
  url: text('url').notNull(),
  sealed: text('sealed').notNull(), // the secret that what is sent is signed with: v1.<iv>.<ciphertext>
  createdAt: moment('created_at').notNull(),
})

/**
 * What is sent to whom, once each: a digest to one address or channel, or a round's closing to one webhook. `topic` is what it is
 * about: `round:<id>`, or `week:<Monday>`.
 */
export const dispatches = sqliteTable(
  'dispatches',
  {
    id: text('id').primaryKey(),
    kind: text('kind', { enum: ['digest', 'webhook'] }).notNull(),
    topic: text('topic').notNull(),
    target: text('target').notNull(), // an email address, 'slack', or the id of a webhook
    state: text('state', { enum: ['waiting', 'sending', 'sent', 'failed'] }).notNull(),
    attempts: integer('attempts').notNull().default(0),
    dueAt: moment('due_at').notNull(),
    leasedUntil: moment('leased_until'),
    fence: integer('fence').notNull().default(0), // one more at each lease: a late answer of an earlier one changes nothing
    error: text('error'), // a code of ours, never what the other side said
    createdAt: moment('created_at').notNull(),
    sentAt: moment('sent_at'),
  },
  (table) => [
    uniqueIndex('dispatches_once').on(table.kind, table.topic, table.target),
    index('dispatches_due').on(table.state, table.dueAt),
  ],
)

/** The last time each scheduled job ran, for /readyz. */
export const heartbeats = sqliteTable('heartbeats', {
  job: text('job').primaryKey(),
  at: moment('at').notNull(),
})
