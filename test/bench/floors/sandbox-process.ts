import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** The floor's provider and its customer: told to pay, it sends the webhook at once. */
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const headers = { 'content-type': 'application/json' };

function sendWebhook(url: string, orderId: string): void {
  const request = http.request(url, { method: 'POST', agent, headers }, (response) => response.resume());
  request.on('error', (error) => console.error('webhook failed', orderId, error));
  request.end(JSON.stringify({ orderId }));
}

const server = http.createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const { orderId, webhookUrl } = JSON.parse(Buffer.concat(parts).toString()) as Record<string, string>;
    response.writeHead(204).end();
    if (orderId !== undefined && webhookUrl !== undefined) sendWebhook(webhookUrl, orderId);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ ready: { url: `http://127.0.0.1:${port}/pay` } });
});
process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));
