import type { Connection } from '#contract/connection.ts';
import { err, ok, type Result, unreachable } from '#contract/result.ts';
import {
  deviceStatus,
  openCamera,
  openDocumentPrinter,
  openIdCardReader,
  openReceiptPrinter,
  openScanner,
} from '#drivers/index.ts';
import type { CommandError } from '../outcome.ts';
import { type DeviceState, look, named } from './present.ts';

export const KINDS = ['id-card', 'receipt-printer', 'document-printer', 'scanner', 'camera'] as const;
export type Kind = (typeof KINDS)[number];

export async function status(o: {
  connection: Connection;
  kind?: Kind;
  timeout: number;
}): Promise<Result<unknown, CommandError>> {
  const { connection, kind } = o;
  // An IPP address is a document printer's, and its toner is told too.
  if (kind === undefined || (kind === 'document-printer' && connection.by === 'ipp')) {
    const found = await deviceStatus(connection, { timeoutMs: o.timeout });
    return found.ok ? found : err(named(found.error));
  }
  const state = await stateOf(connection, kind, o.timeout);
  return state.state === 'away' ? err(named({ code: 'away', ...state })) : ok({ device: kind, state });
}

export function stateOf(connection: Connection, kind: Kind, timeoutMs: number): Promise<DeviceState> {
  switch (kind) {
    case 'id-card':
      return look(openIdCardReader({ connection }), timeoutMs);
    case 'receipt-printer':
      return look(openReceiptPrinter({ connection, paperMm: 80, looksOnly: true }), timeoutMs);
    case 'document-printer':
      return look(openDocumentPrinter({ connection, looksOnly: true }), timeoutMs);
    case 'scanner':
      return look(openScanner({ connection }), timeoutMs);
    case 'camera':
      return look(openCamera({ connection }), timeoutMs);
    default:
      return unreachable(kind);
  }
}
