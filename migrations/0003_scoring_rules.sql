CREATE TABLE `scoring_rules` (
	`version` integer PRIMARY KEY NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
INSERT INTO `scoring_rules` (`version`, `body`, `created_at`)
SELECT 2, json_object(
	'weights', json('{"perception":0.4,"definitions":0.15,"process":0.2,"performance":0.25}'),
	'kappa', 0.25,
	'goals', json_group_array(json_object('metric', `metric`, 'target', `target`, 'baseline', `baseline`, 'scale', `scale`)),
	'baseline', NULL
), max(`updated_at`) FROM (SELECT * FROM `goals` ORDER BY `metric`) HAVING count(*) > 0;
--> statement-breakpoint
DROP TABLE `goals`;