// Where Chromium is, for tests that look at pages: installed with apt if it is missing and this user may.
// Prints the path; exit code 1 with the reason if there is none.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const found = () => PLACES.find((place) => existsSync(place))

if (found() === undefined && process.getuid?.() === 0) {
  const options = { stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 }
  spawnSync('apt-get', ['update', '-qq'], options)
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options)
}
const place = found()
if (place === undefined) {
  console.error('Chromium is missing and could not be installed: apt-get install chromium')
  process.exitCode = 1
} else console.log(place)
