import { startStack } from './stack.ts'

/** Starts a stack, says in one line of JSON what it started, and holds it until it is ended. */
if (import.meta.main) {
  const stack = await startStack()
  const { folder, kubeconfig } = stack
  const { stdout } = await stack.kubectl(['get', '--raw', '/readyz'])
  const held = { folder, kubeconfig, readyz: stdout, pids: stack.processes.pids() }
  process.stdout.write(`${JSON.stringify(held)}\n`)
}
