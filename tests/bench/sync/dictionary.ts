/**
 * Whether it is time for the next dictionary of personal parts (contract/dictionaries.ts): the newest beside one that Debian's `zstd` trains on
 * what the forms ask today. Both are measured on the bench's own people, who are other ones than those it learns from; where the new one
 * pays, `out/bench/dictionary` is what the contract takes in under the next number.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IdCard } from '#contract/devices.ts';
import { dictionaries, NEWEST_DICTIONARY } from '#contract/dictionaries.ts';
import { type Catalogue, loadCatalogue } from '#main/service/catalogue/catalogue.ts';
import { syntheticApplication } from '#main/service/fleet/applications.ts';
import { between, type Chance, chanceOf, pick } from '#main/service/fleet/chance.ts';
import { inSteps } from '#main/service/intake/signature.ts';
import { packed } from '#main/service/sealing/district.ts';
import type { Figure } from '../figures.ts';
import { asJournaled, caseEntries } from './entries.ts';

const PEOPLE = 4_000;
const MEASURED = 1_000;
/** A longer one learns the people by heart, not the forms. */
const DICTIONARY_BYTES = 8_192;
const TODAY = '2026-10-02';

const FAMILY =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢'.split('');
const GIVEN =
  '英华文明玉金春秀兰志建国红军平海荣伟丽芳静敏强磊洋勇艳杰娟涛超霞刚桂香月凤琴云莲真环雪爱妹贞莉珍淑慧巧美娜佳嘉琼'.split(
    '',
  );
const ROADS = '光复建设友谊和平胜利黄河长江大沽卫津南京北安解放西康成都重庆昆明贵州云山鞍山万全福安'.split('');
const DISTRICTS = ['和平', '河东', '河西', '南开', '河北', '红桥', '东丽', '西青', '津南', '北辰'];

/** The card of somebody else than the fleet's people, in the same form. */
function invented(card: Extract<IdCard, { kind: 'resident' }>, chance: Chance): IdCard {
  const characters = (from: readonly string[], count: number) =>
    Array.from({ length: count }, () => pick(chance, from)).join('');
  const name = pick(chance, FAMILY) + characters(GIVEN, between(chance, 1, 2));
  const district = between(chance, 0, DISTRICTS.length - 1);
  const birth = `${between(chance, 1930, 2008)}-${two(between(chance, 1, 12))}-${two(between(chance, 1, 28))}`;
  const number = `1201${two(district + 1)}${birth.replaceAll('-', '')}${between(chance, 1000, 9999)}`;
  const since = `20${two(between(chance, 6, 25))}-${birth.slice(5)}`;
  const place = { authority: `天津市公安局${DISTRICTS[district]}分局`, address: address(district, characters, chance) };
  const dated = {
    name,
    birth,
    number,
    validFrom: since,
    validTo: `20${two(between(chance, 26, 45))}${since.slice(4)}`,
  };
  if (chance() < 0.9) return { ...card, ...dated, ...place, ...(chance() < 0.4 ? { validTo: 'long-term' } : {}) };
  const passNumber = `H${between(chance, 10_000_000, 99_999_999)}`;
  return { kind: 'hk-macao-taiwan', sex: card.sex, ...dated, ...place, passNumber, issueCount: '1' };
}

function address(district: number, characters: (from: readonly string[], count: number) => string, chance: Chance) {
  const [road, estate] = [characters(ROADS, 2), characters(ROADS, 2)];
  const house = `${between(chance, 1, 40)}号楼${between(chance, 1, 6)}门${between(chance, 101, 3302)}室`;
  return `天津市${DISTRICTS[district]}区${road}路${between(chance, 1, 299)}号${estate}里${house}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

function learnt(catalogue: Catalogue): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'dictionary-'));
  try {
    const chance = chanceOf(1, 'dictionary');
    const samples = Array.from({ length: PEOPLE }, (_, i) => {
      const { answers, card, signature } = syntheticApplication(catalogue, TODAY, chance);
      const file = join(folder, String(i));
      if (card.kind !== 'resident') throw new Error('the fleet has other cards now, which nobody invents here');
      const part = { card: invented(card, chance), answers, signature: inSteps(signature) };
      writeFileSync(file, JSON.stringify(part));
      return file;
    });
    writeFileSync(join(folder, 'list'), samples.join('\n'));
    const to = join(folder, 'dictionary');
    execFileSync('zstd', [
      '-q',
      '--train',
      '--filelist',
      join(folder, 'list'),
      `--maxdict=${DICTIONARY_BYTES}`,
      '-o',
      to,
    ]);
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function dictionary(): Promise<readonly Figure[]> {
  const catalogue = loadCatalogue('image/catalogue');
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  const next = learnt(catalogue.value);
  mkdirSync('out/bench', { recursive: true });
  writeFileSync('out/bench/dictionary', next);
  const parts = caseEntries(catalogue.value, MEASURED, TODAY).map((entry) => asJournaled(entry).sealed);
  const size = (bytes: Uint8Array) => parts.reduce((sum, part) => sum + packed(part, bytes).length, 0) / MEASURED;
  const { data, encoding } = dictionaries[NEWEST_DICTIONARY];
  const [ours, floor] = [size(Buffer.from(data, encoding)), size(next)];
  return [{ name: 'bytes of a personal part, beside a new dictionary', unit: '', ours, floor, goal: 1.1 }];
}
