import fc from '../../support/properties';
import { currentDocument } from '../../../api/openapi/current';
import { createRoutes, type RoutesDeps } from '../../../api/routes';
import { fullPath } from '../../../api/route';
import { startTestApi, type TestApi, type TestMerchant } from '../../support/api';

/**
 * Whatever is sent, the answer is one that the reference declares: never a 5xx, never without a request id,
 * never an error that does not say which parameter. The seed is printed on failure.
 */
const document = currentDocument();
const runsPerRoute = 25;

let api: TestApi;
let merchant: TestMerchant;
beforeAll(async () => {
  api = await startTestApi({ startPayment: async () => ({ kind: 'unknown' }) });
  merchant = await api.addMerchant();
  await api.addChannel();
});
afterAll(() => api.stop());

const nasty = fc.constantFrom(
  '',
  ' ',
  '0',
  '-1',
  '1e9',
  '\u0000',
  '\ud800',
  '￿',
  "' or '1'='1",
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '%00',
  'null',
  'x'.repeat(3_000),
  'USD',
  'test',
  'kpay',
  '100.50',
  'https://shop.example/',
  'mer_00000000000000000000000000000000',
  '{"$gt":""}',
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: nasty },
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.double(),
  fc.integer(),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map((n) => Number(n)),
  fc.constantFrom(null, true, false, [], {}, [null], { a: { b: [] } }),
  fc.array(nasty, { maxLength: 4 }),
  fc.dictionary(nasty, nasty, { maxKeys: 3 }),
);

function bodyFor(properties: string[]): fc.Arbitrary<Record<string, unknown>> {
  const name =
    properties.length === 0
      ? nasty
      : fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...properties) }, nasty);
  return fc.dictionary(name, value, { maxKeys: 6 });
}

/** An address can't hold half a character at all: the client itself refuses. */
const isSendable = (text: string) => !/[\ud800-\udfff]/u.test(text);

interface Operation {
  responses: Record<string, unknown>;
  parameters?: { name?: string; in?: string }[];
  requestBody?: { content: Record<string, { schema: { properties?: object; $ref?: string } }> };
}

describe.each(createRoutes({} as RoutesDeps).map((route) => [route.operationId, route] as const))(
  '%s',
  (_name, route) => {
    const operation = document.paths[fullPath(route)]?.[route.method] as Operation;
    const declared = operation.requestBody?.content['application/json']?.schema;
    const schema =
      declared?.$ref === undefined
        ? declared
        : document.components.schemas[declared.$ref.split('/').pop() ?? ''];
    const bodyNames = Object.keys((schema?.properties as object | undefined) ?? {});
    const queryNames = (operation.parameters ?? []).flatMap(({ name, in: place }) =>
      place === 'query' && name !== undefined ? [name] : [],
    );

    it('answers as declared, whatever comes', async () => {
      await fc.assert(
        fc.asyncProperty(
          bodyFor(bodyNames),
          fc.dictionary(fc.oneof(fc.constantFrom('x', ...queryNames), nasty), nasty, { maxKeys: 3 }),
          fc.oneof(
            fc.constant(merchant.publicId),
            nasty.filter((text) => isSendable(text) && text.length > 0),
          ),
          fc.boolean(),
          async (body, query, id, isOwnPath) => {
            const own = isOwnPath ? merchant.publicId : id;
            const path = fullPath(route).replaceAll(/\{\w+\}/g, () => encodeURIComponent(own));
            const wellFormed = Object.entries(query).filter(
              ([name, text]) => isSendable(name) && isSendable(text),
            );
            const search = new URLSearchParams(wellFormed).toString();
            const reply = await api.call(
              route.method.toUpperCase(),
              `${path}${search === '' ? '' : `?${search}`}`,
              {
                key: route.auth === 'admin' ? api.operatorKey : merchant.testKey,
                ...(route.method === 'get' || route.method === 'delete' ? {} : { body }),
              },
            );
            const isOutcomeUnknown = reply.text.includes('outcome_unknown');
            if (reply.status >= 500 && !isOutcomeUnknown)
              throw new Error(`${reply.status} ${reply.text}\n${api.logLines.at(-2)}`);
            expect(Object.keys(operation.responses)).toContain(String(reply.status));
            expect(reply.headers.get('request-id')).toBeTruthy();
            if (reply.status >= 400) {
              expect(reply.body).toMatchObject({
                error: { code: expect.any(String) as string, message: expect.any(String) as string },
              });
            }
          },
        ),
        { numRuns: runsPerRoute },
      );
    });
  },
);
