/** No Kubernetes object comes near: a route is 10 levels deep, its review adds 2. */
const DEEPEST = 100
/** Members, items, objects and lists. Parsing costs up to 0.5 µs for each, whatever the body's length;
 * old and new object of the 1.5 MiB that etcd holds have no more in honest routes. */
const MOST_VALUES = 250_000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** What of a JSON text would cost too much to parse, from one look at each byte; undefined when
 * nothing would. Whether it is JSON at all is for the parser to say. */
export function excessOf(json: Uint8Array): 'too_deep' | 'too_many_values' | undefined {
  let depth = 0
  let values = 0
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at]
    if (byte === QUOTE) at = endOfString(json, at)
    else if (byte === COMMA) values += 1
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      values += 1
      depth += 1
    }
    if (depth > DEEPEST) return 'too_deep'
    if (values > MOST_VALUES) return 'too_many_values'
  }
  return undefined
}

function endOfString(json: Uint8Array, start: number): number {
  let at = start + 1
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1
  return at
}
