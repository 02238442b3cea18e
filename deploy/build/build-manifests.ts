import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './bundle.ts'
import { renderedManifests } from './manifests.ts'

/** Writes the manifests of `deploy/` from their sources in `deploy/manifests/`. */
async function writeManifests(): Promise<void> {
  for (const [file, text] of await renderedManifests()) await writeFile(join(ROOT, file), text)
}

await writeManifests()
