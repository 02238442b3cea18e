import type { ClusterSettings } from '../../../shared/settings/settings.ts'
import { createKeys, type IndexKeys } from './index-keys.ts'
import { createReader, type IndexReader } from './index-reader.ts'
import { createIndexState } from './index-state.ts'
import { createWriter, type IndexWriter } from './index-writer.ts'

/** What the controller keeps in memory, with look-ups in constant time. Whoever takes it should ask for the face
 * that he needs. */
export type ClusterIndex = IndexWriter & IndexReader & IndexKeys

/** An empty index. `maxClaims`: how many DomainClaims of tlsauto's a namespace may have; 0: no limit. */
export function createClusterIndex(
  cluster: ClusterSettings,
  { maxClaims = 0 }: { readonly maxClaims?: number } = {},
): ClusterIndex {
  const state = createIndexState(cluster, maxClaims)
  return { ...createWriter(state), ...createReader(state), ...createKeys(state) }
}
