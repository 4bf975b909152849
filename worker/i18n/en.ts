/**
 * English, and the type of every other language. One section an area; messages with a number or a name are functions.
 */
export const en = {
  layout: {
    product: 'Plumbline',
    skip: 'Skip to content',
    main: 'Main',
    overview: 'Overview',
    rounds: 'Rounds',
    people: 'People',
    sources: 'Sources',
    settings: 'Settings',
    language: 'Language',
    signOut: 'Sign out',
    sampleData: 'Sample data',
  },
  signIn: {
    title: 'Sign in',
    working: 'Signing you in…',
    help: 'Open the one-time link that the server printed when it started. Each link works once, for 15 minutes.',
    spent: 'This link has been used or has expired. Ask for a new one, or restart the server to print one.',
    noScript: 'Signing in needs JavaScript: the secret in your link never leaves this page otherwise.',
  },
  failure: {
    title: 'This page could not be shown',
    notFound: 'There is no page at this address.',
    internal: 'Something went wrong on our side. Nothing you entered was lost; go back and try again.',
    forbidden: 'Your role does not allow this page.',
    reference: (id: string) => `Reference for support: ${id}`,
    back: 'Back to the overview',
  },
}
