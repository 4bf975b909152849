CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`secret_hash` text NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_day` text,
	`revoked_at` integer
) STRICT;
--> statement-breakpoint
CREATE TABLE `ballot_slots` (
	`round_id` text NOT NULL,
	`cohort` text NOT NULL,
	`slot` integer NOT NULL,
	`token` blob NOT NULL,
	`answers` blob NOT NULL,
	PRIMARY KEY(`round_id`, `cohort`, `slot`),
	CONSTRAINT "ballot_slots_token" CHECK(length("ballot_slots"."token") = 32)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `cohorts` (
	`round_id` text NOT NULL,
	`cohort` text NOT NULL,
	`node_id` text NOT NULL,
	`invited` integer NOT NULL,
	`public_key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`private_key` text,
	PRIMARY KEY(`round_id`, `cohort`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `comment_slots` (
	`round_id` text NOT NULL,
	`cohort` text NOT NULL,
	`slot` integer NOT NULL,
	`body` blob NOT NULL,
	PRIMARY KEY(`round_id`, `cohort`, `slot`),
	CONSTRAINT "comment_slots_body" CHECK(length("comment_slots"."body") = 800)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `deals` (
	`source_id` text NOT NULL,
	`external_id` text NOT NULL,
	`lead_id` text,
	`customer_id` text,
	`created_day` text,
	`closed_day` text,
	`state` text NOT NULL,
	`stage` text DEFAULT '' NOT NULL,
	`amount_minor` integer,
	`currency` text NOT NULL,
	`channel` text DEFAULT '' NOT NULL,
	`content_hash` text NOT NULL,
	`deleted_at` integer,
	PRIMARY KEY(`source_id`, `external_id`),
	CONSTRAINT "deals_state" CHECK("deals"."state" in ('open', 'won', 'lost'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `deals_closed_day` ON `deals` (`closed_day`);--> statement-breakpoint
CREATE INDEX `deals_lead_id` ON `deals` (`source_id`,`lead_id`);--> statement-breakpoint
CREATE TABLE `events` (
	`id` text PRIMARY KEY NOT NULL,
	`day` text NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `events_day` ON `events` (`day`);--> statement-breakpoint
CREATE TABLE `goals` (
	`metric` text PRIMARY KEY NOT NULL,
	`target` real NOT NULL,
	`baseline` real,
	`scale` text NOT NULL,
	`updated_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `heartbeats` (
	`job` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `invitations` (
	`token_hash` blob PRIMARY KEY NOT NULL,
	`round_id` text NOT NULL,
	`cohort` text NOT NULL,
	`person_id` text NOT NULL,
	`blinded_hash` blob NOT NULL,
	CONSTRAINT "invitations_token_hash" CHECK(length("invitations"."token_hash") = 32),
	CONSTRAINT "invitations_blinded_hash" CHECK(length("invitations"."blinded_hash") = 32)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `invitations_round_id` ON `invitations` (`round_id`,`person_id`);--> statement-breakpoint
CREATE TABLE `leads` (
	`source_id` text NOT NULL,
	`external_id` text NOT NULL,
	`created_day` text NOT NULL,
	`channel` text DEFAULT '' NOT NULL,
	`lead_type` text DEFAULT '' NOT NULL,
	`stage` text,
	`content_hash` text NOT NULL,
	`deleted_at` integer,
	PRIMARY KEY(`source_id`, `external_id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `leads_created_day` ON `leads` (`created_day`);--> statement-breakpoint
CREATE TABLE `observations` (
	`metric` text NOT NULL,
	`basis` text NOT NULL,
	`window` text DEFAULT '' NOT NULL,
	`period` text NOT NULL,
	`value` real,
	`numerator` real,
	`denominator` real,
	`count` integer DEFAULT 0 NOT NULL,
	`mean` real,
	`p90` real,
	`provisional` integer DEFAULT false NOT NULL,
	`as_of` integer NOT NULL,
	PRIMARY KEY(`metric`, `basis`, `window`, `period`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `people` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`name` text NOT NULL,
	`locale` text NOT NULL,
	`team_id` text NOT NULL,
	`deactivated_at` integer,
	FOREIGN KEY (`team_id`) REFERENCES `teams`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `people_email` ON `people` (`email`);--> statement-breakpoint
CREATE INDEX `people_team_id` ON `people` (`team_id`);--> statement-breakpoint
CREATE TABLE `pull_errors` (
	`pull_id` text NOT NULL,
	`position` integer NOT NULL,
	`line` integer NOT NULL,
	`column` text,
	`value` text,
	`code` text NOT NULL,
	`detail` text NOT NULL,
	`fix` text NOT NULL,
	PRIMARY KEY(`pull_id`, `position`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `pulls` (
	`id` text PRIMARY KEY NOT NULL,
	`source_id` text NOT NULL,
	`state` text NOT NULL,
	`layout` text,
	`file_name` text,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`read` integer DEFAULT 0 NOT NULL,
	`inserted` integer DEFAULT 0 NOT NULL,
	`updated` integer DEFAULT 0 NOT NULL,
	`unchanged` integer DEFAULT 0 NOT NULL,
	`rejected` integer DEFAULT 0 NOT NULL,
	`error` text
) STRICT;
--> statement-breakpoint
CREATE INDEX `pulls_source_id` ON `pulls` (`source_id`,`started_at`);--> statement-breakpoint
CREATE TABLE `results` (
	`round_id` text PRIMARY KEY NOT NULL,
	`method_version` text NOT NULL,
	`inputs_hash` text NOT NULL,
	`body` text NOT NULL,
	`published_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `rounds` (
	`id` text PRIMARY KEY NOT NULL,
	`number` integer NOT NULL,
	`period` text NOT NULL,
	`state` text NOT NULL,
	`opens_at` integer,
	`closes_at` integer,
	`opened_at` integer,
	`closing_at` integer,
	`closed_at` integer,
	`frozen` text,
	CONSTRAINT "rounds_state_value" CHECK("rounds"."state" in ('scheduled', 'open', 'closed'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `rounds_number` ON `rounds` (`number`);--> statement-breakpoint
CREATE INDEX `rounds_state` ON `rounds` (`state`);--> statement-breakpoint
CREATE TABLE `scores` (
	`round_id` text NOT NULL,
	`revision` integer NOT NULL,
	`number` integer NOT NULL,
	`period` text NOT NULL,
	`method_version` text NOT NULL,
	`inputs_hash` text NOT NULL,
	`body` text NOT NULL,
	`computed_at` integer NOT NULL,
	PRIMARY KEY(`round_id`, `revision`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `scores_period` ON `scores` (`period`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `settings` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `sign_in_links` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`role` text NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
) STRICT;
--> statement-breakpoint
CREATE TABLE `sources` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`settings` text NOT NULL,
	`settings_version` integer DEFAULT 1 NOT NULL,
	`expected_every_days` integer DEFAULT 31 NOT NULL,
	`created_at` integer NOT NULL,
	`last_success_at` integer,
	`last_new_data_at` integer
) STRICT;
--> statement-breakpoint
CREATE TABLE `spend` (
	`source_id` text NOT NULL,
	`external_id` text NOT NULL,
	`day` text NOT NULL,
	`channel` text DEFAULT '' NOT NULL,
	`side` text DEFAULT '' NOT NULL,
	`kind` text DEFAULT '' NOT NULL,
	`amount_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`content_hash` text NOT NULL,
	`deleted_at` integer,
	PRIMARY KEY(`source_id`, `external_id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `spend_day` ON `spend` (`day`);--> statement-breakpoint
CREATE TABLE `teams` (
	`id` text PRIMARY KEY NOT NULL,
	`parent_id` text,
	`name` text NOT NULL,
	`side` text NOT NULL,
	`position` integer DEFAULT 0 NOT NULL,
	`archived_at` integer,
	CONSTRAINT "teams_side" CHECK("teams"."side" in ('sales', 'marketing', 'other'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `teams_parent_id` ON `teams` (`parent_id`);