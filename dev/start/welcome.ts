import path from 'node:path';
import { ofEachChannel } from '../sandboxes/channels';
import type { Stack } from '../stack/stack';

/** What a newcomer needs next: where things are, who they are, and a first payment to paste. */
export function welcome(stack: Stack, folder: string, tookMs: number): string {
  const payment = JSON.stringify({
    orderId: `first-${Date.now().toString(36)}`,
    amount: '100',
    currency: 'TWD',
    description: 'My first payment',
  });
  const { postbox, rates, ...channels } = stack.urls.sandboxes;
  const titles: Record<string, string> = ofEachChannel((_name, { title }) => title);
  const sandboxes = Object.entries(channels).map(
    ([name, url]) => `  ${`${titles[name] ?? name} sandbox`.padEnd(15)}${url}`,
  );
  if (rates !== undefined) sandboxes.push(`  Exchange rates ${rates}`);
  if (postbox !== undefined)
    sandboxes.push(`  Mail and SMS   ${postbox} (every message, and what was in it)`);
  return [
    '',
    `Durapay is ready (${(tookMs / 1000).toFixed(1)} s).`,
    '',
    `  API            ${stack.urls.api}`,
    `  API reference  ${stack.urls.api.replace('/api/v1', '/docs')}`,
    `  Temporal UI    ${stack.urls.ui}`,
    ...sandboxes,
    '',
    `  Merchant's key (test mode)  ${stack.demo.apiKey}`,
    `  Operator's key              ${stack.demo.operatorKey}`,
    '',
    'A first payment:',
    '',
    `  curl -sS ${stack.urls.api}/payments -H 'Authorization: Bearer ${stack.demo.apiKey}' \\`,
    `    -H 'Content-Type: application/json' -d '${payment}'`,
    '',
    'Open the address under nextAction to pay it, or see it all happen with: npm run demo',
    `Logs are in ${path.join(folder, 'logs')}. Ctrl-C stops everything.`,
  ].join('\n');
}
