// Secrets of every awkward shape, each with parts that are found again however it was cut, quoted or encoded.
import { randomBytes } from 'node:crypto';

export interface Canaries {
  /** By name. */
  readonly values: Readonly<Record<string, string>>;
  /** Every random part of the values. */
  readonly cores: readonly string[];
}

/** Letters and digits alone, which no quoting changes. */
const coreLength = 20;

function core(): string {
  const text = randomBytes(30)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, '');
  return text.length < coreLength ? core() : text.slice(0, coreLength);
}

type Shape = (part: () => string) => string;

const shapes: Readonly<Record<string, Shape>> = {
  PLAIN: (part) => part(),
  MULTI_LINE: (part) => `${part()}\n  ${part()}\n\n${part()} x`,
  QUOTES: (part) => `a "${part()}" 'b'"`,
  DOLLAR: (part) => `$${part()}$$ $HOME $1`,
  BRACES: (part) => `\${${part()}} \${X:-${part()}} {{ x }}`,
  PERCENT: (part) => `%${part()}%25%0A%s%d 100%`,
  COLONS: (part) => `::set-output name=x::${part()}::error::x`,
  UNICODE: (part) => `üñî-${part()}-漢字🙂\u2028\u00a0e\u0301`,
  BACKSLASHES: (part) => `C:\\${part()}\\n\\t\\\\x\\`,
  SPACES: (part) => `  ${part()}\t `,
  HASH: (part) => `${part()} # no comment #`,
  EQUALS: (part) => `=${part()}==a=b=`,
  JSON: (part) => `{"key":"${part()}","list":[1,"<b>&amp;"],"text":"a\\nb"}`,
  PEM: (part) =>
    `-----BEGIN CANARY KEY-----\n${Array.from({ length: 4 }, () => part() + part() + part()).join('\n')}\nabc=\n-----END CANARY KEY-----\n`,
  CRLF: (part) => `${part()}\r\n${part()}\r\n`,
  LINE_END: (part) => `${part()}\n`,
  BACKTICKS: (part) => `\`${part()}\` $(${part()})`,
  FLAG: (part) => `--${part()}=${part()} -v`,
  STARS: (part) => `***${part()}***`,
  URL: (part) => `https://user:${part()}@h.example/p%2Fq?token=${part()}&x=a+b`,
  GLOB: (part) => `*\t${part()}\t?[a] ~ !`,
  CARRIAGE: (part) => `${part()}\r${part()}`,
  WORKFLOW: (part) => `x\n::add-mask::${part()}\n##[error]${part()}`,
  // Most of what one variable of a runner may hold, in one line.
  BIG: (part) => Array.from({ length: (40 * 1024) / coreLength }, part).join(''),
};

export const canaryNames = Object.keys(shapes);

/** `prefix` is put before the names. */
export function makeCanaries(names: readonly string[] = canaryNames, prefix = ''): Canaries {
  const cores: string[] = [];
  const part = () => {
    const made = core();
    cores.push(made);
    return made;
  };
  const values = Object.fromEntries(names.map((name) => [`${prefix}${name}`, shapes[name]?.(part) ?? '']));
  return { values, cores };
}

/** So much of a core in one piece is a trace of it; of base64, what so many letters become. */
const [pieceLength, encodedLength] = [10, 12];

/** A function that finds the pieces of canaries in a text (bytes as latin1), also in base64 and in hexadecimal. */
export function traceFinder(cores: readonly string[]): (text: string) => string[] {
  const plain = new Set(cores.flatMap((it) => windows(it, pieceLength)));
  const encoded = new Set(
    cores.flatMap((it) => encodings(it).flatMap((form) => windows(form, encodedLength))),
  );
  return (text) => {
    const found: string[] = [];
    for (let at = 0; at + pieceLength <= text.length; at += 1) {
      const isTrace =
        plain.has(text.slice(at, at + pieceLength)) || encoded.has(text.slice(at, at + encodedLength));
      if (!isTrace) continue;
      found.push(text.slice(Math.max(0, at - 60), at + 60).replace(/[^\x20-\x7e]/g, '.'));
      // One trace of each place is enough.
      at += 200;
    }
    return found;
  };
}

/** Base64 as it looks at each of its three offsets, without the letters that depend on what stands beside it. */
function encodings(core: string): string[] {
  const bytes = Buffer.from(core);
  const base64 = [0, 1, 2].map((skipped) => {
    const whole = Math.floor((bytes.length - skipped) / 3) * 3;
    return bytes.subarray(skipped, skipped + whole).toString('base64');
  });
  return [...base64, bytes.toString('hex'), bytes.toString('hex').toUpperCase()];
}

function windows(text: string, length: number): string[] {
  return Array.from({ length: Math.max(0, text.length - length + 1) }, (_, at) =>
    text.slice(at, at + length),
  );
}

/** Names and values, as some program in the job may print them. */
export function dumpsOf(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [
    `${name}=${value}`,
    JSON.stringify({ [name]: value }),
    Buffer.from(value).toString('base64'),
    `Basic ${Buffer.from(`user:${value}`).toString('base64')}`,
    `?q=${encodeURIComponent(value)}`,
  ]);
}
