import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isJsonObject, textAt } from '../../shared/json/json.ts'
import { ROOT } from './bundle.ts'

/** A package's folder, in the path of a file of its own. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/

/** The names under which a package keeps what must go along with its code. */
const TEXTS = /^(licen[cs]e|copying|notice)\b/i

/** The licences of the packages that bundled files are from (paths inside of the work tree), one after the
 * other: who gives the bundle away must give them along. An Error names a package that has none. */
export async function thirdPartyLicenses(files: readonly string[]): Promise<string> {
  const folders = new Set(files.flatMap((file) => PACKAGE.exec(file)?.[0] ?? []))
  const texts = await Promise.all([...folders].toSorted().map(licenseOf))
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}

async function licenseOf(folder: string): Promise<string> {
  const path = join(ROOT, folder)
  const about: unknown = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'))
  const [name, version, license] = isJsonObject(about)
    ? ['name', 'version', 'license'].map((key) => textAt(about, key))
    : []
  const files = (await readdir(path)).filter((file) => TEXTS.test(file)).toSorted()
  if (license === undefined && files.length === 0) throw new Error(`${folder} has no licence`)
  const texts = await Promise.all(files.map(async (file) => readFile(join(path, file), 'utf8')))
  return [
    `${name} ${version}: ${license ?? 'see below'}\n`,
    ...texts.map((text) => `${text.trim()}\n`),
  ].join('\n')
}
