/** A sequence of texts, each behind its length in four bytes, as `pack` in scripts/common.lua writes it. */

export function unpack(bytes: Buffer): Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    out.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return out;
}

export function pack(fields: readonly (string | Uint8Array)[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const field of fields) {
    const bytes = typeof field === 'string' ? Buffer.from(field) : field;
    const size = Buffer.allocUnsafe(4);
    size.writeUInt32BE(bytes.length);
    parts.push(size, bytes);
  }
  return Buffer.concat(parts);
}

/** A field that must be there: the script wrote it. */
export function field(fields: readonly Buffer[], index: number): Buffer {
  const value = fields[index];
  if (value === undefined) throw new Error(`a record of ${fields.length} fields, expected more than ${index}`);
  return value;
}

export const text = (fields: readonly Buffer[], index: number): string => field(fields, index).toString('utf8');
export const number = (fields: readonly Buffer[], index: number): number => Number(text(fields, index));
