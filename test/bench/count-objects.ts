import { isJsonObject, objectAt } from '../../shared/json/json.ts'
import type { Stack } from '../stack/stack.ts'

/** How many objects a collection has, by its path: the API server counts, and sends one of them. */
export async function countObjects(stack: Stack, path: string): Promise<number> {
  const { stdout } = await stack.kubectl(['get', '--raw', `${path}?limit=1`])
  const list: unknown = JSON.parse(stdout)
  if (!isJsonObject(list) || !Array.isArray(list['items'])) return 0
  const remaining = objectAt(list, 'metadata')['remainingItemCount']
  return list['items'].length + (typeof remaining === 'number' ? remaining : 0)
}
