import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeServingCertificate } from '../../webhook/serving/certificate.ts'

/** What the control plane reads from its run's folder, and the secrets in it. */
export type ControlPlaneFiles = {
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly serviceAccountKey: string
  readonly tokens: string
  readonly token: Readonly<Record<User, string>>
}

/** Users with a token; what they may do is RBAC's to say. `admin` may do all. */
const USERS = ['admin', 'alice', 'bob'] as const
export type User = (typeof USERS)[number]

/** Writes the certificate, the ServiceAccount key and the users' tokens of one run. */
export async function writeControlPlaneFiles(folder: string): Promise<ControlPlaneFiles> {
  const made = await makeServingCertificate(['127.0.0.1', 'localhost'])
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const token = { admin: newToken(), alice: newToken(), bob: newToken() }
  const lines = USERS.map((user) => {
    const groups = user === 'admin' ? 'system:masters' : 'system:authenticated'
    return `${token[user]},${user},${user},"${groups}"\n`
  })
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name)
    await writeFile(path, text, { mode: 0o600 })
    return path
  }
  return {
    ca: await write('ca.crt', made.ca),
    cert: await write('tls.crt', made.cert),
    key: await write('tls.key', made.key),
    serviceAccountKey: await write('service-account.key', privateKey),
    tokens: await write('tokens.csv', lines.join('')),
    token,
  }
}

/** A kubeconfig file's text for one user of one cluster. */
export function kubeconfigText(input: {
  readonly server: string
  readonly ca: string
  readonly token: string
}): string {
  const { server, ca, token } = input
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'tlsauto', cluster: { server, 'certificate-authority': ca } }],
      users: [{ name: 'user', user: { token } }],
      contexts: [{ name: 'tlsauto', context: { cluster: 'tlsauto', user: 'user' } }],
      'current-context': 'tlsauto',
    },
    undefined,
    2,
  )
}

function newToken(): string {
  return randomBytes(16).toString('hex')
}
