import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { isJsonObject, listAt, type JsonObject } from '../../shared/json/json.ts'
import type { Stack } from '../stack/stack.ts'

const DIST = join(import.meta.dirname, '..', '..', 'dist')

/** How `kubectl tlsauto …` ended. */
export type PluginResult = {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built plugin through kubectl, with the rights of a kubeconfig (the admin's when absent) and more
 * variables in its environment. */
export async function kubectlTlsauto(
  stack: Stack,
  args: readonly string[],
  kubeconfig = stack.kubeconfig,
  variables: Readonly<Record<string, string>> = {},
): Promise<PluginResult> {
  const env = { ...environment(kubeconfig), ...variables }
  return new Promise((resolve) => {
    const kubectl = stack.built.program('kubectl')
    execFile(kubectl, ['tlsauto', ...args], { env }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1
      resolve({ code, stdout, stderr })
    })
  })
}

/** The items of an answer in JSON. */
export function itemsIn(stdout: string): readonly JsonObject[] {
  const answer: unknown = JSON.parse(stdout)
  return isJsonObject(answer) ? listAt(answer, 'items').filter(isJsonObject) : []
}

/** Starts it, for a test that reads along and ends it. */
export function spawnTlsauto(
  stack: Stack,
  args: readonly string[],
): ChildProcessByStdio<null, Readable, null> {
  const kubectl = stack.built.program('kubectl')
  return spawn(kubectl, ['tlsauto', ...args], {
    env: environment(stack.kubeconfig),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

function environment(kubeconfig: string): NodeJS.ProcessEnv {
  return { ...process.env, KUBECONFIG: kubeconfig, PATH: `${DIST}:${process.env['PATH']}` }
}

/** An IngressRoute for hosts, in namespace `default`. */
export function plainRoute(name: string, hosts: readonly string[], metadata: object = {}): string {
  return JSON.stringify({
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: { name, namespace: 'default', ...metadata },
    spec: {
      routes: hosts.map((host) => ({
        kind: 'Rule',
        match: `Host(\`${host}\`)`,
        services: [{ name: 'whoami', port: 80 }],
      })),
    },
  })
}
