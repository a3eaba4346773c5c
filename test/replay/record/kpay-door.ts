import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../../../dev/sandboxes/parts/http-answers';
import type { RecordingStage } from './case';

export interface KpayDoor {
  url: string;
  /** What KPay's next answers say of an order's status; after them it is again what the sandbox says. */
  says(...statuses: string[]): void;
}

/** The way to KPay's sandbox, for a case that needs it to say what it never does: that a bank works on an order. */
export async function openKpayDoor(stage: RecordingStage): Promise<KpayDoor> {
  const statuses: string[] = [];
  const pass = async (method: string, path: string, headers: Record<string, string>, body?: string) => {
    const answer = await fetch(`${stage.stack.sandboxes.kpay}${path}`, {
      method,
      headers,
      body: method === 'GET' ? undefined : body,
    });
    const said = (await answer.json()) as object;
    const status = statuses.shift();
    return { code: answer.status, said: status === undefined ? said : { ...said, status } };
  };
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    const kept = Object.entries(request.headers).filter(([name]) => /^x-|^content-type$/.test(name));
    const headers = Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
    readBody(request)
      .then((body) => pass(method, url, headers, body))
      .then(({ code, said }) =>
        response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(said)),
      )
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stage.afterwards('closes the way to KPay', () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, says: (...next) => void statuses.push(...next) };
}
