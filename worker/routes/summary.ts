import { describeRoute } from 'hono-openapi'

/**
 * What a route does, in one line of the API's description.
 *
 * @example .get('/', summary('Lists people by name, a page at a time'), allow('people:read'), …)
 */
export const summary = (text: string) => describeRoute({ summary: text })
