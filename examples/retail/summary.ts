import type { BatchResult } from './batch.ts'
import type { Inputs } from './inputs.ts'

/**
 * The end of a run for people: what was read, what was wrong with it, a few figures, and where everything
 * lies.
 */
export function summaryOf(result: BatchResult): string {
  const { inputs, rejected, figures, analyses, folders, secretOrigin, seconds } = result
  const answered = analyses.filter(({ skipped }) => skipped === undefined)
  const malformed =
    rejected.find(({ source, reason }) => source === 'transactions' && reason === 'malformed')?.lines ?? 0
  const sections = [
    ['Input', inputLines(inputs)],
    [
      'Transactions',
      [
        ['lines read', number(figures.lines + malformed)],
        ['accepted', number(figures.cleanLines)],
        ...rejected.filter(({ source }) => source === 'transactions').map(rejectedLine),
      ],
    ],
    ['Activity', activityLines(result)],
    [
      'Key figures',
      [
        ['period', `${figures.firstDay} to ${figures.lastDay}`],
        ['orders, returns', `${number(figures.orders)}, ${number(figures.returns)}`],
        ['sales volume', figures.salesVolume],
        ['users, products', `${number(figures.users)}, ${number(figures.products)}`],
        ['largest market', figures.topCountry ?? '-'],
      ],
    ],
    [
      'Definitions',
      [
        ['answered', `${answered.length} of ${analyses.length}`],
        ...analyses.flatMap(({ name, skipped }) =>
          skipped === undefined ? [] : [['skipped', `${name}: there is no ${skipped} input`]],
        ),
      ],
    ],
    [
      'Output',
      [
        ['answers', `${folders.results}/NAME.csv`],
        ['tables', `${folders.tables}/default (dead letters: table dead_letters)`],
        ['key of user ids', secretOrigin],
      ],
    ],
  ] as const
  const text = sections.filter(([, lines]) => lines.length > 0).map(([title, lines]) => section(title, lines))
  return `${text.join('\n\n')}\n\nDone in ${seconds.toFixed(1)} s.\n`
}

function inputLines({ transactions, activity, campaigns, generated }: Inputs): string[][] {
  const { path, format, encoding } = transactions
  const form = format === 'csv' ? `CSV, ${encoding}` : format === 'json' ? 'JSON lines' : 'Parquet'
  const origin = generated === null ? form : `${form}; invented data`
  return [
    ['transactions', `${path} (${origin})`],
    ['activity', activity ?? 'none'],
    ['campaigns', campaigns === null ? 'none' : Object.keys(campaigns).join(', ')],
  ]
}

function activityLines({ inputs, rejected, activityCounts }: BatchResult): string[][] {
  if (inputs.activity === null || activityCounts === null) return []
  const { lines, events } = activityCounts
  const bad = rejected.filter(({ source }) => source === 'activity')
  const badLines = bad.reduce((sum, { lines }) => sum + lines, 0)
  return [
    ['lines read', number(lines)],
    ['accepted', number(events)],
    ['duplicates', number(lines - badLines - events)],
    ...bad.map(rejectedLine),
  ]
}

function rejectedLine({ reason, lines }: { readonly reason: string; readonly lines: number }): string[] {
  return [`set aside: ${reason}`, number(lines)]
}

function section(title: string, lines: readonly (readonly string[])[]): string {
  return [title, ...lines.map(([name = '', value = '']) => `  ${name.padEnd(30)} ${value}`)].join('\n')
}

/** With commas, in every locale of the machine. */
function number(value: number): string {
  return value.toLocaleString('en-US')
}
