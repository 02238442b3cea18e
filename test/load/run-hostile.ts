import { hostileClients } from './hostile.ts'

// A process of its own, so that hostile clients do not keep the honest ones waiting by themselves.
const [url = '', count = '', milliseconds = ''] = process.argv.slice(2)
const begun = await hostileClients(url, Number(count), AbortSignal.timeout(Number(milliseconds)))
process.stdout.write(`${JSON.stringify(begun)}\n`)
