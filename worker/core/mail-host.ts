/** Where a mail server may be: what an administrator may make the Worker connect to. */

export const securities = ['tls', 'starttls', 'none'] as const
/** TLS from the first byte (465), after STARTTLS (587), or none, which is for a server on this very machine. */
export type Security = (typeof securities)[number]

export type HostProblem = 'malformed' | 'private' | 'unprotected' | 'port' | 'port-25'

/** Ports on which mail is handed in. Any other would make the settings a scanner of other people's servers. */
const submissionPorts = [25, 465, 587, 2465, 2525, 2587]

/**
 * What is wrong with this server, if anything.
 *
 * @param options.privateNetwork whether servers on this machine and in its network may be used: only where nothing but
 *   this machine is served. A name that leads to a private address cannot be seen from here; the cloud has none to reach.
 * @example hostProblem({ host: '10.0.0.5', port: 587, security: 'starttls' }, { privateNetwork: false }) // 'private'
 */
export function hostProblem(
  { host, port, security }: { host: string; port: number; security: Security },
  { privateNetwork }: { privateNetwork: boolean },
): HostProblem | undefined {
  const name = host.toLowerCase()
  if (!isHost(name)) return 'malformed'
  if (security === 'none' && !isLoopbackHost(name)) return 'unprotected'
  if (privateNetwork) return undefined
  if (isPrivateHost(name)) return 'private'
  if (!submissionPorts.includes(port)) return 'port'
  return port === 25 ? 'port-25' : undefined
}

export const isLoopbackHost = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
const nameRe = new RegExp(`^${label}(\\.${label})*$`)
const ipv6Re = /^\[?[0-9a-f:]{2,39}(%[0-9a-z]+)?\]?$|^\[?::ffff:[0-9.]+\]?$/

const isHost = (host: string): boolean => host.length <= 253 && (nameRe.test(host) || (host.includes(':') && ipv6Re.test(host)))

/** Addresses instead of names, whatever they are written like, names of this machine and names that only a local network knows. */
function isPrivateHost(host: string): boolean {
  const last = host.slice(host.lastIndexOf('.') + 1)
  if (host.includes(':') || /^(0x[0-9a-f]*|\d+)$/.test(last)) return true
  return !host.includes('.') || /(^|\.)(localhost|local|internal|lan|home|corp|home\.arpa)$/.test(host)
}
