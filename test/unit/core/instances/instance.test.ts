import { describe, expect, it } from '@jest/globals';
import { idOfFile, parseInstance } from '../../../../src/core/instances/instance.ts';

const file = 'instances/acme.json';
const least = { instance_id: 'acme', org_id: 'acme-corp', environment: 'production' };
const parse = (settings: object, at = file) => parseInstance(JSON.stringify(settings, null, 2), at);
const problemOf = (text: string, at = file): string => {
  try {
    parseInstance(text, at);
    return 'none';
  } catch (error) {
    return String(error);
  }
};
const refusal = (settings: object) => problemOf(JSON.stringify({ ...least, ...settings }, null, 2));

describe('the file of an instance', () => {
  it('needs an id, an organisation and an environment', () => {
    expect(parse(least)).toEqual({
      id: 'acme',
      organisation: 'acme-corp',
      name: 'acme',
      environment: 'production',
      apiKeys: new Map(),
      rateLimits: {},
      bucket: undefined,
      database: undefined,
      workers: undefined,
      file,
    });
  });

  it('takes names of secrets as a list or as a map, and limits for all or by provider', () => {
    const listed = parse({ ...least, api_keys: ['A_KEY'], rate_limits: { rpm: 1, tpm: 2 } });
    expect([...listed.apiKeys]).toEqual([['A_KEY', 'A_KEY']]);
    const mapped = parse({
      ...least,
      api_keys: { A_KEY: 'ACME_A_KEY' },
      rate_limits: { ideogram: { rpm: 1 } },
    });
    expect([...mapped.apiKeys]).toEqual([['A_KEY', 'ACME_A_KEY']]);
    expect(mapped.rateLimits).toEqual({ ideogram: { rpm: 1 } });
  });

  it.each([
    [{ instance_id: "x'); DROP TABLE instances; --" }, 'is not an instance id'],
    [{ instance_id: '../../etc/passwd' }, 'is not an instance id'],
    [{ instance_id: 'a'.repeat(41) }, 'is not an instance id'],
    [{ instance_id: 'acme\n' }, 'is not an instance id'],
    [{ org_id: "x' OR '1'='1" }, 'is not an organisation id'],
    [{ name: 'two\nlines' }, 'must be one line of text'],
    [{ name: 'half \ud83d' }, 'must be one line of text'],
    [{ name: '' }, 'must have 1 to 120 characters'],
    [{ environment: 'prod' }, 'must be "production" or "staging" or "development"'],
    [{ api_keys: ['sk-live-123'] }, 'is not a valid secret name'],
    [{ api_keys: ['CLOUDFLARE_API_TOKEN'] }, 'no worker gets'],
    [{ api_keys: { KEY: 'GITHUB_TOKEN' } }, 'no worker gets'],
    [{ rate_limits: { rpm: 0 } }, 'must be a whole number from 1'],
    [{ rate_limits: { rpm: 1.5 } }, 'must be a whole number from 1'],
    [{ r2_bucket: 'Upper' }, 'is not a bucket name'],
    [{ r2_bucket: '..' }, 'is not a bucket name'],
    [{ database: 'a"; --' }, 'is not a database name'],
    [{ workers: [] }, 'is empty'],
    [{ workers: ['../x'] }, 'is not a valid name'],
    [{ rate_limit: {} }, 'Unknown key "rate_limit"'],
  ])('does not take %j', (settings, said) => {
    expect(refusal(settings)).toMatch(said);
    expect(refusal(settings)).toMatch(/instances\/acme\.json:\d+:\d+/);
  });

  it('names the nearest key for one that is misspelt', () => {
    expect(refusal({ r2_bukcet: 'x' })).toMatch('Did you mean "r2_bucket"?');
  });

  it('is JSON and nothing else', () => {
    expect(problemOf('instance_id: acme\norg_id: x\nenvironment: staging\n')).toMatch('is not valid JSON');
    expect(problemOf('{"instance_id": "acme",}')).toMatch('is not valid JSON');
    expect(problemOf('')).toMatch('is not valid JSON');
    expect(problemOf(`"${'x'.repeat(70_000)}"`)).toMatch('more than 65536 characters');
    expect(problemOf('['.repeat(60_000))).toMatch('is not valid JSON');
    expect(problemOf('[]')).toMatch('must be a map');
    const twice = '{"instance_id":"acme","instance_id":"other","org_id":"x","environment":"staging"}';
    expect(problemOf(twice)).not.toBe('none');
  });

  it('is called like the instance where files are found by the id', () => {
    expect(() => parse(least, 'instances/other.json')).toThrow(/has another name.*instances\/acme\.json/);
    expect(parse(least, 'elsewhere/other.json').id).toBe('acme');
    expect(idOfFile('instances/acme.json')).toBe('acme');
    expect(idOfFile("instances/x'.json")).toBeUndefined();
    expect(idOfFile('instances/acme.yml')).toBeUndefined();
  });
});

describe('of 1,000 fuzzed ids and names', () => {
  // A generator of its own, so that a failure comes again.
  let seed = 20_261_121;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return seed % below;
  };
  const pieces = [
    "'",
    '"',
    ';',
    '--',
    '/*',
    '\\',
    '\0',
    '\n',
    '..',
    '/',
    '%2e',
    '${x}',
    '$(id)',
    '`',
    'DROP TABLE instances',
    '::set-output name=x::',
    '{{',
    '\ud800',
    '\u202e',
    '\u{1f600}',
    'ä',
    ' ',
    'a',
    'Z',
    '9',
    '-',
    '_',
    '<script>',
    '{"a":1}',
    '?1',
    ':id',
    '@x',
    '#',
    '|',
  ];
  const word = () => Array.from({ length: 1 + random(8) }, () => pieces[random(pieces.length)]).join('');

  it('each is refused, or stays exactly as it was written', () => {
    let taken = 0;
    for (let at = 0; at < 1000; at += 1) {
      const wanted = { ...least, ...(at % 2 === 0 ? { instance_id: word() } : { name: word() }) };
      const said = problemOf(JSON.stringify(wanted), 'elsewhere/x.json');
      if (said === 'none') {
        const instance = parse(wanted, 'elsewhere/x.json');
        expect(instance.id).toBe(wanted.instance_id);
        expect(instance.id).toMatch(/^[a-z0-9-]{1,40}$/);
        if ('name' in wanted) expect(instance.name).toBe(wanted.name);
        taken += 1;
      } else expect(said).toMatch(/instance_id|name/);
    }
    expect(taken).toBeGreaterThan(50);
    expect(taken).toBeLessThan(950);
  });
});
