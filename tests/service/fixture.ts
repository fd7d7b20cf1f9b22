import { resolve } from 'node:path';
import type { z } from 'zod';
import type { Configuration } from '#contract/configuration.ts';
import { ensureTerminalKey, writeIdentity } from '#main/service/identity/identity.ts';
import { rawPublicKey } from '#main/service/suite/suite.ts';
import { districtKey, TERMINAL } from './journal/fixture.ts';

/** What a vendor would write into `terminal.yaml`; nobody listens at its addresses. */
export const settings: z.input<typeof Configuration> = {
  community: {
    street: { zh: '友谊路街道', en: 'Youyilu Subdistrict' },
    name: { zh: '测试里社区', en: 'Ceshili Community' },
    phone: '022-55500107',
    desk: { zh: '一号窗口', en: 'Window 1' },
    opens: '09:00',
    closes: '17:30',
    estates: [{ id: 'ceshili', name: { zh: '测试里', en: 'Ceshili' } }],
  },
  screen: { widthMm: 337, heightMm: 600, widthPx: 1080, heightPx: 1920 },
  folders: { etc: 'etc', data: 'data', run: 'run', log: 'log' },
  catalogue: resolve('image/catalogue'),
  devices: {
    idCard: { connection: 'tcp:127.0.0.1:9' },
    receiptPrinter: { connection: 'tcp:127.0.0.1:9', paperMm: 80 },
    documentPrinter: { connection: 'ipp://127.0.0.1:9/ipp/print' },
  },
  gateway: { url: 'http://127.0.0.1:9' },
  staff: [{ id: 'worker-1', name: '李工', pinHash: `scrypt$1024$8$1$${'s'.repeat(22)}$${'h'.repeat(43)}` }],
};

/** Leaves what an enrolment would. */
export function enrol(etc: string, gatewayKey?: string): void {
  const key = ensureTerminalKey(etc);
  writeIdentity(etc, {
    terminalId: TERMINAL,
    region: '120103',
    code: '0001',
    suite: 'standard',
    districtKey,
    districtKeyId: 'district-1',
    gatewayKey: gatewayKey ?? rawPublicKey(key),
    epoch: 'epoch-1',
  });
}
