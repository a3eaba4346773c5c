/** What a cell may hold. Text is quoted where it must be; amounts and times come as text in their own form. */
export type CsvCell = string | null;

const plainNumber = /^-?[0-9]+(\.[0-9]+)?$/;

/** One row of RFC 4180. A text that a spreadsheet would take for a formula is given a quote that keeps it a text. */
export function csvRow(cells: readonly CsvCell[]): string {
  return `${cells.map((cell) => (cell === null ? '' : quoted(harmless(cell)))).join(',')}\r\n`;
}

function harmless(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) && !plainNumber.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
