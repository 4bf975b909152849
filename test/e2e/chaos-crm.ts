/** A CRM in the shape of Pipedrive that goes wrong when it is told to: in the order of a seed, and never twice the same way. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export const faults = ['429', '500', 'garbage', 'truncated', 'reset', 'hang', 'bad shape'] as const
export type Fault = (typeof faults)[number]

interface Deal {
  id: number
  value: number
  currency: string
  status: 'open' | 'won' | 'lost'
  stage_id: number
  add_time: string
  update_time: string
  close_time: string | null
  won_time: string | null
  lost_time: string | null
  is_deleted: boolean
}

export interface Figures {
  deals: number
  won: number
  revenue: number
}

export interface Crm {
  /** `127.0.0.1:port` */
  host: string
  deals: Deal[]
  /** Called with each request; a fault is what is answered instead. */
  onRequest: (path: string) => Fault | undefined
  close: () => Promise<void>
}

const pageSize = 500

/** Deals of this version: another version changes the amounts of those that are there, and has more of them. */
export function dealsOf(version: number, count: number): Deal[] {
  return Array.from({ length: count }, (_, index): Deal => {
    const status = index % 3 === 0 ? 'won' : index % 3 === 1 ? 'lost' : 'open'
    const day = `2025-${String((index % 12) + 1).padStart(2, '0')}-${String((index % 28) + 1).padStart(2, '0')}T12:00:00Z`
    const closed = status === 'open' ? null : day
    return {
      id: index + 1,
      value: ((index * 37) % 1_000) + version,
      currency: 'USD',
      status,
      stage_id: 1,
      add_time: '2025-01-01T08:00:00Z',
      update_time: new Date(Date.UTC(2026, 0, version, 0, 0, 0, index)).toISOString(),
      close_time: closed,
      won_time: status === 'won' ? day : null,
      lost_time: status === 'lost' ? day : null,
      is_deleted: false,
    }
  })
}

export const figuresOf = (deals: readonly Deal[]): Figures => {
  const won = deals.filter(({ status }) => status === 'won')
  return { deals: deals.length, won: won.length, revenue: won.reduce((sum, { value }) => sum + value * 100, 0) }
}

export async function aCrm(deals: Deal[]): Promise<Crm> {
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://crm')
    const offset = Number(url.searchParams.get('cursor') ?? 0)
    const isList = url.pathname === '/api/v2/deals' && !url.searchParams.has('status')
    const fault = crm.onRequest(url.pathname)
    if (fault) return goWrong(fault, response)
    const since = url.searchParams.get('updated_since') ?? ''
    const changed = isList ? crm.deals.filter(({ update_time }) => Date.parse(update_time) >= Date.parse(since)) : []
    const next = offset + pageSize < changed.length ? String(offset + pageSize) : null
    const stages = [{ id: 1, name: 'Talking', pipeline_id: 1, order_nr: 1 }]
    const data = url.pathname === '/api/v2/stages' ? stages : changed.slice(offset, offset + pageSize)
    answer(response, JSON.stringify({ success: true, data, additional_data: { next_cursor: next } }))
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const crm: Crm = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    deals,
    onRequest: () => undefined,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((done) => server.close(() => done()))
    },
  }
  return crm
}

const answer = (response: ServerResponse, body: string, status = 200, type = 'application/json') => {
  response.writeHead(status, { 'Content-Type': type }).end(body)
}

function goWrong(fault: Fault, response: ServerResponse): void {
  if (fault === '429') answer(response, '{"success":false,"error":"rate limit"}', 429)
  if (fault === '500') answer(response, '{"success":false}', 500)
  if (fault === 'garbage') answer(response, '<html><body>We are back soon</body></html>', 200, 'text/html')
  if (fault === 'bad shape') answer(response, '{"success":true,"data":[{"id":"seven"}],"additional_data":{"next_cursor":null}}')
  if (fault === 'reset') response.socket?.resetAndDestroy()
  if (fault === 'truncated') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '5000' }).write('{"success":true,"data":[{"id":1,')
    setTimeout(() => response.destroy(), 20)
  }
  // One that hangs is answered by nobody.
}
