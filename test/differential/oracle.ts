import { spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Question } from './rules.ts'

export type Answer = {
  readonly valid: boolean
  readonly error: string
  readonly hosts: readonly string[]
}

/** Traefik's own parser and muxers, in a process of their own (test/stack/go/traefik/oracle). */
export class Oracle {
  readonly #child
  readonly #lines: Interface
  readonly #answers: AsyncIterator<string>

  constructor(program: string) {
    this.#child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout })
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  /** The answers to all questions, in their order. */
  async ask(questions: readonly Question[]): Promise<readonly Answer[]> {
    const lines = questions.map(({ rule, syntax, kind }) => JSON.stringify({ rule, syntax, kind }))
    this.#child.stdin.write(`${lines.join('\n')}\n`)
    const answers: Answer[] = []
    for (const _ of questions) answers.push(readAnswer(await this.#answers.next()))
    return answers
  }

  close(): void {
    this.#lines.close()
    this.#child.stdin.end()
  }
}

function readAnswer(line: IteratorResult<string, unknown>): Answer {
  if (line.done === true) throw new Error('the oracle ended before it had answered every question')
  const answer: unknown = JSON.parse(line.value)
  if (!isAnswer(answer)) throw new Error(`the oracle answered ${line.value}`)
  return answer
}

function isAnswer(value: unknown): value is Answer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'valid' in value &&
    'error' in value &&
    'hosts' in value
  )
}
