import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

/** A change in one function of the server, wherever that is. */
export type Edit = {
  readonly function: string
  /** Of its text, however it is laid out. */
  readonly find: string
  readonly replace: string
}

/** A source file with the edit made. */
export type Edited = { readonly path: string; readonly contents: string }

/** Finds the edit's place. Throws when there is not exactly one: the function has another name now, or says
 * something else, and so must the edit. */
export async function edited(edit: Edit): Promise<Edited> {
  const places = (await serverSources()).flatMap(({ path, contents }) =>
    placesIn(contents, edit).map(({ from, to }) => ({
      path,
      contents: contents.slice(0, from) + edit.replace + contents.slice(to),
    })),
  )
  const [place] = places
  if (place !== undefined && places.length === 1) return place
  throw new Error(`${edit.function} in webhook/ has ${places.length} times: ${edit.find}`)
}

async function serverSources(): Promise<readonly Edited[]> {
  const folder = join(ROOT, 'webhook')
  const names = await readdir(folder, { recursive: true })
  const paths = names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name))
  return Promise.all(paths.map(async (path) => ({ path, contents: await readFile(path, 'utf8') })))
}

type Place = { readonly from: number; readonly to: number }

function placesIn(text: string, { function: name, find }: Edit): readonly Place[] {
  const words = find.match(/\w+|[^\w\s]/g) ?? []
  const escaped = words.map((word) => (/\w/.test(word) ? word : `\\${word}`))
  const wanted = new RegExp(escaped.join(String.raw`\s*`), 'g')
  return functionsOf(text, name).flatMap(({ from, to }) =>
    Array.from(text.slice(from, to).matchAll(wanted), ({ index, 0: { length } }) => ({
      from: from + index,
      to: from + index + length,
    })),
  )
}

/** The functions of that name: a declaration, a constant or a member, up to the line that closes it. */
function functionsOf(text: string, name: string): readonly Place[] {
  const beginning = new RegExp(
    String.raw`^( *)(?:(?:export )?(?:async )?(?:function\*? |const )${name}\b|\*?${name}(?:: |\()).*\n`,
    'gm',
  )
  return Array.from(text.matchAll(beginning), ({ index, 0: { length }, 1: indent = '' }) => {
    const rest = text.slice(index + length)
    const end = new RegExp(String.raw`^ {0,${indent.length}}(?!.*\{$)[^ \n)].*`, 'm').exec(rest)
    const to = end === null ? text.length : index + length + end.index + end[0].length
    return { from: index, to }
  })
}
