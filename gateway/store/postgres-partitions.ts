/** Partitions of what grows with every entry. Fixed: another number would move every row. */
const PARTITIONS = 16;

/** Spread by the hash of the terminal: a terminal's whole journal stands in one partition. */
export function partitioned(table: string): string {
  const parts = partitionsOf(table).map(
    (part, i) => `CREATE TABLE ${part} PARTITION OF ${table} FOR VALUES WITH (MODULUS ${PARTITIONS}, REMAINDER ${i});`,
  );
  return parts.join('\n');
}

export function partitionsOf(table: string): string[] {
  return Array.from({ length: PARTITIONS }, (_, i) => `${table}_${i}`);
}

/** By default a fifth of a table has to be dead before its dead rows are cleared away; here one is enough. */
export function vacuumedAtOnce(table: string): string {
  return `ALTER TABLE ${table} SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);`;
}
