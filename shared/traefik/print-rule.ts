import type { Rule } from './rule.ts'

/** A rule's text, on one line, such that Traefik reads the same rule again, in the syntax it was in. */
export function printRule(rule: Rule): string {
  const parts: string[] = []
  print(rule, parts)
  return parts.join('')
}

/** Joined once, at the end: at each level it would be copied once more. */
function print(rule: Rule, parts: string[]): void {
  switch (rule.kind) {
    case 'matcher':
      parts.push(rule.name, '(', rule.args.map(quoted).join(', '), ')')
      return
    case 'not':
      parts.push('!')
      printBracketed(rule.rule, parts)
      return
    case 'and':
    case 'or':
      for (const [index, one] of rule.rules.entries()) {
        if (index > 0) parts.push(rule.kind === 'and' ? ' && ' : ' || ')
        if (rule.kind === 'or' && one.kind === 'and') print(one, parts)
        else printBracketed(one, parts)
      }
      return
    default:
      rule satisfies never
  }
}

function printBracketed(rule: Rule, parts: string[]): void {
  const isOne = rule.kind === 'matcher' || rule.kind === 'not'
  if (!isOne) parts.push('(')
  print(rule, parts)
  if (!isOne) parts.push(')')
}

/** Between backticks as people write it, or as a Go string where a backtick or a carriage return,
 * which Go drops from raw strings, is in it. */
function quoted(value: string): string {
  return /[`\r\n]/.test(value) || !value.isWellFormed() ? goString(value) : `\`${value}\``
}

function goString(value: string): string {
  return `"${value.replaceAll(/["\\]|[\p{Cc}\p{Cs}]/gu, escaped)}"`
}

/** A lone surrogate is a byte that is no UTF-8 (go-string.ts). */
function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  const code = character.charCodeAt(0)
  const isByte = code >= 0xd800
  const digits = (isByte ? code & 0xff : code).toString(16)
  return isByte ? `\\x${digits}` : `\\u${digits.padStart(4, '0')}`
}
