import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** The sandbox's accounts: secrets of no worth, the same on every machine. */
export interface PostboxAccounts {
  /** By name: a primary and a backup, so that one can fail while the other does not. */
  sendgrid: Readonly<Record<string, string>>;
  /** Signs events, as SendGrid's signed event webhook does. */
  sendgridKey: KeyObject;
  /** As SendGrid shows it, for `webhookPublicKey`. */
  sendgridPublicKey: string;
  twilio: { accountSid: string; authToken: string; from: string };
  aliyun: { accessKeyId: string; accessKeySecret: string; signName: string; templateCode: string };
}

const sendgridKey = derivedKey('postbox/sendgrid');

export const postboxAccounts: PostboxAccounts = {
  sendgrid: {
    primary: 'SG.sandbox-primary.not-a-secret-on-any-machine',
    backup: 'SG.sandbox-backup.not-a-secret-on-any-machine',
  },
  sendgridKey,
  sendgridPublicKey: createPublicKey(sendgridKey).export({ format: 'der', type: 'spki' }).toString('base64'),
  twilio: {
    accountSid: 'AC00000000000000000000000000000001',
    authToken: 'sandbox-token-of-no-worth-at-all',
    from: '+15005550006',
  },
  aliyun: {
    accessKeyId: 'LTAI-sandbox',
    accessKeySecret: 'sandbox-secret-of-no-worth-at-all',
    signName: 'Durapay',
    templateCode: 'SMS_100000001',
  },
};

/** A key of P-256 out of a word. */
function derivedKey(word: string): KeyObject {
  const secret = createHash('sha256').update(word).digest();
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  const text = (bytes: Buffer) => bytes.toString('base64url');
  return createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: text(secret),
      x: text(point.subarray(1, 33)),
      y: text(point.subarray(33)),
    },
  });
}
