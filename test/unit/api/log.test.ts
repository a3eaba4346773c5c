import { createLog } from '../../../telemetry/log';

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(
    createLog({ level: 'info', process: 'test', destination: { write: (line) => void lines.push(line) } }),
  );
  return lines.join('');
}

it.each([
  [{ authorization: 'Bearer dp_live_x' }],
  [{ request: { headers: { authorization: 'Bearer dp_live_x' } } }],
  [{ channel: { credentials: { merchantKey: 'dp_live_x' } } }],
  [{ secret: 'dp_live_x' }],
  [{ endpoint: { secret: 'dp_live_x' } }],
  [{ apiKey: 'dp_live_x', password: 'dp_live_x', token: 'dp_live_x', signature: 'dp_live_x' }],
  [{ customer: { email: 'dp_live_x' } }],
])('%j is logged without its secret', (fields) => {
  const line = logged((log) => log.info(fields, 'a line'));
  expect(line).toContain('a line');
  expect(line).toContain('[redacted]');
  expect(line).not.toContain('dp_live_x');
});

it('a database error is logged without the row it is about', () => {
  const error = Object.assign(new Error('duplicate key value violates unique constraint "merchants_pkey"'), {
    code: '23505',
    constraint: 'merchants_pkey',
    detail: 'Key (email)=(person@example.org) already exists.',
    where: 'COPY merchants, line 1: "person@example.org"',
    config: { headers: { authorization: 'Bearer dp_live_x' } },
  });
  const line = logged((log) => log.error({ err: error }, 'failed'));
  expect(line).toContain('23505');
  expect(line).toContain('merchants_pkey');
  expect(line).not.toContain('person@example.org');
  expect(line).not.toContain('dp_live_x');
});
