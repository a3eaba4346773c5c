import type { Mode } from '../payment/reference';

/** One credential that an adapter wants, as data: what is checked, asked for and masked comes from here. */
export interface CredentialField {
  name: string;
  isRequired: boolean;
  /** Encrypted at rest either way; a secret is never shown again. */
  isSecret: boolean;
  description: string;
  /** A regular expression for the whole of it, by mode: so that test and live can't be mixed. */
  patterns?: Partial<Record<Mode, string>>;
}

export interface CredentialProblem {
  /** `credentials.apiSecret` */
  param: string;
  message: string;
}

const lengthMax = 4_096;

/** Every problem, in the order of the fields; none of them repeats a value. */
export function checkCredentials(
  fields: readonly CredentialField[],
  credentials: Readonly<Record<string, string>>,
  mode: Mode,
): CredentialProblem[] {
  const problems: CredentialProblem[] = [];
  const say = (name: string, message: string) => problems.push({ param: `credentials.${name}`, message });
  for (const { name, isRequired, patterns, description } of fields) {
    const value = credentials[name];
    const pattern = patterns?.[mode];
    if (value === undefined || value === '') {
      if (isRequired) say(name, `It is needed: ${description}`);
      else if (value === '') say(name, 'Leave it out, or give it a value.');
    } else if (value !== value.trim()) say(name, 'It begins or ends with a blank.');
    else if (value.length > lengthMax) say(name, `It is longer than ${lengthMax} characters.`);
    else if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value)) {
      say(name, `It does not look like one for ${mode} mode: ${description}`);
    }
  }
  const known = new Set(fields.map(({ name }) => name));
  for (const name of Object.keys(credentials)) {
    if (!known.has(name)) say(name, `There is no such credential; there is: ${[...known].join(', ')}.`);
  }
  return problems;
}

/** For the versions of a configuration: which of its fields are secret. */
export function secretFieldsOf(fields: readonly CredentialField[]): string[] {
  return fields.filter(({ isSecret }) => isSecret).map(({ name }) => `credentials.${name}`);
}
