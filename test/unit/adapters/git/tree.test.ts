import { describe, expect, it } from '@jest/globals';
import { parseTree } from '../../../../src/adapters/git/tree.ts';

/** A raw tree object, as git stores it. */
function tree(entries: readonly [mode: string, name: string | Buffer][], idBytes: number): Buffer {
  return Buffer.concat(
    entries.flatMap(([mode, name], index) => [
      Buffer.from(`${mode} `),
      Buffer.from(name),
      Buffer.from([0]),
      // Ids may hold any byte, also spaces, line ends and zeros.
      Buffer.from([0x20, 0x00, 0x0a, ...Array.from({ length: idBytes - 3 }, () => 0x80 + index)]),
    ]),
  );
}

describe.each([20, 32])('a tree with ids of %d bytes', (idBytes) => {
  it('tells every kind of entry apart', () => {
    const raw = tree(
      [
        ['100644', 'file'],
        ['100755', 'program'],
        ['100664', 'old'],
        ['40000', 'folder'],
        ['040000', 'padded'],
        ['120000', 'link'],
        ['160000', 'module'],
      ],
      idBytes,
    );
    const entries = parseTree(raw, idBytes);
    expect(entries.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'file file',
      'program executable',
      'old file',
      'folder folder',
      'padded folder',
      'link symlink',
      'module submodule',
    ]);
    expect(entries[1]?.id).toBe(`20000a${'81'.repeat(idBytes - 3)}`);
  });

  it('keeps every name, and no two alike', () => {
    const names = [
      'a b',
      'new\nline',
      '日本',
      Buffer.from([0xff]),
      Buffer.from([0x61, 0xc3]),
      Buffer.from([0xed, 0xb3, 0xbf]),
      Buffer.from([0xef, 0xbb, 0xbf, 0x61]),
    ];
    const entries = parseTree(
      tree(
        names.map((name) => ['100644', name]),
        idBytes,
      ),
      idBytes,
    );
    expect(entries.map(({ name }) => name)).toEqual([
      'a b',
      'new\nline',
      '日本',
      '\udcff',
      'a\udcc3',
      '\udced\udcb3\udcbf',
      '\ufeffa',
    ]);
  });

  it('refuses what is cut short', () => {
    const raw = tree([['100644', 'file']], idBytes);
    for (const length of [3, 8, raw.length - 1]) {
      expect(() => parseTree(raw.subarray(0, length), idBytes)).toThrow('cut short');
    }
    expect(parseTree(Buffer.alloc(0), idBytes)).toEqual([]);
  });
});
