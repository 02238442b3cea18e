import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import type { Stack } from '../stack/stack.ts'
import type { Tlsauto } from '../stack/tlsauto.ts'
import { startWithTlsauto } from '../stack/with-tlsauto.ts'
import { kubectlTlsauto, plainRoute } from './plugin.ts'

const DIST = join(import.meta.dirname, '..', '..', 'dist')

suite('completion and versions through kubectl', () => {
  let stack: Stack
  let tlsauto: Tlsauto
  let folder = ''

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tlsauto-completion-'))
    ;({ stack, tlsauto } = await startWithTlsauto())
    const input = plainRoute('shop', ['shop.example.com', 'www.example.com'])
    await stack.kubectl(['apply', '-f', '-'], { input })
    const { code, stdout } = await kubectlTlsauto(stack, ['wait', 'shop'])
    assert.equal(code, 0, stdout)
    await kubectlTlsauto(stack, ['completion', 'install', '--directory', folder])
  })

  after(async () => {
    await tlsauto?.stop()
    await stack?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  /** What kubectl itself offers for the words, the last of them not complete. */
  const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
    const PATH = `${folder}:${DIST}:${process.env['PATH']}`
    const env = { ...process.env, KUBECONFIG: stack.kubeconfig, PATH }
    const args = ['__complete', 'tlsauto', ...words]
    return new Promise((resolve, reject) => {
      execFile(stack.built.program('kubectl'), args, { env }, (error, stdout) => {
        if (error === null) resolve(stdout.trimEnd().split('\n'))
        else reject(error)
      })
    })
  }

  test('completion install writes an executable script', async () => {
    const file = join(folder, 'kubectl_complete-tlsauto')
    const script = (await kubectlTlsauto(stack, ['completion', 'script'])).stdout
    assert.equal(await readFile(file, 'utf8'), script)
    assert.equal((await stat(file)).mode & 0o777, 0o755)
  })

  test('kubectl completes commands, with what they do', async () => {
    const [first, directive] = await complete('rec')
    assert.match(first ?? '', /^recreate\ttry failed certificates/)
    assert.equal(directive, ':4')
  })

  test('kubectl completes routes and domains, but nothing of tlsauto’s own', async () => {
    assert.deepEqual(await complete('status', ''), [
      'shop',
      'shop.example.com',
      'www.example.com',
      ':4',
    ])
    assert.deepEqual(await complete('recreate', 'cert-'), [
      'cert-shop-shop-example-com',
      'cert-shop-www-example-com',
      ':4',
    ])
  })

  test('no host that is none reaches the shell', async () => {
    const certificate = {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: {
        name: 'trap',
        namespace: 'default',
        labels: { 'app.kubernetes.io/managed-by': 'tlsauto' },
      },
      spec: {
        secretName: 'trap-tls',
        dnsNames: ['$(touch stolen)', 'a;reboot', '`reboot`.example.com', 'trap.example.com'],
        issuerRef: { name: 'letsencrypt-prod', kind: 'ClusterIssuer' },
      },
    }
    await stack.kubectl(['apply', '-f', '-'], { input: JSON.stringify(certificate) })
    assert.deepEqual(await complete('doctor', ''), [
      'shop.example.com',
      'trap.example.com',
      'www.example.com',
      ':4',
    ])
    await stack.kubectl(['delete', 'certificate', 'trap'])
  })

  test('kubectl completes namespaces, contexts, issuers and choices', async () => {
    assert.deepEqual(await complete('status', '-n', 'kube-s'), ['kube-system', ':4'])
    const { stdout } = await stack.kubectl(['config', 'current-context'])
    assert.deepEqual(await complete('status', '--context', ''), [stdout.trim(), ':4'])
    assert.deepEqual(await complete('issuer', 'lets'), ['letsencrypt-prod', ':4'])
    assert.deepEqual(await complete('status', '-o', 'j'), ['json', ':4'])
  })

  test('completion is silent where the cluster does not answer', async () => {
    const nowhere = join(folder, 'none')
    assert.deepEqual(await kubectlTlsauto(stack, ['__complete', 'status', ''], nowhere), {
      code: 0,
      stdout: ':4\n',
      stderr: '',
    })
  })

  test('version tells what is installed', async () => {
    const { code, stdout } = await kubectlTlsauto(stack, ['version'])
    assert.equal(code, 0)
    assert.match(
      stdout,
      /^kubectl tlsauto {3}\d+\.\d+\.\d+\ntlsauto {11}\d+\.\d+\.\d+ \(tlsauto\/tlsauto\)\ncert-manager {6}not found/,
    )
  })

  test('version -o json --client needs no cluster', async () => {
    const args = ['version', '--client', '-o', 'json']
    const { code, stdout, stderr } = await kubectlTlsauto(stack, args, join(folder, 'none'))
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /^\{\n {2}"client": \{\n {4}"version": "\d+\.\d+\.\d+"\n {2}\}\n\}\n$/)
  })
})
