/** One promise, looked at: how many things were checked, and what did not hold. */
export interface Finding {
  name: string;
  promise: string;
  checked: number;
  offenders: string[];
}

const shownMax = 5;

export function findingLines(finding: Finding): string[] {
  const { name, promise, checked, offenders } = finding;
  const verdict = offenders.length === 0 ? 'holds' : `BROKEN by ${offenders.length}`;
  return [
    `${name.padEnd(4)} ${verdict.padEnd(14)} ${String(checked).padStart(7)} checked  ${promise}`,
    ...offenders.slice(0, shownMax).map((offender) => `       ${offender}`),
    ...(offenders.length > shownMax ? [`       … and ${offenders.length - shownMax} more`] : []),
  ];
}
