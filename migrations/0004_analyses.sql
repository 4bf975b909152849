CREATE TABLE `analyses` (
	`kind` text PRIMARY KEY NOT NULL,
	`inputs_hash` text NOT NULL,
	`body` text NOT NULL,
	`computed_at` integer NOT NULL
) STRICT;
