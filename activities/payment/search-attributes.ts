import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';

/** Registered in the namespace at start. No personal data: search attributes are never encrypted. */
const searchAttributeKeys = {
  merchantId: defineSearchAttributeKey('MerchantId', SearchAttributeType.KEYWORD),
  mode: defineSearchAttributeKey('Mode', SearchAttributeType.KEYWORD),
  currency: defineSearchAttributeKey('Currency', SearchAttributeType.KEYWORD),
  attention: defineSearchAttributeKey('Attention', SearchAttributeType.KEYWORD),
} as const;

export function searchAttributes(of: {
  merchantId: string;
  mode: string;
  currency: string;
}): TypedSearchAttributes {
  return new TypedSearchAttributes([
    { key: searchAttributeKeys.merchantId, value: of.merchantId },
    { key: searchAttributeKeys.mode, value: of.mode },
    { key: searchAttributeKeys.currency, value: of.currency },
  ]);
}
