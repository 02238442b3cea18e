import type { Tlsauto } from './tlsauto.ts'

/** Reviews that were allowed unchanged: `late` for want of time, `failed` by a fault. */
export type ReviewResults = { readonly late: number; readonly failed: number }

/** What the running server's metrics say. */
export async function reviewResults({ metricsUrl }: Tlsauto): Promise<ReviewResults> {
  const lines = (await (await fetch(metricsUrl)).text()).split('\n')
  const sum = (result: string): number =>
    lines
      .filter((line) => line.startsWith('tlsauto_admission_requests_total{'))
      .filter((line) => line.includes(`result="${result}"`))
      .reduce((all, line) => all + Number(line.slice(line.lastIndexOf(' '))), 0)
  return { late: sum('late'), failed: sum('failed') }
}
