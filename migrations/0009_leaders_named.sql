ALTER TABLE `sessions` ADD `name` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `link_hash` text;--> statement-breakpoint
ALTER TABLE `sign_in_links` ADD `name` text DEFAULT '' NOT NULL;