import { redactEndpoint, redactPayload, secretForms, withoutSecrets } from '../../../integrations/redact';

const secret = 'sk_test_"quoted"+slash/';
const secrets = secretForms([secret, 'short', undefined, 7]);

test('fields with telling names go, what a log is read for stays', () => {
  const body = {
    orderNo: 'pay_0193a1b2-1',
    amount: '100.50',
    status: 'paid',
    authorizedAmount: '1',
    customer: { name: 'Lin', deep: [1] },
    email: 'lin@example.com',
    apiKey: 'x',
    client_secret: 'y',
    token: '',
    card: null,
    items: [{ phone: '+886900000000', code: 'A1' }],
    note: 'write to lin@example.com or 4242 4242 4242 4242',
    remark: 'ask lin@example.com',
  };
  expect(JSON.parse(redactPayload(JSON.stringify(body), []))).toEqual({
    orderNo: 'pay_0193a1b2-1',
    amount: '100.50',
    status: 'paid',
    authorizedAmount: '1',
    customer: '[redacted]',
    email: '[redacted]',
    apiKey: '[redacted]',
    client_secret: '[redacted]',
    token: '',
    card: null,
    items: [{ phone: '[redacted]', code: 'A1' }],
    note: '[redacted]',
    remark: 'ask [redacted]',
  });
});

test('forms are read like JSON; of anything else only its size is kept', () => {
  const form = 'MerchantTradeNo=T1&TotalAmount=100&CheckMacValue=ABCDEF&Email=a%40b.co&HashKey=';
  expect(redactPayload(form, [])).toBe(
    'MerchantTradeNo=T1&TotalAmount=100&CheckMacValue=[redacted]&Email=[redacted]&HashKey=',
  );
  expect(redactPayload('<html>sorry, lin@example.com</html>', [])).toBe('[35 characters]');
  expect(redactPayload('{"broken": "json', [])).toBe('[16 characters]');
  expect(redactPayload('[20000 characters]', [])).toBe('[20000 characters]');
  expect(redactPayload('', [])).toBe('');
});

test('a known secret goes wherever and however it stands', () => {
  const encoded = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
  for (const form of encoded) {
    expect(redactPayload(JSON.stringify({ message: `bad key ${form}!` }), secrets)).toBe(
      '{"message":"bad key [redacted]!"}',
    );
    expect(withoutSecrets(`HTTP 400 ${form}`, secrets)).toBe('HTTP 400 [redacted]');
  }
  expect(
    redactEndpoint('GET', `https://sms.example/?AccessKeyId=LTAI&Signature=abc&Action=Send`, secrets),
  ).toBe('GET https://sms.example/?AccessKeyId=[redacted]&Signature=[redacted]&Action=Send');
  expect(redactEndpoint('GET', `https://x.example/${encodeURIComponent(secret)}/a@b.co`, secrets)).toBe(
    'GET https://x.example/[redacted]/[redacted]',
  );
});

test('what is kept is bounded, however long or deep it was', () => {
  expect(redactPayload(JSON.stringify({ a: 'x'.repeat(10_000) }), [])).toHaveLength(4_097);
  const deep = `${'['.repeat(5_000)}1${']'.repeat(5_000)}`;
  expect(redactPayload(deep, []).length).toBeLessThan(200);
});
