CREATE TABLE `actions` (
	`id` text PRIMARY KEY NOT NULL,
	`round_id` text NOT NULL,
	`text` text NOT NULL,
	`sales_owner` text NOT NULL,
	`marketing_owner` text NOT NULL,
	`due_day` text,
	`done_day` text,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `actions_round_id` ON `actions` (`round_id`);--> statement-breakpoint
CREATE TABLE `deliveries` (
	`round_id` text NOT NULL,
	`person_id` text NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`due_at` integer NOT NULL,
	`leased_until` integer,
	`fence` integer DEFAULT 0 NOT NULL,
	`error` text,
	`reply` text,
	PRIMARY KEY(`round_id`, `person_id`, `kind`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`state`,`due_at`);--> statement-breakpoint
CREATE TABLE `notices` (
	`round_id` text NOT NULL,
	`kind` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`round_id`, `kind`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `open_issuances` (
	`round_id` text NOT NULL,
	`team_id` text NOT NULL,
	`slot` integer NOT NULL,
	`blinded_hash` blob NOT NULL,
	PRIMARY KEY(`round_id`, `team_id`, `slot`),
	CONSTRAINT "open_issuances_blinded_hash" CHECK(length("open_issuances"."blinded_hash") = 32)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `open_links` (
	`round_id` text NOT NULL,
	`team_id` text NOT NULL,
	`cohort` text NOT NULL,
	`token_hash` blob NOT NULL,
	`generation` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`round_id`, `team_id`),
	CONSTRAINT "open_links_token_hash" CHECK(length("open_links"."token_hash") = 32)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `own_items` (
	`id` text PRIMARY KEY NOT NULL,
	`theme` text NOT NULL,
	`texts` text NOT NULL,
	`created_at` integer NOT NULL,
	`retired_at` integer
) STRICT;
--> statement-breakpoint
CREATE TABLE `surveys` (
	`version` integer PRIMARY KEY NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `term_questions` (
	`term` text PRIMARY KEY NOT NULL,
	`body` text NOT NULL,
	`updated_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
ALTER TABLE `invitations` ADD `generation` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `people` ADD `mail_stopped_at` integer;--> statement-breakpoint
ALTER TABLE `rounds` ADD `slot` text;--> statement-breakpoint
ALTER TABLE `rounds` ADD `shifted_days` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `rounds` ADD `link_key` text;--> statement-breakpoint
CREATE UNIQUE INDEX `rounds_slot` ON `rounds` (`slot`);--> statement-breakpoint
ALTER TABLE `teams` ADD `open_link` integer DEFAULT 0 NOT NULL;