import type { ConfigDocument } from '../../../domain/config/document';
import type { ServiceAdapter } from '../../../integrations/services/service-adapter';
import { fail, type ApiError } from '../../errors';
import { pathText } from '../../middleware/validate';
import { inPlainWords } from '../../../config/plain-words';

/** What the kind says of its configuration, each wrong field by its name; never a value, it may be a secret. */
export function checkConfigurations(
  adapter: ServiceAdapter,
  written: unknown,
): ConfigDocument | ApiError<'parameter_invalid'> {
  const parsed = adapter.configurationSchema.safeParse(written, { error: inPlainWords });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => {
    const fields = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [key]) : [[]];
    return fields.map((more) => ({
      param: pathText(['configurations', ...issue.path, ...more]),
      message: issue.code === 'unrecognized_keys' ? `${adapter.kind} has no such field` : issue.message,
    }));
  });
  const [first] = problems;
  return fail('parameter_invalid', {
    param: first?.param,
    message: `${first?.param}: ${first?.message}.`,
    problems: problems.slice(0, 50),
  });
}
