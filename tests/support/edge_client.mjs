// Asks the edge what the C tests' client cannot: bodies without a length, and WebSockets over HTTP/2.
//   node edge_client.mjs HOST PORT CA_FILE WHAT      prints one line and ends with 0, or complains
import fs from 'node:fs'
import http2 from 'node:http2'
import https from 'node:https'

const [host, port, caFile, what] = process.argv.slice(2)
const ca = fs.readFileSync(caFile)
const lookup = (name, options, done) =>
  options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)

function complain(error) {
  console.error(error)
  process.exit(1)
}

function http1(headers, body) {
  const request = https.request({ host, port, ca, lookup, path: '/echo', method: 'POST', headers }, (answer) => {
    let text = ''
    answer.on('data', (part) => (text += part))
    answer.on('end', () => {
      console.log(answer.statusCode, text)
      process.exit(0)
    })
  })
  request.on('error', complain)
  request.end(body)
}

function connect() {
  const session = http2.connect(`https://${host}:${port}`, { ca, lookup })
  session.on('error', complain)
  return session
}

function h2(headers, body) {
  const stream = connect().request({ ':method': 'POST', ':path': '/echo', ...headers }, { endStream: false })
  let status
  let text = ''
  stream.on('response', (answer) => (status = answer[':status']))
  stream.on('data', (part) => (text += part))
  stream.on('error', complain)
  stream.on('end', () => {
    console.log(status, text)
    process.exit(0)
  })
  stream.end(body)
}

// RFC 8441: an extended CONNECT opens the stream, then RFC 6455 frames flow.
function webSocket() {
  const session = connect()
  session.once('remoteSettings', (settings) => {
    if (!settings.enableConnectProtocol) complain('the edge does not offer WebSockets over HTTP/2')
    const stream = session.request({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'https',
      ':authority': host,
      ':path': '/ws',
      'sec-websocket-version': '13',
    })
    stream.on('error', complain)
    stream.on('response', (answer) => {
      const text = Buffer.from('over h2')
      if (answer[':status'] === 200) stream.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]))
      else complain(`the edge answers ${answer[':status']}`)
    })
    let frame = Buffer.alloc(0)
    stream.on('data', (part) => {
      frame = Buffer.concat([frame, part])
      if (frame.length < 2 || frame.length < 2 + frame[1]) return
      console.log(200, frame.subarray(2).toString())
      process.exit(0)
    })
    stream.on('end', () => complain('the stream ended without an answer'))
  })
}

const requests = {
  'http1-chunked': () => http1({ 'transfer-encoding': 'chunked' }, 'hello'),
  'http1-length': () => http1({ 'content-length': 5 }, 'hello'),
  'h2-unknown': () => h2({}, 'hello'),
  'h2-length': () => h2({ 'content-length': 5 }, 'hello'),
  websocket: webSocket,
}
setTimeout(() => complain('nothing happened within 10 s'), 10000).unref()
requests[what]()
