import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A provider that answers at once: an order as KPay words it, a payment intent as Stripe does. */
const server = http.createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts).toString();
    const answer = request.url === '/v1/payment_intents' ? intent(body) : order(body);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ ready: { url: `http://127.0.0.1:${port}` } });
});
process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));

function order(body: string): string {
  const { orderNo, amount, currency } = JSON.parse(body) as Record<string, string>;
  return JSON.stringify({
    ...{ orderNo, amount, currency, status: 'created', kpayId: `kp_${orderNo}` },
    checkoutUrl: `https://checkout.kpay.example/orders/${orderNo}`,
    createdAt: new Date().toISOString(),
  });
}

function intent(body: string): string {
  const form = new URLSearchParams(body);
  const reference = form.get('metadata[durapay_reference]') ?? '';
  return JSON.stringify({
    ...{ id: `pi_${reference}`, object: 'payment_intent', status: 'requires_payment_method' },
    ...{
      amount: Number(form.get('amount')),
      amount_received: 0,
      amount_capturable: 0,
      currency: form.get('currency'),
    },
    ...{ capture_method: 'automatic', client_secret: `pi_${reference}_secret_bench`, created: 1_760_000_000 },
    ...{
      confirmation_method: 'automatic',
      description: form.get('description'),
      latest_charge: null,
      livemode: false,
    },
    ...{ last_payment_error: null, metadata: { durapay_reference: reference }, next_action: null },
    payment_method_types: ['card'],
  });
}
