// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the examples hold references of compose and shell
import { describe, expect, it } from '@jest/globals';
import { findCredentials } from '../../../../src/core/validation/credentials.ts';

// Put together at run time: a scanner that reads this file must not take it for a leak.
const j = (...parts: string[]): string => parts.join('');
const aws = j('AKIA', 'IOSFODNN7EXAMPLE');
const github = j('ghp', '_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8');
const stripe = j('sk', '_live_', '51H8xYzKq2mNpRsTuVwXyZaBc');

const positives: readonly [what: string, file: string, text: string][] = [
  ['AWS key id, even the one of the documentation', 'deploy.sh', `export AWS_ACCESS_KEY_ID=${aws}`],
  ['AWS secret key', 'x.ini', j('aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/', 'bPxRfiCYEXAMPLEKEY')],
  ['GitHub token', 'README.md', `git clone https://x:${github}@github.com/o/r`],
  ['GitHub fine-grained token', 'a.ts', j('github', '_pat_', '11ABCDEFG0abcdefghijkl_', 'x9'.repeat(30))],
  ['Slack token', 'a.py', j('xox', 'b-123456789012-abcdefghijkl')],
  [
    'Slack webhook',
    'a.py',
    j('https://hooks.slack', '.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX'),
  ],
  ['private key', 'id_rsa', j('-----BEGIN OPENSSH ', 'PRIVATE KEY-----')],
  ['private key without a kind', 'key.pem', j('-----BEGIN ', 'PRIVATE KEY-----')],
  ['Stripe key', 'config.js', `const stripe = require('stripe')('${stripe}');`],
  ['Google API key', 'index.html', j('AIza', 'SyA1234567890abcdefghijklmnopqrstuv')],
  ['bearer header', 'health-check.sh', j('curl -H "Authorization: Bearer ', 'abc123def456ghi789jkl0"')],
  ['password in a compose file', 'compose.yml', '      POSTGRES_PASSWORD: hunter2'],
  ['weak password in a compose file', 'compose.yml', '      POSTGRES_PASSWORD: postgres'],
  ['list form', 'docker-compose.yml', '      - MYSQL_ROOT_PASSWORD=rootpw'],
  ['quoted list form', 'docker-compose.yml', '      - "DB_PASSWORD=s3cret"'],
  ['flow map', 'compose.yaml', '    environment: { DB_PASSWORD: hunter2 }'],
  ['secret of service.yml', 'service.yml', '  JWT_SECRET: mysupersecretkey'],
  ['tracked .env', '.env', 'API_KEY=0123456789abcdef0123'],
  ['dollar signs that are escaped', 'compose.yml', '  DB_PASSWORD: pa$$word1'],
  ['URL in a compose file', 'compose.yml', '  DATABASE_URL: postgres://app:letmein@db:5432/app'],
  ['URL in a script', 'deploy.sh', 'psql postgres://app:l3tm3in@db/app'],
  ['exported in a script', 'deploy.sh', "export DB_PASSWORD='hunter2!'"],
  ['flag in a script', 'deploy.sh', 'mysqldump --password=hunter22 app'],
  ['API key in YAML', 'values.yaml', 'api_key: 9f8e7d6c5b4a39281706f5e4d3c2b1a0'],
  ['quoted in code', 'app.ts', `const apiKey = 'f3Kd82hfLq93hfGz71';`],
  ['camel case', 'app.json', '{"dbPassword": "S3cr3tP@ss"}'],
];

const negatives: readonly [what: string, file: string, text: string][] = [
  ['variable', 'compose.yml', '      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}'],
  ['required variable', 'compose.yml', '      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?set it}'],
  ['variable of the container', 'compose.yml', '      test: PGPASSWORD="$$POSTGRES_PASSWORD" psql'],
  [
    'variable of the container in braces',
    'compose.yml',
    '      test: PGPASSWORD="$${POSTGRES_PASSWORD}" psql',
  ],
  ['bare variable', 'deploy.sh', 'PASSWORD=$1'],
  ['command', 'deploy.sh', 'TOKEN=$(cat /run/secrets/token)'],
  ['file of a secret', 'compose.yml', '      POSTGRES_PASSWORD_FILE: /run/secrets/db'],
  ['path', 'compose.yml', '      TLS_PRIVATE_KEY: /etc/ssl/private.key'],
  ['empty', '.env', 'PASSWORD='],
  ['boolean', 'compose.yml', '      ALLOW_EMPTY_PASSWORD: "yes"'],
  ['marked placeholder', 'compose.yml', '      DB_PASSWORD: <password>'],
  ['example file', '.env.example', 'API_KEY=changeme'],
  ['names of secrets', 'service.yml', 'secrets: [OPENAI_API_KEY, DB_PASSWORD]'],
  [
    'password-secret of launch.yml',
    'launch.yml',
    '  - { host: ghcr.io, username: bot, password-secret: GHCR_TOKEN }',
  ],
  ['number of tokens', 'compose.yml', '      MAX_TOKENS: 4096'],
  ['life time', 'compose.yml', '      ACCESS_TOKEN_TTL: 3600s'],
  ['URL of a token', 'config.yml', 'token_url: https://auth.example.org/oauth/token'],
  ['type', 'app.ts', 'interface Login { password: string; token: string }'],
  ['function', 'app.ts', 'const token = createToken(user.id, 12345678);'],
  ['another variable', 'app.ts', 'this.password = options.password;'],
  ['environment in code', 'app.ts', 'const apiKey = process.env.API_KEY_2024_FOR_US;'],
  ['OpenAPI', 'openapi.yaml', '        password: string'],
  ['prose', 'README.md', 'Set the token: it is shown once. Password: see the wiki.'],
  ['label', 'index.html', '<label for="password">Password: <input type="password" name="password"></label>'],
  ['message', 'app.ts', "const password = 'Enter your password here';"],
  ['name of a secret', 'compose.yml', '      tls_secret: my-tls-secret'],
  [
    'integrity in a lock file',
    'package-lock.json',
    '"integrity": "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJri=="',
  ],
  ['range of versions', 'package-lock.json', '        "minipass": "^7.1.2-beta.1"'],
  ['GitHub expression', 'ci.yml', '  token: ${{ secrets.GITHUB_TOKEN }}'],
  [
    'image digest',
    'compose.yml',
    '    image: nginx@sha256:9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0',
  ],
  ['keyboard', 'app.ts', `if (event.key === 'ArrowLeft1234567') go();`],
  ['public key', 'key.pub', '-----BEGIN PUBLIC KEY-----'],
  ['URL without a password', 'compose.yml', '  URL: http://127.0.0.1:8080/a@b'],
  ['URL with a variable', 'compose.yml', '  DATABASE_URL: postgres://app:${DB_PASSWORD}@db:5432/app'],
];

describe('findCredentials', () => {
  it.each(positives)('finds: %s', (_what, file, text) => {
    expect(findCredentials(text, file)).toHaveLength(1);
  });

  it.each(negatives)('leaves alone: %s', (_what, file, text) => {
    expect(findCredentials(text, file)).toEqual([]);
  });

  it('says where, and never what', () => {
    const [found, ...others] = findCredentials(`# a\nkey: ${github}\n`, 'config.yml');
    expect(others).toEqual([]);
    expect(found).toMatchObject({ line: 2, column: 6, description: 'a GitHub token (ghp_…, 40 characters)' });
    for (const [, file, text] of positives) {
      for (const { description } of findCredentials(text, file)) {
        expect(description).not.toMatch(/hunter2|letmein|postgres$|IOSFODNN|9f8e7d/);
      }
    }
  });

  it('accepts an exception with a reason, on the line or in a comment above it', () => {
    expect(findCredentials(`A=${aws} # launch:allow-credential from the AWS manual`, 'a.sh')).toEqual([]);
    expect(findCredentials(`# launch:allow-credential: from the manual\nA=${aws}`, 'a.sh')).toEqual([]);
    expect(findCredentials(`A=${aws} # launch:allow-credential`, 'a.sh')).toMatchObject([
      { exceptionWithoutReason: true },
    ]);
    expect(findCredentials(`echo launch:allow-credential because\nA=${aws}`, 'a.sh')).toHaveLength(1);
  });

  it('takes time that grows with the text only', () => {
    const hostile = [
      'password='.repeat(100_000),
      `token: ${'a'.repeat(900_000)}`,
      `${' '.repeat(500_000)}secret`,
    ];
    const start = performance.now();
    for (const text of hostile) findCredentials(text, 'compose.yml');
    findCredentials('secret = x\n'.repeat(90_000), 'a.yml');
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
