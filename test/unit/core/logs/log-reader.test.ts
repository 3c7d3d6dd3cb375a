import { describe, expect, it } from '@jest/globals';
import { frameReader, isFramed, logReader } from '../../../../src/core/logs/log-reader.ts';

const at = (second: number) => `2026-01-31T08:00:0${second}.000000001Z`;

function frame(stream: 1 | 2, content: string | Buffer): Buffer {
  const body = Buffer.from(content);
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

describe('a log in frames', () => {
  const log = Buffer.concat([
    frame(1, `${at(1)} one\n`),
    frame(2, `${at(2)} two\r\n`),
    frame(1, `${at(3)} \n`),
    frame(1, `${at(4)} grün`),
  ]);
  const lines = [
    { time: at(1), stream: 'stdout', text: 'one' },
    { time: at(2), stream: 'stderr', text: 'two' },
    { time: at(3), stream: 'stdout', text: '' },
    { time: at(4), stream: 'stdout', text: 'grün' },
  ];

  it.each([1, 2, 3, 7, 8, 9, 50, 1000])('is read in chunks of %d bytes', (size) => {
    const reader = logReader(false);
    const found = [];
    for (let from = 0; from < log.length; from += size) {
      found.push(...reader.take(log.subarray(from, from + size)));
    }
    expect([...found, ...reader.rest()]).toEqual(lines);
  });

  it('joins a line that the engine has handed over in pieces, each with a time of its own', () => {
    const reader = logReader(false);
    const euro = Buffer.from('€');
    const pieces = [
      frame(1, Buffer.concat([Buffer.from(`${at(1)} a`), euro.subarray(0, 2)])),
      frame(2, `${at(1)} between\n`),
      frame(1, Buffer.concat([Buffer.from(`${at(2)} `), euro.subarray(2), Buffer.from('b\n')])),
    ];
    expect(pieces.flatMap((piece) => reader.take(piece))).toEqual([
      { time: at(1), stream: 'stderr', text: 'between' },
      { time: at(1), stream: 'stdout', text: 'a€b' },
    ]);
    expect(reader.rest()).toEqual([]);
  });

  it('shows a line without an end in pieces, so that it is never held whole', () => {
    const reader = logReader(false);
    const found = Array.from({ length: 40 }, () =>
      reader.take(frame(1, `${at(1)} ${'x'.repeat(64 * 1024)}`)),
    );
    expect(found.flat().length).toBeGreaterThan(1);
    expect(Math.max(...found.flat().map(({ text }) => text.length))).toBeLessThan(2 * 1024 * 1024);
  });

  it('takes what only looks like a time for text', () => {
    const [line] = logReader(false).take(frame(1, '2026-01-31 08:00 hello\n'));
    expect(line).toEqual({ time: '', stream: 'stdout', text: '2026-01-31 08:00 hello' });
  });

  it('gives frames back as they were, and tells them from plain text', () => {
    expect(frameReader()(log).map(({ stream }) => stream)).toEqual(['stdout', 'stderr', 'stdout', 'stdout']);
    expect(isFramed(log)).toBe(true);
    expect(isFramed(Buffer.from('plain text of a container with a terminal'))).toBe(false);
    expect(isFramed(Buffer.from('short'))).toBe(false);
  });
});

describe('a plain log', () => {
  it('is read in any chunks', () => {
    const log = Buffer.from(`${at(1)} one\r\n${at(2)} two €\r\n${at(3)} rest`);
    for (const size of [1, 5, 33, 1000]) {
      const reader = logReader(true);
      const found = [];
      for (let from = 0; from < log.length; from += size) {
        found.push(...reader.take(log.subarray(from, from + size)));
      }
      expect([...found, ...reader.rest()]).toEqual([
        { time: at(1), stream: 'stdout', text: 'one' },
        { time: at(2), stream: 'stdout', text: 'two €' },
        { time: at(3), stream: 'stdout', text: 'rest' },
      ]);
    }
  });
});
