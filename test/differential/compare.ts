import { isDeepStrictEqual } from 'node:util'
import { positiveHosts } from '../../shared/traefik/hosts.ts'
import { parseRule, parseTcpRule, type ParsedRule, ruleSyntax } from '../../shared/traefik/rule.ts'
import type { Answer, Oracle } from './oracle.ts'
import type { Question } from './rules.ts'

export type Disagreement = {
  readonly question: Question
  readonly ours: string
  readonly theirs: string
}

/** How we read the rule of a question. */
export function read({ rule, syntax, kind }: Question): ParsedRule {
  return kind === 'tcp'
    ? parseTcpRule(rule, ruleSyntax(syntax))
    : parseRule(rule, ruleSyntax(syntax))
}

/** Where our reading differs from Traefik's answer. What is too deep for us may be good for it. */
export function disagreement(question: Question, answer: Answer): Disagreement | undefined {
  const parsed = read(question)
  const ours = verdict(parsed)
  const theirs = answer.valid ? { hosts: answer.hosts } : 'refused'
  if (isDeepStrictEqual(ours, theirs)) return undefined
  if (parsed.kind === 'refused' && parsed.error.kind === 'too-deep') return undefined
  const why = parsed.kind === 'refused' ? `: ${parsed.error.message}` : ''
  return {
    question,
    ours: `${JSON.stringify(ours)}${why}`,
    theirs: `${JSON.stringify(theirs)} ${answer.error}`,
  }
}

function verdict(parsed: ParsedRule): 'refused' | { readonly hosts: readonly string[] } {
  return parsed.kind === 'refused' ? 'refused' : { hosts: positiveHosts(parsed.rule) }
}

/**
 * A shorter rule with a disagreement: one call of the rule, if it alone makes one, and of that what
 * is left when pieces are cut out, from half of it down to one character.
 */
export async function shrink(found: Disagreement, oracle: Oracle): Promise<Disagreement> {
  let best = (await firstDisagreement(calls(found.question), oracle)) ?? found
  for (let size = best.question.rule.length; size >= 1;) {
    const next = await firstDisagreement(shorter(best.question, size), oracle)
    if (next === undefined) size = Math.floor(size / 2)
    else best = next
  }
  return best
}

// From each name to the parentheses that close next: one of them ends the call.
function calls(question: Question): readonly Question[] {
  const { rule } = question
  return Array.from(rule.matchAll(/!?[\p{L}_]+/gu), ({ index }) => index).flatMap((start) => {
    const ends = Array.from(
      rule.slice(start, start + 500).matchAll(/\)/g),
      ({ index }) => start + index + 1,
    )
    return ends.slice(0, 5).map((end) => ({ ...question, rule: rule.slice(start, end) }))
  })
}

async function firstDisagreement(
  questions: readonly Question[],
  oracle: Oracle,
): Promise<Disagreement | undefined> {
  const answers = await oracle.ask(questions)
  for (const [index, question] of questions.entries()) {
    const answer = answers[index]
    const found = answer === undefined ? undefined : disagreement(question, answer)
    if (found !== undefined) return found
  }
  return undefined
}

function shorter(question: Question, size: number): readonly Question[] {
  const characters = Array.from(question.rule)
  const starts = [...characters.keys()].filter((start) => start % size === 0)
  return starts.map((start) => {
    const rule = characters.toSpliced(start, size).join('')
    return { ...question, rule }
  })
}
