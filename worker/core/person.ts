/** What makes a person: each field checked, all that is wrong said at once. */
import { type EmailProblem, problemOfEmail, readEmail } from './email'
import { DomainError } from './errors'
import { cleanLine, isVisible } from './text'

export const nameLimit = 120

export interface PersonFields {
  email: string
  name: string
  locale: string
  teamId: string
}

export type PersonProblem = { field: keyof PersonFields; code: PersonProblemCode; facts: Record<string, string | number> }
export type PersonProblemCode =
  | EmailProblem
  | 'email-taken'
  | 'name-empty'
  | 'name-too-long'
  | 'locale-unknown'
  | 'team-missing'
  | 'team-unknown'

/** What was said of a person cannot be stored. `problems` are for whoever says them in another language. */
export class PersonError extends DomainError {
  readonly problems: readonly PersonProblem[]

  constructor(problems: readonly PersonProblem[]) {
    const isTaken = problems.every(({ code }) => code === 'email-taken')
    const errors = problems.map(({ field, code, facts }) => ({ pointer: `#/${field}`, detail: texts[code](facts) }))
    super(isTaken ? 'duplicate' : 'invalid-input', isTaken ? (errors[0]?.detail ?? '') : 'Some values cannot be used.', errors)
    this.problems = problems
  }
}

/**
 * The fields that were given, as they are stored. Whether the team is there and the address is free, only the database knows.
 *
 * @throws PersonError invalid-input
 * @example readPerson({ email: 'Ann@Example.com', name: ' Ann  Lee ' }, ['en']) // { email: 'ann@example.com', name: 'Ann Lee' }
 */
export function readPerson(input: { [K in keyof PersonFields]?: string | undefined }, locales: readonly string[]): Partial<PersonFields> {
  const problems: PersonProblem[] = []
  const fail = (field: keyof PersonFields, code: PersonProblemCode, facts: PersonProblem['facts'] = {}) =>
    problems.push({ field, code, facts })
  const { locale, teamId } = input
  const email = input.email === undefined ? undefined : readEmail(input.email)
  const name = input.name === undefined ? undefined : cleanLine(input.name)

  if (input.email !== undefined && !email) fail('email', problemOfEmail(input.email) ?? 'email-invalid')
  if (name !== undefined && !isVisible(name)) fail('name', 'name-empty')
  else if (name !== undefined && name.length > nameLimit) fail('name', 'name-too-long', { limit: nameLimit })
  if (locale !== undefined && !locales.includes(locale)) fail('locale', 'locale-unknown', { known: locales.join(', ') })
  if (teamId === '') fail('teamId', 'team-missing')

  if (problems.length > 0) throw new PersonError(problems)
  return Object.fromEntries(Object.entries({ email, name, locale, teamId }).filter(([, value]) => value !== undefined))
}

const texts: Record<PersonProblemCode, (facts: PersonProblem['facts']) => string> = {
  'email-empty': () => 'Give an address.',
  'email-invisible': () => 'This address holds a line break or another character that cannot be seen. Type it anew.',
  'email-with-name': () => 'Give one address alone, such as name@example.com, without a name.',
  'email-too-long': () => 'Use at most 64 bytes before the @ and 254 in all.',
  'email-invalid': () => 'This is not an email address. Use the form name@example.com.',
  'email-taken': ({ id }) => `Person ${id} has this address already.`,
  'name-empty': () => 'Give a name.',
  'name-too-long': ({ limit }) => `Use at most ${limit} characters.`,
  'locale-unknown': ({ known }) => `Use one of: ${known}.`,
  'team-missing': () => 'Name a team: everybody is in one.',
  'team-unknown': () => 'There is no such team.',
}
