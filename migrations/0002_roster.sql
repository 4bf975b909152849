CREATE TABLE `roster` (
	`round_id` text NOT NULL,
	`person_id` text NOT NULL,
	`node_id` text NOT NULL,
	PRIMARY KEY(`round_id`, `person_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `roster_person_id` ON `roster` (`person_id`);