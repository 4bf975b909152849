/**
 * A name as it stands inside a sentence; abbreviations keep their capitals.
 *
 * @example lowerFirst('Lead quality') // 'lead quality'
 * @example lowerFirst('SLA') // 'SLA'
 */
export function lowerFirst(name: string): string {
  return /^\p{Lu}\p{Lu}/u.test(name) ? name : name.charAt(0).toLowerCase() + name.slice(1)
}
