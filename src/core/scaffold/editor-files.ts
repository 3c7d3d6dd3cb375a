// Editors complete and check these files by the schemas, which lie in the repository itself: an address would be out of
// reach for a private copy of Launch, and a path into Launch's own folder leads nowhere in another repository.

/** Where `launch init` puts the schemas, from the top of the repository. */
export const schemaFolder = '.launch';

export const schemaFiles = ['launch.schema.json', 'service.schema.json'] as const;

/** The first line of a YAML file, for every editor with the YAML language server; `schema` is a path from the file. */
export function modeline(schema: string): string {
  return `# yaml-language-server: $schema=${schema}\n`;
}

/** `.vscode/settings.json`, for files without such a line. `services` is the folder that holds the services. */
export function editorSettings(services: string): string {
  const settings = {
    'yaml.schemas': {
      [`./${schemaFolder}/launch.schema.json`]: 'launch.yml',
      [`./${schemaFolder}/service.schema.json`]: `${services}/*/service.yml`,
    },
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}
