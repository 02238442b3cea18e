import { readFile } from 'node:fs/promises'
import { openKeepAlive } from './keep-alive.ts'

// A process of its own: what it takes to send a body keeps nobody else waiting.
const [url = '', path = '', ca = '', bodyFile = ''] = process.argv.slice(2)
const connection = await openKeepAlive(url, ca)
const { status } = await connection.post(path, await readFile(bodyFile, 'utf8'))
connection.close()
process.stdout.write(String(status))
