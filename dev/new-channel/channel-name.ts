export interface ChannelName {
  /** As configurations, folders and addresses carry it: `paynow`. */
  name: string;
  /** As people write it: `PayNow`. */
  title: string;
}

/** Names that mean something else where a channel's name stands. */
const reserved = new Set(
  [
    'channel channels constructor contract live newchannel test webhook',
    'await break case catch class const continue debugger default delete do else enum export extends false finally',
    'for function if implements import in instanceof interface let new null package private protected public return',
    'static super switch this throw true try typeof undefined var void while with yield',
  ].flatMap((line) => line.split(' ')),
);

export class BadName extends Error {}

export function readChannelName(name: string, title?: string): ChannelName {
  if (!/^[a-z][a-z0-9]{1,19}$/.test(name)) {
    throw new BadName(
      `"${name}" is no name for a channel: 2 to 20 lower-case letters and digits, a letter first.`,
    );
  }
  if (reserved.has(name)) throw new BadName(`"${name}" means something else here: take another name.`);
  if (title !== undefined && title.toLowerCase() !== name) {
    throw new BadName(`"${title}" is not how "${name}" is written: they may differ in capitals only.`);
  }
  return { name, title: title ?? capitalised(name) };
}

export function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
