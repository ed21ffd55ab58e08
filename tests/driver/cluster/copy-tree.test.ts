import { expect, test } from 'vitest'
import { CopyTree } from '../../../driver/cluster/copy-tree.ts'

test('the first readers ask the holder, later ones those before, who serve two each at most', () => {
  const tree = new CopyTree(100)
  const served = new Map<string | null, number>()
  for (let i = 0; i < 100; i++) {
    const { sourceId, passOn } = tree.place(`e${i}`, 1)
    served.set(sourceId, (served.get(sourceId) ?? 0) + 1)
    if (sourceId !== null) expect(Number(sourceId.slice(1))).toBeLessThan(i)
    expect(passOn).toBe(2 * i + 1 < 100)
  }
  expect(served.get(null)).toBe(4)
  served.delete(null)
  expect(Math.max(...served.values())).toBe(2)
  expect(tree.place('e50', 1)).toEqual({ sourceId: 'e24', passOn: false })
})

test('rows that many hold are asked of them, and nobody keeps copies', () => {
  const tree = new CopyTree(8)
  for (let i = 0; i < 8; i++) expect(tree.place(`e${i}`, 2)).toEqual({ sourceId: null, passOn: false })
})
