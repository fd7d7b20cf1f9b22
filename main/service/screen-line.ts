import { createServer, type Server, Socket } from 'node:net';
import type { FromService, ToService } from '#contract/calls.ts';
import { ToService as ToServiceSchema } from '#contract/calls.ts';
import { Line } from '../common/line.ts';

/** How the screen reaches the service. */
export type ScreenWay =
  /** Over one stream, whose descriptor the shell gave when it started us; the service ends with it. */
  | { readonly by: 'descriptor'; readonly descriptor: number }
  /** Over a socket that listens: the screen comes and goes, and the service stays. */
  | { readonly by: 'socket'; readonly descriptor: number }
  /** There is no screen. */
  | { readonly by: 'none' };

export interface ScreenLineOptions {
  readonly way: ScreenWay;
  readonly onMessage: (message: ToService) => void;
  /** The shell that started us is gone. */
  readonly onGone: () => void;
}

/** The line to the screen that is there now. A screen that comes takes the place of the one before, which may hang. */
export class ScreenLine {
  readonly #o: ScreenLineOptions;
  #line: Line | null = null;
  #server: Server | null = null;

  constructor(o: ScreenLineOptions) {
    this.#o = o;
    switch (o.way.by) {
      case 'descriptor':
        this.#line = this.#over(new Socket({ fd: o.way.descriptor, readable: true, writable: true }), o.onGone);
        return;
      case 'socket':
        this.#server = createServer((socket) => {
          this.#line?.close();
          this.#line = this.#over(socket, () => {
            this.#line = null;
          });
        });
        this.#server.listen({ fd: o.way.descriptor });
        return;
      case 'none':
    }
  }

  /** What no screen hears is told again when one asks. */
  send(message: FromService): void {
    this.#line?.send(message);
  }

  close(): void {
    this.#line?.close();
    this.#server?.close();
  }

  #over(socket: Socket, onEnd: () => void): Line {
    return new Line(socket, {
      onMessage: (raw) => {
        const message = ToServiceSchema.safeParse(raw);
        if (message.success) this.#o.onMessage(message.data);
      },
      onEnd,
    });
  }
}
