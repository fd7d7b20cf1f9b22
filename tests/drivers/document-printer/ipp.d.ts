declare module 'ipp' {
  const peer: {
    parse(bytes: Buffer): Record<string, unknown>;
    serialize(message: object): Buffer;
  };
  export default peer;
}
