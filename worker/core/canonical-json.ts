/**
 * One text for one value: keys sorted, `undefined` left out. What hashes of inputs are made of.
 *
 * @example canonicalJson({ b: 1, a: [2, null] }) // '{"a":[2,null],"b":1}'
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
