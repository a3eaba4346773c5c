import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { refundsOn } from '../support/refunds';
import { startPlatform, type Platform } from '../support/platform';
import { findSchemathesis } from './schemathesis-program';

/**
 * Reads docs/api-spec.yaml as a stranger would, and sends what it allows and what it forbids: no answer may be a 5xx,
 * have a status, a type of content, a header or a shape that is not described there, or come without a key.
 */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
  'ignored_auth',
].join(',');
const seed = '20260101';
const examplesMax = process.env.SCHEMATHESIS_EXAMPLES ?? '12';
const withinMs = 15 * 60_000;

let program: string;
let platform: Platform;
let folder: string;
/** Where an address has an id in it, this one is there: else all that is ever seen is 404. */
let standing: [path: string, parameter: string, value: string][];

beforeAll(async () => {
  program = await findSchemathesis();
  folder = mkdtempSync(path.join(tmpdir(), 'durapay-schemathesis-'));
  platform = await startPlatform();
  const refunds = refundsOn(platform);
  const paid = await refunds.paidPayment();
  const open = await platform.openPayment();
  const asked = await refunds.ask({ paymentId: paid.id, amount: '1.00', refundNo: 'tin-1' });
  const { id: refundId } = asked.body as { id: string };
  standing = [
    ['/api/v1/payments/{id}', 'id', paid.id],
    ['/api/v1/payments/{id}/timeline', 'id', paid.id],
    ['/api/v1/payments/{id}/attempts', 'id', open.id],
    ['/api/v1/payments/{id}/capture', 'id', paid.id],
    ['/api/v1/payments/{id}/cancel', 'id', paid.id],
    ['/api/v1/payments/{id}/review', 'id', paid.id],
    ['/api/v1/payments/refund/{id}', 'id', paid.id],
    ['/api/v1/refunds/{refundId}', 'refundId', refundId],
  ];
}, 400_000);
afterAll(async () => {
  await platform?.close();
  rmSync(folder, { recursive: true, force: true });
});

it.each(['merchant', 'operator'] as const)(
  'what docs/api-spec.yaml says is so, to a %s',
  async (who) => {
    const key = who === 'merchant' ? platform.merchant.apiKey : platform.operatorKey;
    const config = path.join(folder, `${who}.toml`);
    writeFileSync(config, configuration(platform.merchant.publicId));
    const { code, output } = await run(program, [
      ...[
        '--config-file',
        config,
        '--no-color',
        'run',
        path.join(__dirname, '..', '..', 'docs', 'api-spec.yaml'),
      ],
      ...['--url', platform.url, '--header', `Authorization: Bearer ${key}`],
      ...['--checks', checks, '--max-examples', examplesMax, '--seed', seed],
      ...['--phases', 'examples,coverage,fuzzing', '--generation-database', 'none'],
      ...['--request-timeout', '20', '--continue-on-failure', '--warnings', 'off'],
    ]);
    if (code !== 0) throw new Error(output.slice(-20_000));
  },
  withinMs,
);

function configuration(merchantId: string): string {
  const operations = standing.map(
    ([where, parameter, value]) =>
      `[[operations]]\ninclude-path = "${where}"\nparameters = { "path.${parameter}" = "${value}" }\n`,
  );
  return [`[parameters]\n"path.merchantId" = "${merchantId}"\n`, ...operations].join('\n');
}

/** It leaves notes where it runs. */
function run(command: string, args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
