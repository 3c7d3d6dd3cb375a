import { expect, it } from '@jest/globals';
import { fillTemplate, withoutTestMarks } from '../../../../src/core/scaffold/fill-template.ts';

it('fills in what it knows, and leaves the rest', () => {
  const text = '{{name}} {{NAME}}_KEY ${{{NAME}}_KEY:?x} {{port}} {{other}} ${{ github.sha }}';
  expect(fillTemplate(text, { name: 'my-db', port: 5432 })).toBe(
    'my-db MY_DB_KEY ${MY_DB_KEY:?x} 5432 {{other}} ${{ github.sha }}',
  );
  expect(fillTemplate('{{NAME}} {{port}}', { name: '2fa', port: undefined })).toBe('SERVICE_2FA {{port}}');
});

it('takes away what is for tests', () => {
  const marked = '# a\n\n<!-- needs: a GPU -->\n```sh\nx\n```\n<!-- a comment -->\n';
  expect(withoutTestMarks(marked)).toBe('# a\n\n```sh\nx\n```\n<!-- a comment -->\n');
});
