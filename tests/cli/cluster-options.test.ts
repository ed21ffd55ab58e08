import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readArguments } from '../../cli/arguments.ts'
import { CLUSTER_OPTIONS, optionFlags, type Role } from '../../cli/cluster-options.ts'
import { optionsPage } from '../../cli/options-page.ts'
import { type Options, readOptions } from '../../cli/read-options.ts'
import { testFolder } from './run-cli.ts'

const folder = testFolder()

function read(role: Role, args: readonly string[], env: Record<string, string> = {}): Options {
  const command = { name: role, summary: '', usage: '', flags: optionFlags(role), run: async () => 0 }
  return readOptions(role, readArguments(command, args), env)
}

describe('options of a cluster', () => {
  test('docs/configuration.md says what the table says', async () => {
    await expect(optionsPage()).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/configuration.md'))
  })

  test('every option has a default that can be read, or says what it means not to give it', () => {
    for (const role of ['driver', 'worker', 'client'] as const) read(role, [])
    for (const option of CLUSTER_OPTIONS) expect(option.doc, option.name).toMatch(/^[^A-Z].*[^.]$/)
    expect(new Set(CLUSTER_OPTIONS.map(({ name }) => name)).size).toBe(CLUSTER_OPTIONS.length)
  })

  test('flag before variable before file before default', () => {
    const file = folder.write('order.json', '{"listen": "c:3", "heartbeat": "3s", "threads": 3, "ui": "c:3"}')
    const options = read('driver', ['--config', file, '--listen', 'a:1'], {
      MILLRACE_LISTEN: 'b:2',
      MILLRACE_UI: 'b:2',
    })
    const { text } = options
    expect([text('listen'), text('ui'), text('log')]).toEqual(['a:1', 'b:2', 'text'])
    expect([options.number('heartbeat'), options.number('worker-timeout')]).toEqual([3000, 10_000])
    expect(read('worker', [], { MILLRACE_CONFIG: file }).number('threads')).toBe(3)
  })

  test('sizes, times and ranges', () => {
    const options = read('driver', ['--worker-memory', '1.5g', '--heartbeat', '250ms', '--workers', '0..4'])
    expect(options.number('worker-memory')).toBe(1.5 * 2 ** 30)
    expect(options.number('heartbeat')).toBe(250)
    expect(options.range('workers')).toEqual({ min: 0, max: 4 })
  })

  test.each([
    [['--listen', 'nowhere'], '"nowhere" is not an address'],
    [['--heartbeat', '5'], '--heartbeat takes TIME, not "5"'],
    [['--worker-memory', 'much'], '--worker-memory takes SIZE, not "much"'],
    [['--worker-threads', '0'], '--worker-threads takes N, not "0"'],
    [['--workers', '4..2'], '--workers takes MIN..MAX, not "4..2"'],
    [['--log', 'jsn'], 'Did you mean "json"?'],
    [['--config', folder.write('key.json', '{"listn": "a:1"}')], 'Did you mean "listen"?'],
    [['--config', folder.write('kind.json', '{"listen": true}')], 'neither a text nor a number'],
    [['--config', folder.write('value.json', '{"heartbeat": "x"}')], '"heartbeat" in'],
    [['--config', folder.write('list.json', '[]')], 'is not an object'],
    [['--config', folder.write('cut.json', '{"listen"')], 'is not JSON'],
    [['--config', 'missing.json'], 'cannot read the configuration'],
  ])('refused: %j', (args, text) => {
    let told = ''
    try {
      read('driver', args)
    } catch (error) {
      const { message, hint } = error as { message: string; hint?: string }
      told = `${message} ${hint}`
    }
    expect(told).toContain(text)
  })
})
