/** What the tests use of image/setup.mjs, which is plain JavaScript. */
declare module '*/image/setup.mjs' {
  type Kinds = string | string[];
  interface Lock {
    packages: Record<string, { version?: string; optional?: boolean; os?: Kinds; cpu?: Kinds; libc?: Kinds }>;
  }
  export function packagesThatDiffer(lock: Lock, installed: Lock, machine: { os: string; cpu: string }): string[];
  export function npmEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  export function commandEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  export function duration(milliseconds: number): string;
}
