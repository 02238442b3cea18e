import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { MONOTONIC_CLOCK, type Clock } from '../runtime/clock.ts'

/** Keeps a server's connections within limits. */
export type Connections = {
  /** Wraps the server's handler. */
  handling<R extends typeof IncomingMessage, S extends typeof ServerResponse>(
    handle: RequestListener<R, S>,
  ): RequestListener<R, S>
  /** Begins with a server, which has that handler. */
  limit(server: Server | TlsServer): void
}

/** Clients of ours wait for an answer before they ask again. */
const MOST_UNDER_WAY = 4
const SHUT_OUT_MS = 2000

/** Limits of `most` connections. Of more, one goes of the place that has most, so that a flood from one place makes
 * room for all others: the one that has not been answered for longest, so that whoever only holds connections makes
 * room for those who use them. A place that sends many requests before it is answered (HTTP pipelining) loses its
 * connections, and has none for a while: a thousand requests fit into one packet, and Node.js reads them all. */
export function createConnections(
  most: number,
  { now }: Pick<Clock, 'now'> = MONOTONIC_CLOCK,
): Connections {
  // By the far end, which a TLS socket and the plain one under it share; longest unanswered first.
  const places = new Map<string, Map<number, Socket>>()
  const shutUntil = new Map<string, number>()
  const underWay = new WeakMap<Socket, number>()
  let count = 0
  const remove = ({ place, port }: FarEnd, socket: Socket): void => {
    const sockets = places.get(place)
    if (sockets?.get(port) !== socket) return
    sockets.delete(port)
    if (sockets.size === 0) places.delete(place)
    count -= 1
  }
  const add = (end: FarEnd, socket: Socket): void => {
    const sockets = places.get(end.place) ?? new Map<number, Socket>()
    if (!sockets.has(end.port)) count += 1
    places.set(end.place, sockets.set(end.port, socket))
  }
  const makeRoom = (): void => {
    const [place, sockets] = largest(places)
    const [port, first] = sockets?.entries().next().value ?? []
    if (place === undefined || port === undefined || first === undefined) return
    remove({ place, port }, first)
    first.destroy()
  }
  const isShutOut = (place: string): boolean => {
    const until = shutUntil.get(place)
    if (until !== undefined && until < now()) shutUntil.delete(place)
    return shutUntil.has(place)
  }
  const shutOut = ({ place }: FarEnd): void => {
    if (shutUntil.size >= most) shutUntil.clear()
    shutUntil.set(place, now() + SHUT_OUT_MS)
    for (const socket of places.get(place)?.values() ?? []) socket.destroy()
  }
  return {
    handling: (handle) => (request, response) => {
      const { socket } = request
      // Node.js goes on with what it has read of a connection that is destroyed.
      if (socket.destroyed) return
      const number = (underWay.get(socket) ?? 0) + 1
      if (number > MOST_UNDER_WAY) {
        shutOut(farEnd(socket))
        socket.destroy()
        return
      }
      underWay.set(socket, number)
      response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1))
      handle(request, response)
    },
    limit: (server) => {
      server.on('connection', (socket: Socket) => {
        const end = farEnd(socket)
        if (isShutOut(end.place)) {
          socket.destroy()
          return
        }
        add(end, socket)
        socket.once('close', () => remove(end, socket))
        if (count > most) makeRoom()
      })
      server.on('request', (request, response) => {
        const end = farEnd(request.socket)
        response.once('finish', () => {
          const socket = places.get(end.place)?.get(end.port)
          if (socket === undefined) return
          remove(end, socket)
          add(end, socket)
        })
      })
    },
  }
}

type FarEnd = { readonly place: string; readonly port: number }

function largest<T extends { readonly size: number }>(
  all: ReadonlyMap<string, T>,
): readonly [place?: string, entries?: T] {
  let found: readonly [place?: string, entries?: T] = []
  for (const one of all) if (one[1].size > (found[1]?.size ?? 0)) found = one
  return found
}

function farEnd({ remoteAddress = '', remotePort = 0 }: Socket): FarEnd {
  return { place: placeOf(remoteAddress), port: remotePort }
}

/** An IPv4 address, or the network of an IPv6 address (its first 64 bits), in which one machine may have any. */
export function placeOf(address: string): string {
  if (address.includes('.')) return address
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':'))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return [...head, ...(address.includes('::') ? zeros : []), ...tail].slice(0, 4).join(':')
}
