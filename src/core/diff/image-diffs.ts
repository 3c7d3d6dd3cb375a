/** How the image of a compose service differs. Names are as the files have them. */
export interface ImageDiff {
  readonly service: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** The id of the image that was released. */
  readonly running: string | undefined;
  /** `moved`: the name is the same, and stands for another image on this host by now. */
  readonly change: 'added' | 'removed' | 'changed' | 'moved';
}

export interface KnownImage {
  readonly name: string;
  readonly id: string;
}

/**
 * `released`: the images of a release by compose service. `files`: what the files name by now; undefined for one that is
 * built. `here`: name → the id of the image that it stands for on this host, as far as it is there.
 */
export function imageDiffs(
  released: Readonly<Record<string, KnownImage>>,
  files: ReadonlyMap<string, string | undefined>,
  here: ReadonlyMap<string, string>,
): ImageDiff[] {
  const gone = Object.entries(released).flatMap(([service, { name, id }]): ImageDiff[] =>
    files.has(service) ? [] : [{ service, before: name, after: undefined, running: id, change: 'removed' }],
  );
  const there = [...files].flatMap(([service, after]): ImageDiff[] => {
    const known = Object.hasOwn(released, service) ? released[service] : undefined;
    const before = known?.name;
    const running = known?.id;
    if (known === undefined) {
      return after === undefined ? [] : [{ service, before, after, running, change: 'added' }];
    }
    // Of one that is built the files tell: what it is made of is among them.
    if (after === undefined) return [];
    if (after !== before) return [{ service, before, after, running, change: 'changed' }];
    const now = here.get(after);
    return now === undefined || now === running ? [] : [{ service, before, after, running, change: 'moved' }];
  });
  return [...there, ...gone].sort((a, b) => (a.service < b.service ? -1 : 1));
}
