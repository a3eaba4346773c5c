import { sandboxedChannels, channelSandboxes } from '../../../dev/sandboxes/channels';
import { startEcpaySandbox } from '../../../dev/sandboxes/ecpay/sandbox';
import { startKpaySandbox } from '../../../dev/sandboxes/kpay/sandbox';
import { startPostbox } from '../../../dev/sandboxes/postbox/sandbox';
import { startRatesSandbox } from '../../../dev/sandboxes/rates/sandbox';
import { startStripeSandbox } from '../../../dev/sandboxes/stripe/sandbox';
import { startTpaySandbox } from '../../../dev/sandboxes/tpay/sandbox';

const starts: Record<string, () => Promise<{ url: string; close(): Promise<void> }>> = {
  kpay: startKpaySandbox,
  tpay: startTpaySandbox,
  stripe: startStripeSandbox,
  ecpay: startEcpaySandbox,
};

async function rootOf({ url, close }: { url: string; close(): Promise<void> }) {
  try {
    const response = await fetch(`${url}/`);
    return {
      status: response.status,
      text: await response.text(),
      nothing: (await fetch(`${url}/no`)).status,
    };
  } finally {
    await close();
  }
}

test.each(sandboxedChannels)(
  'the root of the %s sandbox says what it is and where its page is',
  async (name) => {
    const start = starts[name];
    if (start === undefined) throw new Error(`no start of ${name} here: add it`);
    const { status, text, nothing } = await rootOf(await start());
    expect([status, nothing]).toEqual([200, 404]);
    expect(text).toContain(`${channelSandboxes[name].title}, played by Durapay's sandbox`);
    expect(text).toContain(`docs/channels/${name}.md`);
  },
);

test('so do those of the market and the postbox', async () => {
  expect(await rootOf(await startRatesSandbox())).toMatchObject({
    status: 200,
    text: expect.stringContaining('docs/exchange.md') as string,
    nothing: 404,
  });
  expect(await rootOf(await startPostbox())).toMatchObject({ status: 200, nothing: 404 });
});
