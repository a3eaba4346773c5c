/**
 * Finds card numbers in text, so that they can be refused at the door: 13 to 19 digits, spaced or not, that
 * pass Luhn's check *and* begin like a known issuer's. Both together leave ids, times and phone numbers alone.
 */
export function hasCardNumber(text: string): boolean {
  if (!/[0-9０-９]/.test(text)) return false;
  // Full-width digits and the like read as digits to people, so they count as digits here.
  const plain = text.normalize('NFKC').replace(hexNames, ' ').replace(decimals, wholePart);
  for (const [run] of plain.matchAll(digitRuns)) {
    if (runHasCardNumber(run.split(separators))) return true;
  }
  return false;
}

/** Groups of digits with at most two separating characters between them. */
const digitRuns = /\d+(?:[\s\p{Pd}_]{1,2}\d+)*/gu;
const separators = /[^\d]+/;

/** The decimals of an amount are none: "0.621234567890123456" is ether. */
const decimals = /(?<!\d)(\d+)\.\d+/g;
const wholePart = (_all: string, whole: string) => (whole.length < 13 ? ' ' : `${whole} `);

/** UUIDs and hashes are full of digit runs, and not card numbers. */
const hexNames =
  /(?<![0-9a-z])(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{32,})(?![0-9a-z])/gi;

/** A card number begins and ends where a group does: a date before it must not hide it. */
function runHasCardNumber(groups: string[]): boolean {
  for (let from = 0; from < groups.length; from += 1) {
    let digits = '';
    for (let to = from; to < groups.length && digits.length < 19; to += 1) {
      digits += groups[to] ?? '';
      if (digits.length >= 13 && digits.length <= 19 && passesLuhn(digits) && isIssued(digits)) return true;
    }
  }
  return false;
}

interface IssuerRange {
  /** The first digits, from and to, both included and of equal length. */
  from: string;
  to: string;
  lengths: readonly number[];
}

const sixteen = [16] as const;
const sixteenToNineteen = [16, 17, 18, 19] as const;
const fourteenToNineteen = [14, 15, 16, 17, 18, 19] as const;

const issuerRanges: readonly IssuerRange[] = [
  // Visa
  { from: '4', to: '4', lengths: [13, 16, 19] },
  // Mastercard
  { from: '51', to: '55', lengths: sixteen },
  { from: '2221', to: '2720', lengths: sixteen },
  // American Express
  { from: '34', to: '34', lengths: [15] },
  { from: '37', to: '37', lengths: [15] },
  // Diners Club
  { from: '300', to: '305', lengths: fourteenToNineteen },
  { from: '3095', to: '3095', lengths: fourteenToNineteen },
  { from: '36', to: '36', lengths: fourteenToNineteen },
  { from: '38', to: '39', lengths: fourteenToNineteen },
  // Discover
  { from: '6011', to: '6011', lengths: sixteenToNineteen },
  { from: '644', to: '649', lengths: sixteenToNineteen },
  { from: '65', to: '65', lengths: sixteenToNineteen },
  // UnionPay
  { from: '62', to: '62', lengths: sixteenToNineteen },
  { from: '81', to: '81', lengths: sixteenToNineteen },
  // JCB
  { from: '3528', to: '3589', lengths: sixteenToNineteen },
  // Mir
  { from: '2200', to: '2204', lengths: sixteenToNineteen },
  // RuPay
  { from: '60', to: '60', lengths: sixteen },
  { from: '82', to: '82', lengths: sixteen },
  { from: '508', to: '508', lengths: sixteen },
  // Maestro, Elo
  { from: '5018', to: '5020', lengths: [13, ...fourteenToNineteen] },
  { from: '5038', to: '5038', lengths: [13, ...fourteenToNineteen] },
  { from: '5893', to: '5893', lengths: [13, ...fourteenToNineteen] },
  { from: '6304', to: '6304', lengths: [13, ...fourteenToNineteen] },
  { from: '6759', to: '6763', lengths: [13, ...fourteenToNineteen] },
  { from: '636', to: '639', lengths: sixteenToNineteen },
  { from: '5067', to: '5067', lengths: sixteen },
  // Troy
  { from: '9792', to: '9792', lengths: sixteen },
];

function isIssued(digits: string): boolean {
  return issuerRanges.some(({ from, to, lengths }) => {
    const head = digits.slice(0, from.length);
    return head >= from && head <= to && lengths.includes(digits.length);
  });
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const weighed = index % 2 === 0 ? digit : digit * 2;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}
