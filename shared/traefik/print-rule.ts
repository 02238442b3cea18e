import type { Rule } from './rule.ts'

/** A rule's text, on one line, such that Traefik reads the same rule again, in the syntax it was in. */
export function printRule(rule: Rule): string {
  switch (rule.kind) {
    case 'matcher':
      return `${rule.name}(${rule.args.map(quoted).join(', ')})`
    case 'not':
      return `!${bracketed(rule.rule)}`
    case 'and':
      return rule.rules.map(bracketed).join(' && ')
    case 'or':
      return rule.rules
        .map((one) => (one.kind === 'and' ? printRule(one) : bracketed(one)))
        .join(' || ')
    default:
      return rule satisfies never
  }
}

function bracketed(rule: Rule): string {
  const text = printRule(rule)
  return rule.kind === 'matcher' || rule.kind === 'not' ? text : `(${text})`
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
