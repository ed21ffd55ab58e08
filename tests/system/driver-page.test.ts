import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ClusterHistory, serveUi, type UiServer } from '../../driver/ui/index.ts'
import { endRecords, LABEL, sampleRecords } from '../driver/ui/sample-records.ts'

let browser: Browser
let page: Page
let server: UiServer
let history: ClusterHistory
const problems: string[] = []

beforeAll(async () => {
  const script = join(import.meta.dirname, '../../scripts/services/chromium.mjs')
  const executablePath = execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim()
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync']
  browser = await chromium.launch({ executablePath, args })
}, 600_000)
afterAll(async () => await browser?.close())

beforeEach(async () => {
  history = new ClusterHistory(
    () => Date.now(),
    () => ({ workers: new Map(), executors: new Map(), storage: [], programs: [] }),
  )
  for (const record of sampleRecords()) history.add(record)
  server = await serveUi({ host: '127.0.0.1', port: 0, history, token: 'secret', tls: null })
  page = await browser.newPage()
  problems.length = 0
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('401')) problems.push(message.text())
  })
  await page.goto(server.url)
  await page.fill('input[name=token]', 'secret')
  await page.click('button')
  await page.waitForSelector('text=s-1/1')
})
afterEach(async () => {
  await page.close()
  await server.close()
  expect(problems, 'errors in the page').toEqual([])
})

test('jobs are listed, and texts of jobs stay text', async () => {
  expect(await page.textContent('td.text')).toBe(LABEL)
  expect(await page.locator('td.text b').count()).toBe(0)
  expect(await page.textContent('#about')).toContain('1 workers · 1 of 2 slots in use')
})

test('a job shows its plan with rows, its stages and tasks, and goes on by itself', async () => {
  await page.click('text=s-1/1')
  await page.waitForSelector('svg .stage')
  expect(await page.locator('svg rect.stage').count()).toBe(3)
  expect(await page.textContent('svg')).toContain('1,500 rows')
  await page.click('a:text("stage 0")')
  await page.waitForSelector('text=Tasks of stage 0')
  expect(await page.textContent('main')).toContain('WORKER_LOST: the executor ended')
  for (const record of endRecords) history.add(record)
  await page.waitForSelector('text=CAST_INVALID_INPUT: no number')
})

test('workers, executors and storage have pages, and so has what is not there', async () => {
  await page.click('text=Workers and executors')
  await page.waitForSelector('text=host-1')
  await page.click('text=Storage and programs')
  await page.waitForSelector('text=No session keeps rows.')
  await page.goto(`${server.url}/#/jobs/nothing`)
  await page.waitForSelector('#problem')
  expect(await page.textContent('#problem')).toContain('there is no')
  problems.length = 0 // The browser logs the 404 that was asked for.
})
