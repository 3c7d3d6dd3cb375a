/**
 * Where GitHub's API has what belongs to a repository; a name with signs that mean something in a path stays one part of it.
 *
 * @param repository `owner/name`
 */
export function repositoryPath(repository: string): string {
  const [owner = '', name = ''] = repository.split('/').map(encodeURIComponent);
  return `repos/${owner}/${name}`;
}
