import type { ClusterStatus } from '../views.ts'
import { element } from './elements.ts'
import { jobPage } from './job-page.ts'
import { ask, executorsPage, jobsPage, storagePage } from './list-pages.ts'

const EVERY_MS = 1000

const lists: readonly (readonly [name: string, title: string, page: () => Promise<readonly Node[]>])[] = [
  ['jobs', 'Jobs', jobsPage],
  ['executors', 'Workers and executors', executorsPage],
  ['storage', 'Storage and programs', storagePage],
]

/** What the address after # asks for. */
async function pageOf(address: string): Promise<readonly Node[]> {
  const [name = 'jobs', id, , stage] = address.replace(/^#\//, '').split('/')
  if (name === 'jobs' && id !== undefined) return await jobPage(decodeURIComponent(id), stage)
  const list = lists.find(([known]) => known === name) ?? lists[0]!
  return await list[2]()
}

function showNavigation(address: string): void {
  const links = lists.map(([name, title]) => {
    const isHere = address.startsWith(`#/${name}`)
    return element('a', { href: `#/${name}`, ...(isHere ? { class: 'here' } : {}) }, title)
  })
  document.querySelector('#nav')!.replaceChildren(...links)
}

let shown = ''

/** Fetches and shows what the address asks for; what was picked on the page stays where it was. */
async function refresh(): Promise<void> {
  const address = location.hash === '' ? '#/jobs' : location.hash
  const main = document.querySelector('#main')!
  try {
    const [status, nodes] = await Promise.all([ask<ClusterStatus>('/status'), pageOf(address)])
    if (address !== (location.hash === '' ? '#/jobs' : location.hash)) return
    const { workers, slots, slotsUsed, build } = status
    document.querySelector('#about')!.textContent =
      `${workers} workers · ${slotsUsed} of ${slots} slots in use · build ${build}`
    const at = [...main.querySelectorAll('.scroll')].map(({ scrollLeft }) => scrollLeft)
    main.replaceChildren(...nodes)
    if (shown === address)
      main.querySelectorAll('.scroll').forEach((each, index) => {
        each.scrollLeft = at[index] ?? 0
      })
    shown = address
    showNavigation(address)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    const gone = error instanceof TypeError ? 'The driver does not answer.' : text
    main.replaceChildren(element('p', { class: 'warning', id: 'problem' }, gone))
  }
}

/** One refresh after the other, none while nobody looks. */
async function live(): Promise<void> {
  for (;;) {
    if (!document.hidden) await refresh()
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
  }
}

addEventListener('hashchange', () => void refresh())
void live()
