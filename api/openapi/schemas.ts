import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/**
 * Zod schemas as JSON Schema 2020-12, which is OpenAPI 3.1's own. A schema with an id (`.meta({ id })`) becomes
 * a component and is referred to by name.
 */
export class SchemaBook {
  readonly components: Record<string, JsonSchema> = {};

  request(schema: z.ZodType): JsonSchema {
    return this.convert(schema, 'input');
  }

  response(schema: z.ZodType): JsonSchema {
    return open(this.convert(schema, 'output')) as JsonSchema;
  }

  private convert(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    // Wrapped, so that a named schema at the top is referred to like any other.
    const { properties, $defs } = z.toJSONSchema(z.object({ it: schema }), { io, target: 'draft-2020-12' });
    for (const [name, definition] of Object.entries($defs ?? {})) {
      const known = this.components[name];
      const found = renamed(io === 'output' ? open(definition) : definition) as JsonSchema;
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(found)) {
        throw new Error(`Two schemas are called ${name}: a request and an answer need a name each.`);
      }
      this.components[name] = found;
    }
    return renamed(properties?.it) as JsonSchema;
  }
}

function renamed(value: unknown): unknown {
  return mapped(value, (key, item) =>
    key === '$ref' && typeof item === 'string' ? item.replace('#/$defs/', '#/components/schemas/') : item,
  );
}

/** Answers may grow fields: what reads them must not refuse unknown ones. */
function open(value: unknown): unknown {
  return mapped(value, (key, item) => (key === 'additionalProperties' && item === false ? undefined : item));
}

function mapped(value: unknown, change: (key: string, item: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapped(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, mapped(change(key, item), change)] as const)
      .filter(([, item]) => item !== undefined),
  );
}
