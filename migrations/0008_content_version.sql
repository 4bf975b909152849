CREATE TABLE `content_version` (
	`version` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TRIGGER `settings_inserted` AFTER INSERT ON `settings` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `settings_updated` AFTER UPDATE ON `settings` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `settings_deleted` AFTER DELETE ON `settings` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `rounds_inserted` AFTER INSERT ON `rounds` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `rounds_updated` AFTER UPDATE ON `rounds` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `rounds_deleted` AFTER DELETE ON `rounds` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `results_inserted` AFTER INSERT ON `results` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `results_updated` AFTER UPDATE ON `results` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `results_deleted` AFTER DELETE ON `results` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `scores_inserted` AFTER INSERT ON `scores` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `scores_updated` AFTER UPDATE ON `scores` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `scores_deleted` AFTER DELETE ON `scores` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `scoring_rules_inserted` AFTER INSERT ON `scoring_rules` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `scoring_rules_updated` AFTER UPDATE ON `scoring_rules` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `scoring_rules_deleted` AFTER DELETE ON `scoring_rules` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `analyses_inserted` AFTER INSERT ON `analyses` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `analyses_updated` AFTER UPDATE ON `analyses` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `analyses_deleted` AFTER DELETE ON `analyses` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `events_inserted` AFTER INSERT ON `events` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `events_updated` AFTER UPDATE ON `events` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `events_deleted` AFTER DELETE ON `events` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `sources_inserted` AFTER INSERT ON `sources` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `sources_updated` AFTER UPDATE ON `sources` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `sources_deleted` AFTER DELETE ON `sources` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `own_metrics_inserted` AFTER INSERT ON `own_metrics` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `own_metrics_updated` AFTER UPDATE ON `own_metrics` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `own_metrics_deleted` AFTER DELETE ON `own_metrics` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `observations_inserted` AFTER INSERT ON `observations` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `observations_updated` AFTER UPDATE ON `observations` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
--> statement-breakpoint
CREATE TRIGGER `observations_deleted` AFTER DELETE ON `observations` BEGIN DELETE FROM `content_version`; INSERT INTO `content_version` VALUES (lower(hex(randomblob(16)))); END;
