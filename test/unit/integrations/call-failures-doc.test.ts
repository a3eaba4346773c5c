import { readFileSync } from 'node:fs';
import path from 'node:path';
import { callFailures } from '../../../integrations/call-outcome';

test('docs/integrations.md has every failure with its meaning, and no other', () => {
  const page = readFileSync(path.join(__dirname, '../../../docs/integrations.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z_]+)` +\| (retryable|misconfigured|unknown) +\| (.+?) +\|$/gm)];
  expect(Object.fromEntries(rows.map(([, code, kind, means]) => [code, { kind, means }]))).toEqual(
    callFailures,
  );
});
