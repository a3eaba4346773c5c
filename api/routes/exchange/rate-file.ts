import { CsvError, parse } from 'csv-parse/sync';
import { checkRate, type CheckedRate, type WrittenRate } from '../../../domain/exchange/check-rate';

const rateLinesMax = 5_000;

export interface LineProblem {
  /** As in `line 3`, counted from the file's first. */
  param: string;
  message: string;
}

export type RateFile = { ok: true; rates: CheckedRate[] } | { ok: false; problems: LineProblem[] };

const needed = ['base', 'quote', 'rate', 'observedAt'] as const;
const columns: readonly string[] = [...needed, 'spreadPercent'];

/** All of a file or none of it: every line that is wrong is named, with what is wrong. */
export function readRateFile(text: string, spreadPercent: string, now: Date): RateFile {
  const read = readLines(text);
  if ('param' in read) return { ok: false, problems: [read] };
  const [head, ...lines] = read;
  const names = head?.record ?? [];
  const missing = needed.filter((name) => !names.includes(name));
  const unknown = names.filter((name, at) => !columns.includes(name) || names.indexOf(name) !== at);
  if (missing.length > 0 || unknown.length > 0) {
    return { ok: false, problems: [{ param: 'line 1', message: wantsColumns }] };
  }
  if (lines.length === 0)
    return { ok: false, problems: [{ param: 'csv', message: 'There is no rate in it.' }] };
  if (lines.length > rateLinesMax) {
    const message = `It has more than ${rateLinesMax} rates; ${rateLinesMax} go into one file.`;
    return { ok: false, problems: [{ param: 'csv', message }] };
  }

  const problems: LineProblem[] = [];
  const rates: CheckedRate[] = [];
  const seen = new Map<string, string>();
  for (const { record, line } of lines) {
    const refuse = (message: string) => void problems.push({ param: line, message });
    if (record.length !== names.length) {
      refuse(`It has ${record.length} fields; the first line names ${names.length}.`);
      continue;
    }
    // A cell that is left empty says no more than a column that is left out.
    const cell = (name: keyof WrittenRate, otherwise = '') => record[names.indexOf(name)] || otherwise;
    const checked = checkRate(
      {
        ...{ base: cell('base'), quote: cell('quote'), rate: cell('rate') },
        ...{ spreadPercent: cell('spreadPercent', spreadPercent), observedAt: cell('observedAt') },
      },
      now,
    );
    if (!checked.ok) {
      refuse(`${checked.problem.field} ${checked.problem.message}.`);
      continue;
    }
    const { base, quote, observedAt } = checked.rate;
    const moment = `${base}/${quote} ${observedAt.toISOString()}`;
    const earlier = seen.get(moment);
    if (earlier !== undefined) refuse(`${earlier} tells a rate of the same pair and moment.`);
    seen.set(moment, line);
    rates.push(checked.rate);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, rates };
}

const wantsColumns =
  'The first line names the columns: base,quote,rate,observedAt and, if you like, spreadPercent.';

interface Line {
  record: string[];
  line: string;
}

function readLines(text: string): Line[] | LineProblem {
  try {
    const rows = parse(text, {
      ...{ bom: true, trim: true, info: true, skip_empty_lines: true, relax_column_count: true },
      to: rateLinesMax + 2,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return rows.map(({ record, info }) => ({ record, line: `line ${info.lines}` }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return {
      param: `line ${String(error.lines)}`,
      message: 'A quoted field is not closed, or closed too early.',
    };
  }
}
