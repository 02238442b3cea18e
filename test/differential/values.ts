import type { Random } from './random.ts'

/** Makes a value of one kind: one that Traefik takes, or where flaws are allowed perhaps none. */
export type MakeValue = (random: Random) => string

export const host: MakeValue = (random) => {
  if (random.flaw(8)) return random.pick(notAscii)
  if (random.once(8)) return random.pick(oddHosts)
  const name = `${random.pick(labels)}.${random.pick(labels)}${random.pick(['', '', '.example', '.com'])}`
  const cased = random.once(4) ? name.toUpperCase() : name
  return `${random.pick(['', '', '', '*.', 'www.'])}${cased}${random.pick(['', '', '', '.', ':8443'])}`
}

const labels = 'a b shop my-shop xn--bcher-kva Example 0 x_y localhost'.split(' ')
const notAscii = ['bücher.example', 'ｅ.example', 'a.example\u00a0', '例え.jp', '😀.example']
const oddHosts = [
  ...`* 1.2.3.4 ::1 [::1] . a.. \u007f *.*.a.example % " ' \` \\`.split(' '),
  'a b',
  'a\tb',
]

export const path: MakeValue = (random) =>
  random.flaw(6)
    ? random.pick(['a', ' /', 'http://a', '\\', '{a}'])
    : `/${random.soup('ab/.-*%20é', 8)}`

export const ipRange: MakeValue = (random) => {
  if (random.flaw(6)) return random.soup('0123456789.:/af%', 12)
  if (random.flaw(6)) return random.pick(badAddresses)
  const address = random.pick(addresses)
  if (random.once(3)) return address
  return `${address}/${random.pick(random.flaw(3) ? badMasks : ['0', '8', '16', '32', '008'])}`
}

const addresses = `10.0.0.0 255.255.255.255 192.168.1.1 :: ::1 fe80::1 2001:db8:: 1:2:3:4:5:6:7:8
1:2:3:4:5:6:7:: ::ffff:1.2.3.4 1:2:3:4:5:6:1.2.3.4 64:FF9B::192.0.2.33 ::2:3:4:5:6:7:8`.split(/\s/)

const badAddresses =
  `1.2.3 256.1.1.1 01.2.3.4 1.2.3.4.5 ::1%eth0 1:2:3:4:5:6:7:8:9 1::2::3 12345:: ::1.2.3.4:5
:1 1:2:3:4:5:6:7::8 1:2:3:4:5:6:7:1.2.3.4 ::: 1: 1.2.3.4: g::`.split(/\s/)

const badMasks = ['33', '64', '128', '129', '', '-1', '1/2', 'a', ' 8', '0x8', '99999999999']

const wordList = [...'GET post X-Name text/html é \u0001 { " ` \\'.split(' '), 'a b']
export const word: MakeValue = (random) => random.pick(wordList)

export const protocol: MakeValue = (random) =>
  random.flaw(3) ? 'acme-tls/1' : random.pick(['h2', 'http/1.1', 'é', 'H2'])

export const serverName: MakeValue = (random) => {
  if (random.flaw(5)) return random.pick(badServerNames)
  return random.once(6)
    ? random.pick(['*', '-', '_', ':', '.'])
    : `${random.pick(['', 'Www.'])}${random.pick(labels)}.`
}

const badServerNames = [
  '*.',
  '*a',
  'a.*',
  'a/b',
  'a\n',
  '**',
  '*.*.a',
  'a b',
  'bücher.example',
  "a'",
]

/** v3 alone takes a wildcard. */
export const serverNameOrWildcard: MakeValue = (random) =>
  `${random.pick(['', '', '*.'])}${serverName(random)}`
