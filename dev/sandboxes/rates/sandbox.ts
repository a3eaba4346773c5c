import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, write } from '../parts/http-answers';

export interface RatesSandbox {
  readonly url: string;
  /** Decimal text for one US dollar, by currency; what is set here is told from then on. */
  readonly rates: Map<string, string>;
  /** Instead of rates, from now on; undefined: rates again. */
  answer: { status: number; body: string } | undefined;
  close(): Promise<void>;
}

const usual = { TWD: '31.4725', EUR: '0.9213', JPY: '149.87', BTC: '1.04e-5' };

/** A market of one's own: `GET /v1/latest?base=USD` tells what a dollar is worth. */
export async function startRatesSandbox(
  options: { host?: string; port?: number } = {},
): Promise<RatesSandbox> {
  const rates = new Map<string, string>(Object.entries(usual));
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox');
    if (sandbox.answer !== undefined) {
      return write(response, { contentType: 'application/json', ...sandbox.answer });
    }
    if (pathname === '/') {
      const what = "A market of exchange rates, played by Durapay's sandbox: docs/exchange.md.";
      return write(response, json(200, { what, rates: '/v1/latest?base=USD' }));
    }
    if (pathname !== '/v1/latest') return write(response, json(404, { message: 'no such path' }));
    if (searchParams.get('base') !== 'USD')
      return write(response, json(422, { message: 'only USD is told' }));
    // Written by hand, so that a rate is sent digit for digit.
    const told = [...rates].map(([currency, rate]) => `"${currency}":${rate}`).join(',');
    const seconds = Math.floor(Date.now() / 1_000);
    const body = `{"base":"USD","timestamp":${seconds},"rates":{${told}}}`;
    return write(response, { status: 200, contentType: 'application/json', body });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const sandbox: RatesSandbox = {
    url: `http://${options.host ?? '127.0.0.1'}:${port}`,
    rates,
    answer: undefined,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return sandbox;
}
