const OCTET = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)'
const IPV4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`)
/** Eight groups of IPv6, the last two of them as IPv4. */
const LONGEST_ADDRESS = '0000:0000:0000:0000:0000:0000:255.255.255.255'.length
const LEADING_ZERO = /(^|\.)0\d/

/** Whether a text is an IP address, as Go's net.ParseIP reads it: no leading zeros, no zone. */
export function isIpAddress(text: string): boolean {
  if (text.length > LONGEST_ADDRESS) return false
  if (IPV4.test(text)) return !LEADING_ZERO.test(text)
  return /^[0-9a-f:.]+$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]`)
}

/** Whether a text is an e-mail address and nothing beside it (RFC 5322's dot-atoms), in ASCII, since a
 * certificate can carry no other (RFC 5280 4.2.1.6, IA5String): cert-manager would log that, and never ask. */
export function isEmailAddress(text: string): boolean {
  return ASCII.test(text) && EMAIL.test(text)
}

const ASCII = /^[!-~]*$/

const ATOM = '[^\\s@."(),:;<>\\[\\]\\\\]+'
const EMAIL = new RegExp(`^${ATOM}(\\.${ATOM})*@${ATOM}(\\.${ATOM})*$`)
