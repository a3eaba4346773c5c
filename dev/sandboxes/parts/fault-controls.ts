import type { IncomingMessage } from 'node:http';
import { faultSchema, type Faults } from './faults';
import { json, parseJson, readBody, refusal, type Answer } from './http-answers';

/** `GET`, `POST` and `DELETE /sandbox/faults`: the bad days by order. */
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
      return undefined;
  }
}

function addFault(faults: Faults, text: string | undefined): Answer {
  const spec = faultSchema.safeParse(parseJson(text));
  if (!spec.success) {
    const problems = spec.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    return refusal(400, 'invalid_request', problems.join('; '));
  }
  return json(201, faults.add(spec.data));
}
