import dns from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { AddressRules } from './address-rules';

export class ForbiddenAddressError extends Error {}

export type ResolveAll = (hostname: string) => Promise<dns.LookupAddress[]>;

const resolveAll: ResolveAll = (hostname) => dns.promises.lookup(hostname, { all: true });

/**
 * Every connection of a callback or to a source of rates is made here and nowhere else. The name is resolved once, the
 * answer is judged, and the socket is opened to the very addresses that were judged: a name that changes its answer
 * between check and connect (DNS rebinding) gains nothing. A connection that is kept open stays with its address.
 */
export function createGuardedConnector(options: {
  rules: AddressRules;
  /** Of the sentence that refuses an address. */
  subject: string;
  connectTimeoutMs: number;
  resolve?: ResolveAll;
}): buildConnector.connector {
  const resolve = options.resolve ?? resolveAll;

  const forbidden = (host: string) => new ForbiddenAddressError(`${options.subject} may not go to ${host}.`);

  /** Without TLS only where the operator allowed the address by name. */
  const mayConnect = (address: string, protocol: string): boolean => {
    const verdict = options.rules(address);
    return verdict === 'allowed_privately' || (verdict === 'public' && protocol === 'https:');
  };

  const connectorFor = (protocol: string): buildConnector.connector => {
    const lookup: LookupFunction = (hostname, wanted, callback) => {
      resolve(hostname).then(
        (found) => {
          const addresses = found.filter(({ address }) => mayConnect(address, protocol));
          const [first] = addresses;
          if (first === undefined) callback(forbidden(hostname), []);
          else if (wanted.all === true) callback(null, addresses);
          else callback(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, []),
      );
    };
    return buildConnector({ lookup, timeout: options.connectTimeoutMs });
  };

  const connectors = new Map(['https:', 'http:'].map((protocol) => [protocol, connectorFor(protocol)]));

  return (target, callback) => {
    const connect = connectors.get(target.protocol);
    const host = target.hostname.replace(/^\[|\]$/g, '');
    // A literal address is never looked up, so it is judged before.
    if (connect === undefined || (isIP(host) !== 0 && !mayConnect(host, target.protocol))) {
      callback(forbidden(host), null);
      return;
    }
    connect(target, callback);
  };
}
