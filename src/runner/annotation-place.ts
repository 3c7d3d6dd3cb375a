import type { AnnotationProperties } from '@actions/core';
import type { Place } from '../core/errors.ts';

/** Where an annotation is shown; nowhere in the code where the place is no file of the repository. */
export function annotationPlace(place: Place | undefined): AnnotationProperties {
  if (place === undefined || place.isFile === false) return {};
  return {
    file: place.file,
    ...(place.line === undefined ? {} : { startLine: place.line }),
    ...(place.column === undefined ? {} : { startColumn: place.column }),
  };
}
