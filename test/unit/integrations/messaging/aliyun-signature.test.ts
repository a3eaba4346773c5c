import { signRequest } from '../../../../integrations/messaging/aliyun/signature';

/** The example of Alibaba Cloud's own page about signature V3, every input fixed. */
it('signs as the provider documents it', () => {
  const key = { accessKeyId: 'YourAccessKeyId', accessKeySecret: 'YourAccessKeySecret' };
  const { query, headers } = signRequest(key, {
    host: 'ecs.cn-shanghai.aliyuncs.com',
    action: 'RunInstances',
    version: '2014-05-26',
    query: {
      RegionId: 'cn-shanghai',
      ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd',
    },
    at: new Date('2023-10-26T10:22:32.123Z'),
    nonce: '3156853299f313e23d1673dc12e1703d',
  });
  expect(query).toBe('ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai');
  expect(headers.Authorization).toBe(
    'ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;' +
      'x-acs-signature-nonce;x-acs-version,' +
      'Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
  );
});

it('encodes what RFC 3986 reserves, and characters of every script', () => {
  const { query } = signRequest(
    { accessKeyId: 'k', accessKeySecret: 's' },
    {
      host: 'h',
      action: 'A',
      version: 'v',
      query: { b: "*'()!~", a: '您 +/=' },
      at: new Date(0),
      nonce: 'n',
    },
  );
  expect(query).toBe('a=%E6%82%A8%20%2B%2F%3D&b=%2A%27%28%29%21~');
});
