import type { KubeClient } from '../../shared/kube/kube-client.ts'

/** A client that gives the same answer to the same question: for looking at many domains at one time, whose
 * issuers, quotas and Services are mostly the same. What it writes it does not notice. */
export function rememberingClient(client: KubeClient): KubeClient {
  return { ...client, get: remembered(client.get), list: remembered(client.list) }
}

function remembered<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
): (question: Question) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>()
  return async (question) => {
    const key = JSON.stringify(question)
    const answer = answers.get(key) ?? ask(question)
    answers.set(key, answer)
    return answer
  }
}
