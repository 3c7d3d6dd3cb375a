// What each key of marketplace-app.json is for, as editors show it beside the key.

export const marketplaceAppDocs: Readonly<Record<string, string>> = {
  $schema: 'The schema of this file, for editors.',
  stackscript_id:
    'The id of the published StackScript, by which Cloud Manager finds this record; null before.',
  name: 'What the app is called.',
  alt_name: 'What people may search for instead of its name.',
  alt_description: 'What it is, in one short sentence.',
  categories: 'The categories of Cloud Manager that it is listed in.',
  colors: 'The colours of its listing, a gradient.',
  'colors.start': 'On the left: six hexadecimal digits.',
  'colors.end': 'On the right: six hexadecimal digits.',
  description: 'For the listing: 100 to 125 words.',
  summary: 'For the list of apps: one sentence.',
  related_guides: 'Documentation that the listing leads to.',
  'related_guides[].title': 'The title of the guide.',
  'related_guides[].href': 'Where it is.',
  website: 'Where the app is at home.',
  logo_url: 'The logo in full colour, in assets/.',
  logo_white_url: 'The logo in white, in assets/.',
  version: 'The release of Launch that its loader fetches.',
  support_url: 'Where people ask for help.',
  operating_system: 'The image that it is deployed on.',
  suggested_plan: 'The plan that suits the default model.',
};
