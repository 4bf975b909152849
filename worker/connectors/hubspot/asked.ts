/** Which properties of HubSpot's records are asked for. */
import { stages } from '../../core/facts'
import type { CrmSettings } from '../crm'
import { fieldsOf } from '../records'
import type { ObjectType } from './api'
import { statusPrefix } from './stages'

/** What is asked of each type: nothing that says who somebody is. */
export function propertiesOf(type: ObjectType, settings: CrmSettings): string[] {
  const fields = fieldsOf(settings)
  const named = (names: (string | undefined)[]) => [...new Set(names.filter((name) => name !== undefined))]
  switch (type) {
    case 'contacts':
      return named([
        'createdate',
        'lastmodifieddate',
        'lifecyclestage',
        'hs_lead_status',
        fields.leadChannel ?? 'hs_analytics_source',
        fields.leadType,
        fields.returnReason,
        'hs_analytics_source',
        'hs_analytics_first_timestamp',
        'hs_latest_source',
        'hs_latest_source_timestamp',
        'hs_merged_object_ids',
        ...enteredFields(settings).map(({ name }) => name),
      ])
    case 'deals':
      return named([
        'dealstage',
        'createdate',
        'closedate',
        fields.amount ?? 'amount',
        'deal_currency_code',
        'hs_lastmodifieddate',
        fields.dealChannel ?? 'hs_analytics_source',
        ...(settings.lead === 'deal' ? [fields.leadChannel, fields.leadType] : []),
        fields.lostReason ?? 'closed_lost_reason',
        'hs_merged_object_ids',
      ])
    case 'calls':
      return ['hs_timestamp', 'hs_call_direction', 'hs_call_status', 'hs_call_disposition', 'hs_lastmodifieddate']
    case 'tasks':
      return ['hs_task_type', 'hs_task_status', 'hs_task_completion_date', 'hs_lastmodifieddate']
    case 'meetings':
      return ['hs_timestamp', 'hs_meeting_start_time', 'hs_meeting_outcome', 'hs_lastmodifieddate']
  }
}

/** Properties whose earlier values are asked for. */
export function historyOf(type: ObjectType, settings: CrmSettings): string[] {
  const { returnReason } = fieldsOf(settings)
  if (type === 'contacts') return ['lifecyclestage', 'hs_lead_status', ...(returnReason ? [returnReason] : [])]
  return type === 'deals' ? ['dealstage'] : []
}

const ownStages = ['subscriber', 'lead', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'customer']

/** Properties with the time of the first entry into each lifecycle stage, newest naming first. */
export function enteredFields({ leadStages }: CrmSettings): { name: string; stage: string }[] {
  return Object.entries(leadStages)
    .filter(([stage, meaning]) => !stage.startsWith(statusPrefix) && /^\w{1,100}$/.test(stage) && stages.some((each) => each === meaning))
    .flatMap(([stage]) => [
      { name: `hs_v2_date_entered_${stage.toLowerCase()}`, stage },
      ...(ownStages.includes(stage) ? [{ name: `hs_lifecyclestage_${stage}_date`, stage }] : []),
    ])
}
