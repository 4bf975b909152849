/** Who was invited to the round that was opened last, by group: what the next opening is compared with. */
import { sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { Roster } from '../core/membership'
import type { Database } from './client'
import { jsonRows } from './json-rows'
import { roster } from './schema'

/** Undefined before the first round. */
export async function findRoster(db: Database): Promise<Roster | undefined> {
  const row = await db.get<{ nodes: string; members: string } | undefined>(sql`
    select json_extract(frozen, '$.nodes') as nodes,
      (select json_group_array(json_object('personId', person_id, 'nodeId', node_id)) from roster where round_id = rounds.id) as members
    from rounds where id = (select round_id from roster limit 1)`)
  return row && { nodes: JSON.parse(row.nodes) as Roster['nodes'], members: JSON.parse(row.members) as Roster['members'] }
}

/** This round's in place of the last one's, for the batch that opens it. */
export function replaceRoster(db: Database, roundId: string, members: Roster['members']): [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]] {
  return [
    db.delete(roster),
    ...jsonRows(members.map(({ personId, nodeId }) => [personId, nodeId])).map((rows) =>
      db.insert(roster).select(sql`select ${roundId}, value ->> 0, value ->> 1 from json_each(${rows})
        where exists (select 1 from people where id = value ->> 0)`),
    ),
  ]
}
