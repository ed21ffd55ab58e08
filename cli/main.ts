#!/usr/bin/env node
/** The program `millrace`. It runs the bundle; modules loaded one by one take longer than most queries. */
const { runCommandLine } = (await import(
  new URL('../bundle/command.js', import.meta.url).href
)) as typeof import('./command.ts')
process.exitCode = await runCommandLine(process.argv.slice(2))
