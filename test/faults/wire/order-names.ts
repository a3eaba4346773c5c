/** Which order a message is about: the payment's id is learned when the payment is written down. */
export interface OrderNames {
  learn(message: string): void;
  isAbout(orderId: string, text: string): boolean;
}

/** As they follow one another among the parameters of the statement: the order, four bytes of length, the payment. */
const opening = /(f\d+-\d+)[^]{4}([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})/;

export function createOrderNames(): OrderNames {
  const payments = new Map<string, string>();
  return {
    learn(message) {
      const [, orderId, paymentId] = opening.exec(message) ?? [];
      if (orderId !== undefined && paymentId !== undefined) payments.set(orderId, paymentId);
    },
    isAbout(orderId, text) {
      if (new RegExp(`${orderId}(?![0-9])`).test(text)) return true;
      const paymentId = payments.get(orderId);
      if (paymentId === undefined) return false;
      return text.includes(paymentId) || text.includes(paymentId.replaceAll('-', ''));
    },
  };
}
