import { z } from 'zod';

/** Where callbacks go; that it is no private address is checked at every try. */
export const callbackUrl = z
  .string()
  .max(2_048)
  .transform((text, ctx) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isUsable =
      url !== undefined &&
      (url.protocol === 'https:' || url.protocol === 'http:') &&
      url.username === '' &&
      url.password === '' &&
      url.hash === '';
    if (isUsable) return url.href;
    ctx.addIssue({
      code: 'custom',
      message: 'wants an http or https address without user, password or fragment',
    });
    return z.NEVER;
  })
  .meta({ format: 'uri', examples: ['https://shop.example/durapay/callback'] });
