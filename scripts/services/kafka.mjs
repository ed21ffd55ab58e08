// A real Kafka for tests and benchmarks: one broker (KRaft) of version 4.3.1. `node
// scripts/services/kafka.mjs` fetches the jars with Maven if they are not there, starts the broker on a free
// port in a temporary folder, prints one line of JSON {"address", "lib", "pid"} when it is ready, and stops
// it when its input ends.
// Exit code 1 with the reason if there is no Java or Maven.
import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const VERSION = '4.3.1'
const LOG4J = '2.24.3'
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw'
const READY_MS = 120_000
const FETCH_MS = 600_000

const dependency = (group, name, version) =>
  `<dependency><groupId>${group}</groupId>
<artifactId>${name}</artifactId><version>${version}</version></dependency>`

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>millrace</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependency('org.apache.kafka', 'kafka_2.13', VERSION)}
${dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', LOG4J)}
${dependency('org.apache.logging.log4j', 'log4j-core', LOG4J)}</dependencies></project>
`

/** The folder of the jars, fetched once. It has its final name only when it is whole. */
function jars() {
  const cache = process.env.MILLRACE_SERVICES ?? join(homedir(), '.cache', 'millrace', 'services')
  const lib = join(cache, `kafka-${VERSION}`)
  if (existsSync(lib)) return lib
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'fetch-'))
  try {
    writeFileSync(join(folder, 'pom.xml'), POM)
    const out = join(folder, 'lib')
    const args = ['-B', '-ntp', '-q', '-f', join(folder, 'pom.xml'), COPY, '-DincludeScope=runtime']
    const { status, stdout, error } = spawnSync('mvn', [...args, `-DoutputDirectory=${out}`], {
      encoding: 'utf8',
      timeout: FETCH_MS,
    })
    if (status !== 0) throw new Error(`Maven could not fetch Kafka: ${error?.message ?? stdout}`)
    if (!existsSync(lib)) renameSync(out, lib)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return lib
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

const properties = (folder, port, controllerPort) => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=${join(folder, 'data')}
num.network.threads=2
num.io.threads=2
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.cleaner.dedupe.buffer.size=2097152
log.retention.ms=-1
`

const LOGGING = `status=warn
rootLogger.level=info
rootLogger.appenderRef.c.ref=C
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d{ISO8601} %p %c{1} %m%n
`

async function start(folder, lib) {
  const [port, controllerPort] = [await freePort(), await freePort()]
  const config = join(folder, 'server.properties')
  writeFileSync(config, properties(folder, port, controllerPort))
  writeFileSync(join(folder, 'log4j2.properties'), LOGGING)
  const java = [
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:+ExitOnOutOfMemoryError',
    '-cp',
    `${lib}/*`,
  ]
  const logging = `-Dlog4j2.configurationFile=file:${join(folder, 'log4j2.properties')}`
  const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', config]
  const formatted = spawnSync('java', [...java, logging, ...format], { encoding: 'utf8', timeout: READY_MS })
  if (formatted.status !== 0)
    throw new Error(`formatting failed: ${formatted.error?.message ?? formatted.stdout + formatted.stderr}`)
  const log = join(folder, 'kafka.log')
  const output = openSync(log, 'a')
  const broker = spawn('java', [...java, logging, 'kafka.Kafka', config], {
    stdio: ['ignore', output, output],
  })
  const deadline = Date.now() + READY_MS
  while (!readFileSync(log, 'utf8').includes('Kafka Server started')) {
    if (broker.exitCode !== null || Date.now() > deadline) {
      broker.kill('SIGKILL')
      throw new Error(`Kafka did not start:\n${readFileSync(log, 'utf8').slice(-4000)}`)
    }
    await sleep(100)
  }
  return { broker, address: `127.0.0.1:${port}` }
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-'))
let broker = null
try {
  const lib = jars()
  const started = await start(folder, lib)
  broker = started.broker
  console.log(JSON.stringify({ address: started.address, lib, pid: broker.pid }))
  await new Promise((resolve) => {
    process.stdin.on('end', resolve).resume()
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, resolve)
    broker.once('exit', resolve)
  })
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  // Its data goes with it, so it need not close its files well.
  broker?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}
