import { EngineError } from '../../engine/errors.ts'
import type { JsonSchema } from './api-schemas.ts'
import type { ClusterViews, Slice } from './views.ts'

/** One address of the REST API. `:name` in its path is a parameter. */
export interface Route {
  readonly path: string
  readonly summary: string
  /** Whether `limit` and `offset` may be asked for. */
  readonly isList?: boolean
  readonly response: JsonSchema
  /** undefined: there is no such thing, which is answered 404. */
  answer(views: ClusterViews, params: Readonly<Record<string, string>>, slice: Slice): unknown
}

const one = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })
const many = (name: string): JsonSchema => ({ type: 'array', items: one(name) })

/** All addresses below `/api/v1`. The OpenAPI document is made of them. */
export const routes: readonly Route[] = [
  {
    path: '/status',
    summary: 'The cluster in one look: slots, sessions, jobs that run.',
    response: one('ClusterStatus'),
    answer: (views) => views.status(),
  },
  {
    path: '/workers',
    summary: 'Workers that are here or were lost lately.',
    response: many('Worker'),
    answer: (views) => views.workers(),
  },
  {
    path: '/executors',
    summary: 'Executor processes, those that ended lately too.',
    response: many('Executor'),
    answer: (views) => views.executors(),
  },
  {
    path: '/jobs',
    summary: 'Jobs, newest first.',
    isList: true,
    response: many('Job'),
    answer: (views, _params, slice) => views.jobs(slice),
  },
  {
    path: '/jobs/:job',
    summary: 'A job with its stages and the rows and times of its operators.',
    response: one('JobDetail'),
    answer: (views, { job }) => views.job(job!),
  },
  {
    path: '/jobs/:job/stages/:stage/tasks',
    summary: 'Attempts of the tasks of a stage, newest first.',
    isList: true,
    response: many('Task'),
    answer: (views, { job, stage }, slice) => views.tasks(job!, wholeNumber('stage', stage!), slice),
  },
  {
    path: '/storage',
    summary: 'Rows that sessions keep in memory or on disk.',
    response: many('Storage'),
    answer: (views) => views.storage(),
  },
  {
    path: '/programs',
    summary: 'Programs that were submitted detached.',
    response: many('Program'),
    answer: (views) => views.programs(),
  },
]

/**
 * The route of a path below `/api/v1`, and what its parameters are; a job's id may have its slash encoded.
 */
export function findRoute(
  path: string,
): { readonly route: Route; readonly params: Record<string, string> } | null {
  const given = path.split('/')
  for (const route of routes) {
    const wanted = route.path.split('/')
    if (wanted.length !== given.length) continue
    const params: Record<string, string> = {}
    const fits = wanted.every((part, index) => {
      if (!part.startsWith(':')) return part === given[index]
      params[part.slice(1)] = decoded(given[index]!)
      return given[index] !== ''
    })
    if (fits) return { route, params }
  }
  return null
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (cause) {
    throw new EngineError('INVALID_ARGUMENT', `"${part}" is not an encoded part of an address`, { cause })
  }
}

/** INVALID_ARGUMENT unless the text is a whole number from 0. */
export function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new EngineError('INVALID_ARGUMENT', `"${name}" must be a whole number, not "${text}"`)
}
