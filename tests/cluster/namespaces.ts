import { spawnSync } from 'node:child_process'

/** Hosts of a network of their own: the driver stays where we are, at `driver`. */
export interface Namespaces {
  /** Address of this host in the network. */
  readonly driver: string
  /** Address of each host. */
  readonly hosts: readonly string[]
  /** What a program is started through to run on a host. */
  through(index: number): readonly string[]
  /** Nothing comes from or goes to a host any more, until it is healed. */
  cut(index: number): void
  heal(index: number): void
  /** Two hosts do not reach each other any more, until they are healed; both reach the driver. */
  part(a: number, b: number): void
  join(a: number, b: number): void
  close(): void
}

/** Makes network namespaces on a bridge. Needs root on Linux; `id` keeps the names of two runs apart. */
export function makeNamespaces(count: number, id: number = process.pid % 200): Namespaces {
  const bridge = `mr${id}`
  const net = `10.88.${id}`
  const name = (index: number): string => `mr${id}h${index}`
  const port = (index: number): string => `mr${id}p${index}`
  const host = (index: number): string => `${net}.${index + 2}`
  ip('link', 'add', bridge, 'type', 'bridge')
  ip('addr', 'add', `${net}.1/24`, 'dev', bridge)
  ip('link', 'set', bridge, 'up')
  for (let index = 0; index < count; index++) {
    ip('netns', 'add', name(index))
    ip('link', 'add', port(index), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name(index))
    ip('link', 'set', port(index), 'master', bridge, 'up')
    inside(index, 'link', 'set', 'lo', 'up')
    inside(index, 'addr', 'add', `${host(index)}/24`, 'dev', 'eth0')
    inside(index, 'link', 'set', 'eth0', 'up')
  }
  return {
    driver: `${net}.1`,
    hosts: Array.from({ length: count }, (_, index) => host(index)),
    through: (index) => ['ip', 'netns', 'exec', name(index)],
    cut: (index) => ip('link', 'set', port(index), 'down'),
    heal: (index) => ip('link', 'set', port(index), 'up'),
    part: (a, b) => inside(a, 'route', 'add', 'blackhole', `${host(b)}/32`),
    join: (a, b) => inside(a, 'route', 'del', 'blackhole', `${host(b)}/32`),
    close() {
      for (let index = 0; index < count; index++) ip('netns', 'del', name(index))
      ip('link', 'del', bridge)
    },
  }

  function inside(index: number, ...args: readonly string[]): void {
    ip('netns', 'exec', name(index), 'ip', ...args)
  }
}

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
}
