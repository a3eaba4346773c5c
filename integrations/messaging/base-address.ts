import { z } from 'zod';

/** Where a provider is called: its own address, or that of any server which behaves alike. */
export function baseUrlField(usual: string) {
  return z
    .url({ protocol: /^https?$/, error: 'wants an address such as https://api.example.com' })
    .max(200)
    .default(usual);
}

export interface BaseAddress {
  origin: string;
  /** Without a trailing slash. */
  path: string;
}

export function baseAddress(baseUrl: string): BaseAddress {
  const url = new URL(baseUrl);
  return { origin: url.origin, path: url.pathname.replace(/\/$/, '') };
}
