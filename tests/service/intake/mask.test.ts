import { describe, expect, it } from 'vitest';
import { maskName, maskNumber } from '#main/service/intake/mask.ts';

describe('masks', () => {
  it.each([
    ['120101195002280002', '120101********0002'],
    ['XXX120100000001', 'XXX120*****0001'],
    ['L898902C3', 'L8*****C3'],
    ['E1234534', 'E1****34'],
    ['12345', '1***5'],
  ])('of the number %s', (number, masked) => expect(maskNumber(number)).toBe(masked));

  it.each([
    ['张三', '张*'],
    ['王秀英', '王**'],
    ['欧阳示例测试', '欧***'],
    ['阿卜杜热西提·阿卜杜克热木江', '阿***·***'],
    ['𠮷𬱖', '𠮷*'],
    ['ANNA MARIA EXAMPLE', 'A*** *** ***'],
  ])('of the name %s', (name, masked) => expect(maskName(name)).toBe(masked));
});
