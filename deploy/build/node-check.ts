/** What a bundle begins with: under a Node.js that is older than the program needs (`range` is package.json's), it
 * ends in one line instead of a stack trace from somewhere. Written in words that any Node.js with modules can read. */
export function nodeCheck(
  { name, exitCode }: { readonly name: string; readonly exitCode: number },
  range: string,
): string {
  const [, least, major, minor] = /^>=((\d+)\.(\d+)\.0)$/.exec(range) ?? []
  if (least === undefined) throw new Error(`engines.node is ${range}, which nothing here can check`)
  const isOld = `major < ${major} || (major === ${major} && minor < ${minor})`
  const message = `'${name} needs Node.js ${least} or newer; this is ' + process.versions.node + '\\n'`
  return `{ const [major, minor] = process.versions.node.split('.').map(Number); if (${isOld}) { process.stderr.write(${message}); process.exit(${exitCode}) } }`
}
