import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './build/bundle.ts'
import { renderedManifests } from './build/manifests.ts'

/** Writes the manifests of `deploy/` from their sources in `deploy/manifests/`. */
async function writeManifests(): Promise<void> {
  for (const [file, text] of await renderedManifests()) await writeFile(join(ROOT, file), text)
}

await writeManifests()
