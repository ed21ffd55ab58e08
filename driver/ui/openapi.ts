import { type JsonSchema, schemas } from './api-schemas.ts'
import { type Route, routes } from './routes.ts'

/** The REST API as an OpenAPI 3.1 document; docs/openapi.json is this. */
export function openApi(): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace driver',
      version: '1',
      description:
        'Jobs, stages, tasks, executors and storage of a cluster. All times are milliseconds since 1970.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }],
    paths: Object.fromEntries(routes.map((route) => [openPath(route.path), { get: operation(route) }])),
    components: {
      schemas,
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function openPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}')
}

function operation({ path, summary, isList, response }: Route): object {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: name === 'stage' ? 'integer' : 'string' },
  }))
  const inQuery = (isList === true ? ['limit', 'offset'] : []).map((name) => ({
    name,
    in: 'query',
    required: false,
    schema: { type: 'integer', minimum: 0 },
  }))
  return {
    summary,
    parameters: [...inPath, ...inQuery],
    responses: {
      200: answer('What was asked for.', response),
      400: answer('A parameter is not understood.', { $ref: '#/components/schemas/Error' }),
      401: answer('The token is missing or wrong.', { $ref: '#/components/schemas/Error' }),
      404: answer('There is no such thing.', { $ref: '#/components/schemas/Error' }),
    },
  }
}

function answer(description: string, schema: JsonSchema): object {
  return { description, content: { 'application/json': { schema } } }
}
