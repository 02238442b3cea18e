import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stack } from './stack.ts'

/** How often the API server has let a request pass without its webhook's word. */
export async function failOpenCount(stack: Stack): Promise<number> {
  const { stdout } = await stack.kubectl(['get', '--raw', '/metrics'])
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('apiserver_admission_webhook_fail_open_count{'))
    .map((line) => Number(line.slice(line.lastIndexOf(' '))))
    .reduce((sum, count) => sum + count, 0)
}

/** Why, each time: from its log. */
export async function failOpenReasons(stack: Stack): Promise<readonly string[]> {
  const log = await readFile(join(stack.folder, 'logs', 'kube-apiserver.log'), 'utf8')
  return [...log.matchAll(/Failed calling webhook, failing open (.*)/g)].map(([, why = '']) => why)
}
