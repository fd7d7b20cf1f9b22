/** What stands on an X screen in memory, read from the file in which Xvfb keeps it (`-fbdir`), in the form of xwd(1). */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { PNG } from 'pngjs';
import type { Point } from './resident.ts';

/** Half the side of a look, in pixels. */
const REACH = 28;
/** How far a channel of a pixel may be off, of 255. */
const CLOSE = 40;

/** The pixels around a point. */
export interface Look extends Point {
  readonly pixels: Buffer;
}

export class Framebuffer {
  readonly #file: string;

  /** @param file `Xvfb_screen0` in the folder of `-fbdir`. */
  constructor(file: string) {
    this.#file = file;
  }

  /** Four bytes a pixel: blue, green, red and nothing. */
  #read(): { width: number; height: number; pixels: Buffer } {
    const content = readFileSync(this.#file);
    const field = (index: number): number => content.readUInt32BE(index * 4);
    const start = field(0) + field(19) * 12;
    return { width: field(4), height: field(5), pixels: content.subarray(start) };
  }

  look({ x, y }: Point): Look {
    const { width, height, pixels } = this.#read();
    const rows: Buffer[] = [];
    for (let row = Math.max(0, Math.round(y) - REACH); row < Math.min(height, Math.round(y) + REACH); row += 1) {
      const from = Math.max(0, Math.round(x) - REACH);
      const to = Math.min(width, Math.round(x) + REACH);
      rows.push(Buffer.from(pixels.subarray((row * width + from) * 4, (row * width + to) * 4)));
    }
    return { x, y, pixels: Buffer.concat(rows) };
  }

  /** Whether the screen looks the same around the point; a few pixels of a letter's edge may differ. */
  shows(wanted: Look): boolean {
    const { pixels } = this.look(wanted);
    let off = 0;
    for (let at = 0; at < pixels.length; at += 1) {
      if (Math.abs((pixels[at] ?? 0) - (wanted.pixels[at] ?? 0)) > CLOSE) off += 1;
    }
    return pixels.length === wanted.pixels.length && off < pixels.length * 0.01;
  }

  /** Red, green and blue of one pixel; cheap enough to be asked for all the time. */
  pixel({ x, y }: Point): readonly [number, number, number] {
    const file = openSync(this.#file, 'r');
    try {
      const header = Buffer.alloc(80);
      readSync(file, header, 0, 80, 0);
      const start = header.readUInt32BE(0) + header.readUInt32BE(19 * 4) * 12;
      const found = Buffer.alloc(4);
      readSync(file, found, 0, 4, start + (y * header.readUInt32BE(4 * 4) + x) * 4);
      return [found[2] ?? 0, found[1] ?? 0, found[0] ?? 0];
    } finally {
      closeSync(file);
    }
  }

  /** Waits until two pictures are the same: nothing moves any more. */
  async settled(): Promise<void> {
    for (let before = this.#read().pixels; ; ) {
      await pause(150);
      const now = this.#read().pixels;
      if (now.equals(before)) return;
      before = now;
    }
  }

  png(): Buffer {
    return encode(this.#read());
  }
}

/** A look as a picture; it is square but at the edges of the screen. */
export function picture({ pixels }: Look): Buffer {
  const width = Math.min(REACH * 2, pixels.length / 4);
  return encode({ width, height: Math.floor(pixels.length / 4 / width), pixels });
}

function encode({ width, height, pixels }: { width: number; height: number; pixels: Buffer }): Buffer {
  const png = new PNG({ width, height });
  for (let at = 0; at < width * height * 4; at += 4) {
    png.data[at] = pixels[at + 2] ?? 0;
    png.data[at + 1] = pixels[at + 1] ?? 0;
    png.data[at + 2] = pixels[at] ?? 0;
    png.data[at + 3] = 255;
  }
  return PNG.sync.write(png);
}
