import type { Edit } from './edit.ts'

/** A mistake in the program, and the plans of which at least one must notice it. */
export type Mutant = Edit & { readonly name: string; readonly plans: readonly string[] }

/** What the harness is for: none of these may go unnoticed. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the Secret is named before the companion answers',
    function: 'stay',
    find: `    ...companion.actions,
    ...(attachment === undefined
      ? move(route, claims, input.verdict)
      : name(route, attachment.secretName, attachment.options)),`,
    replace: `    ...(attachment === undefined
      ? move(route, claims, input.verdict)
      : name(route, attachment.secretName, attachment.options)),
    ...companion.actions,`,
    plans: ['slipped/', 'opt-in/'],
  },
  {
    name: 'TLS goes before the companion serves again',
    function: 'leave',
    find: `    ...planCompanionServing(input),
    { kind: 'patch', route, patch: detachPatch(route) },`,
    replace: `    { kind: 'patch', route, patch: detachPatch(route) },
    ...planCompanionServing(input),`,
    plans: ['opt-out-namespace/'],
  },
  {
    name: 'the companion goes before TLS does',
    function: 'leave',
    find: `    ...planCompanionServing(input),
    { kind: 'patch'`,
    replace: `    ...planCompanionEnd(input),
    { kind: 'patch'`,
    plans: ['opt-out-namespace/'],
  },
  {
    name: 'a route moves to a Secret that nobody has issued',
    function: 'move',
    find: `if (primary === undefined || certificateOf(primary)?.status.notAfter === undefined) return []`,
    replace: `if (primary === undefined) return []`,
    plans: ['change-only-host/'],
  },
  {
    name: 'a Certificate goes while a route names its Secret',
    function: 'isHeld',
    find: `    if (namesIssued(route, object)) return true
`,
    replace: ``,
    plans: ['change-only-host/', 'change-primary-host/'],
  },
  {
    name: 'the companion comes before its Middleware',
    function: 'applyCompanion',
    find: `    ...(middleware === undefined || !isMiddlewareAsDesired(middleware, route)
      ? [apply('middlewares', redirectMiddleware(route), middleware)]
      : []),
    ...(stored === undefined || !isCompanionAsDesired(stored, wish)
      ? [apply('ingressRoutes', companionObject(wish, stored), stored)]
      : []),`,
    replace: `    ...(stored === undefined || !isCompanionAsDesired(stored, wish)
      ? [apply('ingressRoutes', companionObject(wish, stored), stored)]
      : []),
    ...(middleware === undefined || !isMiddlewareAsDesired(middleware, route)
      ? [apply('middlewares', redirectMiddleware(route), middleware)]
      : []),`,
    plans: ['create/', 'slipped/'],
  },
  {
    name: 'the companion forgets whom it redirects',
    function: 'planCompanion',
    find: `known.has(host) || hostPatterns`,
    replace: `hostPatterns`,
    plans: ['delete-certificate/', 'issuer/'],
  },
  {
    name: 'a companion that nobody wants stays',
    function: 'stay',
    find: `...(companion.isWanted ? [] : planCompanionEnd(input)),`,
    replace: ``,
    plans: ['http-off/'],
  },
  {
    name: 'a removal does not say which object it saw',
    function: 'remove',
    find: `name, preconditions: { uid, resourceVersion } }`,
    replace: `name, preconditions: JSON.parse('{}') }`,
    plans: [
      'replace-leftover/write-1-late',
      'replace-leftover/write-2-late',
      'replace-leftover/write-3-late',
    ],
  },
  {
    name: 'an apply does not say which object it saw',
    function: 'metadataOf',
    find: `existing === undefined
      ? {}`,
    replace: `existing !== null
      ? {}`,
    plans: ['disown/write-1-late'],
  },
  {
    name: 'owners are never brought up to date',
    function: 'hasOwners',
    find: `return uids.size === owners.length && owners.every((owner) => uids.has(owner.metadata.uid))`,
    replace: `return uids.size > 0 || owners.length === 0`,
    plans: ['join/', 'leave/'],
  },
  {
    name: 'a relist overlooks what is gone',
    function: 'relist',
    find: `if (!listed.has(key)) await remove(input, store, key)`,
    replace: `if (key === '') remove(input, store, object)`,
    // Of a route that has gone the API server itself is asked before anything is written.
    plans: ['delete-certificate/event-1-lose', 'delete-companion/event-1-lose'],
  },
  {
    name: 'a 410 is like any other fault',
    function: 'runReflector',
    find: `if (isGone(error)) relistAt = 0`,
    replace: ``,
    plans: ['add-host/event-1-lose', 'create/event-1-gone'],
  },
  {
    name: 'what was listed once is never listed again',
    function: 'runReflector',
    find: `pace.relist * (0.8 + Math.random() * 0.4)`,
    replace: `86_400_000`,
    plans: ['delete-companions/event-1-swallow'],
  },
  {
    name: 'a silent watch is believed for ever',
    function: 'follow',
    find: `AbortSignal.timeout(stall + STALL_GRACE_MS)`,
    replace: `AbortSignal.timeout(86_400_000)`,
    plans: ['leave/event-1-mute', 'add-host/event-1-mute'],
  },
  {
    name: 'a watch that breaks is not begun again',
    function: 'runReflector',
    find: `await sleep(clock, restMs, input.signal)`,
    replace: `return`,
    plans: ['add-host/event-1-cut', 'create/event-2-cut'],
  },
  {
    name: 'an unknown place is only an error in the stream',
    function: 'handle',
    find: `if (event.type === 'ERROR') throw statusOf(event.object)`,
    replace: `if (event.type === 'ERROR') return undefined`,
    plans: ['add-host/event-1-gone', 'create/event-3-gone'],
  },
  {
    name: 'an owner that was taken off is written again',
    function: 'onCertificate',
    find: `owners.changed(change.before, change.object)`,
    replace: ``,
    plans: ['leave/event-1-elsewhere', 'leave-as-younger/event-1-elsewhere'],
  },
  {
    name: 'work that failed is not tried again',
    function: 'retry',
    find: `addAfter(key, retryInMs)`,
    replace: ``,
    plans: ['create/write-1-answer-500', 'http-serve/write-1-answer-503'],
  },
  {
    name: 'what changes during the work is forgotten',
    function: 'work',
    find: `if (again.delete(key)) waiting.add(key)`,
    replace: `again.delete(key)`,
    plans: ['create/write-1-late', 'create/write-2-late', 'create/write-3-late'],
  },
  {
    name: 'a restart looks at nothing',
    function: 'addFirst',
    find: `const addFirst = (key: string): void => {`,
    replace: `const addFirst = (key: string): void => {
    if (key !== '') return`,
    plans: ['create/write-1-kill-before', 'slipped/'],
  },
  {
    name: 'who does not lead writes as well',
    function: 'active',
    find: `const active = (): boolean => leading && isSynced()`,
    replace: `const active = (): boolean => isSynced()`,
    plans: ['not-leading/'],
  },
  {
    name: 'every look tells its Events',
    function: 'isNews',
    find: `return last === undefined || now() - last > silenceAfter(note)`,
    replace: `return last !== -1`,
    plans: ['create-on-taken-name/', 'create-on-taken-name/event-4-cut'],
  },
  {
    name: 'a restart tells again what is wrong',
    function: 'onFirstLook',
    find: `isDone(note) ? recorder.record(note) : recorder.remember(note)`,
    replace: `recorder.record(note)`,
    plans: ['restart-on-taken-name/'],
  },
  {
    name: 'a companion is written whatever it is like',
    function: 'applyCompanion',
    find: `...(stored === undefined || !isCompanionAsDesired(stored, wish)`,
    replace: `...(stored === undefined || wish !== undefined`,
    plans: ['create/', 'restart/'],
  },
]
