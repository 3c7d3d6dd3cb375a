import type { NewFile } from '../../adapters/files/create-files.ts';
import { LaunchError } from '../../core/errors.ts';
import { printable } from '../../core/names.ts';
import { didYouMean } from '../../core/nearest.ts';
import { joinPath } from '../../core/project/view.ts';
import { fillTemplate, type TemplateValues, withoutTestMarks } from '../../core/scaffold/fill-template.ts';
import { readTemplate, type Template, templateFileName } from '../../core/scaffold/template.ts';
import { packageFiles, packageFolders, readPackageFile } from './package-files.ts';

const folder = 'services/templates';

/** What `launch new` can make a service from, in the order of their names. */
export function listTemplates(): Template[] {
  return packageFolders(folder).map(load);
}

/** @throws LaunchError CONFIG_INVALID with the nearest name */
export function findTemplate(name: string): Template {
  const names = packageFolders(folder);
  if (names.includes(name)) return load(name);
  throw new LaunchError('CONFIG_INVALID', `There is no template "${printable(name, 80)}".`, {
    remedy: `${didYouMean(name, names)} \`launch new --list\` shows them all.`,
  });
}

/** The files of a service made from it, in the folder `path`. */
export function filesOf(template: Template, path: string, values: TemplateValues): NewFile[] {
  return packageFiles(`${folder}/${template.name}`)
    .filter((file) => file.path !== templateFileName)
    .map((file) => {
      const text = fillTemplate(file.text, values);
      return {
        path: joinPath(path, file.path),
        text: file.path.endsWith('.md') ? withoutTestMarks(text) : text,
        executable: file.path.endsWith('.sh'),
      };
    });
}

function load(name: string): Template {
  return readTemplate(name, readPackageFile(`${folder}/${name}/${templateFileName}`));
}
