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
