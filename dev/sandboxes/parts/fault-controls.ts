import type { IncomingMessage } from 'node:http';
import { faultSchema, type Faults } from './faults';
import { json, parseJson, readBody, refusal, type Answer } from './http-answers';

/** `GET`, `POST` and `DELETE /sandbox/faults`: the bad days by order. `DELETE /sandbox/faults/{id}` ends one of them. */
export async function answerFaults(
  faults: Faults,
  request: IncomingMessage,
  url: URL,
): Promise<Answer | undefined> {
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /sandbox/faults':
      return json(200, { faults: faults.list(), struck: faults.struck() });
    case 'DELETE /sandbox/faults':
      faults.clear();
      return json(200, { faults: [] });
    case 'POST /sandbox/faults':
      return addFault(faults, await readBody(request));
    default:
      return removeFault(faults, request, url);
  }
}

function removeFault(faults: Faults, request: IncomingMessage, url: URL): Answer | undefined {
  const id = /^\/sandbox\/faults\/([0-9]{1,15})$/.exec(url.pathname)?.[1];
  if (id === undefined || request.method !== 'DELETE') return undefined;
  return faults.remove(Number(id))
    ? json(200, { faults: faults.list() })
    : refusal(404, 'not_found', `there is no fault ${id}`);
}

function addFault(faults: Faults, text: string | undefined): Answer {
  const spec = faultSchema.safeParse(parseJson(text));
  if (!spec.success) {
    const problems = spec.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    return refusal(400, 'invalid_request', problems.join('; '));
  }
  return json(201, faults.add(spec.data));
}
