import { CLUSTER_OPTIONS, type ClusterOption, defaultText, type Role, variableOf } from './cluster-options.ts'

const TITLES: Readonly<Record<Role, string>> = {
  driver: '`millrace driver`',
  worker: '`millrace worker`',
  client: '`millrace status`, `jobs`, `kill`, `decommission`',
}

const INTRODUCTION = `# Configuration of a cluster

Every option of a driver, of a worker and of the commands that ask a driver can be given in three ways. The
first of these that is there counts:

1. a flag: \`--listen 127.0.0.1:7077\`
2. a variable of the environment: \`MILLRACE_LISTEN=127.0.0.1:7077\`
3. a key of the JSON file of \`--config FILE\` (or \`MILLRACE_CONFIG\`): \`{"listen": "127.0.0.1:7077"}\`

One file may serve all processes: a process overlooks options of the others, and refuses keys that nobody
knows. Sizes are written \`512m\` or \`2g\`, times \`500ms\`, \`10s\`, \`2m\` or \`1h\`.

The cluster's token is in the file of \`token-file\`, or in the variable MILLRACE_TOKEN, never in an argument,
which everyone on the host could read. With \`--token-stdin\` a driver or worker takes it from the first line
of its standard input, and ends when that does. [security.md](security.md) says who needs what.

What programs themselves can set (\`--master\`, memory, time zone) is in [cli.md](cli.md).
`

/** The text of docs/configuration.md. */
export function optionsPage(): string {
  const roles = Object.keys(TITLES) as Role[] // The keys of a literal.
  return `${[INTRODUCTION, ...roles.map(section)].join('\n')}`
}

function section(role: Role): string {
  const rows = CLUSTER_OPTIONS.filter(({ roles }) => roles.includes(role)).map(row)
  return `## ${TITLES[role]}

| option | variable | default | |
|---|---|---|---|
${rows.join('\n')}
`
}

function row(option: ClusterOption): string {
  const { name, value, doc } = option
  const cells = [`\`--${name} ${value}\``, `\`${variableOf(name)}\``, defaultText(option), doc]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
