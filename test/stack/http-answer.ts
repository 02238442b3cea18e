import { get } from 'node:http'

/** The status that is answered over plain HTTP on a port of this machine, and where it redirects to. */
export async function httpAnswer(port: number, host: string, path = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    const at = { host: '127.0.0.1', port, path, headers: { host }, agent: false }
    get(at, (answer) => {
      answer.resume()
      const { location } = answer.headers
      resolve([answer.statusCode, ...(location === undefined ? [] : [location])].join(' '))
    }).on('error', reject)
  })
}
