import type { OperatorView, StageView } from '../views.ts'
import { countText, durationText, svgElement } from './elements.ts'

const BOX = 430
const LINE = 15
const GAP_X = 40
const GAP_Y = 34

interface Placed {
  readonly stage: StageView
  readonly height: number
  x: number
  y: number
}

/**
 * The stages of a job as boxes, those that read others below them, with rows and time of each operator. A
 * stage stands one row below the lowest that it reads.
 */
export function planGraph(stages: readonly StageView[]): SVGElement {
  const placed = new Map<number, Placed>()
  const rows: Placed[][] = []
  const levels = new Map<number, number>()
  for (const stage of stages) {
    const { stageId, inputs, operators } = stage
    const level = Math.max(-1, ...inputs.map((input) => levels.get(input) ?? -1)) + 1
    levels.set(stageId, level)
    const one = { stage, height: 44 + operators.length * LINE, x: 0, y: 0 }
    placed.set(stageId, one)
    const row = rows[level] ?? []
    row.push(one)
    rows[level] = row
  }
  let y = 10
  let width = 0
  for (const row of rows) {
    row.forEach((one, index) => {
      one.x = 10 + index * (BOX + GAP_X)
      one.y = y
      width = Math.max(width, one.x + BOX + 10)
    })
    y += Math.max(...row.map(({ height }) => height)) + GAP_Y
  }
  const svg = svgElement('svg', { width, height: y, viewBox: `0 0 ${width} ${y}`, role: 'img' })
  for (const one of placed.values())
    for (const input of one.stage.inputs) {
      const from = placed.get(input)
      if (from !== undefined) svg.append(edge(from, one))
    }
  for (const one of placed.values()) svg.append(box(one))
  return svg
}

function edge(from: Placed, to: Placed): SVGElement {
  const [x1, y1] = [from.x + BOX / 2, from.y + from.height]
  const [x2, y2] = [to.x + BOX / 2, to.y]
  const bend = (y2 - y1) / 2
  return svgElement('path', {
    class: 'edge',
    d: `M ${x1} ${y1} C ${x1} ${y1 + bend}, ${x2} ${y2 - bend}, ${x2} ${y2}`,
  })
}

function box({ stage, x, y, height }: Placed): SVGElement {
  const { stageId, state, output, tasksDone, taskCount, operators } = stage
  const title = `stage ${stageId} · ${state} · ${tasksDone}/${taskCount} tasks → ${output}`
  const group = svgElement('g', { transform: `translate(${x}, ${y})` })
  group.append(
    svgElement('rect', { class: `stage ${state}`, width: BOX, height, rx: 6 }),
    svgElement('text', { class: 'title', x: 10, y: 20 }, title),
  )
  for (const [index, operator] of operators.entries()) group.append(line(operator, 40 + index * LINE))
  return group
}

function line(operator: OperatorView, y: number): SVGElement {
  const { kind, depth, rows, selfMs, text } = operator
  const group = svgElement('g', {}, svgElement('title', {}, text))
  const numbers = `${countText(rows)} rows${selfMs === null ? '' : ` · ${durationText(selfMs)}`}`
  group.append(
    svgElement('text', { x: 10 + 10 * depth, y }, kind),
    svgElement('text', { class: 'dim', x: BOX - 10, y, 'text-anchor': 'end' }, numbers),
  )
  return group
}
