// Reads a record member by member. Missing and invalid members are left out; valid ones still count.
import * as v from 'valibot';

type Schemas = Record<string, v.GenericSchema>;

export type LenientRecord<Members extends Schemas> = {
  [Name in keyof Members]?: v.InferOutput<Members[Name]>;
};

export function lenientRecord<Members extends Schemas>(schemas: Members, record: unknown): LenientRecord<Members> {
  if (typeof record !== 'object' || record === null) return {};
  const valid = Object.entries(schemas).flatMap(([name, schema]): [string, unknown][] => {
    if (!Object.hasOwn(record, name)) return [];
    const result = v.safeParse(schema, (record as Record<string, unknown>)[name]);
    return result.success && result.output !== undefined ? [[name, result.output]] : [];
  });
  return Object.fromEntries(valid) as LenientRecord<Members>;
}
