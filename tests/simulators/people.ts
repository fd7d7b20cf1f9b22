import type { SimulatedCard } from './id-card/cards.ts';
import { syntheticForeign2023, syntheticPermit, syntheticResident } from './id-card/people.ts';

/** A card to lay on the reader by hand, and what it is good for. */
export interface SyntheticPerson {
  /** Stable, for links and tests. */
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  readonly card: SimulatedCard;
}

/** Cards of people who do not exist, one for each thing that cards differ in. */
export const people: readonly SyntheticPerson[] = [
  {
    id: 'resident',
    zh: '居民 李建国，男',
    en: 'a resident of 1978',
    card: syntheticResident({
      name: '李建国',
      sex: '1',
      birth: '19780616',
      validFrom: '20180616',
      validTo: '20380616',
    }),
  },
  {
    id: 'elder',
    zh: '老人 王秀英，长期证',
    en: 'an elder of 1945, card without an end',
    card: syntheticResident({ birth: '19450305' }),
  },
  {
    id: 'long-name',
    zh: '长名字，带间隔号',
    en: 'a name of 14 characters with ·',
    card: syntheticResident({
      name: '阿卜杜热西提·阿卜杜克热木江',
      sex: '1',
      nation: '05',
      birth: '19911120',
      validFrom: '20210701',
      validTo: '20410701',
    }),
  },
  {
    id: 'rare-name',
    zh: '生僻字姓名',
    en: 'a name with a rare (non-BMP) character',
    card: syntheticResident({ name: '𠮷𬱖', sex: '1', birth: '19830909', validFrom: '20190110', validTo: '20390110' }),
  },
  {
    id: 'moved',
    zh: '证上有新地址',
    en: 'a newer address on the chip',
    card: syntheticResident({
      name: '赵敏',
      birth: '19690214',
      newestAddresses: ['天津市河西区示例路9号新示例里6号楼2门302号'],
      validFrom: '20150520',
      validTo: '20350520',
    }),
  },
  { id: 'permit', zh: '港澳台居民居住证', en: 'a Hong Kong resident (J)', card: syntheticPermit() },
  { id: 'foreigner', zh: '外国人永久居留证', en: 'a foreigner (Y, 2023)', card: syntheticForeign2023() },
  {
    id: 'expired',
    zh: '证件已过期',
    en: 'an expired card',
    card: syntheticResident({
      name: '周文',
      sex: '1',
      birth: '19860830',
      validFrom: '20050101',
      validTo: '20150101',
    }),
  },
];
