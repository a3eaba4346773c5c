/** So long a charge is looked at past its payment's time: longer than any channel keeps one open, or a reservation. */
export const watchMs = 30 * 86_400_000;
