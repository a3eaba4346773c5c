import { z } from 'zod';

/** Where a service's webhooks may come from; left out: anywhere, if the signature is right. */
export const ipsAllowedField = z
  .array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], 'wants an address or a range of them'))
  .max(200)
  .optional();
