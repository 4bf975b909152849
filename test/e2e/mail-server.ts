/** A real mail server, over TLS, on a port of its own: it can be killed in the middle of a message, and begin again. */
import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { freePort } from './server'

const certificates = join(import.meta.dirname, 'certificates')
/** What has to be trusted, as a file: for `NODE_EXTRA_CA_CERTS` of whoever starts the runtime. */
export const authority = join(certificates, 'ca.pem')

export interface Received {
  to: string
  /** As it came, headers and all. */
  raw: string
}

export interface Post {
  port: number
  /** Everything that was taken, in order, over all its lives. */
  received: Received[]
  connections: number
  /** Before a message is answered: what to do at this one. */
  atMessage: (index: number) => 'take' | 'die-before-answer' | 'die-after-answer'
  start: () => Promise<void>
  /** Ends it and every connection, without a word. */
  kill: () => Promise<void>
}

export const signIn = { user: 'survey@acme.example', password: 'Tell-tale pass word' }

/** @param options of smtp-server, on top of TLS from the first byte and a password that is checked */
export async function aMailServer(options: SMTPServerOptions = {}): Promise<Post> {
  let server: SMTPServer | undefined
  const sockets = new Set<Socket>()
  const post: Post = {
    port: await freePort(),
    received: [],
    connections: 0,
    atMessage: () => 'take',
    start: async () => {
      server = new SMTPServer({
        secure: true,
        key: readFileSync(join(certificates, 'server.key')),
        cert: readFileSync(join(certificates, 'server.pem')),
        onAuth: ({ username, password }, _session, done) =>
          username === signIn.user && password === signIn.password ? done(null, { user: username }) : done(new Error('Wrong password')),
        onConnect: (_session, done) => {
          post.connections++
          done()
        },
        onData: (stream, session, done) => {
          const chunks: Buffer[] = []
          stream.on('data', (chunk: Buffer) => chunks.push(chunk))
          stream.on('end', () => {
            const what = post.atMessage(post.received.length)
            for (const { address } of session.envelope.rcptTo)
              post.received.push({ to: address, raw: Buffer.concat(chunks).toString('latin1') })
            if (what === 'die-before-answer') return void post.kill()
            done(null)
            if (what === 'die-after-answer') setTimeout(() => void post.kill(), 5)
          })
        },
        ...options,
      })
      server.on('error', () => {}) // a client that hangs up
      server.server.on('connection', (socket: Socket) => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      })
      await new Promise<void>((ready) => server?.listen(post.port, '127.0.0.1', ready))
    },
    kill: async () => {
      const ended = new Promise<void>((done) => (server ? server.close(() => done()) : done()))
      for (const socket of sockets) socket.destroy()
      server = undefined
      await ended
    },
  }
  await post.start()
  return post
}

/** Something that listens and speaks no SMTP, or none that makes sense. */
export async function aListener(talk: (socket: Socket) => void): Promise<{ port: number; close: () => void }> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {})
    talk(socket)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return { port: (server.address() as { port: number }).port, close: () => server.close() }
}
