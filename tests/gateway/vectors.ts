/** The standards' own examples for the national suite, in hex. */

/** GB/T 32918.5, A.2: a signature with SM3 over the recommended curve; the distinguishing identifier is 1234567812345678. */
export const SIGNED = {
  message: 'message digest',
  secret: '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8',
  point:
    '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
    'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
  random: '59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21',
  signature:
    'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
    'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
};

/** GB/T 32918.5, C.2: encryption for the same key with the same random number; C1, C3, C2. */
export const ENCRYPTED = {
  message: 'encryption standard',
  sealed:
    '0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73' +
    'e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0' +
    '59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766' +
    '21886ca989ca9c7d58087307ca93092d651efa',
};

/** GB/T 32905, A.1 and A.2. */
export const HASHED: readonly (readonly [message: string, digest: string])[] = [
  ['abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
  ['abcd'.repeat(16), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732'],
];

/** GB/T 32907, A.1: the block under a key that equals it, once. */
export const BLOCK = {
  key: '0123456789abcdeffedcba9876543210',
  once: '681edf34d206965e86b3e94f536e4246',
};

/** RFC 8998, A.1: SM4-GCM. */
export const GCM = {
  key: '0123456789abcdeffedcba9876543210',
  nonce: '00001234567800000000abcd',
  aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
  plain:
    'aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd' +
    'eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa',
  ciphertext:
    '17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735' +
    'd82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d',
  tag: '83de3541e4c2b58177e065a9bf7b62ec',
};

export function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
