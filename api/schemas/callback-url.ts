import { z } from 'zod';

const lengthMax = 2_048;

/** Where callbacks go; that it is no private address is checked at every try. */
export const callbackUrl = z
  .string()
  .max(lengthMax)
  .transform((text, ctx) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isUsable =
      url !== undefined &&
      (url.protocol === 'https:' || url.protocol === 'http:') &&
      url.username === '' &&
      url.password === '' &&
      url.hash === '' &&
      // As it is kept: with its slash, and with what must be escaped escaped.
      url.href.length <= lengthMax;
    if (isUsable) return url.href;
    ctx.addIssue({
      code: 'custom',
      message: `wants an http or https address of up to ${lengthMax} characters, without user, password or fragment`,
    });
    return z.NEVER;
  })
  .meta({ format: 'uri', examples: ['https://shop.example/durapay/callback'] });
