import type { CaptureRequest, EvidenceRequest, RefundRequest } from '../payment-provider';

/** Bodies for what follows a charge. Amounts go in as their digits: no number ever holds them. */

export function captureBody({ reference, amount, isFinal }: CaptureRequest): string {
  return `{"amount":${amount},${JSON.stringify({ capture_no: reference, final: isFinal }).slice(1)}`;
}

export function refundBody({ reference, amount, reason }: RefundRequest): string {
  return `{"amount":${amount},${JSON.stringify({ refund_no: reference, reason }).slice(1)}`;
}

export function evidenceBody({ reference, text, documents }: EvidenceRequest): string {
  return JSON.stringify({
    evidence_no: reference,
    text,
    documents: documents.map(({ name, contentType, contentBase64 }) => ({
      name,
      content_type: contentType,
      content: contentBase64,
    })),
  });
}
