CREATE TABLE `activities` (
	`source_id` text NOT NULL,
	`external_id` text NOT NULL,
	`lead_id` text,
	`deal_id` text,
	`kind` text NOT NULL,
	`day` text NOT NULL,
	`at` integer,
	`connected` integer,
	`updated_at` integer,
	`content_hash` text NOT NULL,
	`deleted_at` integer,
	PRIMARY KEY(`source_id`, `external_id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `activities_lead` ON `activities` (`source_id`,`lead_id`);--> statement-breakpoint
CREATE INDEX `activities_deal` ON `activities` (`source_id`,`deal_id`);--> statement-breakpoint
CREATE INDEX `activities_day` ON `activities` (`day`);--> statement-breakpoint
CREATE TABLE `clause_reports` (
	`clause_id` text NOT NULL,
	`due_day` text NOT NULL,
	`numerator` real NOT NULL,
	`denominator` real,
	`reported_at` integer NOT NULL,
	PRIMARY KEY(`clause_id`, `due_day`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `clauses` (
	`id` text NOT NULL,
	`version` integer NOT NULL,
	`from_day` text NOT NULL,
	`end_day` text,
	`body` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`id`, `version`)
) STRICT;
--> statement-breakpoint
CREATE TABLE `evaluations` (
	`clause_id` text NOT NULL,
	`due_at` integer NOT NULL,
	`due_day` text NOT NULL,
	`version` integer NOT NULL,
	`state` text NOT NULL,
	`value` real,
	`numerator` real,
	`denominator` real,
	`target` real NOT NULL,
	`as_of` integer,
	PRIMARY KEY(`clause_id`, `due_at`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `exchange_rates` (
	`currency` text NOT NULL,
	`day` text NOT NULL,
	`rate` real NOT NULL,
	`origin` text NOT NULL,
	PRIMARY KEY(`currency`, `day`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `fact_revision` (
	`id` integer PRIMARY KEY NOT NULL,
	`revision` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `guards` (
	`held` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `headcounts` (
	`source_id` text NOT NULL,
	`external_id` text NOT NULL,
	`day` text NOT NULL,
	`side` text NOT NULL,
	`people` real NOT NULL,
	`updated_at` integer,
	`content_hash` text NOT NULL,
	`deleted_at` integer,
	PRIMARY KEY(`source_id`, `external_id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `headcounts_day` ON `headcounts` (`side`,`day`);--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`source_id` text NOT NULL,
	`key` text NOT NULL,
	`body_hash` text NOT NULL,
	`status` integer NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`source_id`, `key`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `idempotency_keys_created_at` ON `idempotency_keys` (`created_at`);--> statement-breakpoint
CREATE TABLE `metric_values` (
	`source_id` text NOT NULL,
	`external_id` text NOT NULL,
	`metric` text NOT NULL,
	`period` text NOT NULL,
	`value` real NOT NULL,
	`numerator` real,
	`denominator` real,
	`updated_at` integer,
	`content_hash` text NOT NULL,
	`deleted_at` integer,
	PRIMARY KEY(`source_id`, `external_id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `metric_values_metric` ON `metric_values` (`metric`,`period`);--> statement-breakpoint
CREATE TABLE `own_metrics` (
	`key` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`unit` text NOT NULL,
	`better` text,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `stage_events` (
	`source_id` text NOT NULL,
	`external_id` text NOT NULL,
	`lead_id` text NOT NULL,
	`what` text NOT NULL,
	`stage` text,
	`day` text NOT NULL,
	`at` integer,
	`reason` text DEFAULT '' NOT NULL,
	`updated_at` integer,
	`content_hash` text NOT NULL,
	`deleted_at` integer,
	PRIMARY KEY(`source_id`, `external_id`),
	CONSTRAINT "stage_events_what" CHECK("stage_events"."what" in ('entered', 'returned', 'lost'))
) STRICT;
--> statement-breakpoint
CREATE INDEX `stage_events_lead` ON `stage_events` (`source_id`,`lead_id`);--> statement-breakpoint
CREATE INDEX `stage_events_day` ON `stage_events` (`what`,`stage`,`day`);--> statement-breakpoint
CREATE TABLE `staged_facts` (
	`pull_id` text NOT NULL,
	`kind` text NOT NULL,
	`external_id` text NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`pull_id`, `kind`, `external_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `touches` (
	`source_id` text NOT NULL,
	`external_id` text NOT NULL,
	`lead_id` text,
	`customer_id` text,
	`day` text NOT NULL,
	`at` integer,
	`channel` text DEFAULT '' NOT NULL,
	`updated_at` integer,
	`content_hash` text NOT NULL,
	`deleted_at` integer,
	PRIMARY KEY(`source_id`, `external_id`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `touches_lead` ON `touches` (`source_id`,`lead_id`);--> statement-breakpoint
CREATE INDEX `touches_customer` ON `touches` (`source_id`,`customer_id`);--> statement-breakpoint
ALTER TABLE `deals` ADD `created_at` integer;--> statement-breakpoint
ALTER TABLE `deals` ADD `closed_at` integer;--> statement-breakpoint
ALTER TABLE `deals` ADD `updated_at` integer;--> statement-breakpoint
ALTER TABLE `leads` ADD `created_at` integer;--> statement-breakpoint
ALTER TABLE `leads` ADD `updated_at` integer;--> statement-breakpoint
ALTER TABLE `pull_errors` ADD `record` text;--> statement-breakpoint
ALTER TABLE `pulls` ADD `detail` text;--> statement-breakpoint
ALTER TABLE `pulls` ADD `origin` text DEFAULT 'upload' NOT NULL;--> statement-breakpoint
ALTER TABLE `pulls` ADD `slot` text;--> statement-breakpoint
ALTER TABLE `pulls` ADD `settings_version` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `pulls` ADD `fence` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `pulls` ADD `leased_until` integer;--> statement-breakpoint
ALTER TABLE `pulls` ADD `due_at` integer;--> statement-breakpoint
ALTER TABLE `pulls` ADD `attempts` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `pulls` ADD `cursor` text;--> statement-breakpoint
ALTER TABLE `pulls` ADD `bookmark` text;--> statement-breakpoint
ALTER TABLE `pulls` ADD `pages` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `pulls` ADD `total` integer;--> statement-breakpoint
ALTER TABLE `pulls` ADD `cost` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `pulls` ADD `notices` text;--> statement-breakpoint
CREATE UNIQUE INDEX `pulls_slot` ON `pulls` (`source_id`,`slot`);--> statement-breakpoint
CREATE INDEX `pulls_running` ON `pulls` (`state`,`due_at`);--> statement-breakpoint
ALTER TABLE `sources` ADD `state` text DEFAULT 'active' NOT NULL;--> statement-breakpoint
ALTER TABLE `sources` ADD `every_minutes` integer;--> statement-breakpoint
ALTER TABLE `sources` ADD `due_at` integer;--> statement-breakpoint
ALTER TABLE `sources` ADD `owner_email` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `sealed` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `secret_hint` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `bookmark` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `trouble` text;--> statement-breakpoint
ALTER TABLE `sources` ADD `alerted_at` integer;--> statement-breakpoint
CREATE INDEX `sources_due` ON `sources` (`state`,`due_at`);--> statement-breakpoint
ALTER TABLE `spend` ADD `updated_at` integer;
